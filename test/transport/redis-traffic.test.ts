// What a council says over Redis when all is well: clients and nodes, few commands for much talk, and no more than a
// node can take.
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { asPeerId } from '../../src/transport/transport.ts';
import { until } from '../rigs/instant-council.ts';
import { RedisCouncil } from '../rigs/redis-council.ts';
import { type RedisServer, startRedis } from '../rigs/redis-server.ts';

const NODES = ['node-1', 'node-2', 'node-3', 'node-4'];
const CLIENT = 'client-0123456789abcdef';
let redis: RedisServer | undefined;
let admin: Redis;
const councils: RedisCouncil[] = [];
beforeAll(async () => {
  redis = await startRedis();
  admin = new Redis(redis.url);
});
afterEach(async () => {
  for (const council of councils.splice(0)) await council.close();
});
afterAll(async () => {
  admin.disconnect();
  await redis?.stop();
});

function council(nodes: readonly string[] = NODES): RedisCouncil {
  const made = new RedisCouncil(nodes, [redis?.url ?? '']);
  councils.push(made);
  return made;
}

it('a client is heard by every node, hears what is said to it alone, and leaves nothing behind for long', async () => {
  const here = council();
  const ends = await here.joinAll();
  const client = await here.join(CLIENT);
  client.transport.send('all', Buffer.from('how many?'));
  client.transport.send(asPeerId('node-2'), Buffer.from('and you?'));
  await until(() => ends.every((end) => end.times(CLIENT, 'how many?') === 1));
  await until(() => ends[1]?.times(CLIENT, 'and you?') === 1);
  ends[0]?.transport.send('all', Buffer.from('among nodes'));
  ends[0]?.transport.send(asPeerId(CLIENT), Buffer.from('four'));
  await until(() => client.heard.length > 0 && ends[3]?.times('node-1', 'among nodes') === 1);
  expect(client.heard).toEqual(['node-1: four']);
  const seconds = await admin.ttl(here.names.toOne(CLIENT));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(600);
});

it('a node that joins the council is heard from then on, and one that left is heard no more', async () => {
  const here = council(NODES.slice(0, 2));
  const [a, b] = await here.joinAll();
  const after = NODES.slice(1, 3);
  const newcomer = await here.join('node-3', { peers: after });
  newcomer.transport.send('all', Buffer.from('too early'));
  newcomer.transport.send(asPeerId('node-2'), Buffer.from('too early'));
  await until(() => b?.stats().dropped.stranger === 1);
  b?.transport.follow(after);
  // What it said since we joined is still there, and now from somebody who counts.
  await until(() => b?.times('node-3', 'too early') === 1);
  a?.transport.send('all', Buffer.from('gone'));
  a?.transport.send(asPeerId('node-2'), Buffer.from('gone'));
  newcomer.transport.send('all', Buffer.from('here'));
  await until(() => b?.times('node-3', 'here') === 1 && b.stats().dropped.stranger === 2);
  expect(b?.heard).toEqual(['node-3: too early', 'node-3: here']);
});

it('by access rules of Redis a client can be held to asking, and works all the same', async () => {
  const words = ['on', '>secret', '%RW~conclave:*:ask:*', '%R~conclave:*:to:client-*'];
  await admin.call('ACL', 'SETUSER', 'asker', ...words, '+xadd', '+xread', '+xtrim', '+time', '+info');
  const here = council();
  const ends = await here.joinAll();
  const url = `redis://asker:secret@127.0.0.1:${redis?.port}`;
  const client = await here.join(CLIENT, { servers: [url] });
  client.transport.send('all', Buffer.from('how many?'));
  await until(() => ends.every((end) => end.times(CLIENT, 'how many?') === 1));
  ends[0]?.transport.send(asPeerId(CLIENT), Buffer.from('four'));
  await until(() => client.times('node-1', 'four') === 1);
  expect(client.stats().troubles).toEqual({});
  const asker = new Redis(url);
  await expect(asker.xadd(here.names.toAll('node-1'), '*', 'm', 'x')).rejects.toThrow(/NOPERM/);
  asker.disconnect();
});

it('clients that shout crowd out clients, and no node', async () => {
  const here = council();
  const limits = { messagesASecond: 50 };
  const [a, b] = await Promise.all([here.join('node-1', { limits }), here.join('node-2', { limits })]);
  const crowd = await Promise.all(['01', '02', '03'].map((n) => here.join(`client-${n.repeat(4)}`)));
  for (const { transport } of crowd) {
    for (let i = 0; i < 500; i++) transport.send(asPeerId('node-1'), Buffer.from(`shout ${i}`));
  }
  for (let i = 0; i < 50; i++) b.transport.send(asPeerId('node-1'), Buffer.from(`said ${i}`));
  await until(() => b.stats().published === 50 && a.times('node-2', 'said 49') === 1);
  await until(() => (a.stats().dropped['too-many'] ?? 0) >= 1_000);
  expect(a.heard.filter((line) => line.startsWith('node-2')).length).toBe(50);
});

it('all that is said in one turn to the same ends is one command, however much it is', async () => {
  const here = council();
  const [a, ...others] = await here.joinAll();
  const before = a?.stats().commands ?? 0;
  for (let i = 0; i < 500; i++) a?.transport.send('all', Buffer.from(`said ${i}`));
  await until(() => others.every((end) => end.times('node-1', 'said 499') === 1));
  expect(await admin.xlen(here.names.toAll('node-1'))).toBe(1);
  // One to write; the rest is its own reading and looking at the clock, a few a second.
  expect((a?.stats().commands ?? 0) - before).toBeLessThan(50);
  for (const end of others)
    expect(end.heard).toEqual(Array.from({ length: 500 }, (_, i) => `node-1: said ${i}`));
});

it('a stream keeps a bounded number of bytes, and the latest whatever its size', async () => {
  const here = council(NODES.slice(0, 2));
  const [a, b] = await here.joinAll();
  let heard = 0;
  b?.transport.onMessage(() => heard++);
  const message = new Uint8Array(6_000_000);
  for (let i = 1; i <= 9; i++) {
    a?.transport.send('all', message);
    await until(() => heard === i);
  }
  const stream = here.names.toAll('node-1');
  a?.transport.send('all', Buffer.from('the last'));
  await until(() => heard === 10);
  expect(await admin.memory('USAGE', stream)).toBeLessThan(40_000_000);
  expect(await admin.xlen(stream)).toBeGreaterThan(3);
});

it('a node that cannot keep up is not buried: it holds, what is beyond stays on the server, and nothing is lost', async () => {
  const here = council(NODES.slice(0, 2));
  const a = await here.join('node-1');
  let letGo = (): void => undefined;
  let held: Promise<void> | undefined = new Promise((resolve) => {
    letGo = resolve;
  });
  const b = await here.join('node-2', {}, { ready: () => held });
  let heard = 0;
  b.transport.onMessage(() => heard++);
  const message = new Uint8Array(1_000_000);
  for (let i = 0; i < 24; i++) {
    a.transport.send('all', message);
    await until(() => a.stats().published === i + 1);
  }
  await until(() => b.stats().queuedIn > 0);
  expect(heard).toBe(0);
  held = undefined;
  letGo();
  await until(() => heard === 24);
});

it('closing sends what was said before it, and takes no more', async () => {
  const here = council();
  const [a, b] = await here.joinAll();
  a?.transport.send('all', Buffer.from('last words'));
  const closing = a?.transport.close();
  a?.transport.send('all', Buffer.from('too late'));
  await closing;
  await until(() => b?.times('node-1', 'last words') === 1);
  expect(b?.heard).toEqual(['node-1: last words']);
});
