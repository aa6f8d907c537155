// Draws of who is wrong on an item, for given voters of one latent model: the inner loop of everything synthetic. All it needs
// lies in flat arrays made beforehand; an item costs a normal for each group of two or more, and a voter one number by lot.
import { invariant } from '../../errors.ts';
import type { Random } from '../../simulation/random.ts';
import { DOMAINS } from '../verdicts/verdict-table.ts';
import {
  groupsOf,
  type LatentModel,
  type LatentSide,
  type LatentVoter,
  type Response,
  SIDES,
} from './latent-model.ts';
import { NormalDraws, normalCdf } from './normal.ts';

/** What became of a voter on an item. */
export const RIGHT = 0;
export const WRONG = 1;
export const ABSTAINED = 2;

/** The normal function at steps of 1/64, read with straight lines between: off by less than 0.00001. */
const REACH = 6;
const STEPS = 64;
const CDF = Float64Array.from({ length: 2 * REACH * STEPS + 2 }, (_, i) => normalCdf(i / STEPS - REACH));

interface PreparedSide {
  /** by point of difficulty, the share of items at it or below */
  readonly upTo: Float64Array;
  /** by point, by voter: the hidden number's mean, in standard deviations of what the voter shares with nobody here */
  readonly means: Float64Array;
  /** by shared level, by voter: how much of its group's effect it takes, in the same measure */
  readonly shares: Float64Array;
}

export class LatentDraws {
  /** by voter, what became of it on the item last drawn, and how many were right and wrong */
  readonly outcomes: Uint8Array;
  right = 0;
  wrong = 0;
  readonly #random: Random;
  readonly #normals: NormalDraws;
  readonly #sides: readonly PreparedSide[];
  readonly #abstains: Float64Array;
  /** by shared level, by voter: the number of its group, among all of two or more; those alone have the last, without effect */
  readonly #groups: Int32Array;
  /** by group, its effect on the item at hand; the last one's is always 0 */
  readonly #effects: Float64Array;

  constructor(model: LatentModel, voters: readonly LatentVoter[], random: Random) {
    this.#random = random;
    this.#normals = new NormalDraws(random);
    this.outcomes = new Uint8Array(voters.length);
    this.#abstains = Float64Array.from(voters, ({ abstains }) => abstains);
    const levels = DOMAINS.filter((domain) => SIDES.some((side) => (model[side].shared[domain] ?? 0) > 0));
    const members = levels.map((domain) => groupsOf(voters, domain));
    let groups = 0;
    const numbers = members.map(({ sizes }) => Int32Array.from(sizes, (size) => (size > 1 ? groups++ : -1)));
    this.#effects = new Float64Array(groups + 1);
    this.#groups = Int32Array.from({ length: levels.length * voters.length }, (_, at) => {
      const level = Math.floor(at / voters.length);
      const number = numbers[level]?.[members[level]?.of[at % voters.length] ?? 0] ?? -1;
      return number < 0 ? groups : number;
    });
    this.#sides = SIDES.map((name) => {
      const side = model[name];
      const spreads = levels.map((domain) => side.shared[domain] ?? 0);
      // What a voter shares with nobody here is its own.
      const own = Float64Array.from(voters, (_, voter) => {
        const alone = (level: number): boolean => this.#groups[level * voters.length + voter] === groups;
        return Math.sqrt(spreads.reduce((sum, spread, level) => sum + (alone(level) ? spread ** 2 : 0), 1));
      });
      return {
        upTo: upTo(side),
        means: meansOf(
          side,
          voters.map((voter) => voter[name]),
          own,
        ),
        shares: Float64Array.from(spreads.flatMap((spread) => Array.from(own, (sd) => spread / sd))),
      };
    });
  }

  /** An item of a side (0 to be approved, 1 to be rejected), harder than such a share of its kind. */
  draw(side: number, hardness: number): void {
    const prepared = this.#sides[side];
    invariant(prepared !== undefined, 'an item is to be approved or to be rejected');
    const { means, shares } = prepared;
    const effects = this.#effects;
    const groups = this.#groups;
    const outcomes = this.outcomes;
    const voters = outcomes.length;
    for (let group = 0; group < effects.length - 1; group++) effects[group] = this.#normals.next();
    const from = pointAt(prepared.upTo, hardness) * voters;
    let [right, wrong] = [0, 0];
    for (let voter = 0; voter < voters; voter++) {
      let mean = means[from + voter] ?? 0;
      for (let at = voter; at < shares.length; at += voters) {
        mean += (shares[at] ?? 0) * (effects[groups[at] ?? 0] ?? 0);
      }
      const abstains = this.#abstains[voter] ?? 0;
      const lot = this.#random.fraction();
      if (lot < abstains) {
        outcomes[voter] = ABSTAINED;
      } else if (lot < abstains + (1 - abstains) * probability(mean)) {
        outcomes[voter] = WRONG;
        wrong++;
      } else {
        outcomes[voter] = RIGHT;
        right++;
      }
    }
    this.right = right;
    this.wrong = wrong;
  }
}

function meansOf(
  { difficulty: { points } }: LatentSide,
  responses: readonly Response[],
  own: Float64Array,
): Float64Array {
  const means = new Float64Array(points.length * responses.length);
  responses.forEach(({ threshold, loadings: [first, second] }, voter) => {
    const spread = own[voter] ?? 1;
    for (let point = 0; point < points.length; point++) {
      const [x, y] = points[point] ?? [0, 0];
      means[point * responses.length + voter] = (first * x + second * y - threshold) / spread;
    }
  });
  return means;
}

function upTo({ difficulty }: LatentSide): Float64Array {
  const shares = Float64Array.from(difficulty.weights);
  for (let point = 1; point < shares.length; point++) {
    shares[point] = (shares[point] ?? 0) + (shares[point - 1] ?? 0);
  }
  const total = shares[shares.length - 1] ?? 1;
  return shares.map((share) => share / total);
}

/** The first point up to which a larger share lies. */
function pointAt(upTo: Float64Array, hardness: number): number {
  let low = 0;
  let high = upTo.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((upTo[middle] ?? 1) <= hardness) low = middle + 1;
    else high = middle;
  }
  return low;
}

function probability(mean: number): number {
  if (mean <= -REACH) return 0;
  if (mean >= REACH) return 1;
  const place = (mean + REACH) * STEPS;
  const below = place | 0;
  const low = CDF[below] ?? 0;
  return low + ((CDF[below + 1] ?? 1) - low) * (place - below);
}
