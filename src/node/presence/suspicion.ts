// Which seats this node's seats call silent (protocol 5.3). Silence is no proof of anything: it changes how long a case
// waits (protocol 4.5), never who leads nor whose vote counts, and only a quorum of seats that say so marks anybody.
// Silence is counted in this node's own ticks, one a heartbeat, and never in a clock's time: a clock that is set, or a
// process that was stopped for an hour, makes nobody silent. A seat heard again is taken off at the next tick.
import type { SeatId } from '../../signing/seat-id.ts';

/** Ticks in a row without a sign of life; a heartbeat or two is lost on any network. */
export const TICKS_OF_SILENCE = 5;
/** A seat that comes and goes is given twice the patience each time it was suspected in vain, up to so many times. */
const MAX_PATIENCE = 8;
/** Ticks in a row in which a seat is heard until its patience is halved again. */
const TICKS_OF_TRUST = 100;
/** A seat adds to its opinion at most once in so many ticks; to take off, it may speak at once. */
export const TICKS_BETWEEN_ACCUSATIONS = 15;
/** What was said and is not on the ledger yet is said again after so many ticks. */
const TICKS_TO_REPEAT = 15;

/** When a seat last gave a sign of life; any change of the figure is one. Undefined: never. */
export type SignOfLife = (seat: SeatId) => number | undefined;

export interface SuspicionOptions {
  readonly heartbeatMs: number;
  /** seats that must be heard before anything is said: a node that hears fewer is itself cut off */
  readonly quorum: number;
}

export interface SuspicionDependencies {
  /** the seats in force, without vacant chairs */
  readonly seats: () => readonly SeatId[];
  /** those of this node among them, which it never suspects and which speak */
  readonly own: () => readonly SeatId[];
  /** heartbeats, votes: whatever is signed by the seat or its node */
  readonly signs: readonly SignOfLife[];
  /** what the ledger holds as the present opinion of a seat of this node, ascending */
  readonly opinionOf: (seat: SeatId) => readonly SeatId[];
  /** signs and submits the entry `seats.suspected` of a seat of this node */
  readonly say: (seat: SeatId, silent: readonly SeatId[]) => void;
}

interface Watched {
  /** the latest of each sign */
  last: readonly (number | undefined)[];
  missed: number;
  /** ticks in a row in which it was heard */
  heard: number;
  patience: number;
  suspected: boolean;
}

/** What a seat of this node said last. */
interface Said {
  readonly silent: readonly SeatId[];
  readonly atTick: number;
  readonly accusedAtTick: number;
}

export class Suspicion {
  readonly #options: SuspicionOptions;
  readonly #dependencies: SuspicionDependencies;
  readonly #watched = new Map<SeatId, Watched>();
  readonly #said = new Map<SeatId, Said>();
  #ticks = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SuspicionOptions, dependencies: SuspicionDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.tick(), this.#options.heartbeatMs);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** The seats that this node has not heard for too long, ascending. */
  get silent(): readonly SeatId[] {
    return [...this.#watched]
      .flatMap(([seat, { suspected }]) => (suspected ? [seat] : []))
      .sort((a, b) => a - b);
  }

  /** Once a heartbeat. */
  tick(): void {
    this.#ticks++;
    const seats = this.#dependencies.seats();
    const own = this.#dependencies.own();
    const others = new Set(seats.filter((seat) => !own.includes(seat)));
    for (const seat of this.#watched.keys()) if (!others.has(seat)) this.#watched.delete(seat);
    for (const seat of others) this.#look(seat, own);
    const { silent } = this;
    if (seats.length - silent.length < this.#options.quorum) return;
    for (const seat of own) this.#speak(seat, silent);
  }

  #look(seat: SeatId, own: readonly SeatId[]): void {
    const last = this.#dependencies.signs.map((sign) => sign(seat));
    const known = this.#watched.get(seat);
    if (known === undefined) {
      // What was said before a restart stands until the seat is heard.
      const suspected = own.some((one) => this.#dependencies.opinionOf(one).includes(seat));
      this.#watched.set(seat, { last, missed: 0, heard: 0, patience: 1, suspected });
      return;
    }
    const isHeard = last.some((at, i) => at !== undefined && at !== known.last[i]);
    known.last = last;
    if (!isHeard) {
      known.heard = 0;
      known.missed++;
      if (known.missed >= TICKS_OF_SILENCE * known.patience) known.suspected = true;
      return;
    }
    known.missed = 0;
    known.heard++;
    if (known.suspected) known.patience = Math.min(known.patience * 2, MAX_PATIENCE);
    else if (known.heard % TICKS_OF_TRUST === 0) known.patience = Math.max(1, known.patience / 2);
    known.suspected = false;
  }

  #speak(seat: SeatId, silent: readonly SeatId[]): void {
    const said = this.#said.get(seat);
    // What is on its way to the ledger counts as said until it is time to repeat it.
    const isUnderWay = said !== undefined && this.#ticks < said.atTick + TICKS_TO_REPEAT;
    const stands = isUnderWay ? said.silent : this.#dependencies.opinionOf(seat);
    const kept = stands.filter((one) => silent.includes(one));
    const isPaced = said !== undefined && this.#ticks < said.accusedAtTick + TICKS_BETWEEN_ACCUSATIONS;
    const saying = isPaced ? kept : silent;
    if (saying.join() === stands.join()) return;
    const accuses = saying.length > kept.length;
    const accusedAtTick = accuses ? this.#ticks : (said?.accusedAtTick ?? Number.NEGATIVE_INFINITY);
    this.#said.set(seat, { silent: saying, atTick: this.#ticks, accusedAtTick });
    this.#dependencies.say(seat, saying);
  }
}
