// Signs of life. At a slow fixed pace a node says, signed by each of its seats, that it is there, and repeats the nonces
// it last heard of the others. Who hears its own nonce again knows that those seats were alive after it said it: a
// replay proves nothing new, whatever a hostile network kept, and no two clocks are ever compared. It also answers whoever
// asks whether somebody runs with its keys (running-check.ts).
import { randomBytes } from 'node:crypto';
import type { PeerId } from '../../consensus/messages.ts';
import { type Roster, seatOf } from '../../council/roster.ts';
import { fromBase64, toHex } from '../../signing/bytes.ts';
import type { Digest } from '../../signing/digest.ts';
import type { Epoch } from '../../signing/purpose.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import type { Transport } from '../../transport/transport.ts';
import {
  type AliveBody,
  type AliveMessage,
  bodyOf,
  decodePresence,
  encodePresence,
  readAlive,
  sealed,
  sealHolds,
} from './presence-message.ts';

/** Nonces of ours that may still come back; older ones prove too little. */
const MAX_ISSUED = 32;
/** Whoever floods us with questions gets no more answers than these in a second. */
const ANSWERS_A_SECOND = 5;
const SECOND_MS = 1_000;
/** A node that has just come is greeted out of turn, but not more often than so. */
const GREETING_MS = 250;

export interface PresenceOptions {
  readonly councilId: Digest;
  readonly node: string;
  readonly heartbeatMs: number;
  /** of this run; random */
  readonly instance: string;
  /** host and process, for who tries to start a second one */
  readonly where: string;
}

export interface PresenceDependencies {
  readonly line: Transport;
  /** the seats of this node that sign now, with their secrets */
  readonly secrets: () => ReadonlyMap<SeatId, Uint8Array>;
  /** what questions are answered with: keys that whoever starts on a copy of this directory has too, rotated or not */
  readonly founding: ReadonlyMap<SeatId, Uint8Array>;
  readonly epoch: () => Epoch;
  /** of the last block committed here */
  readonly height: () => number;
  /** undefined for an epoch that this node does not know */
  readonly rosterOf: (epoch: Epoch) => Roster | undefined;
  /** monotonic: a clock that is set makes nobody silent */
  readonly nowMs: () => number;
}

/** Why a heartbeat was ignored. */
export type Ignored = 'malformed' | 'forged' | 'repeated' | 'unknown-epoch';

interface Heard {
  readonly instance: string;
  readonly count: number;
  readonly nonce: string;
  readonly height: number;
  readonly atMs: number;
}

export function newInstance(): string {
  return toHex(randomBytes(16));
}

export class Presence {
  readonly ignored: Record<Ignored, number> = { malformed: 0, forged: 0, repeated: 0, 'unknown-epoch': 0 };
  readonly #options: PresenceOptions;
  readonly #dependencies: PresenceDependencies;
  /** bounded by the nodes of a roster */
  readonly #heard = new Map<string, Heard>();
  readonly #lastHeardMs = new Map<SeatId, number>();
  readonly #heights = new Map<SeatId, number>();
  readonly #issuedAtMs = new Map<string, number>();
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  #saidAtMs = Number.NEGATIVE_INFINITY;
  #answers = { sinceMs: Number.NEGATIVE_INFINITY, count: 0 };

