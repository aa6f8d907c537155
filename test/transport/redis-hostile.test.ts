// Whoever owns a Redis server can delay and drop, never forge in a way that counts; and with one honest server beside
// it, not even that (protocol 8.1, 3.10). "Done means" 1 and 6 of the network: real servers, nothing mocked.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { asPeerId } from '../../src/transport/transport.ts';
import { FORGED, HostileHand, pretender } from '../rigs/hostile-redis.ts';
import { until } from '../rigs/instant-council.ts';
import { RedisCouncil } from '../rigs/redis-council.ts';
import { type RedisServer, startRedis } from '../rigs/redis-server.ts';

const NODES = ['node-1', 'node-2', 'node-3'];
let servers: RedisServer[] = [];
const leave: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  servers = await Promise.all([startRedis(), startRedis()]);
});
afterEach(async () => {
  for (const go of leave.splice(0).reverse()) await go();
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

function council(...urls: readonly (string | undefined)[]): RedisCouncil {
  const made = new RedisCouncil(
    NODES,
    urls.filter((url) => url !== undefined),
  );
  leave.push(() => made.close());
  return made;
}

it.each([1, 2])(
  'edits, replays, deletions, floods and forgeries on one server: all is heard once a send by the other (seed %i)',
  async (seed) => {
    const [hostile, honest] = servers;
    const here = council(hostile?.url, honest?.url);
    const ends = await here.joinAll();
    const hand = new HostileHand(hostile?.url ?? '', here.streams, NODES, seed);
    hand.begin();
    leave.push(() => hand.end());
    const wanted = new Map<string, number>();
    for (let round = 0; round < 41; round++) {
      for (const { transport } of ends) {
        // Every third is said twice: deliberately, so it is to be heard twice.
        for (let again = 0; again < (round % 3 === 0 ? 2 : 1); again++) {
          transport.send('all', Buffer.from(`true ${round}`));
          transport.send(asPeerId('node-1'), Buffer.from(`true to one ${round}`));
        }
      }
      wanted.set(`true ${round}`, round % 3 === 0 ? 2 : 1);
      const deeds = hand.deeds;
      await until(() => hand.deeds > deeds + 4);
    }
    for (const { transport } of ends) transport.send('all', Buffer.from('true end'));
    for (const { transport, times } of ends) {
      const others = NODES.filter((name) => name !== transport.self);
      await until(() => others.every((name) => times(name, 'true end') === 1));
      for (const name of others) {
        for (const [text, count] of wanted)
          expect([name, text, times(name, text)]).toEqual([name, text, count]);
      }
    }
    // A message to one and one to all go by different streams, so the last of each is waited for by itself.
    const [first] = ends;
    await until(() => ['node-2', 'node-3'].every((name) => first?.times(name, 'true to one 40') === 1));
    for (const name of ['node-2', 'node-3']) expect(first?.times(name, 'true to one 3')).toBe(2);
    for (const end of ends) {
      // What he made up did come, as the untrusted bytes it is, under names that may be heard; the rest was counted.
      await until(() => {
        const { dropped, troubles } = end.stats(0);
        const counted = [dropped.garbled, dropped.stranger, troubles['wrong-type'] ?? troubles.exhausted];
        return (
          end.heard.some((line) => line.includes(FORGED)) && counted.every((count) => count !== undefined)
        );
      });
      expect(end.heard.filter((line) => line.startsWith('nobody'))).toEqual([]);
      expect(end.stats(1)).toMatchObject({ dropped: {}, troubles: {} });
    }
  },
);

it('after the hostile hand has gone, its server carries messages again by itself', async () => {
  const [server] = servers;
  const here = council(server?.url);
  const [a, b] = await here.joinAll();
  const hand = new HostileHand(server?.url ?? '', here.streams, NODES, 3);
  hand.begin();
  await until(() => hand.deeds > 300);
  // Its last deeds are its worst: ids used up in one stream, another thing in the place of the other.
  for (const stream of here.streams) {
    await hand.redis.del(stream);
    await hand.redis.xadd(stream, '18446744073709551615-18446744073709551615', 'm', 'x');
  }
  await hand.redis.set(here.names.toOne('node-2'), 'x');
  await hand.end();
  let sent = 0;
  await until(() => {
    a?.transport.send('all', Buffer.from(`to all ${++sent}`));
    a?.transport.send(asPeerId('node-2'), Buffer.from(`to one ${sent}`));
    const heard = b?.heard ?? [];
    return heard.some((line) => line.includes('to all')) && heard.some((line) => line.includes('to one'));
  });
  expect(a?.stats().troubles.exhausted).toBeGreaterThan(0);
  expect(b?.stats().troubles.rewound).toBeGreaterThan(0);
});

it('a flood on one server costs that server, and not the messages of the other', async () => {
  const [hostile, honest] = servers;
  const here = council(hostile?.url, honest?.url);
  const [a, b] = await here.joinAll({ limits: { messagesASecond: 200, bytesASecond: 1024 * 1024 } });
  const hand = new HostileHand(hostile?.url ?? '', here.streams, NODES, 4);
  leave.push(() => hand.end());
  const flood = Buffer.alloc(1_000, 'f');
  const forged = Array.from({ length: 100 }, () => flood);
  for (let megabytes = 0; megabytes < 15; megabytes++) {
    for (let i = 0; i < 10; i++) await hand.forge(here.names.toAll('node-1'), 'node-1', ...forged);
    a?.transport.send('all', Buffer.from(`true ${megabytes}`));
  }
  await until(() =>
    Array.from({ length: 15 }, (_, n) => b?.times('node-1', `true ${n}`)).every((n) => n === 1),
  );
  await until(() => (b?.stats(0).dropped['too-many'] ?? 0) > 10_000);
  expect(b?.stats(1).dropped).toEqual({});
  expect(b?.times('node-1', flood.toString())).toBeLessThan(5_000);
});

it('an entry too large is dropped and counted, and what comes after it is heard', async () => {
  const [server] = servers;
  const here = council(server?.url);
  const [a, b] = await here.joinAll({ limits: { maxMessageBytes: 3_000_000 } });
  const hand = new HostileHand(server?.url ?? '', here.streams, NODES, 5);
  leave.push(() => hand.end());
  await hand.forge(here.names.toAll('node-1'), 'node-1', Buffer.alloc(3_100_000));
  await hand.forge(here.names.toAll('node-1'), 'node-1', Buffer.alloc(20));
  await hand.redis.xadd(here.names.toAll('node-1'), '*', 'm', Buffer.alloc(4_000_000));
  a?.transport.send('all', Buffer.alloc(3_000_001));
  a?.transport.send('all', Buffer.from('true'));
  await until(() => b?.times('node-1', 'true') === 1);
  expect(b?.heard.length).toBe(2);
  expect([b?.stats().dropped, a?.stats().dropped]).toEqual([{ oversized: 2 }, { oversized: 1 }]);
});

it('nobody can speak in another one’s stream, as a stranger, or as a client where nodes speak', async () => {
  const [server] = servers;
  const here = council(server?.url);
  const [a, b] = await here.joinAll();
  const hand = new HostileHand(server?.url ?? '', here.streams, NODES, 6);
  leave.push(() => hand.end());
  const { names } = here;
  const forged = Buffer.from(FORGED);
  await hand.forge(names.toAll('node-1'), 'node-3', forged);
  await hand.forge(names.toOne('node-2'), 'somebody', forged);
  await hand.forge(names.toOne('node-2'), 'client-00000000', forged);
  await hand.forge(names.asked('node-2'), 'node-1', forged);
  a?.transport.send(asPeerId('node-2'), Buffer.from('true'));
  a?.transport.send('all', Buffer.from('true'));
  await until(() => b?.times('node-1', 'true') === 2 && (b.stats().dropped.stranger ?? 0) >= 4);
  expect(b?.heard).toEqual(['node-1: true', 'node-1: true']);
});

it.each([
  [
    'that speaks no Redis',
    (socket: { write(text: string): unknown }) => socket.write('HTTP/1.1 200 OK\r\n\r\n'),
  ],
  ['that never says a word', () => undefined],
  ['that hangs up', (socket: { destroy(): unknown }) => socket.destroy()],
  ['that answers everything with OK', (socket: { write(text: string): unknown }) => socket.write('+OK\r\n')],
  [
    'that answers with endless nonsense',
    (socket: { write(text: string): unknown }) => socket.write('*2\r\n*1\r\n:5\r\n$-1\r\n*0\r\n'),
  ],
])('a server %s does no harm beside an honest one', async (_, answer) => {
  const fake = await pretender(answer);
  leave.push(() => fake.stop());
  const here = council(fake.url, servers[1]?.url);
  const [a, b] = await here.joinAll();
  for (let i = 0; i < 20; i++) a?.transport.send('all', Buffer.from(`true ${i}`));
  await until(() => b?.times('node-1', 'true 19') === 1);
  expect(b?.heard.length).toBe(20);
  expect(b?.stats(1)).toMatchObject({ delivered: 20, troubles: {} });
  expect(fake.connections()).toBeLessThan(200);
});
