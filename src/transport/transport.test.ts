import { afterEach, describe, expect, it } from 'vitest';
import { textOf, utf8 } from '../signing/bytes.ts';
import { MAX_QUEUED_MESSAGES, MemoryHub } from './memory-hub.ts';
import { asPeerId, type Transport } from './transport.ts';

/** One network, and how to join it; every transport passes the suite below. */
interface Network {
  join(name: string): Transport;
}

const networks: Record<string, () => Network> = { memory: () => new MemoryHub() };

const open: Transport[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});

function listening(network: Network, name: string): { end: Transport; heard: string[] } {
  const end = network.join(name);
  open.push(end);
  const heard: string[] = [];
  end.onMessage((from, bytes) => heard.push(`${from}: ${textOf(bytes)}`));
  return { end, heard };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

describe.each(Object.entries(networks))('the %s transport', (_, makeNetwork) => {
  it('brings bytes to the one they are for', async () => {
    const network = makeNetwork();
    const a = listening(network, 'a');
    const b = listening(network, 'b');
    const c = listening(network, 'c');
    a.end.send(asPeerId('b'), utf8('hello'));
    await settle();
    expect([a.heard, b.heard, c.heard]).toEqual([[], ['a: hello'], []]);
  });

  it('brings what is for all to everybody but the sender', async () => {
    const network = makeNetwork();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => listening(network, name));
    b?.end.send('all', utf8('x'));
    await settle();
    expect([a?.heard, b?.heard, c?.heard]).toEqual([['b: x'], [], ['b: x']]);
  });

  it('never delivers before send returns', () => {
    const network = makeNetwork();
    const a = listening(network, 'a');
    const b = listening(network, 'b');
    a.end.send('all', utf8('x'));
    expect(b.heard).toEqual([]);
  });

  it('does not mind a peer that nobody knows', async () => {
    const a = listening(makeNetwork(), 'a');
    a.end.send(asPeerId('nobody'), utf8('x'));
    await settle();
    expect(a.heard).toEqual([]);
  });

  it('is silent after it was closed, both ways', async () => {
    const network = makeNetwork();
    const a = listening(network, 'a');
    const b = listening(network, 'b');
    a.end.send('all', utf8('on its way'));
    await b.end.close();
    b.end.send('all', utf8('too late'));
    await settle();
    expect([a.heard, b.heard]).toEqual([[], []]);
  });

  it('a node that restarts joins under its name', async () => {
    const network = makeNetwork();
    const a = listening(network, 'a');
    const before = listening(network, 'b');
    await before.end.close();
    const after = listening(network, 'b');
    a.end.send(asPeerId('b'), utf8('again'));
    await settle();
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
  await settle();
  expect([heard, b.dropped]).toEqual([MAX_QUEUED_MESSAGES, 5]);
});