  constructor(options: PresenceOptions, dependencies: PresenceDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    dependencies.line.onMessage((from, bytes) => this.#receive(from, bytes));
  }

  /** From here on it says that it is there. Questions are answered from the construction on. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#say(), this.#options.heartbeatMs);
    this.#say();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** On this node's monotonic clock, when this seat was last certainly alive; undefined when never since the start. */
  lastHeardMs(seat: SeatId): number | undefined {
    return this.#lastHeardMs.get(seat);
  }

  /** The greatest height that more seats claim than may lie; 0 where so many were not heard. */
  heightClaimed(tolerated: number): number {
    return [...this.#heights.values()].sort((a, b) => b - a)[tolerated] ?? 0;
  }

  /** The other nodes, by name. */
  peers(): ReadonlyMap<string, { readonly height: number; readonly silentMs: number }> {
    const nowMs = this.nowMs();
    return new Map(
      [...this.#heard].map(([name, { height, atMs }]) => [name, { height, silentMs: nowMs - atMs }]),
    );
  }

  /** The clock of `lastHeardMs`. */
  nowMs(): number {
    return this.#dependencies.nowMs();
  }

  #say(): void {
    const { councilId, node, instance } = this.#options;
    const { line, secrets, epoch, height, nowMs } = this.#dependencies;
    this.#saidAtMs = nowMs();
    const nonce = this.#issue();
    const heard = Object.fromEntries([...this.#heard].map(([name, { nonce: theirs }]) => [name, theirs]));
    const said = { count: ++this.#count, epoch: epoch(), heard, height: height(), instance, node, nonce };
    const body = bodyOf(said);
    const signed = { purpose: 'seat.alive', councilId, epoch: epoch(), body } as const;
    const by = [...secrets()].map(([seat, secret]) => sealed(seat, secret, signed));
    line.send('all', encodePresence({ kind: 'alive', body, by }));
  }

  #issue(): string {
    const nonce = newInstance();
    this.#issuedAtMs.set(nonce, this.#dependencies.nowMs());
    for (const old of this.#issuedAtMs.keys()) {
      if (this.#issuedAtMs.size <= MAX_ISSUED) break;
      this.#issuedAtMs.delete(old);
    }
    return nonce;
  }

  #receive(from: PeerId, bytes: Uint8Array): void {
    const message = decodePresence(bytes);
    if (message?.kind === 'who') this.#answer(from, message.nonce);
    else if (message?.kind === 'alive') this.#hear(message);
    else this.ignored.malformed++;
  }

  #answer(to: PeerId, nonce: string): void {
    const { councilId, instance, where } = this.#options;
    const { line, founding, epoch, nowMs } = this.#dependencies;
    const now = nowMs();
    if (now - this.#answers.sinceMs >= SECOND_MS) this.#answers = { sinceMs: now, count: 0 };
    if (this.#answers.count++ >= ANSWERS_A_SECOND) return;
    const [first] = founding;
    if (first === undefined) return;
    const body = bodyOf({ epoch: epoch(), instance, nonce, where });
    const signed = { purpose: 'seat.running', councilId, epoch: epoch(), body } as const;
    line.send(to, encodePresence({ kind: 'running', body, by: sealed(...first, signed) }));
  }

  #hear(message: AliveMessage): void {
    const body = readAlive(message.body);
    if (body === undefined || message.by.length === 0) {
      this.ignored.malformed++;
      return;
    }
    const known = this.#heard.get(body.node);
    // What is certainly no news is not worth a signature check.
    if (known?.instance === body.instance && body.count <= known.count) {
      this.ignored.repeated++;
      return;
    }
    const roster = this.#dependencies.rosterOf(body.epoch);
    if (roster === undefined) {
      this.ignored['unknown-epoch']++;
      return;
    }
    if (!this.#isSigned(message, body, roster)) {
      this.ignored.forged++;
      return;
    }
    const { instance, count, nonce, height } = body;
    this.#heard.set(body.node, { instance, count, nonce, height, atMs: this.nowMs() });
    this.#credit(message, body);
    // A node that has just come back learns at once that it is heard, instead of after two heartbeats.
    const isNew = known?.instance !== body.instance;
    if (isNew && this.#timer !== undefined && this.nowMs() - this.#saidAtMs >= GREETING_MS) this.#say();
  }

  /** Every seal, by a seat that sits at this node; one that does not hold spoils the message. */
  #isSigned({ body, by }: AliveMessage, { node, epoch }: AliveBody, roster: Roster): boolean {
    const signed = { purpose: 'seat.alive', councilId: this.#options.councilId, epoch, body } as const;
    return by.every((seal) => {
      const seat = seatOf(roster, seal.seat);
      return seat?.node === node && sealHolds(seal, fromBase64(seat.ed25519), signed);
    });
  }

  #credit({ by }: AliveMessage, { heard, height, node }: AliveBody): void {
    const { node: self } = this.#options;
    const echo = Object.hasOwn(heard, self) ? heard[self] : undefined;
    const atMs = echo === undefined ? undefined : this.#issuedAtMs.get(echo);
    if (atMs === undefined || node === self) return;
    for (const { seat } of by) {
      this.#heights.set(seat, height);
      const before = this.#lastHeardMs.get(seat);
      if (before === undefined || before < atMs) this.#lastHeardMs.set(seat, atMs);
    }
  }
}
