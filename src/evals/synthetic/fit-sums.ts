// The second half of a sweep: the parameters that fit what was drawn, by least squares. They are a function of sums, and the sums
// are averaged over sweeps (stochastic approximation: Delyon, Lavielle and Moulines 1999), so the noise of the draws dies away.
// The own part and each level's effects are first let have any variance, and then put back to 1, the parameters with them
// (parameter expansion: Liu, Rubin and Wu 1998): without it, levels that voters share much of take thousands of sweeps.
import { FIRST_AT, POINTS, SECOND_AT } from './difficulty-grid.ts';
import type { HiddenDraws } from './hidden-draws.ts';
import { type Parameters, type SideData, UNKNOWN } from './side-data.ts';

/** Of a voter, over items: 1, x, y, x², xy, y², z, xz, yz, z²; z is the hidden number without what groups share. */
const OF_A_VOTER = 10;
/** Of a level: effect × what is left of z, effect² (both by voter), effect² by group. */
const OF_A_LEVEL = 3;
/** Of an item: the point it is at. */
const OF_AN_ITEM = 2;

/** What stands against loadings that a few rare errors suggest, in items. */
const RIDGE = 0.25;
/** Items that every point has to begin with, so that none is lost for good. */
const SEED = 0.002;

interface Sums {
  readonly voters: Float64Array;
  readonly levels: Float64Array;
  readonly points: Float64Array;
  readonly items: Float64Array;
}

export class FitSums {
  readonly #data: SideData;
  readonly #means: Sums;
  readonly #now: Sums;

  constructor(data: SideData) {
    this.#data = data;
    const empty = (): Sums => ({
      voters: new Float64Array(OF_A_VOTER * data.voters),
      levels: new Float64Array(OF_A_LEVEL * data.levels.length),
      points: new Float64Array(POINTS),
      items: new Float64Array(OF_AN_ITEM * data.items),
    });
    this.#means = empty();
    this.#now = empty();
  }

  /** By item, where it lay on average, two numbers each. */
  get places(): Float64Array {
    return this.#means.items;
  }

  add(item: number, draws: HiddenDraws, { first, second, thresholds, shared }: Parameters): void {
    const sums = this.#now;
    const { voters, levels, errors } = this.#data;
    const point = draws.at[item] ?? 0;
    const [x, y] = [FIRST_AT[point] ?? 0, SECOND_AT[point] ?? 0];
    sums.items[OF_AN_ITEM * item] = x;
    sums.items[OF_AN_ITEM * item + 1] = y;
    const { posterior } = draws;
    for (let at = 0; at < posterior.length; at++) increase(sums.points, at, posterior[at] ?? 0);
    for (let level = 0; level < levels.length; level++) {
      const groups = levels[level]?.sizes.length ?? 0;
      const effects = draws.effects[level] ?? posterior;
      let squares = 0;
      for (let at = item * groups; at < (item + 1) * groups; at++) squares += (effects[at] ?? 0) ** 2;
      increase(sums.levels, OF_A_LEVEL * level + 2, squares);
    }
    for (let voter = 0; voter < voters; voter++) {
      if (errors[item * voters + voter] === UNKNOWN) continue;
      const own = (draws.hidden[voter] ?? 0) - (draws.means[voter] ?? 0);
      const z = own + (first[voter] ?? 0) * x + (second[voter] ?? 0) * y - (thresholds[voter] ?? 0);
      const from = OF_A_VOTER * voter;
      increase(sums.voters, from, 1);
      increase(sums.voters, from + 1, x);
      increase(sums.voters, from + 2, y);
      increase(sums.voters, from + 3, x * x);
      increase(sums.voters, from + 4, x * y);
      increase(sums.voters, from + 5, y * y);
      increase(sums.voters, from + 6, z);
      increase(sums.voters, from + 7, x * z);
      increase(sums.voters, from + 8, y * z);
      increase(sums.voters, from + 9, z * z);
      for (let level = 0; level < levels.length; level++) {
        const groups = levels[level];
        if (groups === undefined) continue;
        const effect = draws.effects[level]?.[item * groups.sizes.length + (groups.of[voter] ?? 0)] ?? 0;
        increase(sums.levels, OF_A_LEVEL * level, effect * (own + (shared[level] ?? 0) * effect));
        increase(sums.levels, OF_A_LEVEL * level + 1, effect * effect);
      }
    }
  }

  /** Takes this sweep's sums into the mean, with a weight of `step`, and the parameters with them. */
  follow(step: number, parameters: Parameters): void {
    approach(this.#means.voters, this.#now.voters, step);
    approach(this.#means.levels, this.#now.levels, step);
    approach(this.#means.points, this.#now.points, step);
    approach(this.#means.items, this.#now.items, step);
    const { voters, levels, points } = this.#means;
    let [rest, count] = [0, 0];
    for (let voter = 0; voter < this.#data.voters; voter++) {
      const sums = voters.subarray(OF_A_VOTER * voter, OF_A_VOTER * (voter + 1));
      rest += regress(sums, voter, parameters);
      count += sums[0] ?? 0;
    }
    const { first, second, thresholds, shared } = parameters;
    for (let level = 0; level < shared.length; level++) {
      const [product = 0, square = 0, byGroup = 0] = levels.subarray(OF_A_LEVEL * level);
      const groups = this.#data.levels[level]?.sizes.length ?? 1;
      const own = square === 0 ? 0 : product / square;
      shared[level] = Math.max(0, own) * Math.sqrt(byGroup / (groups * this.#data.items));
    }
    const scale = Math.sqrt(rest / Math.max(1, count)) || 1;
    for (const list of [first, second, thresholds, shared]) {
      for (let i = 0; i < list.length; i++) list[i] = (list[i] ?? 0) / scale;
    }
    const total = points.reduce((sum, weight) => sum + weight + SEED, 0);
    for (let at = 0; at < POINTS; at++) parameters.weights[at] = ((points[at] ?? 0) + SEED) / total;
  }
}

/** z on the two directions, around their means; returns the squares that are left. */
function regress(sums: Float64Array, voter: number, { first, second, thresholds }: Parameters): number {
  const [n = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0, z = 0, xz = 0, yz = 0, zz = 0] = sums;
  if (n === 0) return 0;
  const [sxx, sxy, syy] = [xx - (x * x) / n + RIDGE, xy - (x * y) / n, yy - (y * y) / n + RIDGE];
  const [sxz, syz] = [xz - (x * z) / n, yz - (y * z) / n];
  const determinant = sxx * syy - sxy * sxy;
  const a = (sxz * syy - syz * sxy) / determinant;
  const b = (syz * sxx - sxz * sxy) / determinant;
  first[voter] = a;
  second[voter] = b;
  thresholds[voter] = (a * x + b * y - z) / n;
  return zz - (z * z) / n - a * sxz - b * syz;
}

function increase(sums: Float64Array, at: number, amount: number): void {
  sums[at] = (sums[at] ?? 0) + amount;
}

/** Moves the means towards the sums, and empties the sums. */
function approach(means: Float64Array, sums: Float64Array, step: number): void {
  for (let i = 0; i < means.length; i++)
    means[i] = (means[i] ?? 0) + step * ((sums[i] ?? 0) - (means[i] ?? 0));
  sums.fill(0);
}
