// A figure as evals state it: never a value alone, always with how many it was counted over and a 95 % interval, and
// how that interval was come by (docs/evaluating.md defines each).

export type IntervalMethod =
  /** of a share of independent trials (Wilson 1927) */
  | 'wilson'
  /** percentiles of the statistic over resampled clusters (Efron 1979; by cluster, Field and Welsh 2007) */
  | 'bootstrap'
  /** percentiles over independent simulated runs */
  | 'simulation'
  /** counted, not estimated: the interval is the value */
  | 'exact';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Figure extends Interval {
  readonly value: number;
  /** over how many: items, pairs, councils; what they are, the figure's definition says */
  readonly n: number;
  readonly method: IntervalMethod;
}

/** The 97.5 % point of the standard normal distribution. */
export const Z_95 = 1.959963984540054;

/** The 95 % interval of a share after Wilson (1927), which stays honest near 0 and 1. Of nothing, anything is possible. */
export function wilson(hits: number, n: number): Interval {
  if (n === 0) return { low: 0, high: 1 };
  const share = hits / n;
  const z2 = Z_95 ** 2 / n;
  const middle = (share + z2 / 2) / (1 + z2);
  const reach = (Z_95 * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n))) / (1 + z2);
  return {
    low: hits === 0 ? 0 : Math.max(0, middle - reach),
    high: hits === n ? 1 : Math.min(1, middle + reach),
  };
}

/** A share of independent trials. */
export function shareFigure(hits: number, n: number): Figure {
  return { value: n === 0 ? 0 : hits / n, ...wilson(hits, n), n, method: 'wilson' };
}

export function exactFigure(value: number, n: number): Figure {
  return { value, low: value, high: value, n, method: 'exact' };
}
