// Intervals of what is no plain share: the bootstrap by cluster. Items of one cluster share a question and are right or wrong
// together, so clusters are drawn with replacement, not items (Field and Welsh 2007). Every statistic here is a function of sums
// over items, so a resample costs one weighted sum over clusters and never looks at a verdict again.
import type { Random } from '../../simulation/random.ts';
import type { Interval } from './figure.ts';

/**
 * More clusters than this are put together by lot: the mean over a thousand groups of independent clusters is as good a
 * basis, and memory and time no longer grow with the data. With very many sums there are fewer groups, for memory's sake.
 */
const MOST_GROUPS = 1000;
const MOST_CELLS = 2 ** 24;
const LEAST_GROUPS = 40;

export const RESAMPLES = 1000;
const LEAST_CLUSTERS = 10;
const NO_INTERVAL: Interval = { low: Number.NaN, high: Number.NaN };

export class ClusterSums {
  readonly #groupOf: Uint32Array;
  readonly #groups: number;
  /** by group, by column */
  readonly #sums: Float64Array;
  readonly #width: number;
  /** what of the sums is not 0; undefined while something is added */
  #filled: SparseRows | undefined;

  constructor(clusters: number, width: number, random: Random) {
    this.#width = width;
    const most = Math.max(LEAST_GROUPS, Math.min(MOST_GROUPS, Math.floor(MOST_CELLS / width)));
    this.#groups = Math.min(clusters, most);
    const inOrder = Array.from({ length: clusters }, (_, cluster) => cluster);
    const order = clusters > most ? random.shuffled(inOrder) : inOrder;
    this.#groupOf = Uint32Array.from(order, (place) => place % Math.max(1, this.#groups));
    this.#sums = new Float64Array(this.#groups * width);
  }

  add(cluster: number, column: number, amount: number): void {
    const at = (this.#groupOf[cluster] ?? 0) * this.#width + column;
    this.#sums[at] = (this.#sums[at] ?? 0) + amount;
    this.#filled = undefined;
  }

  /** The sums over everything, as observed. */
  total(): Float64Array {
    const out = new Float64Array(this.#width);
    addWeighted(this.#sparse(), new Uint32Array(this.#groups).fill(1), out);
    return out;
  }

  /**
   * The 95 % intervals of statistics of the sums; where a statistic is not defined in a resample, that one is left out. Fewer
   * clusters than ten resample to much the same again and again, which would look like knowledge: then there is no interval.
   */
  intervals(
    statistics: (sums: Float64Array) => readonly number[],
    random: Random,
    resamples = RESAMPLES,
  ): readonly Interval[] {
    const runs: number[][] = [];
    const rows = this.#sparse();
    const weights = new Uint32Array(this.#groups);
    const sums = new Float64Array(this.#width);
    for (let resample = 0; resample < resamples; resample++) {
      weights.fill(0);
      for (let draw = 0; draw < this.#groups; draw++) {
        const group = Math.floor(random.fraction() * this.#groups);
        weights[group] = (weights[group] ?? 0) + 1;
      }
      sums.fill(0);
      addWeighted(rows, weights, sums);
      statistics(sums).forEach((value, i) => {
        const run = runs[i] ?? [];
        runs[i] = run;
        if (Number.isFinite(value)) run.push(value);
      });
    }
    return this.#groups < LEAST_CLUSTERS ? runs.map(() => NO_INTERVAL) : runs.map(middle95);
  }

  /** Most clusters know nothing of most pairs of voters, so only what is not 0 is gone through again and again. */
  #sparse(): SparseRows {
    this.#filled ??= this.#gathered();
    return this.#filled;
  }

  #gathered(): SparseRows {
    const filled = this.#sums.reduce((count, sum) => count + (sum === 0 ? 0 : 1), 0);
    const starts = new Uint32Array(this.#groups + 1);
    const columns = new Uint32Array(filled);
    const values = new Float64Array(filled);
    let at = 0;
    for (let group = 0; group < this.#groups; group++) {
      for (let column = 0; column < this.#width; column++) {
        const sum = this.#sums[group * this.#width + column] ?? 0;
        if (sum === 0) continue;
        columns[at] = column;
        values[at] = sum;
        at++;
      }
      starts[group + 1] = at;
    }
    return { starts, columns, values };
  }
}

interface SparseRows {
  /** where the row of each group begins, and where the last one ends */
  readonly starts: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float64Array;
}

function addWeighted({ starts, columns, values }: SparseRows, weights: Uint32Array, out: Float64Array): void {
  for (let group = 0; group < weights.length; group++) {
    const weight = weights[group] ?? 0;
    const end = weight === 0 ? 0 : (starts[group + 1] ?? 0);
    for (let at = starts[group] ?? 0; at < end; at++) {
      const column = columns[at] ?? 0;
      out[column] = (out[column] ?? 0) + weight * (values[at] ?? 0);
    }
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
