// The instruments themselves: a simulator whose queue, dice, disk or network were wrong would find nothing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Height, View } from '../consensus/block.ts';
import type { DurableRecord } from '../consensus/effects.ts';
import type { Message } from '../consensus/messages.ts';
import type { Statement } from '../consensus/statements.ts';
import { noVotes } from '../consensus/voting-rules.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { CounterApplication } from './counter-application.ts';
import { Disk } from './disk.ts';
import { EventQueue } from './event-queue.ts';
import { calm, Network } from './network.ts';
import { Random } from './random.ts';
import { SignatureTable } from './signature-table.ts';
import { EPOCH, GENESIS } from './world.ts';

describe('the dice', () => {
  it('fall the same from the same seed and differently from others', () => {
    const draw = (seed: number, stream = 0): number[] => {
      const random = new Random(seed, stream);
      return Array.from({ length: 20 }, () => random.bits());
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw(7, 1)).not.toEqual(draw(7, 2));
    expect(draw(7)).not.toEqual(draw(7 + 2 ** 32));
  });

  it('stay within their bounds and reach them', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: -50, max: 50 }), fc.nat(20), (seed, low, span) => {
        const random = new Random(seed);
        const drawn = Array.from({ length: 400 }, () => random.between(low, low + span));
        expect(Math.min(...drawn)).toBe(low);
        expect(Math.max(...drawn)).toBe(low + span);
      }),
      { numRuns: 50 },
    );
  });

  it('shuffle and sample without losing or doubling anything', () => {
    fc.assert(
      fc.property(fc.integer(), fc.uniqueArray(fc.integer()), fc.nat(10), (seed, list, count) => {
        const random = new Random(seed);
        expect(random.shuffled(list).sort()).toEqual([...list].sort());
        const sample = random.sample(list, count);
        expect(new Set(sample).size).toBe(Math.min(count, list.length));
      }),
    );
  });
});

describe('the event queue', () => {
  it('gives back by time, and at one time in the order put in', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (times) => {
        const queue = new EventQueue<number>();
        for (const [at, time] of times.entries()) queue.put(time, at);
        const taken: { atMs: number; event: number }[] = [];
        for (let slot = queue.take(); slot !== undefined; slot = queue.take()) taken.push(slot);
        const expected = times.map((atMs, event) => ({ atMs, event }));
        expected.sort((a, b) => a.atMs - b.atMs || a.event - b.event);
        expect(taken.map(({ atMs, event }) => ({ atMs, event }))).toEqual(expected);
        expect(queue.size).toBe(0);
      }),
    );
  });
});

describe('the disk', () => {
  const record = (seat: number): DurableRecord => {
    const votes = noVotes(asSeatId(seat), EPOCH);
    return { kind: 'votes', key: `votes/${seat}`, votes };
  };

  it('keeps what was synced and loses what was not', () => {
    const disk = new Disk();
    disk.put(record(1));
    disk.sync();
    disk.put(record(2));
    disk.losePower();
    disk.sync();
    expect(disk.recovered().votes.map(({ seat }) => seat)).toEqual([1]);
  });

  it('replaces a record by a later one of its key and drops forgotten ones', () => {
    const disk = new Disk();
    disk.put(record(1));
    disk.put(record(1));
    disk.put(record(2));
    disk.forget('votes/2');
    disk.sync();
    expect(disk.recovered().votes).toHaveLength(1);
    disk.forget('votes/1');
    disk.losePower();
    expect(disk.recovered().votes).toHaveLength(1);
  });
});

