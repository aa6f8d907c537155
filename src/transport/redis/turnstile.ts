// Lets what was read through to the node: one message of each server in turn, in slices short enough that nothing
// else waits long, each copy once. A server has a queue of its own; while it is full, nothing more is read from that
// server.
import { Budget } from './budget.ts';
import type { Cursors } from './cursors.ts';
import { decodeBatch, entryBytes, MAX_BATCH_BYTES } from './frames.ts';
import type { RedisLimits } from './redis-limits.ts';
import { SeenEntries } from './seen-entries.ts';
import type { Listening } from './stream-names.ts';
import type { Tally } from './tally.ts';

const SLICE_MS = 8;
export const MAX_WAITING_ENTRIES = 4_096;
export const MAX_WAITING_BYTES = 32 * 1024 * 1024;

export interface Arrival {
  readonly listening: Listening;
  readonly id: string;
  /** undefined for an entry that is not in our form */
  readonly payload: Uint8Array | undefined;
}

interface Lane {
  readonly tally: Tally;
  readonly budgets: Map<string, Budget>;
  waiting: Arrival[];
  waitingBytes: number;
  open:
    | {
        readonly arrival: Arrival;
        readonly from: string;
        readonly messages: readonly Uint8Array[];
        next: number;
      }
    | undefined;
  onRoom: (() => void) | undefined;
}

export interface TurnstileDependencies {
  readonly cursors: Cursors;
  readonly deliver: (from: string, bytes: Uint8Array) => void;
  readonly ready: (() => Promise<void> | undefined) | undefined;
}

export class Turnstile {
  readonly #limits: RedisLimits;
  readonly #lanes: readonly Lane[];
  readonly #seen: SeenEntries;
  readonly #dependencies: TurnstileDependencies;
  #turn = 0;
  #scheduled = false;
  #closed = false;

  constructor(limits: RedisLimits, tallies: readonly Tally[], dependencies: TurnstileDependencies) {
    this.#limits = limits;
    this.#dependencies = dependencies;
    this.#seen = new SeenEntries(tallies.length);
    this.#lanes = tallies.map((tally) => ({
      tally,
      budgets: new Map(),
      waiting: [],
      waitingBytes: 0,
      open: undefined,
      onRoom: undefined,
    }));
  }

  arrive(server: number, arrivals: readonly Arrival[]): void {
    const lane = this.#lanes[server];
    if (lane === undefined || this.#closed) return;
    for (const arrival of arrivals) {
      lane.waiting.push(arrival);
      lane.waitingBytes += arrival.payload?.length ?? 0;
    }
    this.#schedule();
  }

  waiting(server: number): number {
    return this.#lanes[server]?.waiting.length ?? 0;
  }

  /** Whether more may be read from this server; if not, `onRoom` is called once when it may. */
  hasRoom(server: number, onRoom: () => void): boolean {
    const lane = this.#lanes[server];
    if (lane === undefined) return false;
    if (lane.waiting.length < MAX_WAITING_ENTRIES && lane.waitingBytes < MAX_WAITING_BYTES) return true;
    lane.onRoom = onRoom;
    return false;
  }

  close(): void {
    this.#closed = true;
    for (const lane of this.#lanes) lane.waiting = [];
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    setImmediate(() => this.#slice());
  }

  #slice(): void {
    this.#scheduled = false;
    const held = this.#dependencies.ready?.();
    if (held !== undefined) {
      this.#scheduled = true;
      const goOn = () => {
        this.#scheduled = false;
        this.#schedule();
      };
      held.then(goOn, goOn);
      return;
    }
    const endMs = performance.now() + SLICE_MS;
    let idle = 0;
    try {
      while (!this.#closed && idle < this.#lanes.length && performance.now() < endMs) {
        const server = this.#turn++ % this.#lanes.length;
        idle = this.#step(server) ? 0 : idle + 1;
      }
    } finally {
      // A node that stops over a broken invariant throws through here; the next slice is its own affair.
      if (this.#lanes.some((lane) => lane.open !== undefined || lane.waiting.length > 0)) this.#schedule();
    }
  }

  /** One message, or the opening of an entry; false when nothing waits. */
  #step(server: number): boolean {
    const lane = this.#lanes[server];
    if (lane === undefined) return false;
    const { open } = lane;
    if (open === undefined) return this.#openNext(server, lane);
    const message = open.messages[open.next++];
    const isLast = open.next >= open.messages.length;
    if (isLast) lane.open = undefined;
    if (message !== undefined) {
      lane.tally.count('delivered');
      this.#dependencies.deliver(open.from, message);
    }
    if (isLast) this.#done(lane, open.arrival);
    return true;
  }

  #openNext(server: number, lane: Lane): boolean {
    const arrival = lane.waiting.shift();
    if (arrival === undefined) return false;
    lane.waitingBytes -= arrival.payload?.length ?? 0;
    const { onRoom } = lane;
    if (
      onRoom !== undefined &&
      lane.waiting.length <= MAX_WAITING_ENTRIES / 2 &&
      lane.waitingBytes <= MAX_WAITING_BYTES / 2
    ) {
      lane.onRoom = undefined;
      onRoom();
    }
    const batch = this.#admitted(server, lane, arrival);
    if (batch === undefined || batch.messages.length === 0) this.#done(lane, arrival);
    else lane.open = { arrival, ...batch, next: 0 };
    return true;
  }

  #admitted(server: number, lane: Lane, { listening, payload }: Arrival): ReturnType<typeof decodeBatch> {
    const { tally } = lane;
    const drop = (reason: Parameters<Tally['drop']>[0], messages = 1): undefined => {
      tally.drop(reason, messages);
    };
    if (payload === undefined) return drop('garbled');
    if (payload.length > Math.max(MAX_BATCH_BYTES * 2, entryBytes(this.#limits.maxMessageBytes)))
      return drop('oversized');
    const batch = decodeBatch(payload);
    if (batch === undefined) return drop('garbled');
    const budgeted = listening.budgetOf(batch.from);
    if (budgeted === undefined) return drop('stranger', batch.messages.length);
    if (batch.messages.some(({ length }) => length > this.#limits.maxMessageBytes)) {
      return drop('oversized', batch.messages.length);
    }
    const nowMs = performance.now();
    const key = `${budgeted} ${listening.stream}`;
    const budget = lane.budgets.get(key) ?? new Budget(this.#limits, nowMs);
    lane.budgets.set(key, budget);
    // Before it is remembered: what is dropped here may still come by another server.
    if (!budget.allows(batch.messages.length, payload.length, nowMs))
      return drop('too-many', batch.messages.length);
    if (this.#seen.seen(server, payload)) {
      tally.count('duplicate', batch.messages.length);
      return undefined;
    }
    return batch;
  }

  /** Only what has been through is behind the cursor: what was read and not delivered is read again after a crash. */
  #done(lane: Lane, { listening, id }: Arrival): void {
    this.#dependencies.cursors.set(lane.tally.server, listening.stream, id);
  }
}
