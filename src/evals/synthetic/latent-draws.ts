// Draws of who is wrong on an item, for a given row of voters of one latent model: the inner loop of everything synthetic. All it
// needs lies in flat arrays made beforehand; an item costs a normal for each group of two or more and one number a voter.
import { invariant } from '../../errors.ts';
import type { Random } from '../../simulation/random.ts';
import { DOMAINS } from '../verdicts/verdict-table.ts';
import { groupsOf, type LatentModel, type LatentVoter, SIDES } from './latent-model.ts';
import { NormalDraws, normalCdf } from './normal.ts';

/** What became of a voter on an item. */
export const RIGHT = 0;
export const WRONG = 1;
export const ABSTAINED = 2;

/** The normal function at steps of 1/64, read with straight lines between: off by less than 0.00001. */
const REACH = 6;
const STEPS = 64;
const cdf = Float64Array.from({ length: 2 * REACH * STEPS + 2 }, (_, i) => normalCdf(i / STEPS - REACH));

/** A side of a row of voters. */
interface PreparedSide {
  /** by point of difficulty, the share of items at it or below */
  readonly upTo: Float64Array;
  /** by point, by voter: the hidden number's mean, in standard deviations of what the voter shares with nobody in the row */
  readonly means: Float64Array;
  /** by shared level, by voter: how much of the group's effect it takes, in the same measure */
  readonly shares: Float64Array;
}

export class LatentDraws {
  readonly voters: number;
  /** by voter, what became of it on the item last drawn */
  readonly outcomes: Uint8Array;
  readonly #random: Random;
  readonly #normals: NormalDraws;
  readonly #sides: readonly PreparedSide[];
  readonly #abstains: Float64Array;
  /** by shared level, by voter: the number of its group among all groups of two or more, or that of the group without effect */
  readonly #groups: Int32Array;
  /** by group, its effect on the item at hand; the last one's is always 0 */
  readonly #effects: Float64Array;

  constructor(model: LatentModel, voters: readonly LatentVoter[], random: Random) {
    this.#random = random;
    this.#normals = new NormalDraws(random);
    this.voters = voters.length;
    this.outcomes = new Uint8Array(voters.length);
    this.#abstains = Float64Array.from(voters, ({ abstains }) => abstains);
    const levels = DOMAINS.filter((domain) =>
      SIDES.some((side) => (model[side].shared[domain] ?? 0) > 0),
    ).map((domain) => ({ domain, ...groupsOf(voters, domain) }));
    this.#groups = new Int32Array(levels.length * voters.length);
    let groups = 0;
    levels.forEach(({ of, sizes }, level) => {
      const numbers = Int32Array.from(sizes, (size) => (size > 1 ? groups++ : -1));
      of.forEach((group, voter) => {
        this.#groups[level * voters.length + voter] = numbers[group] ?? -1;
      });
    });
    this.#groups.forEach((group, i) => {
      if (group < 0) this.#groups[i] = groups;
    });
    this.#effects = new Float64Array(groups + 1);
    this.#sides = SIDES.map((side) => {
      const { difficulty, shared } = model[side];
      const spreads = levels.map(({ domain }) => shared[domain] ?? 0);
      const { points, weights } = difficulty;
      const means = new Float64Array(points.length * voters.length);
      const shares = new Float64Array(levels.length * voters.length);
      voters.forEach((voter, v) => {
        const { threshold, loadings } = voter[side];
        // What a voter shares with nobody in this row is its own.
        const alone = spreads.reduce(
          (sum, spread, level) => sum + (this.#inGroup(level, v) ? 0 : spread ** 2),
          1,
        );
        const own = Math.sqrt(alone);
        points.forEach((point, p) => {
          means[p * voters.length + v] = (loadings[0] * point[0] + loadings[1] * point[1] - threshold) / own;
        });
        spreads.forEach((spread, level) => {
          shares[level * voters.length + v] = spread / own;
        });
      });
      let sum = 0;
      const upTo = Float64Array.from(weights, (weight) => (sum += weight));
      return { upTo: upTo.map((part) => part / sum), means, shares };
    });
  }

  #inGroup(level: number, voter: number): boolean {
    return (this.#groups[level * this.voters + voter] ?? 0) < this.#effects.length - 1;
  }

  /** An item of a side (0 to be approved, 1 to be rejected), of a difficulty that such a share of items does not reach. */
  draw(side: number, hardness: number): void {
    const prepared = this.#sides[side];
    invariant(prepared !== undefined, 'an item to be approved or rejected');
    const { upTo, means, shares } = prepared;
    const { voters } = this;
    const effects = this.#effects;
    for (let group = 0; group < effects.length - 1; group++) effects[group] = this.#normals.next();
    let point = 0;
    while (point < upTo.length - 1 && hardness >= (upTo[point] ?? 1)) point++;
    const from = point * voters;
    for (let voter = 0; voter < voters; voter++) {
      let mean = means[from + voter] ?? 0;
      for (let at = voter; at < shares.length; at += voters) {
        mean += (shares[at] ?? 0) * (effects[this.#groups[at] ?? 0] ?? 0);
      }
      const abstains = this.#abstains[voter] ?? 0;
      const wrong = probability(mean);
      const lot = this.#random.fraction();
      this.outcomes[voter] =
        lot < abstains ? ABSTAINED : lot < abstains + (1 - abstains) * wrong ? WRONG : RIGHT;
    }
  }
}

function probability(mean: number): number {
  if (mean <= -REACH) return 0;
  if (mean >= REACH) return 1;
  const place = (mean + REACH) * STEPS;
  const below = place | 0;
  const low = cdf[below] ?? 0;
  return low + ((cdf[below + 1] ?? 1) - low) * (place - below);
}
