import { describe, expect, it } from 'vitest';
import { judged, median, percentile } from './figure.ts';

const of = (value: number, bound: 'at least' | 'at most', goal: number, least?: number) =>
  judged({
    name: '',
    workload: '',
    n: 1,
    value,
    unit: '',
    goal: { bound, value: goal, ...(least === undefined ? {} : { least }) },
  }).reached;

describe('figures', () => {
  it('a goal is met at its mark and missed beyond it', () => {
    expect(of(120, 'at least', 120)).toBe('met');
    expect(of(119, 'at least', 120)).toBe('missed');
    expect(of(50, 'at most', 50)).toBe('met');
    expect(of(51, 'at most', 50)).toBe('missed');
  });

  it('between what is wished and what is required, it says so', () => {
    expect(of(7_000, 'at least', 10_000, 5_000)).toBe('short of the goal');
    expect(of(4_999, 'at least', 10_000, 5_000)).toBe('missed');
  });

  it('percentiles are values that were measured', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2);
    expect(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 99)).toBe(10);
    expect(percentile([7], 50)).toBe(7);
  });

  it('nothing measured is no figure that could be met', () => {
    expect(of(median([]), 'at most', 50)).toBe('missed');
  });
});
