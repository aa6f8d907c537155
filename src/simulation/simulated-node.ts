// A node of the simulated world: the shell around the same engine that runs for real. It carries out effects in
// their order, and a power loss may fall at every write: before it was synced, between two, or after the last
// one and before anything was sent (protocol 3.8).
import type { CommittedBlock, DurableRecord, Effect, Input, TimerName } from '../consensus/effects.ts';
import type { Engine } from '../consensus/engine.ts';
import type { Evidence } from '../consensus/evidence.ts';
import { MAX_BLOCKS_SENT } from '../consensus/limits.ts';
import type { Message, PeerId } from '../consensus/messages.ts';
import { ConclaveError, unreachable } from '../errors.ts';
import type { SeatId } from '../signing/seat-id.ts';
import { Disk } from './disk.ts';

type Write = Extract<Effect, { kind: 'persist' | 'forget' | 'commit' }>;

function isWrite(effect: Effect): effect is Write {
  return effect.kind === 'persist' || effect.kind === 'forget' || effect.kind === 'commit';
}

/** What a node asks of the world around it. */
export interface Surroundings<State> {
  readonly nowMs: () => number;
  readonly boot: (node: SimulatedNode<State>) => Engine<State>;
  readonly send: (from: number, to: PeerId | 'all', message: Message) => void;
  readonly wakeAt: (atMs: number, node: number, timer: TimerName, generation: number) => void;
  /** does the power go at this write? */
  readonly powerFails: (node: number) => boolean;
  /** is this write, at which the power goes, on the disk? */
  readonly wasWritten: () => boolean;
  readonly powerLost: (node: number) => void;
  readonly durable: (node: number, record: DurableRecord) => void;
  readonly committed: (node: number, blocks: readonly CommittedBlock[]) => void;
  readonly accused: (node: number, evidence: Evidence) => void;
  readonly stopped: (node: number, error: unknown) => void;
}

export interface SimulatedNodeOptions {
  readonly index: number;
  readonly seats: readonly SeatId[];
  /** every record its own write, or all records of a step in one */
  readonly syncEach: boolean;
  /** how far its clock is off */
  readonly skewMs: number;
}

export function peerId(index: number): PeerId {
  return `node-${index}` as PeerId;
}

export function indexOfPeer(peer: PeerId): number {
  return Number(peer.slice('node-'.length));
}

export class SimulatedNode<State> {
  readonly index: number;
  readonly seats: readonly SeatId[];
  readonly disk = new Disk();
  readonly #options: SimulatedNodeOptions;
  readonly #world: Surroundings<State>;
  readonly #timers = new Map<TimerName, number>();
  #generation = 0;
  #engine: Engine<State> | undefined;

  constructor(options: SimulatedNodeOptions, world: Surroundings<State>) {
    this.index = options.index;
    this.seats = options.seats;
    this.#options = options;
    this.#world = world;
  }

  get up(): boolean {
    return this.#engine !== undefined;
  }

  get engine(): Engine<State> | undefined {
    return this.#engine;
  }

  get nowMs(): number {
    return this.#world.nowMs() + this.#options.skewMs;
  }

  /** Starts from what the disk holds, the first time and after every power loss alike (protocol 8.2). */
  start(): void {
    if (this.up) return;
    this.#guard(() => {
      const engine = this.#world.boot(this);
      this.#engine = engine;
      return engine.start(this.nowMs);
    });
  }

  losePower(): void {
    this.#engine = undefined;
    this.#timers.clear();
    this.disk.losePower();
  }

  handle(input: Input): void {
    const engine = this.#engine;
    if (engine !== undefined) this.#guard(() => engine.handle(input, this.nowMs));
  }

  ranOut(timer: TimerName, generation: number): void {
    if (this.#timers.get(timer) !== generation) return;
    this.#timers.delete(timer);
    this.handle({ kind: 'timer', timer });
  }

  /** A broken invariant stops the node; an honest one must never meet any. */
  #guard(step: () => readonly Effect[]): void {
    try {
      this.#carryOut(step());
    } catch (error) {
      if (!(error instanceof ConclaveError)) throw error;
      this.losePower();
      this.#world.stopped(this.index, error);
    }
  }

  #carryOut(effects: readonly Effect[]): void {
    let written: Write[] = [];
    for (const effect of effects) {
      if (!isWrite(effect) || this.#options.syncEach) {
        if (!this.#sync(written)) return;
        written = [];
      }
      if (isWrite(effect)) {
        this.#write(effect);
        written.push(effect);
      } else this.#carryOutOne(effect);
    }
    this.#sync(written);
  }

  #write(effect: Write): void {
    if (effect.kind === 'persist') this.disk.put(effect.record);
    else if (effect.kind === 'commit') this.disk.append(effect.blocks);
    else this.disk.forget(effect.key);
  }

  /** False when the power went. */
  #sync(written: readonly Write[]): boolean {
    if (written.length === 0) return true;
    const cut = this.#world.powerFails(this.index);
    // Written or not: both happen, and in neither case has anything of this step been sent.
    if (!cut || this.#world.wasWritten()) {
      this.disk.sync();
      for (const effect of written) {
        if (effect.kind === 'persist') this.#world.durable(this.index, effect.record);
        else if (effect.kind === 'commit') this.#world.committed(this.index, effect.blocks);
      }
    }
    if (cut) this.#world.powerLost(this.index);
    return !cut;
  }

  #carryOutOne(effect: Exclude<Effect, Write>): void {
    switch (effect.kind) {
      case 'send':
        this.#world.send(this.index, effect.to, effect.message);
        return;
      case 'set-timer': {
        const generation = ++this.#generation;
        this.#timers.set(effect.timer, generation);
        this.#world.wakeAt(this.#world.nowMs() + effect.delayMs, this.index, effect.timer, generation);
        return;
      }
      case 'cancel-timer':
        this.#timers.delete(effect.timer);
        return;
      case 'serve-blocks':
        this.#serve(effect.to, effect.aboveHeight);
        return;
      case 'evidence':
        this.#world.accused(this.index, effect.evidence);
        return;
      default:
        unreachable(effect);
    }
  }

  /** At most MAX_BLOCKS_SENT committed blocks of one epoch, up to the last that has a commit certificate of its own. */
  #serve(to: PeerId, aboveHeight: number): void {
    const above = this.disk.committed.slice(aboveHeight, aboveHeight + MAX_BLOCKS_SENT);
    const served = above.filter(({ block }) => block.header.epoch === above[0]?.block.header.epoch);
    const last = served.findLastIndex((block) => block.commit !== null);
    const { commit, suffix = [] } = served[last] ?? {};
    if (commit === undefined || commit === null) return;
    const blocks = [...served.slice(0, last + 1).map(({ block }) => block), ...suffix];
    this.#world.send(this.index, to, { kind: 'blocks', blocks, commit });
  }
}
