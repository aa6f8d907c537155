import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../test/rigs/redis-server.ts';
import { digestOf } from '../signing/digest.ts';
import { allSeats, asSeatId } from '../signing/seat-id.ts';
import { BullJobs } from './bullmq/bull-jobs.ts';
import { InProcessJobs } from './in-process.ts';
import { type Job, JobAborted, type Jobs, type Worker } from './jobs.ts';

const caseId = digestOf('a case');
const other = digestOf('another case');
const job = (seat: number, id = caseId): Job => ({ caseId: id, seat: asSeatId(seat) });
const tick = () => new Promise((resolve) => setTimeout(resolve, 1));

let redis: RedisServer;
let councils = 0;
const open: Jobs<unknown>[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await Promise.all(open.map((jobs) => jobs.close()));
  await redis.stop();
});

interface Backend {
  readonly name: string;
  readonly make: <Result>(concurrency: number, worker: Worker<Result>) => Jobs<Result>;
}

const backends: readonly Backend[] = [
  {
    name: 'in this process',
    make: (concurrency, worker) => new InProcessJobs({ concurrency }, worker),
  },
  {
    name: 'by BullMQ',
    make: (concurrency, worker) => {
      const councilId = digestOf(++councils);
      const jobs = new BullJobs(
        {
          councilId,
          seats: allSeats(3),
          url: redis.url,
          concurrency,
          maxAttempts: 2,
          backOffMs: 1,
          tickMs: 50,
        },
        { worker, isWanted: () => false },
      );
      open.push(jobs);
      return jobs;
    },
  },
];

describe.each(backends)('evaluations $name', ({ make }) => {
  it('a case is judged once for a seat, however often it is asked for', async () => {
    let judged = 0;
    const jobs = make(4, async ({ seat }) => {
      judged++;
      await tick();
      return seat * 10;
    });
    const results = await Promise.all([jobs.run(job(1)), jobs.run(job(1)), jobs.run(job(2))]);
    expect(results).toEqual([10, 10, 20]);
    expect(await jobs.run(job(1))).toBe(10);
    expect(judged).toBe(2);
  });

  it('no more run at the same time than allowed, and all run in the end', async () => {
    let now = 0;
    let most = 0;
    const jobs = make(3, async () => {
      most = Math.max(most, ++now);
      await tick();
      now--;
    });
    const cases = Array.from({ length: 10 }, (_, i) => digestOf(i));
    await Promise.all(cases.flatMap((id) => [jobs.run(job(1, id)), jobs.run(job(2, id))]));
    expect([most, now]).toEqual([3, 0]);
  });

  it('dropping a case aborts its evaluations and no others', async () => {
    const begun: number[] = [];
    const aborted: number[] = [];
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const jobs = make(3, async ({ seat }, signal) => {
      signal.addEventListener('abort', () => aborted.push(seat));
      begun.push(seat);
      if (begun.length === 2) jobs.drop(caseId);
      await finished;
      return seat;
    });
    const results = [jobs.run(job(1)), jobs.run(job(2, other))];
    await expect(results[0]).rejects.toThrow(JobAborted);
    finish();
    expect(await results[1]).toBe(2);
    expect(aborted).toEqual([1]);
  });

  it('what is dropped before its turn never begins', async () => {
    const begun: number[] = [];
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const jobs = make(1, async ({ caseId: id, seat }) => {
      begun.push(seat);
      if (id === other) jobs.drop(caseId);
      await finished;
      return seat;
    });
    const first = jobs.run(job(1, other));
    const dropped = jobs.run(job(1));
    await expect(dropped).rejects.toThrow(JobAborted);
    finish();
    expect([await first, await jobs.run(job(2, other))]).toEqual([1, 2]);
    expect(begun).toEqual([1, 2]);
  });

  it('an evaluation that does not listen to its abort gives up its place all the same', async () => {
    let stuckBegins = (): void => {};
    const begins = new Promise<void>((resolve) => {
      stuckBegins = resolve;
    });
    const jobs = make(1, ({ seat }) => {
      if (seat !== 1) return Promise.resolve(seat);
      stuckBegins();
      return new Promise<number>(() => {});
    });
    const stuck = jobs.run(job(1));
    await begins;
    const waiting = jobs.run(job(2, other));
    jobs.drop(caseId);
    await expect(stuck).rejects.toThrow(JobAborted);
    expect(await waiting).toBe(2);
  });

  it('closing aborts everything and takes nothing more', async () => {
    const jobs = make(1, () => new Promise<number>(() => {}));
    const results = [jobs.run(job(1)), jobs.run(job(2))];
    const outcomes = Promise.allSettled(results);
    await jobs.close();
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(JobAborted) });
    await expect(jobs.run(job(3))).rejects.toThrow(JobAborted);
  });

  it('a worker that throws fails its own job only', async () => {
    const jobs = make(1, async ({ seat }) => {
      if (seat === 1) throw new Error('a bug');
      return seat;
    });
    await expect(jobs.run(job(1))).rejects.toThrow('a bug');
    expect(await jobs.run(job(2))).toBe(2);
  });
});
