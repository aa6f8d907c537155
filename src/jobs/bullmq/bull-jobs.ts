// Evaluations by turns that BullMQ hands out through Redis: a queue a seat, jobs that survive a slow worker, and
// limits a provider that hold over all processes. Redis orders and limits, it decides nothing (protocol 8.1):
//
// - A result never travels through it. A turn begins an evaluation of this process, and whoever asked for that has
//   its promise; what is under way goes on whatever Redis does. So a forged result changes nothing, and a forged job
//   reaches no model: what nobody asked for here is begun only if the ledger says that the seat owes a ballot.
// - Nothing is evaluated twice: turns for the same case and seat share one evaluation (../evaluation.ts).
// - Redis that lost everything is noticed by a mark that is gone with it; what waits is then added again.
// - Redis that is out of reach for `patienceMs`, or that has given no turn within `latestMs` for whatever reason (it
//   lies, it is flooded, a limit is too tight), is done without: a seat that commits too late has no vote
//   (protocol 4.4). Such evaluations are counted, and as bounded as all others.
//
// Of several Redis servers the jobs use one, the first: unlike the messages of the council they are nobody's truth.
import { Redis } from 'ioredis';
import * as z from 'zod';
import { type Digest, isDigest } from '../../signing/digest.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import { Evaluation } from '../evaluation.ts';
import { type Job, JobAborted, type Jobs, type Worker } from '../jobs.ts';
import { Places } from '../places.ts';
import { JobsCounter, type JobsStats } from './jobs-stats.ts';
import { RedisMark } from './redis-mark.ts';
import { SeatQueue, type Turn } from './seat-queue.ts';
import { type ProviderLimit, takeTurn } from './shared-limit.ts';

const DEFAULTS = {
  concurrencyPerSeat: 8,
  patienceMs: 5_000,
  latestMs: 60_000,
  maxAttempts: 3,
  backOffMs: 1_000,
  lockMs: 15_000,
  stalledCheckMs: 10_000,
  tickMs: 500,
};
/** A job that gets no turn is added again after this long, then twice as long, in case it alone was lost. */
const FIRST_ADD_AGAIN_MS = 5_000;
const LONGEST_ADD_AGAIN_MS = 60_000;
/** Jobs added in one look at what waits. */
const MAX_ADDS_A_TICK = 200;
const LONGEST_RECONNECT_MS = 2_000;
const CONNECT_MS = 5_000;
/** Redis may be gone when the process ends; what it still holds is swept at the next start. */
const CLOSE_MS = 2_000;

export interface BullJobsOptions {
  readonly councilId: Digest;
  /** the seats of this process, and of no other */
  readonly seats: readonly SeatId[];
  /** redis://… or rediss://… */
  readonly url: string;
  /** evaluations at the same time in this process */
  readonly concurrency: number;
  readonly concurrencyPerSeat?: number;
  /** how long Redis may be out of reach before a seat does without it */
  readonly patienceMs?: number;
  /** how long an evaluation waits for a turn at most; well below the commit phase */
  readonly latestMs?: number;
  /** how often a worker may throw before its evaluation fails */
  readonly maxAttempts?: number;
  /** before the second attempt; twice as long before the third */
  readonly backOffMs?: number;
  readonly lockMs?: number;
  readonly stalledCheckMs?: number;
  readonly tickMs?: number;
}

export interface BullJobsDependencies<Result> {
  readonly worker: Worker<Result>;
  /** the case is open and the seat still owes a ballot */
  readonly isWanted: (job: Job) => boolean;
  /** what the seat's provider bears, over all processes; none where it is not told */
  readonly limitOf?: (seat: SeatId) => ProviderLimit | undefined;
}

interface Asked<Result> {
  readonly evaluation: Evaluation<Result>;
  readonly askedMs: number;
  adds: number;
  nextAddMs: number;
  /** not begun in this process before that */
  notBeforeMs: number;
}

