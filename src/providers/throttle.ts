// How many calls may be under way at one host at the same time. A host that says "too many" is asked by half as
// many from then on, and by one more after every run of answers, until as many are asked as in the beginning.
// Who waits is let in by turns and may walk away.
import { ProviderError } from './contract.ts';

export const STARTING_PLACES = 8;
/** Answers in a row that earn one more place. */
const GROW_AFTER = 4;
/** Far more than a council has seats; what comes on top finds the door closed instead of a queue without end. */
const MAX_WAITING = 10_000;

/** How a call ended, as far as it matters to how many there may be. */
export type Leaving = 'answered' | 'rate-limited' | 'otherwise';

/** The right to one call. */
export interface Place {
  /** Counts once, however often it is called. */
  leave(how: Leaving): void;
}

interface Waiter {
  admit(place: Place): void;
}

export class Throttle {
  readonly #most: number;
  #limit: number;
  #running = 0;
  #answeredInARow = 0;
  /** how often it has shrunk */
  #generation = 0;
  readonly #waiting = new Set<Waiter>();

  constructor({ places = STARTING_PLACES }: { readonly places?: number } = {}) {
    this.#most = Math.max(1, Math.floor(places));
    this.#limit = this.#most;
  }

  /** How many there may be now. */
  get limit(): number {
    return this.#limit;
  }

  /** Whether the next one would be let in at once. */
  get hasRoom(): boolean {
    // Where there is room nobody waits: whoever leaves lets in as many as there is room for.
    return this.#running < this.#limit;
  }

  /** Rejects with the signal's reason when it is aborted first. */
  enter(signal: AbortSignal): Promise<Place> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.hasRoom) return Promise.resolve(this.#place());
    if (this.#waiting.size >= MAX_WAITING) {
      return Promise.reject(
        new ProviderError('server', `more than ${MAX_WAITING} questions wait for a host`),
      );
    }
    return new Promise((resolve, reject) => {
      const walkAway = (): void => {
        this.#waiting.delete(waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        admit: (place) => {
          signal.removeEventListener('abort', walkAway);
          resolve(place);
        },
      };
      this.#waiting.add(waiter);
      signal.addEventListener('abort', walkAway, { once: true });
    });
  }

  #place(): Place {
    this.#running++;
    const generation = this.#generation;
    let left = false;
    return {
      leave: (how) => {
        if (left) return;
        left = true;
        this.#running--;
        this.#learn(how, generation);
        this.#admit();
      },
    };
  }

  #learn(how: Leaving, generation: number): void {
    if (how === 'answered') {
      if (this.#limit >= this.#most || ++this.#answeredInARow < GROW_AFTER) return;
      this.#limit++;
      this.#answeredInARow = 0;
      return;
    }
    this.#answeredInARow = 0;
    // A burst refused together is one piece of news: who was under way at the last halving says nothing about it.
    if (how !== 'rate-limited' || generation !== this.#generation) return;
    this.#limit = Math.max(1, Math.floor(this.#limit / 2));
    this.#generation++;
  }

  /** A set keeps the order in which they came. */
  #admit(): void {
    for (const waiter of this.#waiting) {
      if (this.#running >= this.#limit) return;
      this.#waiting.delete(waiter);
      waiter.admit(this.#place());
    }
  }
}
