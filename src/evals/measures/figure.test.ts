import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../simulation/random.ts';
import { ClusteredShare } from './clustered-share.ts';
import { shareFigure, wilson } from './figure.ts';

describe("Wilson's interval", () => {
  // Newcombe (1998), "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17, table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %i of %i is as published: %f to %f', (hits, n, low, high) => {
    const interval = wilson(hits, n);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it('holds the share, stays in bounds and narrows with n', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), (some, more) => {
        const n = some + more;
        const { value, low, high } = shareFigure(some, n);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(n === 0 || (low <= value + 1e-9 && value - 1e-9 <= high)).toBe(true);
        const tenfold = wilson(10 * some, 10 * n);
        expect(tenfold.high - tenfold.low).toBeLessThanOrEqual(high - low);
      }),
    );
  });

  it('of nothing says that nothing is known', () => {
    expect(shareFigure(0, 0)).toEqual({ value: 0, low: 0, high: 1, n: 0, method: 'wilson' });
  });
});

describe('a share of clustered items', () => {
  const shareOf = (clusters: readonly (readonly number[])[]): ClusteredShare => {
    const share = new ClusteredShare();
    clusters.forEach((hits, cluster) => {
      for (const hit of hits) share.add(cluster, hit);
    });
    return share;
  };

  it("is Wilson's where every item stands alone", () => {
    const share = shareOf([...Array<number[]>(81).fill([1]), ...Array<number[]>(182).fill([0])]);
    expect(share.figure()).toEqual(shareFigure(81, 263));
  });

  it('is worth one trial a cluster where clusters are of one mind', () => {
    const share = shareOf([...Array<number[]>(30).fill([1, 1, 1]), ...Array<number[]>(70).fill([0, 0, 0])]);
    const { low, high, n, value } = share.figure();
    expect([value, n]).toEqual([0.3, 300]);
    const alone = wilson(30, 100);
    // the variance of a sample, divided by one less than there are clusters
    expect(low).toBeCloseTo(alone.low, 2);
    expect(high).toBeCloseTo(alone.high, 2);
    expect(high - low).toBeGreaterThan(wilson(90, 300).high - wilson(90, 300).low + 0.04);
  });

  it('counts clusters, not items, where every item is a hit', () => {
    const { low, high } = shareOf(Array<number[]>(10).fill([1, 1, 1, 1])).figure();
    // as if no more than ten items had been asked, and ten are few: less sure than ten independent ones
    expect(high).toBe(1);
    expect(low).toBeLessThan(wilson(10, 10).low);
    expect(low).toBeGreaterThan(wilson(5, 5).low);
  });

  it('of one cluster says that nothing is known', () => {
    expect(shareOf([[1, 1, 0, 1]]).figure()).toMatchObject({ value: 0.75, low: 0, high: 1 });
  });

  // 17 cases of 33 seats, as in the suites that ask the council; few clusters; rare hits; one cluster that is nearly all.
  it.each([
    ['few cases and many seats', 17, () => 33, 0.05, 0.5],
    ['five clusters', 5, () => 8, 0.3, 0.3],
    ['rare hits', 50, () => 10, 0.02, 0.6],
    ['a large cluster among small ones', 20, (cluster: number) => (cluster === 0 ? 200 : 5), 0.3, 0.5],
  ])('covers the truth with %s', (_, clusters, sizeOf, truth, correlation) => {
    const random = new Random(17);
    const runs = 400;
    let covered = 0;
    for (let run = 0; run < runs; run++) {
      const share = new ClusteredShare();
      for (let cluster = 0; cluster < clusters; cluster++) {
        // With this chance all items of a cluster follow one draw, else each its own: they correlate by its square.
        const together = random.chance(truth);
        for (let item = 0; item < sizeOf(cluster); item++) {
          const follows = random.chance(Math.sqrt(correlation));
          share.add(cluster, (follows ? together : random.chance(truth)) ? 1 : 0);
        }
      }
      const { low, high } = share.figure();
      if (low <= truth && truth <= high) covered++;
    }
    expect(covered / runs).toBeGreaterThan(0.925);
  });

  it('covers the truth as often as it says, and Wilson without clusters does not', () => {
    const random = new Random(11);
    let covered = 0;
    let naive = 0;
    const runs = 600;
    for (let run = 0; run < runs; run++) {
      const share = new ClusteredShare();
      let hits = 0;
      // a chance for each cluster, 0.1 or 0.7 with equal odds: the truth is 0.4, and five items share each
      for (let cluster = 0; cluster < 80; cluster++) {
        const chance = random.chance(0.5) ? 0.1 : 0.7;
        for (let item = 0; item < 5; item++) {
          const hit = random.chance(chance) ? 1 : 0;
          hits += hit;
          share.add(cluster, hit);
        }
      }
      const { low, high } = share.figure();
      if (low <= 0.4 && 0.4 <= high) covered++;
      const alone = wilson(hits, 400);
      if (alone.low <= 0.4 && 0.4 <= alone.high) naive++;
    }
    expect(covered / runs).toBeGreaterThan(0.925);
    expect(covered / runs).toBeLessThan(0.975);
    expect(naive / runs).toBeLessThan(0.85);
  });
});
