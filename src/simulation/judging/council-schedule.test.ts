// The real council in a storm, with liars in the ordering and at the ballot.
import { describe, expect, it } from 'vitest';
import { simulate } from '../simulate.ts';
import { BALLOT_BEHAVIOURS } from './ballot-liars.ts';
import { runCouncil } from './council-schedule.ts';

describe('council schedules violate nothing', () => {
  it.for(BALLOT_BEHAVIOURS)('n = 4, liars at the ballot: %s', (behaviour) => {
    const { violations } = simulate({ kind: 'council', seats: 4, seeds: 2, firstSeed: 100, behaviour });
    expect(violations.map(({ seed, kind, text }) => ({ seed, kind, text }))).toEqual([]);
  });

  it.for([
    [4, 6],
    [7, 1],
    [10, 1],
  ] as const)('n = %i, any liars, %i schedules', ([seats, seeds]) => {
    const { violations } = simulate({ kind: 'council', seats, seeds });
    expect(violations.map(({ seed, kind, text }) => ({ seed, kind, text }))).toEqual([]);
  });

  it('decide cases, mark liars, and close both by everybody and by deadline', () => {
    const worlds = Array.from({ length: 6 }, (_, seed) => runCouncil({ seed, seats: 4 }));
    const states = worlds.map((world) => world.honest[0]?.engine?.state.council);
    expect(states.every((state) => (state?.decided.size ?? 0) > 0)).toBe(true);
    expect(states.some((state) => (state?.marks.size ?? 0) > 0)).toBe(true);
  });
});
