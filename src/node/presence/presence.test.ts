import { describe, expect, it } from 'vitest';
import { FIRST_EPOCH, type Roster } from '../../council/roster.ts';
import { textOf, utf8 } from '../../signing/bytes.ts';
import { digestOf } from '../../signing/digest.ts';
import { seatHolder } from '../../signing/key-holder.ts';
import { asSeatId, type SeatId } from '../../signing/seat-id.ts';
import { MemoryHub } from '../../transport/memory-hub.ts';
import { keyMaker, rosterSeat } from '../council-directory.ts';
import { fastestBls } from '../signing/notary.ts';
import { newInstance, Presence } from './presence.ts';
import { findRunning } from './running-check.ts';

const make = keyMaker(await fastestBls());
const councilId = digestOf('a council');
const seats = Array.from({ length: 6 }, (_, i) => {
  const seat = asSeatId(i + 1);
  return { seat, node: i < 3 ? 'a' : 'b', keys: make(seatHolder(seat)) };
});
const chair = { developer: 'd', family: 'f', host: 'h', model: digestOf('m') };
const roster: Roster = {
  epoch: FIRST_EPOCH,
  trial: false,
  seats: seats.map(({ seat, node, keys }) => rosterSeat({ seat, name: `${seat}`, ...chair }, keys, node)),
};
const secretsOf = (node: string): ReadonlyMap<SeatId, Uint8Array> =>
  new Map(seats.filter((at) => at.node === node).map(({ seat, keys }) => [seat, keys.ed25519.secret]));

const settle = () => new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));

/** Two nodes of three seats each on one hub, and everything that was said. */
class Rig {
  readonly hub = new MemoryHub();
  readonly said: Uint8Array[] = [];
  nowMs = 1_000;
  readonly listener = this.hub.join('listener');

  constructor() {
    this.listener.onMessage((_, bytes) => this.said.push(bytes));
  }

  join(node: string, { name = node, secrets = secretsOf(node) } = {}): Presence {
    const line = this.hub.join(name);
    const options = { councilId, node, heartbeatMs: 3_600_000, instance: newInstance(), where: `at ${name}` };
    return new Presence(options, {
      line,
      secrets: () => secrets,
      founding: secrets,
      epoch: () => FIRST_EPOCH,
      height: () => 7,
      rosterOf: (epoch) => (epoch === FIRST_EPOCH ? roster : undefined),
      nowMs: () => this.nowMs,
    });
  }

  /** One heartbeat of a node, now. */
  async beat(presence: Presence): Promise<void> {
    presence.close();
    presence.start();
    await settle();
    presence.close();
  }

  async replay(...messages: Uint8Array[]): Promise<void> {
    for (const bytes of messages) this.listener.send('all', bytes);
    await settle();
  }
}

const [one, four] = [asSeatId(1), asSeatId(4)];

