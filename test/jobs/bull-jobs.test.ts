// Jobs over a real Redis that dies, forgets, freezes and lies: every evaluation ends, none is done twice, and nothing
// that is put into Redis by hand reaches a model or becomes a result.
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  BullJobs,
  type BullJobsDependencies,
  type BullJobsOptions,
} from '../../src/jobs/bullmq/bull-jobs.ts';
import type { Job } from '../../src/jobs/jobs.ts';
import { type Digest, digestOf } from '../../src/signing/digest.ts';
import { allSeats, asSeatId, type SeatId } from '../../src/signing/seat-id.ts';
import { until } from '../rigs/instant-council.ts';
import { type RedisServer, startRedis } from '../rigs/redis-server.ts';

const COUNCIL = digestOf('a council');
const PREFIX = `conclave:${COUNCIL.slice(0, 16)}:jobs`;
const SEATS = allSeats(3);
const FOR_EVER_MS = 600_000;
const CASES = Array.from({ length: 50 }, (_, i) => digestOf({ case: i }));
const SECRET = 'a ballot before it is sealed';

let redis: RedisServer;
let closers: (() => Promise<void> | void)[] = [];

beforeEach(async () => {
  redis = await startRedis();
  closers = [];
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  await redis.stop();
});

/** Counts what reaches a model, by case and seat. */
class Models {
  readonly asked = new Map<string, number>();
  readonly begun: number[] = [];
  total = 0;
  ended = 0;
  #gate: Promise<void> | undefined;
  #open = (): void => {};

  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  release(): void {
    this.#open();
    this.#gate = undefined;
  }

