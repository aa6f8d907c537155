import { describe, expect, it } from 'vitest';
import { atLeast, sameOdds } from './exact-tests.ts';

describe('exact tests', () => {
  it('a binomial tail is the one in the tables', () => {
    expect(atLeast(0, 10, 0.5)).toBe(1);
    expect(atLeast(10, 10, 0.5)).toBeCloseTo(1 / 1024, 12);
    expect(atLeast(8, 10, 0.5)).toBeCloseTo(56 / 1024, 12);
    expect(atLeast(3, 20, 0.05)).toBeCloseTo(0.0754837, 6);
    expect(atLeast(11, 10, 0.5)).toBe(0);
    expect(atLeast(0, 0, 0.5)).toBe(1);
  });

  it("one stratum is Fisher's exact test: his tea", () => {
    const tea = { before: { hits: 1, of: 4 }, lately: { hits: 3, of: 4 } };
    // P(X ≥ 3) = 17/70 with four of each; twice the smaller tail
    expect(sameOdds([tea])).toBeCloseTo(34 / 70, 12);
    const all = { before: { hits: 0, of: 4 }, lately: { hits: 4, of: 4 } };
    expect(sameOdds([all])).toBeCloseTo(2 / 70, 12);
  });

  it('an empty stratum says nothing, and strata that pull apart cancel out', () => {
    const none = { before: { hits: 0, of: 0 }, lately: { hits: 0, of: 0 } };
    const up = { before: { hits: 5, of: 50 }, lately: { hits: 18, of: 20 } };
    const down = { before: { hits: 45, of: 50 }, lately: { hits: 2, of: 20 } };
    expect(sameOdds([none])).toBe(1);
    expect(sameOdds([up, none])).toBeCloseTo(sameOdds([up]), 12);
    expect(sameOdds([up])).toBeLessThan(1e-9);
    expect(sameOdds([up, down])).toBeGreaterThan(0.5);
  });

  it('the distribution of a sum of strata is a distribution', () => {
    // With nothing late in excess, both tails together hold everything.
    const strata = [
      { before: { hits: 100, of: 200 }, lately: { hits: 8, of: 16 } },
      { before: { hits: 10, of: 24 }, lately: { hits: 7, of: 16 } },
    ];
    expect(sameOdds(strata)).toBe(1);
  });
});