const jobDataSchema = z.strictObject({ caseId: z.string(), seat: z.number() });

export class BullJobs<Result> implements Jobs<Result> {
  readonly #options: Required<BullJobsOptions>;
  readonly #dependencies: BullJobsDependencies<Result>;
  readonly #prefix: string;
  readonly #redis: Redis;
  readonly #mark: RedisMark;
  readonly #queues: ReadonlyMap<SeatId, SeatQueue>;
  readonly #places: Places;
  readonly #counter = new JobsCounter();
  readonly #asked = new Map<string, Asked<Result>>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: BullJobsOptions, dependencies: BullJobsDependencies<Result>) {
    this.#options = { ...DEFAULTS, ...options };
    this.#dependencies = dependencies;
    const { councilId, seats, url, concurrency, concurrencyPerSeat } = this.#options;
    this.#prefix = `conclave:${councilId.slice(0, 16)}:jobs`;
    this.#places = new Places({ most: concurrency });
    this.#redis = new Redis(url, {
      // BullMQ's workers wait for as long as it takes.
      maxRetriesPerRequest: null,
      connectTimeout: CONNECT_MS,
      retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), LONGEST_RECONNECT_MS),
    });
    // Every queue hears of it too, and counts it; without a listener it would be printed.
    this.#redis.on('error', () => undefined);
    this.#mark = new RedisMark(
      { key: `${this.#prefix}:present:${seats.join('.')}`, timeoutMs: this.#options.patienceMs },
      this.#redis,
    );
    const { lockMs, stalledCheckMs, maxAttempts, backOffMs } = this.#options;
    const shared = { prefix: this.#prefix, concurrency: concurrencyPerSeat, lockMs, stalledCheckMs };
    this.#queues = new Map(
      seats.map((seat) => [
        seat,
        new SeatQueue(
          { seat, ...shared, maxAttempts, backOffMs },
          {
            redis: this.#redis,
            turn: (id, data) => this.#turn(seat, id, data),
            count: (event) => this.#counter.count(event),
            onOpen: () => this.#addAll(seat),
          },
        ),
      ]),
    );
  }

  get stats(): JobsStats {
    const evaluations = [...this.#asked.values()].map(({ evaluation }) => evaluation);
    return {
      waiting: evaluations.filter(({ isWaiting }) => isWaiting).length,
      active: this.#places.taken,
      ...this.#counter.read(),
    };
  }

  run(job: Job): Promise<Result> {
    if (this.#closed) return Promise.reject(new JobAborted(job));
    return this.#askedFor(job).evaluation.result;
  }

  drop(caseId: Digest): void {
    for (const [key, { evaluation }] of this.#asked) {
      if (evaluation.job.caseId !== caseId) continue;
      const wasWaiting = evaluation.isWaiting;
      this.#asked.delete(key);
      evaluation.abort();
      // Where this fails, the job comes up one day, is not wanted any more, and goes then.
      if (wasWaiting && this.#redis.status === 'ready')
        this.#queues
          .get(evaluation.job.seat)
          ?.remove(caseId)
          .catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const { evaluation } of this.#asked.values()) evaluation.abort();
    this.#asked.clear();
    const closing = Promise.allSettled([...this.#queues.values()].map((queue) => queue.close()));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([closing, late]);
    clearTimeout(timer);
    this.#redis.disconnect();
  }

  #askedFor(job: Job): Asked<Result> {
    const key = keyOf(job);
    const known = this.#asked.get(key);
    if (known !== undefined) return known;
    const now = Date.now();
    const { maxAttempts } = this.#options;
    const evaluation = new Evaluation<Result>(
      { job, maxAttempts },
      { worker: this.#dependencies.worker, places: this.#places },
    );
    const asked = { evaluation, askedMs: now, adds: 0, nextAddMs: now, notBeforeMs: now };
    this.#asked.set(key, asked);
    this.#add(asked, now);
    this.#watch();
    return asked;
  }

  /** A job came up. It says which evaluation has its turn, if it says so truly. */
  async #turn(seat: SeatId, id: unknown, data: unknown): Promise<Turn> {
    this.#mark.heard();
    const job = jobOf(seat, id, data);
    if (job === undefined) {
      this.#counter.count('forged');
      return { kind: 'over' };
    }
    if (this.#closed) return { kind: 'over' };
    if (!this.#asked.has(keyOf(job)) && !this.#dependencies.isWanted(job)) {
      this.#counter.count('unwanted');
      return { kind: 'over' };
    }
    const { evaluation } = this.#askedFor(job);
    const limit = this.#dependencies.limitOf?.(seat);
    if (limit !== undefined && evaluation.isWaiting) {
      const waitMs = await takeTurn(this.#redis, this.#prefix, limit);
      if (waitMs > 0) {
        this.#counter.count('limited');
        return { kind: 'later', waitMs };
      }
    }
    const outcome = await evaluation.attempt();
    if (outcome === 'again') this.#counter.count('retried');
    return { kind: outcome === 'again' ? 'again' : 'over' };
  }

  #addAll(seat: SeatId | undefined): void {
    const now = Date.now();
    for (const asked of this.#asked.values()) {
      const isItsSeat = seat === undefined || asked.evaluation.job.seat === seat;
      if (isItsSeat && asked.evaluation.isWaiting) asked.nextAddMs = now;
    }
  }

  #add(asked: Asked<Result>, now: number): void {
    const { caseId, seat } = asked.evaluation.job;
    const queue = this.#queues.get(seat);
    // A queue of commands that wait for a connection has no bound; what is not sent now is sent at a later look.
    if (queue?.isOpen !== true || this.#redis.status !== 'ready') return;
    asked.nextAddMs = now + Math.min(FIRST_ADD_AGAIN_MS * 2 ** asked.adds, LONGEST_ADD_AGAIN_MS);
    if (asked.adds++ > 0) this.#counter.count('addedAgain');
    queue.add(caseId).catch(() => this.#counter.count('errors'));
  }

  /** Looks after what waits, at a fixed pace and for as long as anything does. */
  #watch(): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const waiting = [...this.#asked.values()].filter(({ evaluation }) => evaluation.isWaiting);
      if (waiting.length > 0) this.#look(waiting, Date.now());
      if (this.stats.active > 0 || waiting.length > 0) this.#watch();
    }, this.#options.tickMs);
  }

  #look(waiting: readonly Asked<Result>[], now: number): void {
    const { patienceMs, latestMs } = this.#options;
    this.#mark.look(() => this.#addAll(undefined));
    const silentMs = now - this.#mark.heardMs;
    let adds = 0;
    for (const asked of waiting) {
      const waitedMs = now - asked.askedMs;
      const isLate = waitedMs >= latestMs || Math.min(waitedMs, silentMs) >= patienceMs;
      if (isLate && now >= asked.notBeforeMs) this.#beginHere(asked);
      else if (now >= asked.nextAddMs && adds++ < MAX_ADDS_A_TICK) this.#add(asked, now);
    }
  }

  #beginHere(asked: Asked<Result>): void {
    this.#counter.count('inProcess');
    const { evaluation } = asked;
    void evaluation.attempt().then((outcome) => {
      if (outcome === 'ended') return;
      this.#counter.count('retried');
      asked.notBeforeMs = Date.now() + this.#options.backOffMs * 2 ** (evaluation.attempts - 1);
    });
  }
}

function keyOf({ caseId, seat }: Job): string {
  return `${caseId}/${seat}`;
}

/** The job of this seat that a job in its queue speaks of. */
function jobOf(seat: SeatId, id: unknown, data: unknown): Job | undefined {
  const parsed = jobDataSchema.safeParse(data);
  if (!parsed.success || !isDigest(id)) return undefined;
  return parsed.data.seat === seat && parsed.data.caseId === id ? { caseId: id, seat } : undefined;
}
