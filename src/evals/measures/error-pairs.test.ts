import { describe, expect, it } from 'vitest';
import { drawnTable, spelledTable } from '../../../test/evals/spelled-table.ts';
import { Random } from '../../simulation/random.ts';
import { ErrorPairs } from './error-pairs.ts';
import { effectiveVotes, errorCorrelation } from './pair-measures.ts';

describe('all pairs of a table', () => {
  const table = spelledTable({
    labels: 'AAAARRRR',
    voters: [['RAAARRRA'], ['RAAARRAR'], ['R-AARRAR'], ['AAAARRR.']],
  });
  const pairs = new ErrorPairs(table, new Random(1));

  it('count only items that every voter answered', () => {
    expect(pairs.items).toBe(7);
  });

  it('count each pair: errors, both wrong, wrong in the same way', () => {
    expect(pairs.of(0, 1)).toEqual({
      items: 7,
      wrongA: 1,
      wrongB: 2,
      bothWrong: 1,
      sameWrong: 1,
      approvesA: 3,
      rejectsA: 4,
      approvesB: 4,
      rejectsB: 3,
    });
    expect(pairs.of(2, 1)).toMatchObject({ wrongA: 2, wrongB: 3, bothWrong: 2, sameWrong: 2 });
  });

  it('show correlations as a matrix: 1 with itself, alike both ways, null where one is never wrong', () => {
    const matrix = pairs.matrix('errorCorrelation');
    expect(matrix[0]?.[0]).toBe(1);
    expect(matrix[1]?.[2]).toBe(matrix[2]?.[1]);
    expect(matrix[3]?.[0]).toBeNull();
  });

  it('are put into groups, and a mean leaves out what is not defined', () => {
    const { all, groups } = pairs.figures(
      [{ name: 'first two', holds: (a, b) => a === 0 && b === 1 }],
      new Random(2),
    );
    expect(all.pairs).toBe(6);
    expect(groups[0]?.pairs).toBe(1);
    expect(groups[0]?.figures.errorCorrelation.value).toBeCloseTo(errorCorrelation(pairs.of(0, 1)), 12);
    const defined = [pairs.of(0, 1), pairs.of(0, 2), pairs.of(1, 2)].map(errorCorrelation);
    expect(all.figures.errorCorrelation.value).toBeCloseTo(
      defined.reduce((sum, one) => sum + one, 0) / 3,
      12,
    );
  });
});

describe('sums of pairs', () => {
  it('are what counting item by item gives, hard items and abstentions among them', () => {
    const random = new Random(21);
    const letters = (chances: readonly number[]): string =>
      chances.map((chance) => (random.chance(chance) ? 'R' : random.chance(0.1) ? '-' : 'A')).join('');
    const chances = Array.from({ length: 60 }, () => random.fraction());
    const table = spelledTable({
      labels: chances.map(() => (random.chance(0.5) ? 'A' : 'R')).join(''),
      voters: Array.from({ length: 7 }, () => [letters(chances)] as const),
    });
    const found = new ErrorPairs(table, random);
    const wrong = (voter: number, item: number): boolean =>
      table.verdicts[voter]?.[item] !== table.items.labels[item];
    const items = chances.map((_, item) => item);
    for (let a = 0; a < 7; a++) {
      for (let b = a + 1; b < 7; b++) {
        const both = items.filter((item) => wrong(a, item) && wrong(b, item));
        expect(found.of(a, b)).toMatchObject({
          wrongA: items.filter((item) => wrong(a, item)).length,
          bothWrong: both.length,
          sameWrong: both.filter((item) => table.verdicts[a]?.[item] === table.verdicts[b]?.[item]).length,
        });
      }
    }
    expect(items.some((item) => table.verdicts.filter((_, voter) => wrong(voter, item)).length > 3)).toBe(
      true,
    );
  });
});

describe('intervals by simulation', () => {
  it('of mean error correlation and effective votes cover what they say, also where items come in clusters', () => {
    const random = new Random(5);
    // Error chances of 0.1 and 0.7 at even odds: correlation = var / (mean (1 − mean)) = 0.09 / 0.24 for every pair.
    const truth = 0.09 / 0.24;
    const votes = effectiveVotes(5, truth);
    let correlation = 0;
    let effective = 0;
    const runs = 120;
    for (let run = 0; run < runs; run++) {
      const table = drawnTable(
        { voters: 5, clusters: 100, perCluster: 2 },
        () => (random.chance(0.5) ? 0.1 : 0.7),
        random,
      );
      const { all, effectiveVotes: found } = new ErrorPairs(table, random).figures([], random);
      const { low, high } = all.figures.errorCorrelation;
      if (low <= truth && truth <= high) correlation++;
      if (found.low <= votes && votes <= found.high) effective++;
    }
    // 95 % of 120 within three standard errors of the count itself
    for (const covered of [correlation, effective]) {
      expect(covered / runs).toBeGreaterThan(0.89);
      expect(covered / runs).toBeLessThanOrEqual(0.995);
    }
  });
});
