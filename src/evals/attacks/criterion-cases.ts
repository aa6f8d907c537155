// Cases of several criteria, made of recorded verdicts: items of different clusters, drawn by lot, are taken for the criteria
// of one case, which should be approved where every one of them should. A seat approves a case if it approves them all. Then
// counting whole verdicts, as the council does, can be held against counting each criterion by itself: seats that each miss
// another criterion approve nothing together, and yet every criterion may have its quorum (protocol 4.8).
import { quorumOf } from '../../consensus/quorum.ts';
import type { Random } from '../../simulation/random.ts';
import { type CouncilOutcome, councilOutcome } from '../measures/council-outcomes.ts';
import { ABSTAIN, APPROVE, type Items, REJECT, type VerdictTable } from '../verdicts/verdict-table.ts';
import { type AttackPoint, AttackSums } from './attack-sums.ts';
import { type Attack, hasTruth, strike, wrongOf } from './attackers.ts';

export const CASE_RULES = ['verdicts', 'criteria'] as const;
export type CaseRule = (typeof CASE_RULES)[number];

export interface CriterionCase {
  readonly items: readonly number[];
  /** APPROVE or REJECT */
  readonly label: number;
}

/** No cluster is in two cases, so that cases are independent; they should be approved and rejected by turns. */
export function drawCases(items: Items, criteria: number, random: Random): readonly CriterionCase[] {
  const clusters: number[][] = Array.from({ length: items.clusterCount }, () => []);
  items.labels.forEach((label, item) => {
    if (hasTruth(label)) clusters[items.clusters[item] ?? 0]?.push(item);
  });
  const left = random.shuffled(clusters.filter((list) => list.length > 0));
  const take = (suits: (label: number | undefined) => boolean): number | undefined => {
    const at = left.findIndex((list) => list.some((item) => suits(items.labels[item])));
    const [list = []] = at < 0 ? [] : left.splice(at, 1);
    return random.pickMaybe(list.filter((item) => suits(items.labels[item])));
  };
  const cases: CriterionCase[] = [];
  for (;;) {
    const label = cases.length % 2 === 0 ? APPROVE : REJECT;
    const chosen: number[] = [];
    for (let criterion = 0; criterion < criteria; criterion++) {
      // One criterion of a case to be rejected fails; the others are as they come.
      const free = label === REJECT && criterion > 0;
      const item = take((own) => free || own === label);
      if (item === undefined) return cases;
      chosen.push(item);
    }
    cases.push({ items: chosen, label });
  }
}

export interface CaseAttack {
  readonly table: VerdictTable;
  readonly attack: Attack;
  readonly rule: CaseRule;
  readonly copied: number;
}

/** A round is a drawing of cases and an order of the seats, of which the first so many are the attackers. */
export interface Round {
  readonly cases: readonly CriterionCase[];
  readonly order: readonly number[];
}

export function attackCases(given: CaseAttack, rounds: readonly Round[], attackers: number): AttackPoint {
  const most = Math.max(0, ...rounds.map(({ cases }) => cases.length));
  const labels = Uint8Array.from({ length: most }, (_, at) => (at % 2 === 0 ? APPROVE : REJECT));
  const sums = new AttackSums(labels, Uint32Array.from(labels.keys()));
  for (const { cases, order } of rounds) {
    const taken = order.filter((seat) => given.attack !== 'copycats' || seat !== given.copied);
    const lying = new Set(taken.slice(0, attackers));
    const honest = order.filter((seat) => !lying.has(seat));
    cases.forEach((one, at) => {
      attackCase(given, one, honest, attackers, (outcome, right) => sums.add(at, outcome, right ? 1 : 0));
    });
  }
  return sums.point(attackers);
}

function attackCase(
  { table, attack, rule, copied }: CaseAttack,
  { items, label }: CriterionCase,
  honest: readonly number[],
  attackers: number,
  tell: (outcome: CouncilOutcome, votedRight: boolean) => void,
): void {
  const quorum = quorumOf(table.voters.length);
  const said = countSaid(table.verdicts, items, honest, rule);
  const outcomeWhen = (theirs: readonly number[]): CouncilOutcome =>
    together(
      (rule === 'verdicts' ? [verdictOf(theirs)] : theirs).map((their, at) => {
        const counted = (verdict: number): number =>
          (said[at * CODES + verdict] ?? 0) + (their === verdict ? attackers : 0);
        return councilOutcome(counted(APPROVE), counted(REJECT), quorum);
      }),
    );
  if (attack === 'copycats') {
    const copies = items.map((item) => table.verdicts[copied]?.[item] ?? ABSTAIN);
    tell(outcomeWhen(copies), verdictOf(copies) === label);
    return;
  }
  const truth = items.map((item) => table.items.labels[item] ?? ABSTAIN);
  const lie = items.map(() => wrongOf(label));
  const { outcome, votedRight } = strike(attack, label, outcomeWhen(truth), outcomeWhen(lie));
  tell(outcome, votedRight);
}

const CODES = ABSTAIN + 1;

/** By question that is counted, the whole case or each criterion, by verdict, how many of the honest seats give it. */
function countSaid(
  verdicts: readonly Uint8Array[],
  items: readonly number[],
  honest: readonly number[],
  rule: CaseRule,
): Uint16Array {
  const said = new Uint16Array(items.length * CODES);
  for (const seat of honest) {
    const row = verdicts[seat];
    let whole = APPROVE;
    for (let at = 0; at < items.length; at++) {
      const verdict = row?.[items[at] ?? 0] ?? ABSTAIN;
      if (rule === 'criteria') said[at * CODES + verdict] = (said[at * CODES + verdict] ?? 0) + 1;
      if (verdict === REJECT) whole = REJECT;
      else if (verdict !== APPROVE && whole === APPROVE) whole = ABSTAIN;
    }
    if (rule === 'verdicts') said[whole] = (said[whole] ?? 0) + 1;
  }
  return said;
}

/** Of findings a verdict: one that fails is enough to reject, and to approve all must be met. */
function verdictOf(findings: readonly number[]): number {
  if (findings.includes(REJECT)) return REJECT;
  return findings.every((finding) => finding === APPROVE) ? APPROVE : ABSTAIN;
}

function together(criteria: readonly CouncilOutcome[]): CouncilOutcome {
  if (criteria.includes('rejected')) return 'rejected';
  return criteria.every((outcome) => outcome === 'approved') ? 'approved' : 'undecided';
}
