// `conclave up` as a person meets it: a council of four node processes and a redis-server of its own, which survives the
// death of either and leaves nothing behind.
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { startPrivateRedis } from '../../src/cli/private-redis.ts';
import { conclave, resultOf, temporaryFolder } from '../cli/conclave.ts';
import { KeptProcess } from '../rigs/kept-process.ts';
import { startRedis } from '../rigs/redis-server.ts';
import { COMMAND } from '../rigs/running-council.ts';

const WITHIN_MS = 60_000;
const root = temporaryFolder();
const data = join(root, 'council');
const council = new KeptProcess({
  name: 'conclave up',
  words: [COMMAND, 'up', '--data', data, '--json'],
  environment: { ...process.env, NO_COLOR: '1' },
  cwd: root,
  logFile: join(root, 'up.log'),
});
afterAll(() => council.drain(WITHIN_MS));

const readySchema = z.object({
  genesis: z.string(),
  redisFile: z.string(),
  nodes: z.array(z.object({ name: z.string(), http: z.string(), pid: z.number(), logFile: z.string() })),
});

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A zombie has ended; only its parent has not looked yet.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + WITHIN_MS;
  while (!(await what())) {
    if (Date.now() > end) throw new Error(`did not come true: ${what}\n${council.logTail()}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

const redisPid = (): number => Number.parseInt(readFileSync(join(data, 'redis', 'pid'), 'utf8'), 10);

it(
  'founds a council, starts again what dies, and ends with nothing left running',
  async () => {
    // Where there is no redis-server the rig installs one, or says what to do.
    await (await startRedis()).stop();
    council.start();
    const ready = readySchema.parse(JSON.parse(await council.firstLine(WITHIN_MS)));
    expect(ready.nodes.map(({ name }) => name)).toEqual(['node-1', 'node-2', 'node-3', 'node-4']);
    expect(statSync(ready.redisFile).mode & 0o077).toBe(0);
    const [first, second] = ready.nodes;
    if (first === undefined || second === undefined) throw new Error('four nodes');
    await until(async () => (await fetch(`${first.http}/healthz`)).status === 200);

    const redis = redisPid();
    process.kill(second.pid, 'SIGKILL');
    process.kill(redis, 'SIGKILL');
    await until(() => /node-2 is up[\s\S]*node-2 ended[\s\S]*node-2 is up/.test(council.logTail()));
    await until(() => redisPid() !== redis && isAlive(redisPid()));
    await until(async () => (await fetch(`${first.http}/healthz`)).status === 200);

    const pids = [...ready.nodes.map(({ pid }) => pid), redisPid()];
    expect(await council.drain(WITHIN_MS)).toMatchObject({ code: 0, signal: null });
    expect(pids.filter(isAlive)).toEqual([]);
  },
  3 * WITHIN_MS,
);

describe('it does not start', () => {
  it('where no redis-server is, and says how to get one', async () => {
    const words = ['up', '--data', join(root, 'other'), '--json'];
    const run = await conclave(words, { environment: { PATH: '/nowhere' } });
    expect(run.exit).toBe(69);
    expect(JSON.stringify(resultOf(run).error)).toContain('install Redis 7');
  });

  it('on a council that a single process hosts', async () => {
    const embedded = join(root, 'embedded');
    await conclave(['init', embedded]);
    const run = await conclave(['up', '--data', embedded, '--json']);
    expect([run.exit, JSON.stringify(resultOf(run).error)]).toEqual([
      65,
      expect.stringContaining('give another --data'),
    ]);
  });
});

it('a private server whose owner was killed is ended before another writes into its folder', async () => {
  const folder = join(root, 'redis');
  mkdirSync(folder);
  const left = await startPrivateRedis(folder);
  const next = await startPrivateRedis(folder);
  try {
    await left.ended;
    expect(isAlive(left.pid)).toBe(false);
    expect(existsSync(join(folder, 'appendonlydir'))).toBe(true);
    expect([next.url.includes('@127.0.0.1:'), statSync(join(folder, 'redis.conf')).mode & 0o077]).toEqual([
      true,
      0,
    ]);
  } finally {
    await next.stop();
  }
  const again = await startPrivateRedis(folder, { port: next.port });
  expect(again.url).toBe(next.url);
  await again.stop();
});
