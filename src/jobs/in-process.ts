// Evaluations in this very process, a bounded number at a time, in the order they were asked for.
import { type Job, JobAborted, type Jobs, type Worker } from './jobs.ts';

export interface InProcessOptions {
  /** evaluations at the same time */
  readonly concurrency: number;
}

interface Running<Result> {
  readonly job: Job;
  readonly result: Promise<Result>;
  readonly begin: () => void;
  /** does nothing to what has ended */
  readonly abort: () => void;
}

export class InProcessJobs<Result> implements Jobs<Result> {
  readonly #concurrency: number;
  readonly #worker: Worker<Result>;
  readonly #jobs = new Map<string, Running<Result>>();
  #waiting: Running<Result>[] = [];
  #active = 0;
  #closed = false;

  constructor({ concurrency }: InProcessOptions, worker: Worker<Result>) {
    this.#concurrency = concurrency;
    this.#worker = worker;
  }

  run(job: Job): Promise<Result> {
    if (this.#closed) return Promise.reject(new JobAborted(job));
    const key = `${job.caseId}/${job.seat}`;
    const known = this.#jobs.get(key);
    if (known !== undefined) return known.result;
    const running = this.#prepared(job);
    this.#jobs.set(key, running);
    this.#waiting.push(running);
    this.#next();
    return running.result;
  }

  drop(caseId: Job['caseId']): void {
    this.#waiting = this.#waiting.filter(({ job }) => job.caseId !== caseId);
    for (const [key, running] of this.#jobs) {
      if (running.job.caseId !== caseId) continue;
      this.#jobs.delete(key);
      running.abort();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const results = [...this.#jobs.values()].map(({ result }) => result);
    this.#waiting = [];
    for (const { abort } of this.#jobs.values()) abort();
    this.#jobs.clear();
    await Promise.allSettled(results);
  }

  #prepared(job: Job): Running<Result> {
    const controller = new AbortController();
    let begin = (): void => {};
    let abort = (): void => {};
    const result = new Promise<Result>((resolve, reject) => {
      let holdsPlace = false;
      let ended = false;
      const leave = (): void => {
        ended = true;
        if (!holdsPlace) return;
        holdsPlace = false;
        this.#active--;
        this.#next();
      };
      abort = () => {
        if (ended) return;
        controller.abort();
        reject(new JobAborted(job));
        // A worker that does not listen must not keep its place for ever.
        leave();
      };
      begin = () => {
        holdsPlace = true;
        this.#worker(job, controller.signal).then(resolve, reject).finally(leave);
      };
    });
    // Whoever asked hears of an abort; a promise that nobody holds any more must not stop the process.
    result.catch(() => undefined);
    return { job, result, begin, abort };
  }

  #next(): void {
    while (this.#active < this.#concurrency) {
      const running = this.#waiting.shift();
      if (running === undefined) return;
      this.#active++;
      running.begin();
    }
  }
}
