// The queue of one seat in Redis and the worker that takes from it, by BullMQ. A job is a turn and nothing more: it
// carries a case id and a seat, what comes back to Redis is empty, and how long it is kept, how often it is tried and
// after what wait is ours to say, whatever the job itself says of that.
import { type Job as BullJob, Queue, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Digest } from '../../signing/digest.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import type { JobsEvent } from './jobs-stats.ts';

const JOB_NAME = 'evaluate';
/** Kept for a person to look at; nothing of ours reads them again. */
const FAILED_KEPT = { count: 100, age: 86_400 };
/** A lock may be lost more often than this in an hour of bad network; the job is then added anew. */
const MAX_STALLED = 10;
/** A blocked worker looks about this often, in seconds, for what it was not woken for. */
const IDLE_SECONDS = 5;
/** What Redis refuses in a second before the worker rests: BullMQ itself would ask again at once, for ever. */
const MAX_ERRORS_A_SECOND = 10;
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 30_000;
/** Between attempts to empty the queue at the start. */
const OPEN_AGAIN_MS = 1_000;

/** What came of a turn. */
export type Turn = { readonly kind: 'over' | 'again' } | { readonly kind: 'later'; readonly waitMs: number };

export interface SeatQueueOptions {
  readonly seat: SeatId;
  /** of all keys of this council's jobs */
  readonly prefix: string;
  /** turns at the same time */
  readonly concurrency: number;
  readonly lockMs: number;
  readonly stalledCheckMs: number;
  readonly maxAttempts: number;
  readonly backOffMs: number;
}

export interface SeatQueueDependencies {
  readonly redis: Redis;
  /** gives the evaluation that a job asks for its turn; the id and data are a stranger's words */
  readonly turn: (id: unknown, data: unknown) => Promise<Turn>;
  readonly count: (event: JobsEvent) => void;
  /** the queue is empty and listened to: jobs may be added */
  readonly onOpen: () => void;
}

export class SeatQueue {
  readonly #options: SeatQueueOptions;
  readonly #dependencies: SeatQueueDependencies;
  readonly #queue: Queue;
  #worker: Worker | undefined;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  #secondBegan = 0;
  #errorsInSecond = 0;
  #restMs = FIRST_REST_MS;
  #isResting = false;

  constructor(options: SeatQueueOptions, dependencies: SeatQueueDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    const { prefix, seat } = options;
    this.#queue = new Queue(`seat-${seat}`, {
      connection: dependencies.redis,
      prefix,
      // It would ask Redis for its version once, and give up for good where that fails.
      skipVersionCheck: true,
    });
    this.#queue.on('error', (error) => this.#onError(error));
    this.#open();
  }

  get isOpen(): boolean {
    return this.#worker !== undefined;
  }

  /** The same case is one job, however often it is added. */
  async add(caseId: Digest): Promise<void> {
    const { seat } = this.#options;
    // A job that ended without its evaluation (forged, failed, stalled too often) would stand in the way.
    const state = await this.#queue.getJobState(caseId);
    if (state === 'completed' || state === 'failed') await this.#queue.remove(caseId);
    await this.#queue.add(JOB_NAME, { caseId, seat }, { jobId: caseId, ...this.#policy() });
  }

  /** What is being worked on is removed by ending. */
  async remove(caseId: Digest): Promise<void> {
    await this.#queue.remove(caseId);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await Promise.allSettled([this.#worker?.close(true), this.#queue.close()]);
  }

  /**
   * What an earlier run of this seat left in Redis is swept away first: its locks would hold jobs back until they
   * expire, and what is still open is known from the ledger (protocol 8.2). A seat runs in one process only.
   */
  #open(): void {
    this.#queue.obliterate({ force: true }).then(
      () => {
        if (this.#closed) return;
        this.#worker = this.#listening();
        this.#dependencies.onOpen();
      },
      () => {
        if (this.#closed) return;
        this.#dependencies.count('errors');
        this.#timer = setTimeout(() => this.#open(), OPEN_AGAIN_MS);
      },
    );
  }

  #listening(): Worker {
    const { prefix, concurrency, lockMs, stalledCheckMs } = this.#options;
    const worker = new Worker(this.#queue.name, (job) => this.#process(job), {
      connection: this.#dependencies.redis,
      prefix,
      skipVersionCheck: true,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: stalledCheckMs,
      maxStalledCount: MAX_STALLED,
      drainDelay: IDLE_SECONDS,
      removeOnFail: FAILED_KEPT,
      removeOnComplete: { count: 0 },
    });
    worker.on('error', (error) => this.#onError(error));
    worker.on('stalled', () => this.#dependencies.count('stalled'));
    return worker;
  }

  /** Never returns anything: results do not travel through Redis. */
  async #process(job: BullJob): Promise<void> {
    Object.assign(job.opts, this.#policy());
    const turn = await this.#dependencies.turn(job.id, job.data);
    this.#restMs = FIRST_REST_MS;
    switch (turn.kind) {
      case 'over':
        return;
      case 'again':
        throw new Error('to be tried again');
      case 'later':
        if (this.#closed) throw new UnrecoverableError('closed');
        await this.#queue.rateLimit(turn.waitMs);
        throw Worker.RateLimitError();
    }
  }

  #policy() {
    const { maxAttempts, backOffMs } = this.#options;
    return {
      attempts: maxAttempts,
      backoff: { type: 'exponential', delay: backOffMs },
      removeOnComplete: true,
      removeOnFail: FAILED_KEPT,
      stackTraceLimit: 0,
    };
  }

  #onError(error: Error): void {
    // A connection that is not there is not news: ioredis tries again, after ever longer waits.
    if (this.#closed || 'syscall' in error) return;
    this.#dependencies.count('errors');
    const now = Date.now();
    if (now - this.#secondBegan > 1_000) {
      this.#secondBegan = now;
      this.#errorsInSecond = 0;
    }
    this.#errorsInSecond++;
    if (this.#errorsInSecond >= MAX_ERRORS_A_SECOND && !this.#isResting) this.#rest();
  }

  #rest(): void {
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#isResting = true;
    worker.pause(true).catch(() => undefined);
    this.#timer = setTimeout(() => {
      this.#isResting = false;
      worker.resume().catch(() => undefined);
    }, this.#restMs);
    this.#restMs = Math.min(this.#restMs * 2, LONGEST_REST_MS);
  }
}
