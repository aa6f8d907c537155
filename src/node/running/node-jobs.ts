// The jobs of a running node: turns from Redis, for as long as Redis serves the seats and not longer. What is wanted is
// what the ledger says: a case is open, and the seat has sealed no ballot yet (protocol 4.4).
import type { CouncilState } from '../../council/state.ts';
import { BullJobs } from '../../jobs/bullmq/bull-jobs.ts';
import type { JobsStats } from '../../jobs/bullmq/jobs-stats.ts';
import type { ProviderLimit } from '../../jobs/bullmq/shared-limit.ts';
import type { Job, Worker } from '../../jobs/jobs.ts';
import type { Digest } from '../../signing/digest.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import type { CouncilStore } from '../../storage/council-store.ts';
import type { Judged } from '../seat-duties.ts';

/** Redis out of reach is waited for this long, or this part of the commit phase where that is shorter. */
const PATIENCE_MS = 5_000;
const PATIENCE_SHARE = 0.2;
/** A turn that has not come by then is not waited for: the model needs most of the commit phase itself. */
const LATEST_SHARE = 0.3;

export interface NodeJobsOptions {
  readonly url: string;
  readonly councilId: Digest;
  readonly seats: readonly SeatId[];
  readonly concurrency: number;
  /** of the charter */
  readonly commitMs: number;
}

export interface NodeJobsDependencies {
  /** undefined as long as the node is not open: then nothing is wanted but what it asks for itself */
  readonly node: () => { readonly state: CouncilState; readonly store: CouncilStore } | undefined;
  readonly limitOf?: (seat: SeatId) => ProviderLimit | undefined;
}

export class NodeJobs {
  readonly #options: NodeJobsOptions;
  readonly #dependencies: NodeJobsDependencies;
  #jobs: BullJobs<Judged | undefined> | undefined;

  constructor(options: NodeJobsOptions, dependencies: NodeJobsDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  /** For `Aftermath`, which closes what it is given. */
  readonly make = (worker: Worker<Judged | undefined>): BullJobs<Judged | undefined> => {
    const { commitMs, ...options } = this.#options;
    const { node, limitOf } = this.#dependencies;
    const isWanted = (job: Job): boolean => {
      const current = node();
      return current !== undefined && owesBallot(current, job);
    };
    this.#jobs = new BullJobs(
      {
        ...options,
        patienceMs: Math.min(PATIENCE_MS, Math.ceil(commitMs * PATIENCE_SHARE)),
        latestMs: Math.ceil(commitMs * LATEST_SHARE),
      },
      { worker, isWanted, ...(limitOf === undefined ? {} : { limitOf }) },
    );
    return this.#jobs;
  };

  /** Where the node it was made for never came to be. */
  async close(): Promise<void> {
    await this.#jobs?.close();
  }

  get stats(): JobsStats | undefined {
    return this.#jobs?.stats;
  }
}

/** Waited for by the ledger, and not answered by what lies sealed in the store. */
export function owesBallot(
  { state, store }: { readonly state: CouncilState; readonly store: Pick<CouncilStore, 'sealed'> },
  { caseId, seat }: Job,
): boolean {
  const open = state.open.get(caseId);
  if (open?.phase !== 'commit' || open.seats[seat - 1]?.kind !== 'waiting') return false;
  return store.sealed(caseId, seat) === undefined;
}
