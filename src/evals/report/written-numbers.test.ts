import { describe, expect, it } from 'vitest';
import { axisFor, placedMarks } from './chart-axes.ts';
import { niceTicks, tickWords, written, writtenInterval } from './written-numbers.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('a number', () => {
  it('has as many digits as its interval bears', () => {
    expect(plain(written(0.8219, 'share', 0.04))).toBe('82.2 %');
    expect(plain(written(0.8219, 'share', 0.004))).toBe('82.19 %');
    expect(written(2.6432, 'number', 0.28)).toBe('2.64');
    expect(written(0.366, 'number', 0.038)).toBe('0.366');
    expect(written(79611, 'count')).toBe('79,611');
    expect(written(1234.5, 'usd')).toBe('$1,234.50');
    expect(written(0.0412, 'usd')).toBe('$0.0412');
  });

  it('below 0 has a true minus, and what rounds to 0 has none', () => {
    expect(plain(written(-0.06, 'share', 0.04))).toBe('−6.0 %');
    expect(plain(written(-0.0001, 'share', 0.04))).toBe('0.0 %');
    expect(written(-3.5, 'usd')).toBe('−$3.50');
    expect(plain(writtenInterval({ low: -0.078, high: 0.044 }, 'share'))).toBe('−7.8 to 4.4 %');
    expect(plain(writtenInterval({ low: 0.803, high: 0.84 }, 'share'))).toBe('80.3–84.0 %');
  });
});

describe('an axis', () => {
  it('has round ticks that cover what is drawn, also where that is a single value', () => {
    expect(niceTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(niceTicks(0.83, 0.97, 3)).toEqual([0.8, 0.85, 0.9, 0.95, 1]);
    expect(niceTicks(0, 3, 9, 1)).toEqual([0, 1, 2, 3]);
    expect(niceTicks(0, 0, 4).at(-1)).toBeGreaterThan(0);
    expect(axisFor([0.5], 'share', 5).domain).toEqual([0, 0.5]);
    expect(tickWords(12_000, 'count')).toBe('12,000');
    expect(plain(tickWords(0.125, 'share'))).toBe('12.5 %');
  });

  it('is logarithmic only where a straight one would hide the small ones, and never for shares', () => {
    expect(axisFor([1, 10_000], 'count', 5)).toMatchObject({
      type: 'log',
      ticks: [1, 10, 100, 1000, 10_000],
    });
    expect(axisFor([1, 100], 'count', 5).type).toBe('linear');
    expect(axisFor([0.0001, 1], 'share', 5).type).toBe('linear');
    expect(axisFor([0, 10_000], 'count', 5).type).toBe('linear');
  });

  it('keeps labels of marks that lie close apart, each on a row of its own', () => {
    const axis = axisFor([0, 33], 'count', 5);
    const marks = [10, 11, 30].map((x) => ({ x, label: `a mark at ${x}` }));
    const placed = placedMarks(marks, axis, 600);
    expect(placed.map(({ row }) => row)).toEqual([0, 1, 0]);
    expect(placed.map(({ anchor }) => anchor)).toEqual(['start', 'start', 'end']);
  });
});
