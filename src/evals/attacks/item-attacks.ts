// Attacks on the count of one verdict an item: by plain majority, by 22 of 33, and by weights earned and capped. Weights are
// earned on one half of the clusters and used on the other, and the other way round, so that every item is scored and none
// weighed itself in. Colluders are wrong there too, which weights notice. Pivotal attackers are sleepers: they are right on everything
// that they are weighed by, which earns them as much as anyone can get. Copycats earn what they copy.
import { type Quorum, quorumOf } from '../../consensus/quorum.ts';
import type { Random } from '../../simulation/random.ts';
import { earnedWeights, equalWeighting, type Weighting, weightedOutcome } from '../compose/capped-weights.ts';
import { clusterSplits } from '../compose/cluster-splits.ts';
import { recordOn, type TrackRecord } from '../compose/weighted-marks.ts';
import { APPROVE, REJECT, type VerdictTable } from '../verdicts/verdict-table.ts';
import { type AttackPoint, AttackSums } from './attack-sums.ts';
import { type Attack, hasTruth, strike, wrongOf } from './attackers.ts';

export const ITEM_RULES = ['majority', 'quorum', 'weighted'] as const;
export type ItemRule = (typeof ITEM_RULES)[number];

/** How the items are halved for weights: by item, which half, and by half, what each seat did on the other one. */
export interface Halves {
  readonly halfOf: Uint8Array;
  readonly records: readonly TrackRecord[];
}

export function halvesOf(table: VerdictTable, random: Random): Halves {
  const [split] = clusterSplits(table.items, 2, 0.5, random);
  const seats = table.voters.map((_, seat) => seat);
  const halfOf = new Uint8Array(table.items.labels.length);
  for (const item of split?.heldOut ?? []) halfOf[item] = 1;
  return {
    halfOf,
    records: [split?.heldOut ?? [], split?.training ?? []].map((others) => recordOn(table, seats, others)),
  };
}

export function majorityWeighting(seats: number): Weighting {
  const { n, f } = quorumOf(seats);
  const quorum: Quorum = { n, f, q: Math.floor(n / 2) + 1 };
  return { ...equalWeighting(seats), quorum };
}

export interface ItemAttack {
  readonly table: VerdictTable;
  readonly halves: Halves;
  readonly attack: Attack;
  readonly rule: ItemRule;
  /** which seat copycats copy; it stays where it is */
  readonly copied: number;
}

/** What so many attackers do, over choices of seats given as orders. */
export function attackItems(
  given: ItemAttack,
  orders: readonly (readonly number[])[],
  attackers: number,
): AttackPoint {
  const { labels, clusters } = given.table.items;
  const sums = new AttackSums(labels, clusters);
  for (const order of orders) attackOnce(given, order, attackers, sums);
  return sums.point(attackers);
}

function attackOnce(
  { table, halves, attack, rule, copied }: ItemAttack,
  order: readonly number[],
  attackers: number,
  sums: AttackSums,
): void {
  const { labels } = table.items;
  const taken = order.filter((seat) => attack !== 'copycats' || seat !== copied).slice(0, attackers);
  const weightings = weightingsFor(rule, attack, halves, taken, copied, table.voters.length);
  const strength = weightings.map(({ weights }) =>
    taken.reduce((sum, seat) => sum + (weights[seat] ?? 0), 0),
  );
  const lying = new Set(taken);
  const honest = order.filter((seat) => !lying.has(seat));
  const { approving, rejecting } = honestVotes(table, honest, halves.halfOf, weightings);
  const copies = table.verdicts[copied] ?? new Uint8Array();
  labels.forEach((label, item) => {
    const half = halves.halfOf[item] ?? 0;
    const weighting = weightings[half];
    if (!hasTruth(label) || weighting === undefined) return;
    const theirs = strength[half] ?? 0;
    const outcomeWhen = (verdict: number | undefined) =>
      weightedOutcome(
        (approving[item] ?? 0) + (verdict === APPROVE ? theirs : 0),
        (rejecting[item] ?? 0) + (verdict === REJECT ? theirs : 0),
        weighting,
      );
    if (attack === 'copycats') {
      sums.add(item, outcomeWhen(copies[item]), copies[item] === label ? 1 : 0);
      return;
    }
    const { outcome, votedRight } = strike(attack, label, outcomeWhen(label), outcomeWhen(wrongOf(label)));
    sums.add(item, outcome, votedRight ? 1 : 0);
  });
}

/** By half, the weighting in force there. */
function weightingsFor(
  rule: ItemRule,
  attack: Attack,
  { records }: Halves,
  taken: readonly number[],
  copied: number,
  seats: number,
): readonly Weighting[] {
  if (rule === 'majority') return records.map(() => majorityWeighting(seats));
  if (rule === 'quorum') return records.map(() => equalWeighting(seats));
  return records.map(({ right, asked }) => {
    const [earned, of] = [Uint32Array.from(right), Uint32Array.from(asked)];
    for (const seat of taken) {
      const shown = { colluders: 0, pivotal: asked[seat] ?? 0, copycats: right[copied] ?? 0 };
      earned[seat] = shown[attack];
      if (attack === 'copycats') of[seat] = asked[copied] ?? 0;
    }
    return earnedWeights(earned, of);
  });
}

/** By item, the weight of the honest seats that approve it, and of those that reject it. */
function honestVotes(
  { verdicts, items }: VerdictTable,
  honest: readonly number[],
  halfOf: Uint8Array,
  weightings: readonly Weighting[],
): { readonly approving: Uint32Array; readonly rejecting: Uint32Array } {
  const approving = new Uint32Array(items.labels.length);
  const rejecting = new Uint32Array(items.labels.length);
  for (const seat of honest) {
    const row = verdicts[seat] ?? new Uint8Array();
    const weights = weightings.map((weighting) => weighting.weights[seat] ?? 0);
    for (let item = 0; item < row.length; item++) {
      const weight = weights[halfOf[item] ?? 0] ?? 0;
      if (row[item] === APPROVE) approving[item] = (approving[item] ?? 0) + weight;
      else if (row[item] === REJECT) rejecting[item] = (rejecting[item] ?? 0) + weight;
    }
  }
  return { approving, rejecting };
}