describe('the network', () => {
  const message: Message = { kind: 'blocks-wanted', block: GENESIS, aboveHeight: 0 as Height };
  const network = (change: Partial<ReturnType<typeof calm>>): Network => {
    const made = new Network(new Random(1));
    made.weather = { ...calm(), ...change };
    return made;
  };

  it('delivers within its delays, slower from a slow node', () => {
    const made = network({ delayMs: [3, 5], slowMs: new Map([[1, 100]]) });
    for (let i = 0; i < 100; i++) {
      const [fast] = made.deliveries(0, 1, message);
      const [slow] = made.deliveries(1, 0, message);
      expect(fast).toBeGreaterThanOrEqual(3);
      expect(fast).toBeLessThanOrEqual(5);
      expect(slow).toBeGreaterThanOrEqual(103);
    }
  });

  it('loses, repeats, parts and filters', () => {
    expect(network({ loss: 1 }).deliveries(0, 1, message)).toEqual([]);
    expect(network({ duplication: 1 }).deliveries(0, 1, message)).toHaveLength(2);
    const parted = network({ groups: [new Set([0, 1]), new Set([1, 2])] });
    expect(parted.deliveries(0, 1, message)).toHaveLength(1);
    expect(parted.deliveries(0, 2, message)).toEqual([]);
    const filtered = network({});
    filtered.filter = (from) => from !== 0;
    expect(filtered.deliveries(0, 1, message)).toEqual([]);
    expect(filtered.deliveries(1, 0, message)).toHaveLength(1);
  });

  it('yields to an adversary in a storm only', () => {
    const wall = new Map([
      [0, 0],
      [1, 1],
    ]);
    for (const yielding of [true, false]) {
      const made = network({ yielding });
      made.wall = wall;
      expect(made.deliveries(0, 1, message)).toHaveLength(yielding ? 0 : 1);
      expect(made.deliveries(0, 2, message)).toHaveLength(1);
    }
  });
});

describe('a stand-in signature', () => {
  const table = new SignatureTable();
  const statement: Statement = { kind: 'timeout', epoch: EPOCH, view: 3 as View, prepareView: 1 as View };
  const signature = table.signerOf(asSeatId(1)).sign(statement);

  it('holds for its seat and statement and for no other', () => {
    expect(table.verify(asSeatId(1), statement, signature)).toBe(true);
    expect(table.verify(asSeatId(2), statement, signature)).toBe(false);
    expect(table.verify(asSeatId(1), { ...statement, prepareView: 2 as View }, signature)).toBe(false);
    const vote = {
      kind: 'vote-1',
      epoch: EPOCH,
      view: 3 as View,
      height: 1 as Height,
      block: GENESIS,
    } as const;
    const voted = table.signerOf(asSeatId(1)).sign(vote);
    expect(table.verify(asSeatId(1), { ...vote, kind: 'vote-2' }, voted)).toBe(false);
    expect(table.verify(asSeatId(1), { ...vote, height: 2 as Height }, voted)).toBe(false);
  });

  it('of another council does not hold here, and is the same when signed again', () => {
    const foreign = table.foreignSignerOf(asSeatId(1)).sign(statement);
    expect(table.verify(asSeatId(1), statement, foreign)).toBe(false);
    expect(table.signerOf(asSeatId(1)).sign({ ...statement })).toBe(signature);
  });
});

describe('the counter application', () => {
  const context = { epoch: EPOCH, view: 1 as View, height: 1 as Height, proposer: asSeatId(1), timeMs: 10 };

  it('executes each entry once, in order of what it depends on, and forged ones never', () => {
    const counter = new CounterApplication();
    const start = counter.genesis();
    const [one, two, forged] = ['1', '2<1', '!3'].map((text) => counter.entry(text));
    if (one === undefined || two === undefined || forged === undefined) throw new Error('three entries');
    expect(counter.admits(start, two)).toBe('later');
    expect(counter.admits(start, forged)).toBe('never');
    expect(counter.execute(start, context, [two])).toBeUndefined();
    expect(counter.execute(start, context, [one, one])).toBeUndefined();
    const done = counter.execute(start, context, [one, two]);
    expect(done?.ledgerSize).toBe(2);
    expect(counter.admits(done?.state ?? start, one)).toBe('never');
    expect(counter.admits(start, one)).toBe('now');
  });

  it('of two entries with one key takes the first, and acts when a deadline is due', () => {
    const counter = new CounterApplication();
    const first = counter.execute(counter.genesis(), context, [counter.entry('1|k@50')]);
    if (first === undefined) throw new Error('it executes');
    expect(counter.admits(first.state, counter.entry('2|k'))).toBe('never');
    expect(counter.dueAtMs(first.state)).toBe(60);
    const later = counter.execute(first.state, { ...context, timeMs: 60 }, []);
    expect(later?.ledgerSize).toBe(2);
    expect(later && counter.dueAtMs(later.state)).toBeUndefined();
  });
});
