// One seat that is always certain and always wrong, shown on what the council does not do: weighing votes by the confidence
// that voters state. Confidence is a number that the liar chooses. Summed, 1.0 outweighs every honest doubt; as odds it is
// infinite, and one seat decides everything. Counting, and weights that are earned and capped, have no such number in them.
import type { Random } from '../../simulation/random.ts';
import { earnedWeights, equalWeighting, type Weighting, weightedOutcome } from '../compose/capped-weights.ts';
import type { CouncilOutcome } from '../measures/council-outcomes.ts';
import { APPROVE, NO_CONFIDENCE, REJECT, type VerdictTable } from '../verdicts/verdict-table.ts';
import { type AttackPoint, AttackSums } from './attack-sums.ts';
import { hasTruth, wrongOf } from './attackers.ts';
import { type Halves, majorityWeighting } from './item-attacks.ts';

export const CERTAINTY_RULES = ['majority', 'quorum', 'weighted', 'confidence', 'odds'] as const;
export type CertaintyRule = (typeof CERTAINTY_RULES)[number];

export interface CertainSeat {
  readonly rule: CertaintyRule;
  readonly honest: AttackPoint;
  /** one liar, the mean over which seat it is */
  readonly oneLiar: AttackPoint;
}

/** Where no confidence was recorded it is what the voter is worth elsewhere, give or take so much from item to item. */
const JITTER = 0.05;
const LEAST_CONFIDENCE = 0.5;
const MOST_HONEST_CONFIDENCE = 0.99;

export function certainSeat(table: VerdictTable, halves: Halves, random: Random): readonly CertainSeat[] {
  const confidences = confidencesOf(table, halves, random);
  const seats = table.voters.map((_, seat) => seat);
  return CERTAINTY_RULES.map((rule) => {
    const { labels, clusters } = table.items;
    const honest = new AttackSums(labels, clusters);
    const lied = new AttackSums(labels, clusters);
    decide(table, halves, confidences, rule, undefined, honest);
    for (const liar of seats) decide(table, halves, confidences, rule, liar, lied);
    return { rule, honest: honest.point(0), oneLiar: lied.point(1) };
  });
}

/** By seat, by item, from 0 to 1. */
function confidencesOf(table: VerdictTable, { halfOf, records }: Halves, random: Random): Float64Array[] {
  return table.verdicts.map((row, seat) =>
    Float64Array.from(row, (_, item) => {
      const stated = table.confidences?.[seat]?.[item] ?? NO_CONFIDENCE;
      if (stated !== NO_CONFIDENCE) return stated / 100;
      const record = records[halfOf[item] ?? 0];
      const accuracy = ((record?.right[seat] ?? 0) + 1) / ((record?.asked[seat] ?? 0) + 2);
      const jittered = accuracy + JITTER * (2 * random.fraction() - 1);
      return Math.min(MOST_HONEST_CONFIDENCE, Math.max(LEAST_CONFIDENCE, jittered));
    }),
  );
}

function decide(
  { items, verdicts, voters }: VerdictTable,
  { halfOf, records }: Halves,
  confidences: readonly Float64Array[],
  rule: CertaintyRule,
  liar: number | undefined,
  sums: AttackSums,
): void {
  const count = voters.length;
  const earned = records.map(({ right, asked }) =>
    earnedWeights(
      right.map((hits, seat) => (seat === liar ? 0 : hits)),
      asked,
    ),
  );
  const counted = rule === 'majority' ? majorityWeighting(count) : equalWeighting(count);
  const stated = rule === 'confidence' || rule === 'odds';
  items.labels.forEach((label, item) => {
    if (!hasTruth(label)) return;
    const weighting = (rule === 'weighted' ? earned[halfOf[item] ?? 0] : undefined) ?? counted;
    const votes = new Votes();
    for (let seat = 0; seat < count; seat++) {
      const lies = seat === liar;
      const confidence = lies ? 1 : (confidences[seat]?.[item] ?? 0);
      const weight = stated ? weightStated(rule, confidence) : (weighting.weights[seat] ?? 0);
      votes.add(lies ? wrongOf(label) : verdicts[seat]?.[item], weight);
    }
    sums.add(item, stated ? votes.heavier() : votes.counted(weighting), 0);
  });
}

function weightStated(rule: 'confidence' | 'odds', confidence: number): number {
  return rule === 'confidence' ? confidence : Math.max(0, Math.log(confidence / (1 - confidence)));
}

/** What weighs on either side. Weights without end outweigh all others, and among themselves they are counted. */
class Votes {
  #approving = 0;
  #rejecting = 0;
  #certainApproving = 0;
  #certainRejecting = 0;

  add(verdict: number | undefined, weight: number): void {
    const certain = weight === Number.POSITIVE_INFINITY;
    if (verdict === APPROVE && certain) this.#certainApproving++;
    else if (verdict === APPROVE) this.#approving += weight;
    else if (verdict === REJECT && certain) this.#certainRejecting++;
    else if (verdict === REJECT) this.#rejecting += weight;
  }

  counted(weighting: Weighting): CouncilOutcome {
    return weightedOutcome(this.#approving, this.#rejecting, weighting);
  }

  heavier(): CouncilOutcome {
    const certain = this.#certainApproving + this.#certainRejecting > 0;
    const lead = certain
      ? this.#certainApproving - this.#certainRejecting
      : this.#approving - this.#rejecting;
    if (lead > 0) return 'approved';
    return lead < 0 ? 'rejected' : 'undecided';
  }
}
