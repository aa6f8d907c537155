import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../test/rigs/instant-council.ts';
import { type RedisServer, startRedis } from '../../test/rigs/redis-server.ts';
import { textOf, toHex, utf8 } from '../signing/bytes.ts';
import { fastestSha256 } from '../signing/sha256.ts';
import { MAX_QUEUED_MESSAGES, MemoryHub } from './memory-hub.ts';
import { RedisTransport } from './redis/redis-transport.ts';
import { Switchboard } from './switchboard.ts';
import { asPeerId, type Transport } from './transport.ts';

/** One network of three, and how to join it; every transport passes the suite below. */
interface Network {
  join(name: string): Promise<Transport>;
}

const NAMES = ['a', 'b', 'c'];
let servers: readonly RedisServer[] = [];
beforeAll(async () => {
  servers = await Promise.all([startRedis(), startRedis()]);
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

const networks: Record<string, () => Network> = {
  memory: () => {
    const hub = new MemoryHub();
    return { join: async (name) => hub.join(name) };
  },
  'one line of a': () => {
    const hub = new MemoryHub();
    return { join: async (name) => wholeLine(hub.join(name)) };
  },
  Redis: () => overRedis(servers.slice(0, 1)),
  'two-server Redis': () => overRedis(servers),
  'one line of a Redis': () => {
    const redis = overRedis(servers);
    return { join: async (name) => wholeLine(await redis.join(name)) };
  },
};

/** A council of its own on the servers all share. */
function overRedis(on: readonly RedisServer[]): Network {
  const councilId = toHex(randomBytes(32));
  const urls = on.map(({ url }) => url);
  return { join: (self) => RedisTransport.join({ councilId, self, peers: NAMES, servers: urls }) };
}

/** A line that hangs up the wire with it, as a transport of its own would. */
function wholeLine(wire: Transport): Transport {
  const line = new Switchboard(wire).line('council');
  return {
    self: line.self,
    send: (to, bytes) => line.send(to, bytes),
    onMessage: (handler) => line.onMessage(handler),
    close: async () => {
      await line.close();
      await wire.close();
    },
  };
}

const open: Transport[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});

interface Listener {
  readonly end: Transport;
  readonly heard: string[];
}

async function listening(network: Network, name: string): Promise<Listener> {
  const end = await network.join(name);
  open.push(end);
  const heard: string[] = [];
  end.onMessage((from, bytes) => heard.push(`${from}: ${textOf(bytes)}`));
  return { end, heard };
}

async function three(network: Network): Promise<readonly [Listener, Listener, Listener]> {
  return Promise.all([listening(network, 'a'), listening(network, 'b'), listening(network, 'c')]);
}

/** When all of them have heard this, they have heard all that was said to them before it by the same end. */
async function saidAtLast(by: Listener, ...to: readonly Listener[]): Promise<void> {
  by.end.send('all', utf8('at last'));
  for (const { end } of to) by.end.send(end.self, utf8('at last'));
  const last = `${by.end.self}: at last`;
  await until(() => to.every(({ heard }) => heard.filter((text) => text === last).length === 2));
  for (const { heard } of to) {
    for (let i = 0; i < 2; i++) heard.splice(heard.indexOf(last), 1);
  }
}

describe.each(Object.entries(networks))('the %s transport', (_, makeNetwork) => {
  it('brings bytes to the one they are for', async () => {
    const [a, b, c] = await three(makeNetwork());
    a.end.send(asPeerId('b'), utf8('hello'));
    await saidAtLast(a, b, c);
    expect([a.heard, b.heard, c.heard]).toEqual([[], ['a: hello'], []]);
  });

  it('brings what is for all to everybody but the sender', async () => {
    const [a, b, c] = await three(makeNetwork());
    b.end.send('all', utf8('x'));
    await saidAtLast(b, a, c);
    expect([a.heard, b.heard, c.heard]).toEqual([['b: x'], [], ['b: x']]);
  });

  it('brings every message as it was sent, once and in order, empty and large ones too', async () => {
    const [a, b, c] = await three(makeNetwork());
    const heard: Uint8Array[] = [];
    c.end.onMessage(() => undefined);
    b.end.onMessage((_from, bytes) => heard.push(bytes));
    const sent = [0, 1, 300, 70_000, 3_000_000, 2].map((length) => new Uint8Array(randomBytes(length)));
    for (const message of sent) a.end.send('all', message);
    for (const message of sent) a.end.send(asPeerId('c'), message);
    a.end.send('all', utf8('the end'));
    await until(() => heard.some((bytes) => bytes.length === 7));
    const shown = (bytes: Uint8Array) => `${bytes.length} ${fastestSha256.hex(bytes)}`;
    expect(heard.map(shown)).toEqual([...sent, utf8('the end')].map(shown));
  });

  it('brings the same words as often as they were said', async () => {
    const [a, b] = await three(makeNetwork());
    for (let i = 0; i < 3; i++) a.end.send('all', utf8('again'));
    await saidAtLast(a, b);
    a.end.send('all', utf8('again'));
    await saidAtLast(a, b);
    expect(b.heard).toEqual(['a: again', 'a: again', 'a: again', 'a: again']);
  });

  it('never delivers before send returns', async () => {
    const [a, b] = await three(makeNetwork());
    a.end.send('all', utf8('x'));
    expect(b.heard).toEqual([]);
  });

  it('does not mind a peer that nobody knows', async () => {
    const [a, b] = await three(makeNetwork());
    a.end.send(asPeerId('nobody'), utf8('x'));
    await saidAtLast(a, b);
    expect([a.heard, b.heard]).toEqual([[], []]);
  });

  it('is silent after it was closed, both ways', async () => {
    const [a, b, c] = await three(makeNetwork());
    a.end.send('all', utf8('on its way'));
    await b.end.close();
    b.end.send('all', utf8('too late'));
    b.end.send(asPeerId('a'), utf8('too late'));
    await saidAtLast(c, a);
    expect([a.heard, b.heard]).toEqual([[], []]);
  });

  it('a node that restarts joins under its name', async () => {
    const network = makeNetwork();
    const [a, before] = await three(network);
    await before.end.close();
    const after = await listening(network, 'b');
    a.end.send(asPeerId('b'), utf8('again'));
    await saidAtLast(a, after);
    expect([before.heard, after.heard]).toEqual([[], ['a: again']]);
  });
});

it('the hub drops and counts what is beyond a full queue', async () => {
  const hub = new MemoryHub();
  const a = hub.join('a');
  const b = hub.join('b');
  let heard = 0;
  b.onMessage(() => heard++);
  for (let i = 0; i < MAX_QUEUED_MESSAGES + 5; i++) a.send('all', utf8('x'));
  await until(() => heard === MAX_QUEUED_MESSAGES);
  expect(b.dropped).toBe(5);
});

it('lines over one wire hear nothing of each other, and what is on no known line is counted', async () => {
  const hub = new MemoryHub();
  const [wireA, wireB] = [hub.join('a'), hub.join('b')];
  const [a, b] = [new Switchboard(wireA), new Switchboard(wireB)];
  const heard: string[] = [];
  b.line('council').onMessage((_, bytes) => heard.push(`council ${textOf(bytes)}`));
  b.line('desk').onMessage((_, bytes) => heard.push(`desk ${textOf(bytes)}`));
  a.line('desk').send('all', utf8('how many?'));
  a.line('council').send('all', utf8('aye'));
  a.line('presence').send('all', utf8('nobody listens'));
  wireA.send('all', utf8(''));
  wireA.send('all', utf8('zero'));
  await until(() => b.dropped === 3);
  expect(heard).toEqual(['desk how many?', 'council aye']);
});
