import { describe, expect, it } from 'vitest';
import {
  agreementWhenWrong,
  capa,
  cohenKappa,
  effectiveVotes,
  errorCorrelation,
  type PairCounts,
} from './pair-measures.ts';

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

  it('who abstains and who errs do not agree, and are wrong together all the same', () => {
    const counts = pair({ items: 100, wrongA: 20, wrongB: 30, bothWrong: 12, sameWrong: 9 });
    expect(agreementWhenWrong(counts)).toBe(0.75);
    expect(capa(counts)).toBeCloseTo(0.12 / 0.38, 12);
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
