// The first half of a sweep: for an item, numbers that could have made the voters do what they did, given the parameters. Each kind
// is drawn given all others (Gibbs sampling; for hidden numbers behind verdicts, Albert and Chib 1993).
import type { Random } from '../../simulation/random.ts';
import { FIRST_AT, POINTS, SECOND_AT } from './difficulty-grid.ts';
import { NormalDraws } from './normal.ts';
import { type Parameters, RIGHT, type SideData, UNKNOWN, WRONG } from './side-data.ts';

/** A point so much less likely than the likeliest, on the scale of logarithms, is as good as impossible. */
const IMPOSSIBLE = 30;

export class HiddenDraws {
  /** by voter, for the item last drawn: the hidden number, and its mean given all that is shared */
  readonly hidden: Float64Array;
  readonly means: Float64Array;
  /** by point of the grid, how likely the item last drawn was there */
  readonly posterior = new Float64Array(POINTS);
  /** by item, the point it is at */
  readonly at: Uint16Array;
  /** by level, by item and group, what the item does to the group, in standard deviations */
  readonly effects: readonly Float64Array[];
  readonly #data: SideData;
  readonly #random: Random;
  readonly #normals: NormalDraws;
  /** by level, by group: voters that are known, and what is left to explain of them */
  readonly #counts: readonly Float64Array[];
  readonly #rests: readonly Float64Array[];

  constructor(data: SideData, at: Uint16Array, random: Random) {
    this.#data = data;
    this.#random = random;
    this.#normals = new NormalDraws(random);
    this.at = at;
    this.hidden = new Float64Array(data.voters);
    this.means = new Float64Array(data.voters);
    const byGroup = (times: number) => data.levels.map(({ sizes }) => new Float64Array(times * sizes.length));
    this.effects = byGroup(data.items);
    this.#counts = byGroup(1);
    this.#rests = byGroup(1);
  }

  draw(item: number, parameters: Parameters): void {
    this.#drawHidden(item, parameters);
    for (let level = 0; level < this.effects.length; level++) this.#drawEffects(item, level, parameters);
    this.#drawDifficulty(item, parameters);
  }

  #drawHidden(item: number, { first, second, thresholds, shared }: Parameters): void {
    const { means, hidden } = this;
    const { voters, errors, levels } = this.#data;
    const point = this.at[item] ?? 0;
    const [x, y] = [FIRST_AT[point] ?? 0, SECOND_AT[point] ?? 0];
    for (let voter = 0; voter < voters; voter++) {
      means[voter] = (first[voter] ?? 0) * x + (second[voter] ?? 0) * y - (thresholds[voter] ?? 0);
    }
    levels.forEach(({ of, sizes }, level) => {
      const effects = this.effects[level] ?? means;
      const spread = shared[level] ?? 0;
      const from = item * sizes.length;
      for (let voter = 0; voter < voters; voter++) {
        means[voter] = (means[voter] ?? 0) + spread * (effects[from + (of[voter] ?? 0)] ?? 0);
      }
    });
    for (let voter = 0; voter < voters; voter++) {
      const did = errors[item * voters + voter];
      const mean = means[voter] ?? 0;
      if (did === WRONG) hidden[voter] = mean + this.#normals.above(-mean);
      else if (did === RIGHT) hidden[voter] = mean - this.#normals.above(mean);
    }
  }

  #drawEffects(item: number, level: number, parameters: Parameters): void {
    const { means, hidden } = this;
    const { voters, errors, levels } = this.#data;
    const [groups, effects, counts, rests] = [
      levels[level],
      this.effects[level],
      this.#counts[level],
      this.#rests[level],
    ];
    if (groups === undefined || effects === undefined || counts === undefined || rests === undefined) return;
    const { of, sizes } = groups;
    const spread = parameters.shared[level] ?? 0;
    const from = item * sizes.length;
    counts.fill(0);
    rests.fill(0);
    for (let voter = 0; voter < voters; voter++) {
      if (errors[item * voters + voter] === UNKNOWN) continue;
      const group = of[voter] ?? 0;
      const without = (means[voter] ?? 0) - spread * (effects[from + group] ?? 0);
      counts[group] = (counts[group] ?? 0) + 1;
      rests[group] = (rests[group] ?? 0) + (hidden[voter] ?? 0) - without;
    }
    for (let group = 0; group < sizes.length; group++) {
      const precision = 1 + spread * spread * (counts[group] ?? 0);
      const drawn = (spread * (rests[group] ?? 0)) / precision + this.#normals.next() / Math.sqrt(precision);
      rests[group] = spread * (drawn - (effects[from + group] ?? 0));
      effects[from + group] = drawn;
    }
    for (let voter = 0; voter < voters; voter++) {
      means[voter] = (means[voter] ?? 0) + (rests[of[voter] ?? 0] ?? 0);
    }
  }

  #drawDifficulty(item: number, { first, second, weights }: Parameters): void {
    const { means, hidden, posterior } = this;
    const { voters, errors } = this.#data;
    const old = this.at[item] ?? 0;
    const [oldX, oldY] = [FIRST_AT[old] ?? 0, SECOND_AT[old] ?? 0];
    // The logarithm of the likelihood is a quadratic form of the point.
    let [xx, xy, yy, x, y] = [0, 0, 0, 0, 0];
    for (let voter = 0; voter < voters; voter++) {
      if (errors[item * voters + voter] === UNKNOWN) continue;
      const a = first[voter] ?? 0;
      const b = second[voter] ?? 0;
      const rest = (hidden[voter] ?? 0) - (means[voter] ?? 0) + a * oldX + b * oldY;
      xx += a * a;
      xy += a * b;
      yy += b * b;
      x += a * rest;
      y += b * rest;
    }
    let likeliest = Number.NEGATIVE_INFINITY;
    const [across, along, points] = [FIRST_AT, SECOND_AT, POINTS];
    for (let point = 0; point < points; point++) {
      const u = across[point] ?? 0;
      const v = along[point] ?? 0;
      const likelihood = u * (x - (xx * u) / 2 - xy * v) + v * (y - (yy * v) / 2);
      posterior[point] = likelihood;
      if (likelihood > likeliest) likeliest = likelihood;
    }
    let total = 0;
    for (let point = 0; point < points; point++) {
      const below = (posterior[point] ?? 0) - likeliest;
      const weight = below < -IMPOSSIBLE ? 0 : (weights[point] ?? 0) * Math.exp(below);
      posterior[point] = weight;
      total += weight;
    }
    let left = this.#random.fraction() * total;
    let drawn = 0;
    while (drawn < points - 1 && left >= (posterior[drawn] ?? 0)) left -= posterior[drawn++] ?? 0;
    for (let point = 0; point < points; point++) posterior[point] = (posterior[point] ?? 0) / total;
    this.at[item] = drawn;
    const [shiftX, shiftY] = [(FIRST_AT[drawn] ?? 0) - oldX, (SECOND_AT[drawn] ?? 0) - oldY];
    for (let voter = 0; voter < voters; voter++) {
      const shift = (first[voter] ?? 0) * shiftX + (second[voter] ?? 0) * shiftY;
      means[voter] = (means[voter] ?? 0) + shift;
    }
  }
}
