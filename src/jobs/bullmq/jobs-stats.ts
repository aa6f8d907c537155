// What the jobs of a process have come to, for metrics and for tests.

export interface JobsStats {
  /** asked for and not begun */
  readonly waiting: number;
  readonly active: number;
  /** attempts that threw and were given another turn */
  readonly retried: number;
  /** jobs whose lock was lost and that went back to their queue */
  readonly stalled: number;
  /** jobs that no seat of ours could have written: another seat's, or garbage */
  readonly forged: number;
  /** well-formed jobs for a case that is not open or a seat that owes it nothing */
  readonly unwanted: number;
  /** turns put off by the limit of a provider */
  readonly limited: number;
  /** jobs added once more because Redis may have lost them */
  readonly addedAgain: number;
  /** evaluations begun without a turn from Redis */
  readonly inProcess: number;
  /** what Redis answered or did that it should not */
  readonly errors: number;
}

export type JobsEvent = Exclude<keyof JobsStats, 'waiting' | 'active'>;

export class JobsCounter {
  readonly #counts: Record<JobsEvent, number> = {
    retried: 0,
    stalled: 0,
    forged: 0,
    unwanted: 0,
    limited: 0,
    addedAgain: 0,
    inProcess: 0,
    errors: 0,
  };

  count(event: JobsEvent): void {
    this.#counts[event]++;
  }

  read(): Omit<JobsStats, 'waiting' | 'active'> {
    return { ...this.#counts };
  }
}
