import { describe, expect, it } from 'vitest';
import { Random } from '../../simulation/random.ts';
import { ABSTAIN, APPROVE, NO_CONFIDENCE, REJECT, tableOf } from '../verdicts/verdict-table.ts';
import { approvalForecasts, calibrationOf, confidenceForecasts, type Forecast } from './calibration.ts';
import { calibrationSections } from './calibration-sections.ts';

const forecasts = (...stated: readonly (readonly [number, 0 | 1])[]): readonly Forecast[] =>
  stated.map(([probability, came], cluster) => ({ probability, came: came === 1, cluster }));

const of = (list: readonly Forecast[], seed = 1) => calibrationOf(list, list.length, new Random(seed));

describe('the Brier score', () => {
  it('of the ten forecasts in Brier (1950) is half his 0.19, which sums over rain and no rain', () => {
    const table1 = forecasts(
      [0.7, 0],
      [0.9, 1],
      [0.8, 1],
      [0.4, 1],
      [0.2, 0],
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
      [0.1, 0],
    );
    expect(2 * of(table1).brier.value).toBeCloseTo(0.19, 12);
  });

  it('of the example in the documentation of scikit-learn is 0.0375', () => {
    expect(of(forecasts([0.1, 0], [0.9, 1], [0.8, 1], [0.3, 0])).brier.value).toBeCloseTo(0.0375, 12);
  });

  it('of one half to everything is 0.25', () => {
    expect(of(forecasts([0.5, 0], [0.5, 1], [0.5, 1])).brier.value).toBe(0.25);
  });
});

describe('the calibration error', () => {
  it('worked by hand over three bins: (2·0.25 + 1·0.45 + 2·0.25) / 5', () => {
    const { error, bins } = of(forecasts([0.25, 0], [0.25, 0], [0.55, 1], [0.75, 1], [0.75, 1]));
    expect(error.value).toBeCloseTo(0.29, 12);
    expect(bins.map(({ stated, came }) => [stated, came.value, came.n])).toEqual([
      [0.25, 0, 2],
      [0.55, 1, 1],
      [0.75, 1, 2],
    ]);
  });

  it('gaps within a bin cancel, gaps of different bins do not', () => {
    expect(of(forecasts([0.5, 0], [0.5, 1])).error.value).toBe(0);
    expect(of(forecasts([0.1, 1], [0.9, 0])).error.value).toBeCloseTo(0.9, 12);
  });

  it('certainty belongs into the last bin, and 0.7 into the bin that begins with it', () => {
    const { bins } = of(forecasts([1, 1], [0.95, 1], [0.7, 1], [0.79, 0]));
    expect(bins.map(({ came }) => came.n)).toEqual([2, 2]);
  });

  it('of a voter that is right as often as it says lies where the simulated one does, and of a braggart far above', () => {
    const random = new Random(7);
    let within = 0;
    for (let world = 0; world < 30; world++) {
      const honest = Array.from({ length: 80 }, (_, cluster) => {
        const probability = random.between(50, 99) / 100;
        return { probability, came: random.chance(probability), cluster };
      });
      const { error, errorIfCalibrated } = of(honest, world);
      // It is never 0 with so few answers, which is why the simulated one stands beside it.
      expect(error.value).toBeGreaterThan(0);
      if (error.value >= errorIfCalibrated.low && error.value <= errorIfCalibrated.high) within++;
    }
    // 95 % of 30 worlds are 28 or 29; fewer than 24 happens three times in a thousand.
    expect(within).toBeGreaterThanOrEqual(24);
    const braggart = Array.from({ length: 120 }, (_, cluster) => ({
      probability: 0.99,
      came: random.chance(0.6),
      cluster,
    }));
    const { error, errorIfCalibrated } = of(braggart);
    expect(error.value).toBeGreaterThan(5 * errorIfCalibrated.high);
  });
});

describe('the interval of the Brier score', () => {
  it('covers the true score about as often as it says, over clusters of answers that come true together', () => {
    const random = new Random(11);
    let covered = 0;
    for (let world = 0; world < 60; world++) {
      const list = Array.from({ length: 40 }, (_, cluster) => {
        const came = random.chance(0.7);
        return [0.6, 0.8].map((probability) => ({ probability, came, cluster }));
      }).flat();
      // E(p − x)² with x = 1 seven times in ten: for 0.6 it is 0.22, for 0.8 it is 0.22 too.
      const { brier } = calibrationOf(list, 40, new Random(world));
      if (brier.low <= 0.22 && 0.22 <= brier.high) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(51);
  });
});

describe('what is counted', () => {
  const table = tableOf({
    voters: [
      { name: 'a', domains: {} },
      { name: 'b', domains: {} },
    ],
    items: {
      names: ['x', 'y', 'unlabelled'],
      labels: Uint8Array.of(APPROVE, REJECT, 0),
      clusters: Uint32Array.of(0, 1, 2),
      clusterCount: 3,
    },
    verdicts: [Uint8Array.of(APPROVE, APPROVE, APPROVE), Uint8Array.of(ABSTAIN, REJECT, REJECT)],
    confidences: [Uint8Array.of(90, 60, 50), Uint8Array.of(80, NO_CONFIDENCE, 70)],
  });

  it('a confidence without a verdict, a verdict without one, and an item without a label are not', () => {
    expect(confidenceForecasts(table)).toEqual([
      { probability: 0.9, came: true, cluster: 0 },
      { probability: 0.6, came: false, cluster: 1 },
    ]);
  });

  it('the council states the share of its seats that approve', () => {
    expect(approvalForecasts(table)).toEqual([
      { probability: 0.5, came: true, cluster: 0 },
      { probability: 0.5, came: false, cluster: 1 },
    ]);
  });

  it('a table without confidences still has the calibration of the council', () => {
    const { confidences: _, ...bare } = table;
    expect(calibrationSections(bare, new Random(1)).map(({ id }) => id)).toEqual([
      'council-calibration',
      'council-calibration-scores',
    ]);
    expect(calibrationSections(table, new Random(1))[0]?.id).toBe('calibration');
  });
});
