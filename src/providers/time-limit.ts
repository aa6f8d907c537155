// The time a question has: everything that is waited for on its behalf (a place, a pause, an answer) ends when that
// time is over or the question is withdrawn, with the ProviderError that says which. The clock is handed in, so that
// tests need not wait.
import { setTimeout as delay } from 'node:timers/promises';
import { ProviderError } from './contract.ts';

export interface Clock {
  /** in milliseconds, never going back */
  now(): number;
  /** Rejects when the signal is aborted first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, { signal });
  },
};

export interface TimeLimitOptions {
  readonly timeoutMs: number;
  /** what to say when time is over; asked for only then */
  readonly late: () => ProviderError;
  readonly outer?: AbortSignal | undefined;
}

export class TimeLimit {
  readonly startedMs: number;
  readonly #clock: Clock;
  readonly #endsMs: number;
  readonly #over = new AbortController();
  readonly #ended = new AbortController();

  constructor({ timeoutMs, late, outer }: TimeLimitOptions, clock: Clock) {
    this.#clock = clock;
    this.startedMs = clock.now();
    this.#endsMs = this.startedMs + timeoutMs;
    const { signal } = this.#ended;
    clock.sleep(timeoutMs, signal).then(
      () => this.#over.abort(late()),
      () => undefined, // ended in time
    );
    if (outer === undefined) return;
    const withdraw = (): void => this.#over.abort(withdrawal(outer));
    if (outer.aborted) withdraw();
    else outer.addEventListener('abort', withdraw, { once: true, signal });
  }

  /** Aborted, with a ProviderError, when the question is of no more use. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  get leftMs(): number {
    return this.signal.aborted ? 0 : Math.max(0, this.#endsMs - this.#clock.now());
  }

  get tookMs(): number {
    return this.#clock.now() - this.startedMs;
  }

  /** What comes of it, unless the time is over before. */
  async race<T>(awaited: Promise<T>): Promise<T> {
    let stop: () => void = () => {};
    const { signal } = this;
    const over = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason);
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
    try {
      return await Promise.race([over, awaited]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** For so long, or until something has happened. */
  async pause(ms: number, happens?: Promise<void>): Promise<void> {
    const awake = new AbortController();
    const slept = this.#clock.sleep(ms, awake.signal);
    try {
      await this.race(happens === undefined ? slept : Promise.race([slept, happens]));
    } finally {
      awake.abort();
      slept.catch(() => undefined);
    }
  }

  /** The question is over; nothing is left behind. */
  end(): void {
    this.#ended.abort();
  }
}

/** Time that is over elsewhere is over here. Any other reason, such as what became of another question, is not ours. */
export function withdrawal({ reason }: AbortSignal): ProviderError {
  if (reason instanceof ProviderError && (reason.code === 'timeout' || reason.code === 'cancelled'))
    return reason;
  return new ProviderError('cancelled', 'the question was withdrawn', { cause: reason });
}
