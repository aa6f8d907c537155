// What goes wrong with honest servers: killed, emptied, frozen, full, read-only, locked, gone from the start. Nothing
// of it throws or spins, all of it is counted, and messages flow again when it is over (protocol 8.1).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, expect, it } from 'vitest';
import { FileCursors } from '../../src/transport/redis/cursors.ts';
import { asPeerId } from '../../src/transport/transport.ts';
import { until } from '../rigs/instant-council.ts';
import { RedisCouncil, type RedisEnd } from '../rigs/redis-council.ts';
import { type RedisServer, type RedisServerOptions, startRedis } from '../rigs/redis-server.ts';

const leave: (() => unknown)[] = [];
afterEach(async () => {
  for (const go of leave.splice(0).reverse()) await go();
});

async function server(options?: RedisServerOptions): Promise<RedisServer> {
  const started = await startRedis(options);
  leave.push(() => started.stop());
  return started;
}

function clientOf({ url }: RedisServer): Redis {
  const redis = new Redis(url);
  redis.on('error', () => undefined);
  leave.push(() => redis.disconnect());
  return redis;
}

function council(servers: readonly string[], nodes: readonly string[] = ['node-1', 'node-2']): RedisCouncil {
  const made = new RedisCouncil(nodes, servers);
  leave.push(() => made.close());
  return made;
}

async function pair(...urls: readonly string[]): Promise<readonly [RedisEnd, RedisEnd]> {
  const here = council(urls);
  return Promise.all([here.join('node-1'), here.join('node-2')]);
}

let said = 0;
/** Says new things until one is heard, as the protocol does. */
async function flows(from: RedisEnd, to: RedisEnd): Promise<void> {
  const before = to.heard.length;
  await until(() => {
    from.transport.send('all', Buffer.from(`said ${said++}`));
    return to.heard.length > before;
  });
}

const everyCommand = (end: RedisEnd): number => end.stats().commands;

it('a server killed and started again, empty, carries messages again', async () => {
  const redis = await server();
  const [a, b] = await pair(redis.url);
  await flows(a, b);
  for (let round = 0; round < 2; round++) {
    await redis.kill('SIGKILL');
    await until(() => !a.stats().connected && !b.stats().connected);
    a.transport.send('all', Buffer.from(`while it was away ${round}`));
    await redis.restart();
    await flows(a, b);
    await flows(b, a);
    // It was queued for a moment, and not too old when the server came back.
    await until(() => b.times('node-1', `while it was away ${round}`) === 1);
  }
});

it('a server emptied in the middle loses at most what was in it', async () => {
  const redis = await server();
  const [a, b] = await pair(redis.url);
  for (let round = 0; round < 5; round++) {
    await flows(a, b);
    await redis.flush();
  }
  await flows(b, a);
  expect(b.stats().troubles).toEqual({});
});

it('one of two servers dead from the start, or killed later, costs nothing', async () => {
  const [dead, other] = await Promise.all([server(), server()]);
  await dead.kill('SIGKILL');
  const [a, b] = await pair(dead.url, other.url);
  for (let i = 0; i < 50; i++) a.transport.send('all', Buffer.from(`first ${i}`));
  await until(() => b.times('node-1', 'first 49') === 1);
  expect(a.stats(0).connected).toBe(false);
  expect(a.stats(0).troubles.unreachable).toBeGreaterThan(0);
  await dead.restart();
  await until(() => a.stats(0).connected && b.stats(0).connected);
  await other.kill('SIGKILL');
  for (let i = 0; i < 50; i++) a.transport.send('all', Buffer.from(`second ${i}`));
  await until(() => b.times('node-1', 'second 49') === 1);
  // What waited for the dead one was recognised, not heard twice.
  await until(() => (b.stats(0).duplicate ?? 0) >= 50);
  expect(new Set(b.heard).size).toBe(b.heard.length);
});

it('with no server at all a node starts, and is heard once there is one', async () => {
  const redis = await server();
  await redis.kill('SIGKILL');
  const [a, b] = await pair(redis.url);
  a.transport.send('all', Buffer.from('patient'));
  expect(a.stats().connected).toBe(false);
  await redis.restart();
  await until(() => b.times('node-1', 'patient') === 1);
});

it('a frozen server is left, and used again when it thaws', async () => {
  const [frozen, other] = await Promise.all([server(), server()]);
  const [a, b] = await pair(frozen.url, other.url);
  await flows(a, b);
  await frozen.kill('SIGSTOP');
  for (let i = 0; i < 100; i++) a.transport.send('all', Buffer.from(`beside it ${i}`));
  await until(() => b.times('node-1', 'beside it 99') === 1);
  await frozen.kill('SIGCONT');
  const before = b.stats(0).delivered + b.stats(0).duplicate;
  await flows(a, b);
  await until(() => b.stats(0).delivered + b.stats(0).duplicate > before);
});

