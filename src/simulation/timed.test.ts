// Timed schedules of the product as it is. What fails here prints its seed; the seed then becomes a test of its own.
import { describe, expect, it } from 'vitest';
import { CONSENSUS_BEHAVIOURS } from './liars/behaviours.ts';
import { simulate } from './simulate.ts';
import { runTimed } from './timed.ts';

function expectNothing(report: ReturnType<typeof simulate>): void {
  const told = report.violations.map(({ seed, kind, text, trace }) => ({
    seed,
    kind,
    text,
    trace: trace.slice(-30).join('\n'),
  }));
  expect(told).toEqual([]);
  expect(report.blocks).toBeGreaterThan(report.schedules);
}

describe('timed schedules with as many liars as are tolerated violate nothing', () => {
  it.for([...CONSENSUS_BEHAVIOURS, 'twins'] as const)('n = 4, %s', (behaviour) => {
    expectNothing(simulate({ kind: 'timed', seats: 4, seeds: 12, firstSeed: 1_000, behaviour }));
  });

  it.for([
    [1, 20],
    [2, 20],
    [3, 10],
    [5, 10],
    [6, 10],
    [7, 10],
    [10, 6],
    [33, 2],
  ] as const)('n = %i, any liar, %i schedules', ([seats, seeds]) => {
    expectNothing(simulate({ kind: 'timed', seats, seeds }));
  });

  it('n = 10 with three seats on a node', () => {
    for (let seed = 0; seed < 10; seed++) {
      expect(runTimed({ seed, seats: 10, seatsPerNode: 3 }).violations).toEqual([]);
    }
  });
});

describe('timed schedules in which the roster changes violate nothing', () => {
  it.for([
    ['any', 4, 12],
    ['twins', 4, 6],
    ['equivocate', 4, 6],
    ['any', 7, 4],
    ['any', 10, 2],
    ['any', 33, 1],
  ] as const)('%s, n = %i, %i schedules', ([behaviour, seats, seeds]) => {
    expectNothing(simulate({ kind: 'timed', seats, seeds, behaviour, epochs: true }));
  });

  it('and end epochs by the block itself and by what was built on it', () => {
    const ends = Array.from({ length: 12 }, (_, seed) => runTimed({ seed, seats: 4, epochs: true }))
      .flatMap(({ honest }) => honest.flatMap(({ disk }) => disk.committed))
      .filter(
        (block, i, all) =>
          all[i + 1] !== undefined && block.block.header.epoch !== all[i + 1]?.block.header.epoch,
      );
    expect(ends.some(({ suffix }) => suffix.length > 0)).toBe(true);
    expect(ends.some(({ suffix }) => suffix.length === 0)).toBe(true);
  });

  // found while it was built: a vote left in the very step that ended its epoch, for a body that was forgotten with it
  it.for([430, 465])('seed %i', (seed) => {
    expect(runTimed({ seed, seats: 4, epochs: true }).violations).toEqual([]);
  });
});

describe('a seed', () => {
  it('plays the same schedule every time, to the last word', () => {
    const play = (seed: number): string =>
      (runTimed({ seed, seats: 4, tracing: true }).trace?.lines() ?? []).join('\n');
    expect(play(11)).toBe(play(11));
    expect(play(11)).not.toBe(play(12));
  });

  it('plays the same with a trace and without', () => {
    const [plain, traced] = [false, true].map((tracing) => runTimed({ seed: 13, seats: 4, tracing }));
    expect(traced?.eventsSeen).toBe(plain?.eventsSeen);
    expect(traced?.nowMs).toBe(plain?.nowMs);
  });
});

describe('one liar too many', () => {
  it('is more than the council bears, and the simulator sees it', () => {
    const { violations, tolerated } = simulate({
      kind: 'timed',
      seats: 33,
      byzantine: 11,
      behaviour: 'collude',
      seeds: 20,
      untilFirst: true,
    });
    expect(tolerated).toBe(false);
    expect(violations.map(({ kind }) => kind)).toEqual(['agreement']);
  });
});
