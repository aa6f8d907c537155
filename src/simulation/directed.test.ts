// Directed scenarios, each with its claim. Which mutant makes which of them fail is test/planted-bugs.test.ts.
import { describe, expect, it } from 'vitest';
import { colluders } from './directed/colluders.ts';
import { COLLUDER_COUNCILS, DIRECTED_SCENARIOS } from './directed.ts';

describe('directed scenarios', () => {
  const peaceful = DIRECTED_SCENARIOS.filter(({ mustBreak }) => mustBreak !== true);

  it.for(peaceful.map((scenario) => [scenario.name, scenario.claim, scenario] as const))(
    '%s: %s',
    ([, , scenario]) => {
      const { world } = scenario.run(false);
      expect(world.violations).toEqual([]);
    },
  );

  it.for(COLLUDER_COUNCILS)('f + 1 colluders of %i seats break agreement', (seats) => {
    const { world } = colluders(seats).run(true);
    expect(world.violations[0]?.kind).toBe('agreement');
    expect(world.trace?.lines().join('\n')).toContain('VIOLATION agreement');
  });
});
