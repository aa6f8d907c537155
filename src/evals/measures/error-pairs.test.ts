import { describe, expect, it } from 'vitest';
import { drawnTable, spelledTable } from '../../../test/evals/spelled-table.ts';
import { Random } from '../../simulation/random.ts';
import {
  agreementWhenWrong,
  capa,
  cohenKappa,
  ErrorPairs,
  effectiveVotes,
  errorCorrelation,
  type PairCounts,
} from './error-pairs.ts';

const pair = (counts: Partial<PairCounts>): PairCounts => ({
  items: 0,
  wrongA: 0,
  wrongB: 0,
  bothWrong: 0,
  sameWrong: 0,
  approvesA: 0,
  rejectsA: 0,
  approvesB: 0,
  rejectsB: 0,
  ...counts,
});

describe('two voters', () => {
  // Textbook tables for Cohen's kappa (en.wikipedia.org/wiki/Cohen's_kappa): yes/yes, yes/no, no/yes, no/no.
  it.each([
    [20, 5, 10, 15, 0.4],
    [45, 15, 25, 15, 0.1304],
    [25, 35, 5, 35, 0.2593],
  ])("Cohen's kappa of the table %i %i %i %i is %f", (yy, yn, ny, nn, kappa) => {
    // All is to be approved, so a rejection is an error.
    const counts = pair({
      items: yy + yn + ny + nn,
      wrongA: ny + nn,
      wrongB: yn + nn,
      bothWrong: nn,
      sameWrong: nn,
      approvesA: yy + yn,
      rejectsA: ny + nn,
      approvesB: yy + ny,
      rejectsB: yn + nn,
    });
    expect(cohenKappa(counts)).toBeCloseTo(kappa, 4);
  });

  it('error correlation is phi, worked by hand: (20·15 − 5·10) / √(25·25·30·20)', () => {
    const counts = pair({ items: 50, wrongA: 25, wrongB: 30, bothWrong: 20 });
    expect(errorCorrelation(counts)).toBeCloseTo(250 / Math.sqrt(25 * 25 * 30 * 20), 12);
  });

  it('is not defined with a voter that is never wrong', () => {
    expect(errorCorrelation(pair({ items: 50, wrongA: 0, wrongB: 30 }))).toBeNaN();
  });

  it('CAPA, worked by hand: accuracies 0.8 and 0.7, agreement 0.74, chance 0.62, so 0.12 of 0.38', () => {
    // 100 items: 20 and 30 wrong, 12 both: right together 62, so agreement is 74.
    const counts = pair({ items: 100, wrongA: 20, wrongB: 30, bothWrong: 12, sameWrong: 12 });
    expect(capa(counts)).toBeCloseTo(0.12 / 0.38, 12);
  });

  it('who abstains and who errs are both wrong and do not agree', () => {
    const counts = pair({ items: 100, wrongA: 20, wrongB: 30, bothWrong: 12, sameWrong: 9 });
    expect(agreementWhenWrong(counts)).toBe(0.75);
    expect(capa(counts)).toBeCloseTo(0.09 / 0.38, 12);
  });
});

describe('effective votes', () => {
  it('nine judges with a mean correlation of 0.4375 carry two votes (Kohli 2026 reports about two)', () => {
    expect(effectiveVotes(9, 0.4375)).toBeCloseTo(2, 12);
  });

  it('33 alike are one vote, 33 independent ones 33', () => {
    expect(effectiveVotes(33, 1)).toBe(1);
    expect(effectiveVotes(33, 0)).toBe(33);
  });

  it('votes that err apart are no more than their number', () => {
    expect(effectiveVotes(33, -0.02)).toBe(33);
    expect(effectiveVotes(33, -0.5)).toBe(33);
    expect(effectiveVotes(33, Number.NaN)).toBeNaN();
  });
});

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
