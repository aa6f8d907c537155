import { describe, expect, it } from 'vitest';
import { drawnTable, spelledTable } from '../../../test/evals/spelled-table.ts';
import { Random } from '../../simulation/random.ts';
import { majorityFigures } from './majority.ts';
import { majorityIfIndependent, poissonBinomial } from './poisson-binomial.ts';

describe('a sum of unlike coins', () => {
  it('of chances 0.1, 0.2 and 0.3 is as worked by hand', () => {
    const at = poissonBinomial([0.1, 0.2, 0.3]);
    [0.504, 0.398, 0.092, 0.006].forEach((chance, count) => {
      expect(at[count]).toBeCloseTo(chance, 12);
    });
  });

  // Condorcet's jury theorem, textbook values.
  it.each([
    [3, 0.6, 0.648],
    [5, 0.6, 0.68256],
    [3, 0.8, 0.896],
  ])('a majority of %i voters that are right with %f is right with %f', (voters, accuracy, majority) => {
    expect(majorityIfIndependent(Array<number>(voters).fill(accuracy))).toBeCloseTo(majority, 10);
  });

  it('a tie counts half, so two voters are as good as one', () => {
    expect(majorityIfIndependent([0.6, 0.6])).toBeCloseTo(0.6, 12);
  });
});

describe('the majority', () => {
  it('is counted with ties as half and abstentions as wrong, beside its best member', () => {
    // by item: right 2 of 2, 1 of 2, 1 of 2 (an abstention), 0 of 2
    const table = spelledTable({ labels: 'AARR', voters: [['AARA'], ['AR-A']] });
    const figures = majorityFigures(table, new Random(1));
    expect(figures.best).toBe(0);
    expect(figures.bestAccuracy.value).toBe(0.75);
    expect(figures.meanAccuracy.value).toBe(0.5);
    expect(figures.majority.value).toBe(0.5);
    // of 0.75 and 0.25: both right 3/16, one right 10/16
    expect(figures.independent.value).toBeCloseTo(0.5, 12);
    expect(figures.overBest.value).toBe(-0.25);
  });

  it('the interval of the gap to independence covers the truth as often as it says', () => {
    const random = new Random(9);
    // Three voters, error chances of 0.1 or 0.7: right by majority with 0.972 or 0.216; as independents each is right with 0.6.
    const truth = 0.648 - (0.972 + 0.216) / 2;
    const runs = 120;
    let covered = 0;
    for (let run = 0; run < runs; run++) {
      const table = drawnTable(
        { voters: 3, clusters: 120, perCluster: 1 },
        () => (random.chance(0.5) ? 0.1 : 0.7),
        random,
      );
      const { gap } = majorityFigures(table, random);
      if (gap.low <= truth && truth <= gap.high) covered++;
    }
    expect(covered / runs).toBeGreaterThan(0.89);
    expect(covered / runs).toBeLessThanOrEqual(0.995);
  });
});
