// The untimed adversary against the product as it is.
import { describe, expect, it } from 'vitest';
import { simulate } from './simulate.ts';
import { runUntimed } from './untimed.ts';

describe('an adversary that leads every view and chooses every order', () => {
  it.for([
    [4, 400],
    [6, 60],
    [7, 100],
    [10, 30],
  ] as const)('finds nothing at n = %i in %i walks', ([seats, seeds]) => {
    const { violations, views } = simulate({ kind: 'untimed', seats, seeds });
    expect(violations.map(({ seed, kind, text }) => ({ seed, kind, text }))).toEqual([]);
    expect(views).toBeGreaterThan(seeds);
  });

  it('breaks the council as soon as it owns a seat more than is tolerated', () => {
    const found = simulate({ kind: 'untimed', seats: 4, byzantine: 2, seeds: 200, untilFirst: true });
    expect(found.violations.map(({ kind }) => kind)).toEqual(['agreement']);
    expect(found.violations[0]?.trace.join('\n')).toContain('VIOLATION agreement');
  });

  it('brings about votes, changes of view and restarts', () => {
    const worlds = Array.from({ length: 60 }, (_, seed) => runUntimed({ seed, seats: 4, tracing: true }));
    const told = worlds.flatMap((world) => world.trace?.lines() ?? []).join('\n');
    for (const sight of ['votes 1', 'votes 2', 'gives up view', 'loses its power'])
      expect(told).toContain(sight);
  });
});
