import { describe, expect, it } from 'vitest';
import { digestOf } from '../signing/digest.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { InProcessJobs } from './in-process.ts';
import { type Job, JobAborted } from './jobs.ts';

const caseId = digestOf('a case');
const other = digestOf('another case');
const job = (seat: number, id = caseId): Job => ({ caseId: id, seat: asSeatId(seat) });
const tick = () => new Promise((resolve) => setTimeout(resolve, 1));

describe('evaluations in this process', () => {
  it('a case is judged once for a seat, however often it is asked for', async () => {
    let judged = 0;
    const jobs = new InProcessJobs({ concurrency: 4 }, async ({ seat }) => {
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
    const jobs = new InProcessJobs({ concurrency: 3 }, async () => {
      most = Math.max(most, ++now);
      await tick();
      now--;
    });
    await Promise.all(Array.from({ length: 20 }, (_, i) => jobs.run(job(i + 1))));
    expect([most, now]).toEqual([3, 0]);
  });

  it('dropping a case aborts its evaluations and no others', async () => {
    const aborted: number[] = [];
    const jobs = new InProcessJobs({ concurrency: 2 }, async ({ seat }, signal) => {
      signal.addEventListener('abort', () => aborted.push(seat));
      await tick();
      await tick();
      return seat;
    });
    const results = [jobs.run(job(1)), jobs.run(job(2, other)), jobs.run(job(3))];
    jobs.drop(caseId);
    await expect(results[0]).rejects.toThrow(JobAborted);
    await expect(results[2]).rejects.toThrow(JobAborted);
    expect(await results[1]).toBe(2);
    expect(aborted).toEqual([1]);
  });

  it('an evaluation that does not listen to its abort gives up its place all the same', async () => {
    const jobs = new InProcessJobs({ concurrency: 1 }, ({ seat }) =>
      seat === 1 ? new Promise<number>(() => {}) : Promise.resolve(seat),
    );
    const stuck = jobs.run(job(1));
    const waiting = jobs.run(job(2, other));
    jobs.drop(caseId);
    await expect(stuck).rejects.toThrow(JobAborted);
    expect(await waiting).toBe(2);
  });

  it('closing aborts everything and takes nothing more', async () => {
    const jobs = new InProcessJobs({ concurrency: 1 }, () => new Promise<number>(() => {}));
    const results = [jobs.run(job(1)), jobs.run(job(2))];
    await jobs.close();
    await expect(results[0]).rejects.toThrow(JobAborted);
    await expect(results[1]).rejects.toThrow(JobAborted);
    await expect(jobs.run(job(3))).rejects.toThrow(JobAborted);
  });

  it('a worker that throws fails its own job only', async () => {
    const jobs = new InProcessJobs({ concurrency: 1 }, async ({ seat }) => {
      if (seat === 1) throw new Error('a bug');
      return seat;
    });
    await expect(jobs.run(job(1))).rejects.toThrow('a bug');
    expect(await jobs.run(job(2))).toBe(2);
  });
});