  readonly judge = async ({ caseId, seat }: Job): Promise<string> => {
    const key = `${caseId}/${seat}`;
    this.asked.set(key, (this.asked.get(key) ?? 0) + 1);
    this.begun.push(performance.now());
    this.total++;
    await (this.#gate ?? new Promise((resolve) => setTimeout(resolve, 3)));
    this.ended++;
    return `${SECRET} of seat ${seat}`;
  };

  get most(): number {
    return Math.max(...this.asked.values());
  }
}

function jobsOf(
  models: Models,
  options: Partial<BullJobsOptions> = {},
  dependencies: Partial<BullJobsDependencies<string>> = {},
): BullJobs<string> {
  const jobs = new BullJobs<string>(
    {
      councilId: COUNCIL,
      seats: SEATS,
      url: redis.url,
      concurrency: 4,
      concurrencyPerSeat: 4,
      patienceMs: FOR_EVER_MS,
      latestMs: FOR_EVER_MS,
      tickMs: 50,
      backOffMs: 20,
      ...options,
    },
    { worker: models.judge, isWanted: () => false, ...dependencies },
  );
  closers.push(() => jobs.close());
  return jobs;
}

function client(): Redis {
  const own = new Redis(redis.url);
  closers.push(() => own.disconnect());
  return own;
}

const all = (jobs: BullJobs<string>, cases: readonly Digest[], seats: readonly SeatId[] = SEATS) =>
  Promise.all(cases.flatMap((caseId) => seats.map((seat) => jobs.run({ caseId, seat }))));

async function dump(own: Redis): Promise<string> {
  const texts: string[] = [];
  for (const key of await own.keys('*')) {
    const type = await own.type(key);
    texts.push(key);
    if (type === 'hash') texts.push(JSON.stringify(await own.hgetall(key)));
    if (type === 'stream') texts.push(JSON.stringify(await own.xrange(key, '-', '+')));
    if (type === 'string') texts.push((await own.get(key)) ?? '');
  }
  return texts.join('\n');
}

describe('Redis goes away', () => {
  it('killed and come back empty in the middle of 50 cases: all are judged, none twice', async () => {
    const models = new Models();
    const jobs = jobsOf(models);
    const results = all(jobs, CASES);
    await until(() => models.ended >= 30);
    models.hold();
    await until(() => jobs.stats.active === 4);
    await redis.kill('SIGKILL');
    models.release();
    // What had begun ends without Redis.
    await until(() => models.total === models.ended);
    await redis.restart();
    expect(await results).toHaveLength(150);
    expect([models.total, models.most]).toEqual([150, 1]);
    expect(jobs.stats).toMatchObject({ waiting: 0, active: 0, inProcess: 0 });
    expect(jobs.stats.addedAgain).toBeGreaterThan(0);
  });

  it('emptied by hand, twice, in the middle of 50 cases: all are judged, none twice', async () => {
    const models = new Models();
    const jobs = jobsOf(models);
    const results = all(jobs, CASES);
    await until(() => models.ended >= 30);
    await redis.flush();
    await until(() => models.ended >= 60);
    await redis.flush();
    expect(await results).toHaveLength(150);
    expect([models.total, models.most]).toEqual([150, 1]);
    expect(jobs.stats.inProcess).toBe(0);
  });

  it('not there at the start: seats wait for their patience, then judge without it', async () => {
    await redis.kill('SIGKILL');
    const models = new Models();
    const jobs = jobsOf(models, { patienceMs: 300 });
    const began = performance.now();
    expect(await all(jobs, CASES.slice(0, 4))).toHaveLength(12);
    expect(performance.now() - began).toBeGreaterThan(250);
    expect([models.most, jobs.stats.inProcess]).toEqual([1, 12]);
    await redis.restart();
    await all(jobs, CASES.slice(4, 6));
    await until(() => jobs.stats.waiting === 0);
    expect(models.most).toBe(1);
  });

  it('frozen while jobs wait: they are judged here after a while, and not again when it thaws', async () => {
    const models = new Models();
    const jobs = jobsOf(models, { patienceMs: 300 });
    await all(jobs, CASES.slice(0, 1));
    await redis.kill('SIGSTOP');
    expect(await all(jobs, CASES.slice(1, 5))).toHaveLength(12);
    await redis.kill('SIGCONT');
    await all(jobs, CASES.slice(5, 10));
    expect([models.total, models.most]).toEqual([30, 1]);
  });

  it('a wrong password is as good as no Redis', async () => {
    const locked = await startRedis({ password: 'sesame' });
    closers.push(() => locked.stop());
    const models = new Models();
    const url = locked.url.replace('sesame', 'guess');
    const jobs = jobsOf(models, { url, patienceMs: 300 });
    expect(await all(jobs, CASES.slice(0, 2))).toHaveLength(6);
    expect([models.most, jobs.stats.inProcess]).toEqual([1, 6]);
  });

  it('closing takes a bounded time when it is frozen or gone', async () => {
    const models = new Models();
    models.hold();
    const jobs = jobsOf(models);
    const results = Promise.allSettled([all(jobs, CASES.slice(0, 2))]);
    await until(() => jobs.stats.active === 4);
    await redis.kill('SIGSTOP');
    const began = performance.now();
    await jobs.close();
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(await results).toMatchObject([{ status: 'rejected' }]);
    await redis.kill('SIGCONT');
  });
});

describe('somebody writes into Redis', () => {
  it('forged jobs never reach a model: they are counted and removed', async () => {
    const models = new Models();
    const jobs = jobsOf(models);
    await all(jobs, CASES.slice(0, 1));
    const own = client();
    const forge = async (id: string, fields: Record<string, string>): Promise<void> => {
      await own.hset(`${PREFIX}:seat-1:${id}`, { name: 'evaluate', opts: '{}', timestamp: '1', ...fields });
      await own.lpush(`${PREFIX}:seat-1:wait`, id);
      await own.zadd(`${PREFIX}:seat-1:marker`, 0, '0');
    };
    const [, unknown = COUNCIL, another = COUNCIL] = CASES;
    const keep = JSON.stringify({ removeOnComplete: false, attempts: 1_000, backoff: 1 });
    await forge(unknown, { data: JSON.stringify({ caseId: unknown, seat: 1 }), opts: keep });
    await forge(another, { data: JSON.stringify({ caseId: another, seat: 2 }), opts: keep });
    await forge('../../etc', { data: JSON.stringify({ caseId: '../../etc', seat: 1 }) });
    await forge('7', { data: '{"__proto__":{"seat":1}}' });
    await until(() => jobs.stats.forged === 3 && jobs.stats.unwanted === 1);
    await forge('garbage', { data: 'no JSON', opts: 'none either' });
    await until(() => jobs.stats.errors > 0);
    // The queue still works.
    expect(await jobs.run({ caseId: digestOf('later'), seat: asSeatId(1) })).toBe(`${SECRET} of seat 1`);
    expect(models.total).toBe(4);
    for (const id of [unknown, another, '../../etc', '7'])
      await until(() => own.status === 'ready').then(async () => {
        expect(await own.exists(`${PREFIX}:seat-1:${id}`)).toBe(0);
      });
  });

  it('a forged result changes nothing, and no result is ever there to be read', async () => {
    const models = new Models();
    const jobs = jobsOf(models);
    await all(jobs, CASES.slice(0, 1));
    const own = client();
    const forged = CASES[1] ?? COUNCIL;
    const fields = {
      name: 'evaluate',
      opts: '{}',
      timestamp: '1',
      finishedOn: '2',
      returnvalue: '"approve"',
    };
    await own.hset(`${PREFIX}:seat-1:${forged}`, { data: '{}', ...fields });
    await own.zadd(`${PREFIX}:seat-1:completed`, 2, forged);
    expect(await jobs.run({ caseId: forged, seat: asSeatId(1) })).toBe(`${SECRET} of seat 1`);
    models.hold();
    const running = jobs.run({ caseId: CASES[2] ?? COUNCIL, seat: asSeatId(1) });
    await until(() => jobs.stats.active === 1);
    const during = await dump(own);
    models.release();
    await running;
    const after = await dump(own);
    expect(during).toContain(CASES[2]);
    expect(during + after).not.toContain(SECRET);
  });

  it('a lock taken away lets the job come up again, and it is not judged again', async () => {
    const models = new Models();
    models.hold();
    const jobs = jobsOf(models, { stalledCheckMs: 100 });
    const caseId = CASES[0] ?? COUNCIL;
    const result = jobs.run({ caseId, seat: asSeatId(1) });
    await until(() => jobs.stats.active === 1);
    await client().del(`${PREFIX}:seat-1:${caseId}:lock`);
    await until(() => jobs.stats.stalled > 0);
    models.release();
    await result;
    await all(jobs, CASES.slice(1, 4), [asSeatId(1)]);
    expect([models.total, models.most]).toEqual([4, 1]);
  });

  it('a queue that answers nothing but errors is not asked in a spin, and no seat waits for it for ever', async () => {
    const models = new Models();
    models.hold();
    const jobs = jobsOf(models, { latestMs: 700, concurrencyPerSeat: 1 });
    const results = all(jobs, CASES.slice(0, 4), [asSeatId(1)]);
    await until(() => jobs.stats.active === 1);
    const own = client();
    await own.del(`${PREFIX}:seat-1:wait`);
    await own.set(`${PREFIX}:seat-1:wait`, 'not a list');
    models.release();
    expect(await results).toHaveLength(4);
    expect([models.total, models.most, jobs.stats.inProcess]).toEqual([4, 1, 3]);
    // BullMQ by itself asks again as fast as it is refused, thousands of times.
    expect(jobs.stats.errors).toBeGreaterThan(5);
    expect(jobs.stats.errors).toBeLessThan(60);
  });

  it('what the ledger says a seat owes is begun by a job before anybody asks, and once', async () => {
    const models = new Models();
    const jobs = jobsOf(models, {}, { isWanted: ({ seat }) => seat === 1 });
    await all(jobs, CASES.slice(0, 1));
    const sender = jobsOf(new Models(), { seats: [] });
    expect(sender.stats.waiting).toBe(0);
    const own = client();
    const owed = CASES[1] ?? COUNCIL;
    const data = JSON.stringify({ caseId: owed, seat: 1 });
    await own.hset(`${PREFIX}:seat-1:${owed}`, { name: 'evaluate', opts: '{}', timestamp: '1', data });
    await own.lpush(`${PREFIX}:seat-1:wait`, owed);
    await own.zadd(`${PREFIX}:seat-1:marker`, 0, '0');
    await until(() => models.total === 4);
    expect(await jobs.run({ caseId: owed, seat: asSeatId(1) })).toBe(`${SECRET} of seat 1`);
    expect(models.total).toBe(4);
  });
});

describe('turns', () => {
  it('a worker that stumbles has another turn after a while, and gives up after as many as it may', async () => {
    let calls = 0;
    const worker = async ({ seat }: Job): Promise<string> => {
      calls++;
      if (seat === 2 || calls < 2) throw new Error('nobody serves the dossier');
      return 'judged';
    };
    const jobs = jobsOf(new Models(), { maxAttempts: 2 }, { worker });
    const caseId = CASES[0] ?? COUNCIL;
    expect(await jobs.run({ caseId, seat: asSeatId(1) })).toBe('judged');
    expect([calls, jobs.stats.retried]).toEqual([2, 1]);
    await expect(jobs.run({ caseId, seat: asSeatId(2) })).rejects.toThrow('nobody serves');
    expect([calls, jobs.stats.retried]).toEqual([4, 2]);
  });

  it('the limit of a provider holds over two processes', async () => {
    const models = new Models();
    const limit = { key: 'anthropic api.example.org', most: 5, perMs: 400 };
    const own = { concurrency: 20, concurrencyPerSeat: 20 };
    const first = jobsOf(models, { ...own, seats: allSeats(2) }, { limitOf: () => limit });
    const second = jobsOf(models, { ...own, seats: [asSeatId(3)] }, { limitOf: () => limit });
    const cases = CASES.slice(0, 7);
    await Promise.all([all(first, cases, allSeats(2)), all(second, cases, [asSeatId(3)])]);
    expect([models.total, models.most]).toEqual([21, 1]);
    // No two windows next to each other hold more than twice as many.
    const spans = models.begun.slice(10).map((at, i) => at - (models.begun[i] ?? 0));
    expect(Math.min(...spans)).toBeGreaterThan(limit.perMs - 50);
    expect(first.stats.limited + second.stats.limited).toBeGreaterThan(0);
    expect(first.stats.inProcess + second.stats.inProcess).toBe(0);
  });

  it('a limit that would cost a seat its vote gives way', async () => {
    const models = new Models();
    const limit = { key: 'a host that is never free', most: 0, perMs: 60_000 };
    const jobs = jobsOf(models, { latestMs: 300 }, { limitOf: () => limit });
    expect(await all(jobs, CASES.slice(0, 1))).toHaveLength(3);
    expect(jobs.stats.inProcess).toBe(3);
  });

  it('what an earlier run left behind is swept away, and asked for again it is judged at once', async () => {
    const models = new Models();
    models.hold();
    const before = jobsOf(models);
    void Promise.allSettled([all(before, CASES.slice(0, 3))]);
    await until(() => before.stats.active === 4);
    await before.close();
    expect(await client().exists(`${PREFIX}:seat-1:active`)).toBe(1);
    const again = new Models();
    const jobs = jobsOf(again);
    expect(await all(jobs, CASES.slice(0, 3))).toHaveLength(9);
    expect([again.total, again.most]).toEqual([9, 1]);
  });
});