describe('signs of life', () => {
  it('a seat is heard once it repeats what was said to it, from the time it was said', async () => {
    const rig = new Rig();
    const [a, b] = [rig.join('a'), rig.join('b')];
    await rig.beat(a);
    rig.nowMs += 50;
    await rig.beat(b);
    expect(b.lastHeardMs(one)).toBeUndefined();
    expect(seats.slice(3).map(({ seat }) => a.lastHeardMs(seat))).toEqual([1_000, 1_000, 1_000]);
    rig.nowMs += 50;
    await rig.beat(a);
    expect(b.lastHeardMs(one)).toBe(1_050);
    expect(a.heightClaimed(2)).toBe(7);
    expect(a.heightClaimed(3)).toBe(0);
  });

  it('whatever is said again proves nothing: not to those who heard it, not to one who starts anew', async () => {
    const rig = new Rig();
    const [a, b] = [rig.join('a'), rig.join('b')];
    for (const each of [a, b, a, b]) await rig.beat(each);
    const heardMs = a.lastHeardMs(four);
    rig.nowMs += 60_000;
    const before = a.ignored.repeated;
    await rig.replay(...rig.said);
    expect(a.lastHeardMs(four)).toBe(heardMs);
    expect(a.ignored.repeated).toBeGreaterThan(before);

    const later = rig.join('a', { name: 'a-again' });
    await rig.beat(later);
    await rig.replay(...rig.said);
    expect(later.lastHeardMs(four)).toBeUndefined();
  });

  it('nobody speaks for a seat without its key, nor from another node', async () => {
    const rig = new Rig();
    const a = rig.join('a');
    const stolen = [...secretsOf('a').values()];
    const foreign = new Map([...secretsOf('b').keys()].map((seat, i) => [seat, stolen[i] ?? expect.fail()]));
    const liar = rig.join('b', { name: 'liar', secrets: foreign });
    const elsewhere = rig.join('a', { name: 'elsewhere', secrets: secretsOf('b') });
    await rig.beat(a);
    for (const each of [liar, elsewhere]) await rig.beat(each);
    expect(a.ignored.forged).toBe(2);
    expect(a.lastHeardMs(four)).toBeUndefined();
  });

  it('a heartbeat that was changed anywhere is ignored and counted, and nothing throws', async () => {
    const rig = new Rig();
    const [a, b] = [rig.join('a'), rig.join('b')];
    await rig.beat(a);
    await rig.beat(b);
    const fresh = rig.join('a', { name: 'fresh' });
    const text = textOf(rig.said.at(-1) ?? expect.fail());
    const changes: readonly [string, string][] = [
      ['\\"height\\":7', '\\"height\\":9'],
      ['\\"count\\":1', '\\"count\\":9'],
      ['\\"node\\":\\"b\\"', '\\"node\\":\\"c\\"'],
      ['\\"epoch\\":1', '\\"epoch\\":2'],
      ['"kind":"alive"', '"kind":"alife"'],
      ['"by":[', '"by":[],"more":['],
    ];
    const wrong = changes.map(([from, to]) => text.replace(from, to));
    expect(wrong.every((each) => each !== text)).toBe(true);
    await rig.replay(...[...wrong, '{}', 'null', '[', '', 'x'.repeat(100_000)].map(utf8));
    expect(fresh.heightClaimed(0)).toBe(0);
    const { malformed, forged } = fresh.ignored;
    expect([malformed, forged, fresh.ignored['unknown-epoch']]).toEqual([7, 3, 1]);
  });
});

describe('before a node starts', () => {
  const check = { councilId, node: 'a', instance: newInstance(), secrets: secretsOf('a'), withinMs: 150 };

  it('one that runs with its keys is found', async () => {
    const rig = new Rig();
    rig.join('a');
    const found = await findRunning({ ...check, withinMs: 5_000 }, rig.hub.join('client-1'));
    expect(found).toEqual({ where: 'at a', seat: 1 });
  });

  it('nobody is found where nobody runs, where another node answers, and where it hears itself', async () => {
    const rig = new Rig();
    expect(await findRunning(check, rig.hub.join('client-1'))).toBeUndefined();
    rig.join('a', { secrets: secretsOf('b') });
    expect(await findRunning(check, rig.hub.join('client-2'))).toBeUndefined();
    const own = new Rig();
    const line = own.hub.join('a');
    const options = { councilId, node: 'a', heartbeatMs: 1_000, instance: check.instance, where: 'here' };
    const { epoch, height, rosterOf, nowMs } = {
      epoch: () => FIRST_EPOCH,
      height: () => 0,
      rosterOf: () => roster,
      nowMs: () => 0,
    };
    const founding = secretsOf('a');
    new Presence(options, { line, secrets: () => founding, founding, epoch, height, rosterOf, nowMs });
    expect(await findRunning(check, own.hub.join('client-3'))).toBeUndefined();
  });

  it('an answer to another question keeps nobody from starting', async () => {
    const rig = new Rig();
    rig.join('a');
    const heard: Uint8Array[] = [];
    const first = rig.hub.join('client-1');
    await findRunning(
      { ...check, withinMs: 5_000 },
      {
        self: first.self,
        send: (to, bytes) => first.send(to, bytes),
        onMessage: (handler) =>
          first.onMessage((from, bytes) => {
            heard.push(bytes);
            handler(from, bytes);
          }),
        close: () => first.close(),
      },
    );
    expect(heard).toHaveLength(1);

    const hub = new MemoryHub();
    const parrot = hub.join('a');
    parrot.onMessage((from) => {
      for (const bytes of heard) parrot.send(from, bytes);
      parrot.send(from, utf8('{"kind":"running"}'));
    });
    expect(await findRunning(check, hub.join('client-2'))).toBeUndefined();
  });
});
