// Evaluations to be done: a case judged once for a seat, however often it is asked for (protocol 4.2). What comes
// out is a ballot before it is sealed, so it stays in the process that asked.
import type { Digest } from '../signing/digest.ts';
import type { SeatId } from '../signing/seat-id.ts';

export interface Job {
  readonly caseId: Digest;
  readonly seat: SeatId;
}

/** Does the work. A worker that fails for good says so in its result; throwing is a bug. */
export type Worker<Result> = (job: Job, signal: AbortSignal) => Promise<Result>;

export interface Jobs<Result> {
  /** The same promise for the same case and seat, until the case is dropped. Rejects only when aborted. */
  run(job: Job): Promise<Result>;
  /** The case needs no ballots any more: what waits or runs is aborted, and what is done forgotten. */
  drop(caseId: Digest): void;
  close(): Promise<void>;
}

/** What an aborted job rejects with. */
export class JobAborted extends Error {
  constructor({ caseId, seat }: Job) {
    super(`the evaluation of case ${caseId} by seat ${seat} was aborted`);
    this.name = 'JobAborted';
  }
}
