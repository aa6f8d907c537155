import { describe, expect, it } from 'vitest';
import { quorumOf } from './quorum.ts';

const everySize = Array.from({ length: 200 }, (_, i) => i + 1);

describe('quorums for every council of 1 to 200 seats', () => {
  it('two quorums share more seats than may lie', () => {
    for (const n of everySize) {
      const { f, q } = quorumOf(n);
      expect(2 * q - n, `n = ${n}`).toBeGreaterThan(f);
    }
  });

  it('are reached without the seats that may lie', () => {
    for (const n of everySize) {
      const { f, q } = quorumOf(n);
      expect(q, `n = ${n}`).toBeLessThanOrEqual(n - f);
    }
  });

  it('are the smallest that are safe', () => {
    for (const n of everySize) {
      const { f, q } = quorumOf(n);
      expect(2 * (q - 1) - n, `n = ${n}`).toBeLessThanOrEqual(f);
    }
  });

  it('bear the most liars that any protocol can: 3f < n ≤ 3f + 3', () => {
    for (const n of everySize) {
      const { f } = quorumOf(n);
      expect(3 * f, `n = ${n}`).toBeLessThan(n);
      expect(n, `n = ${n}`).toBeLessThanOrEqual(3 * f + 3);
    }
  });

  it('are whole numbers, and the formulas of protocol 1.1', () => {
    for (const n of everySize) {
      const f = Math.floor((n - 1) / 3);
      expect(quorumOf(n)).toEqual({ n, f, q: Math.ceil((n + f + 1) / 2) });
    }
  });
});

it.each([
  [4, 1, 3, 2, 3],
  [7, 2, 5, 3, 5],
  [10, 3, 7, 4, 7],
  [33, 10, 22, 11, 23],
  [100, 33, 67, 34, 67],
])('%i seats: f = %i, q = %i, overlap %i, live quorum %i', (n, f, q, overlap, live) => {
  expect(quorumOf(n)).toEqual({ n, f, q });
  expect([2 * q - n, n - f]).toEqual([overlap, live]);
});

it('21 is no quorum of 33: two of them could share liars only', () => {
  const { n, f, q } = quorumOf(33);
  expect(q).toBe(22);
  expect(2 * 21 - n).toBeLessThanOrEqual(f);
});

it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
  'a council of %s seats breaks an invariant',
  (n) => {
    expect(() => quorumOf(n)).toThrow('invariant broken');
  },
);
