import { afterEach, describe, expect, it } from 'vitest';
import { textOf, utf8 } from '../signing/bytes.ts';
import { MAX_QUEUED_MESSAGES, MemoryHub } from './memory-hub.ts';
import { Switchboard } from './switchboard.ts';
import { asPeerId, type Transport } from './transport.ts';

/** One network, and how to join it; every transport passes the suite below. */
interface Network {
  join(name: string): Transport;
}

const networks: Record<string, () => Network> = {
  memory: () => new MemoryHub(),
  'one line of a': () => {
    const hub = new MemoryHub();
    return { join: (name) => wholeLine(hub.join(name)) };
  },
};

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
  await settle();
  expect(heard).toEqual(['desk how many?', 'council aye']);
  expect(b.dropped).toBe(3);
});
