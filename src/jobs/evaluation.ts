// One evaluation as this process knows it, whatever a queue elsewhere says of it: it waits for its turn, is attempted once at a
// time and a bounded number of times, and ends once. Whoever gives it a turn, a queue or this process itself, gets the
// same attempt, so that nothing is ever evaluated twice (protocol 4.4: a seat has one ballot a case).
import { type Job, JobAborted, type Worker } from './jobs.ts';
import type { Places } from './places.ts';

/** Whether another turn is needed. */
export type Outcome = 'ended' | 'again';

export interface EvaluationOptions {
  readonly job: Job;
  /** how often the worker may throw before the evaluation fails for good */
  readonly maxAttempts: number;
}

export interface EvaluationDependencies<Result> {
  readonly worker: Worker<Result>;
  readonly places: Places;
}

export class Evaluation<Result> {
  readonly job: Job;
  readonly result: Promise<Result>;
  readonly #maxAttempts: number;
  readonly #worker: Worker<Result>;
  readonly #places: Places;
  readonly #controller = new AbortController();
  readonly #resolve: (result: Result) => void;
  readonly #reject: (error: unknown) => void;
  #attempts = 0;
  #attempt: Promise<Outcome> | undefined;
  #ended = false;

  constructor({ job, maxAttempts }: EvaluationOptions, { worker, places }: EvaluationDependencies<Result>) {
    this.job = job;
    this.#maxAttempts = maxAttempts;
    this.#worker = worker;
    this.#places = places;
    const { promise, resolve, reject } = withResolvers<Result>();
    this.result = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    // Whoever asked hears of an abort; a promise that nobody holds any more must not stop the process.
    promise.catch(() => undefined);
  }

  /** Neither under way nor over: it needs a turn. */
  get isWaiting(): boolean {
    return !this.#ended && this.#attempt === undefined;
  }

  get isUnderWay(): boolean {
    return this.#attempt !== undefined;
  }

  /** How many attempts were begun. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Its turn. Asked again while an attempt is under way, it answers for that one. */
  async attempt(): Promise<Outcome> {
    if (this.#ended) return 'ended';
    this.#attempt ??= this.#tried().finally(() => {
      this.#attempt = undefined;
    });
    return this.#attempt;
  }

  abort(): void {
    if (this.#ended) return;
    this.#ended = true;
    const aborted = new JobAborted(this.job);
    this.#controller.abort(aborted);
    this.#reject(aborted);
  }

  async #tried(): Promise<Outcome> {
    const { signal } = this.#controller;
    let leave = (): void => {};
    try {
      leave = await this.#places.enter(signal);
      this.#attempts++;
      // A worker that does not listen must not keep its place for ever.
      const result = await untilAborted(this.#worker(this.job, signal), signal);
      this.#ended = true;
      this.#resolve(result);
      return 'ended';
    } catch (error) {
      if (this.#ended) return 'ended';
      if (this.#attempts < this.#maxAttempts) return 'again';
      this.#ended = true;
      this.#reject(error);
      return 'ended';
    } finally {
      leave();
    }
  }
}

interface Resolvers<Result> {
  readonly promise: Promise<Result>;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

function withResolvers<Result>(): Resolvers<Result> {
  let resolve: (result: Result) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<Result>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

function untilAborted<Result>(working: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason);
    if (signal.aborted) aborted();
    signal.addEventListener('abort', aborted, { once: true });
    working.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}
