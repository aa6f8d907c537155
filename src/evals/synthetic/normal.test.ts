import { describe, expect, it } from 'vitest';
import { Random } from '../../simulation/random.ts';
import { NormalDraws, normalCdf, normalQuantile } from './normal.ts';

describe('the normal distribution', () => {
  // Abramowitz and Stegun (1964), table 26.1
  it.each([
    [0, 0.5],
    [0.5, 0.6914624612740131],
    [1, 0.8413447460685429],
    [2, 0.9772498680518208],
    [3, 0.9986501019683699],
    [-1.5, 0.0668072012688581],
  ])('%d has the published share below it', (x, share) => {
    expect(normalCdf(x)).toBeCloseTo(share, 12);
  });

  it('its far tail is right in relation, not only in difference', () => {
    // table 26.2: −log10 of the tail beyond 5 and 8 is 6.54265 and 15.20614
    expect(-Math.log10(normalCdf(-5))).toBeCloseTo(6.54265, 5);
    expect(-Math.log10(normalCdf(-8))).toBeCloseTo(15.20614, 5);
    expect(normalCdf(-40)).toBe(0);
    expect(normalCdf(40)).toBe(1);
  });

  // table 26.5 and every statistics book
  it.each([
    [0.9, 1.2815515655446004],
    [0.975, 1.959963984540054],
    [0.995, 2.5758293035489004],
    [0.0005, -3.2905267314918945],
  ])('the quantile of %d is the published one', (share, x) => {
    expect(normalQuantile(share)).toBeCloseTo(x, 10);
  });

  it('has no quantiles beyond none and all', () => {
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('draws', () => {
  const COUNT = 200_000;

  it('fall below points as often as they should, in the tail too', () => {
    const normals = new NormalDraws(new Random(1));
    const draws = Float64Array.from({ length: COUNT }, () => normals.next());
    for (const x of [-3.5, -2, -0.7, 0, 1, 3]) {
      const share = draws.filter((draw) => draw < x).length / COUNT;
      const error = Math.sqrt((normalCdf(x) * (1 - normalCdf(x))) / COUNT);
      expect(Math.abs(share - normalCdf(x))).toBeLessThan(4 * error);
    }
  });

  it.each([-2, 0, 0.4, 1.5, 4])('above %d they have the mean of a cut normal', (bound) => {
    const normals = new NormalDraws(new Random(2));
    let [sum, least] = [0, Number.POSITIVE_INFINITY];
    for (let i = 0; i < COUNT / 10; i++) {
      const draw = normals.above(bound);
      sum += draw;
      least = Math.min(least, draw);
    }
    // the inverse Mills ratio
    const mean = Math.exp(-(bound ** 2) / 2) / Math.sqrt(2 * Math.PI) / normalCdf(-bound);
    expect(least).toBeGreaterThan(bound);
    expect(sum / (COUNT / 10)).toBeCloseTo(mean, 1);
  });
});
