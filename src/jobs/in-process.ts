// Evaluations in this very process, a bounded number at a time, in the order they were asked for.
import { Evaluation } from './evaluation.ts';
import { type Job, JobAborted, type Jobs, type Worker } from './jobs.ts';
import { Places } from './places.ts';

export interface InProcessOptions {
  /** evaluations at the same time */
  readonly concurrency: number;
}

export class InProcessJobs<Result> implements Jobs<Result> {
  readonly #worker: Worker<Result>;
  readonly #places: Places;
  readonly #evaluations = new Map<string, Evaluation<Result>>();
  #closed = false;

  constructor({ concurrency }: InProcessOptions, worker: Worker<Result>) {
    this.#places = new Places({ most: concurrency });
    this.#worker = worker;
  }

  run(job: Job): Promise<Result> {
    if (this.#closed) return Promise.reject(new JobAborted(job));
    const key = `${job.caseId}/${job.seat}`;
    const known = this.#evaluations.get(key);
    if (known !== undefined) return known.result;
    const evaluation = new Evaluation<Result>(
      { job, maxAttempts: 1 },
      { worker: this.#worker, places: this.#places },
    );
    this.#evaluations.set(key, evaluation);
    void evaluation.attempt();
    return evaluation.result;
  }

  drop(caseId: Job['caseId']): void {
    for (const [key, evaluation] of this.#evaluations) {
      if (evaluation.job.caseId !== caseId) continue;
      this.#evaluations.delete(key);
      evaluation.abort();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const results = [...this.#evaluations.values()].map(({ result }) => result);
    for (const evaluation of this.#evaluations.values()) evaluation.abort();
    this.#evaluations.clear();
    await Promise.allSettled(results);
  }
}
