// Intervals of what is no plain share: the bootstrap by cluster. Items of one cluster share a question and are right or wrong
// together, so clusters are drawn with replacement, not items (Field and Welsh 2007). Every statistic here is a function of sums
// over items, so a resample costs one weighted sum over clusters and never looks at a verdict again.
import type { Random } from '../../simulation/random.ts';
import type { Interval } from './figure.ts';

/**
 * More clusters than this are put together by lot: the mean over a thousand groups of independent clusters is as good a
 * basis, and memory and time no longer grow with the data.
 */
const MOST_GROUPS = 1000;

export const RESAMPLES = 1000;

export class ClusterSums {
  readonly #groupOf: Uint32Array;
  readonly #groups: number;
  readonly #sums: Float64Array;
  readonly width: number;

  constructor(clusters: number, width: number, random: Random) {
    this.width = width;
    this.#groups = Math.min(clusters, MOST_GROUPS);
    const order = Uint32Array.from({ length: clusters }, (_, cluster) => cluster);
    if (clusters > MOST_GROUPS) shuffle(order, random);
    this.#groupOf = order.map((place) => place % Math.max(1, this.#groups));
    this.#sums = new Float64Array(this.#groups * width);
  }

  add(cluster: number, column: number, amount: number): void {
    const at = (this.#groupOf[cluster] ?? 0) * this.width + column;
    this.#sums[at] = (this.#sums[at] ?? 0) + amount;
  }

  /** The sums over everything, as observed. */
  total(): Float64Array {
    return this.#weighted(new Uint8Array(this.#groups).fill(1));
  }

  /** The 95 % intervals of statistics of the sums; where a statistic is not defined in a resample, that one is left out. */
  intervals(
    statistics: (sums: Float64Array) => readonly number[],
    random: Random,
    resamples = RESAMPLES,
  ): readonly Interval[] {
    const runs: number[][] = [];
    const weights = new Uint8Array(this.#groups);
    for (let resample = 0; resample < resamples; resample++) {
      weights.fill(0);
      for (let draw = 0; draw < this.#groups; draw++) {
        const group = Math.floor(random.fraction() * this.#groups);
        weights[group] = (weights[group] ?? 0) + 1;
      }
      statistics(this.#weighted(weights)).forEach((value, i) => {
        const run = runs[i] ?? [];
        runs[i] = run;
        if (Number.isFinite(value)) run.push(value);
      });
    }
    return runs.map(middle95);
  }

  #weighted(weights: Uint8Array): Float64Array {
    const { width } = this;
    const out = new Float64Array(width);
    for (let group = 0; group < this.#groups; group++) {
      const weight = weights[group] ?? 0;
      if (weight === 0) continue;
      const from = group * width;
      for (let column = 0; column < width; column++) {
        out[column] = (out[column] ?? 0) + weight * (this.#sums[from + column] ?? 0);
      }
    }
    return out;
  }
}

/** From the 2.5th to the 97.5th percentile. */
export function middle95(values: readonly number[]): Interval {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)] ?? Number.NaN;
    const above = sorted[Math.ceil(place)] ?? Number.NaN;
    return below + (above - below) * (place - Math.floor(place));
  };
  return { low: at(0.025), high: at(0.975) };
}

function shuffle(list: Uint32Array, random: Random): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.between(0, i);
    const held = list[i] ?? 0;
    list[i] = list[j] ?? 0;
    list[j] = held;
  }
}