it('what is sent while no server takes it is bounded, the oldest dropped and counted', async () => {
  const redis = await server();
  await redis.kill('SIGKILL');
  const here = council([redis.url]);
  const a = await here.join('node-1');
  for (let i = 0; i < 25_000; i++) a.transport.send('all', Buffer.from(`${i}`));
  await until(() => (a.stats().dropped['queue-full'] ?? 0) + a.stats().queuedOut === 25_000);
  expect(a.stats().queuedOut).toBeLessThanOrEqual(20_000);
  const large = new Uint8Array(20_000_000);
  for (let i = 0; i < 6; i++) a.transport.send('all', large);
  await until(() => a.stats().dropped['queue-full'] === 25_003);
});

it('a full server refuses, is trimmed of what is ours, and takes again', async () => {
  const redis = await server({ settings: ['--maxmemory', '12mb', '--maxmemory-policy', 'noeviction'] });
  const [a, b] = await pair(redis.url);
  await until(() => {
    a.transport.send('all', new Uint8Array(200_000));
    return (a.stats().troubles['out-of-memory'] ?? 0) > 0;
  });
  expect(a.stats().dropped.refused).toBeGreaterThan(0);
  await flows(a, b);
});

it('a server that wants a password we lack, or is read-only, is counted and waited for', async () => {
  const redis = await server();
  const [a, b] = await pair(redis.url);
  const admin = clientOf(redis);
  await admin.replicaof('127.0.0.1', 1);
  await until(() => {
    a.transport.send('all', Buffer.from('x'));
    return (a.stats().troubles['read-only'] ?? 0) > 0;
  });
  await admin.replicaof('NO', 'ONE');
  await flows(a, b);
  await admin.config('SET', 'requirepass', 'secret');
  await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await until(() => (a.stats().troubles.access ?? 0) > 0);
  const commands = everyCommand(a);
  await until(() => (a.stats().troubles.access ?? 0) > 4);
  expect(everyCommand(a) - commands).toBeLessThan(100);
  await admin.config('SET', 'requirepass', '');
  await flows(a, b);
});

it('a clock that stepped back on an emptied server is noticed', async () => {
  const redis = await server();
  const here = council([redis.url]);
  const [a, b] = await here.joinAll();
  const stream = here.names.toAll('node-1');
  const admin = clientOf(redis);
  await admin.xadd(stream, `${Date.now() + 3_600_000}-0`, 'm', 'when the clock was ahead');
  await until(() => (b?.stats().dropped.garbled ?? 0) === 1);
  await redis.flush();
  a?.transport.send('all', Buffer.from('in the past'));
  await until(() => b?.times('node-1', 'in the past') === 1);
  expect(b?.stats().troubles).toEqual({ rewound: 1 });
});

it('another thing in the place of a stream is removed, over and over if need be, without haste', async () => {
  const redis = await server();
  const here = council([redis.url]);
  const [a, b] = await here.joinAll();
  const admin = clientOf(redis);
  for (let round = 0; round < 3; round++) {
    for (const stream of here.streams) await admin.set(stream, 'something else');
    await until(() => (b?.stats().troubles['wrong-type'] ?? 0) > round);
  }
  if (a !== undefined && b !== undefined) await flows(a, b);
  expect(b?.stats().commands).toBeLessThan(200);
});

it('a node that was down hears what was said meanwhile, from where it was', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-cursors-'));
  leave.push(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'cursors.json');
  const redis = await server();
  const here = council([redis.url]);
  const a = await here.join('node-1');
  const b = await here.join('node-2', {}, { cursors: await FileCursors.open(path) });
  a.transport.send('all', Buffer.from('before'));
  a.transport.send(asPeerId('node-2'), Buffer.from('before, to one'));
  await until(() => b.heard.length === 2);
  await b.transport.close();
  a.transport.send('all', Buffer.from('meanwhile'));
  a.transport.send(asPeerId('node-2'), Buffer.from('meanwhile, to one'));
  await until(() => a.stats().published === 4);
  const again = await here.join('node-2', {}, { cursors: await FileCursors.open(path) });
  await until(() => again.heard.length === 2);
  expect([...again.heard].sort()).toEqual(['node-1: meanwhile', 'node-1: meanwhile, to one']);
  // Without cursors it begins with what is new.
  await again.transport.close();
  const anew = await here.join('node-2');
  await flows(a, anew);
  expect(anew.heard.every((line) => line.includes('said'))).toBe(true);
});
