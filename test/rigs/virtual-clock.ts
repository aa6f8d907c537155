// Time that passes when nothing else can happen: what sleeps is woken in order, at once, and an hour of waiting takes
// no time. For tests of retries, limits and budgets.
import type { Clock } from '../../src/providers/time-limit.ts';

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** A test that needs more steps than this turns in circles. */
const MAX_STEPS = 100_000;

export class VirtualClock implements Clock {
  #nowMs = 0;
  readonly #sleepers = new Set<Sleeper>();

  // Arrow functions, so that they can be handed out one by one.
  readonly now = (): number => this.#nowMs;

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#sleepers.delete(sleeper);
        reject(new Error('aborted'));
      };
      const sleeper: Sleeper = {
        atMs: this.#nowMs + ms,
        wake: () => {
          signal?.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      if (signal?.aborted === true) return giveUp();
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', giveUp, { once: true });
    });

  /** How many still wait for a moment to come. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Lets time pass until the promise is settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const done = (): void => {
      settled = true;
    };
    promise.then(done, done);
    for (let step = 0; ; step++) {
      await quiet();
      if (settled) return promise;
      if (step > MAX_STEPS || !this.#next()) throw new Error('nothing happens any more');
    }
  }

  /** Lets so much time pass. */
  async pass(ms: number): Promise<void> {
    await this.until(this.sleep(ms));
  }

  #next(): boolean {
    let first: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (first === undefined || sleeper.atMs < first.atMs) first = sleeper;
    }
    if (first === undefined) return false;
    this.#sleepers.delete(first);
    this.#nowMs = Math.max(this.#nowMs, first.atMs);
    first.wake();
    return true;
  }
}

/** Until every promise that can go on has gone on. */
function quiet(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
