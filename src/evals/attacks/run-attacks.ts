// The attacks on aggregation, re-run on recorded verdicts: attackers take some of a council's seats, the others vote as recorded,
// and what each way of counting makes of it is told by number of attackers.
import { badInput } from '../../errors.ts';
import { Random } from '../../simulation/random.ts';
import { recordOn } from '../compose/weighted-marks.ts';
import type { VerdictTable } from '../verdicts/verdict-table.ts';
import type { AttackPoint } from './attack-sums.ts';
import { ATTACKS, type Attack, mostTypical } from './attackers.ts';
import { type CertainSeat, certainSeat } from './certain-seat.ts';
import { attackCases, CASE_RULES, type CaseRule, drawCases } from './criterion-cases.ts';
import { attackItems, halvesOf, ITEM_RULES, type ItemRule } from './item-attacks.ts';
import { ordersOf, PLACEMENTS, type Placement } from './seat-choices.ts';

export type Rule = ItemRule | CaseRule;

export interface AttackOptions {
  readonly seed: number;
  /** from none to so many; by default half the council */
  readonly mostAttackers?: number;
  /** choices of seats by lot, of which the mean is taken */
  readonly choices?: number;
  /** of a case */
  readonly criteria?: number;
}

export interface AttackCurve {
  readonly attack: Attack;
  readonly rule: Rule;
  readonly placement: Placement;
  readonly points: readonly AttackPoint[];
}

export interface AttackReport {
  readonly seats: number;
  readonly choices: number;
  readonly criteria: number;
  readonly curves: readonly AttackCurve[];
  readonly certain: readonly CertainSeat[];
  /** the share of items on which honest seats are right, on average and the best of them */
  readonly honest: { readonly mean: number; readonly best: number };
  /** whom the copycats copy */
  readonly copied: string;
}

const CHOICES = 10;
const CRITERIA = 3;
/** Beside the streams of chance of other measures. */
const STREAM = 31;

/** Every voter of the table is a seat of the council. */
export function runAttacks(table: VerdictTable, options: AttackOptions): AttackReport {
  const seats = table.voters.length;
  const { choices = CHOICES, criteria = CRITERIA, mostAttackers = Math.floor(seats / 2) } = options;
  if (!(mostAttackers >= 0 && mostAttackers < seats)) {
    throw badInput(`expected fewer attackers than the ${seats} seats, found ${mostAttackers}`);
  }
  const random = new Random(options.seed, STREAM);
  const halves = halvesOf(table, random);
  const copied = mostTypical(table);
  const curves: AttackCurve[] = [];
  for (const placement of PLACEMENTS) {
    const orders = ordersOf(table, placement, choices, random);
    const rounds = Array.from({ length: choices }, (_, round) => ({
      cases: drawCases(table.items, criteria, random),
      order: orders[round % orders.length] ?? [],
    }));
    for (const attack of ATTACKS) {
      const add = (rule: Rule, pointAt: (attackers: number) => AttackPoint): void => {
        const points = Array.from({ length: mostAttackers + 1 }, (_, attackers) => pointAt(attackers));
        curves.push({ attack, rule, placement, points });
      };
      for (const rule of ITEM_RULES) {
        add(rule, (attackers) => attackItems({ table, halves, attack, rule, copied }, orders, attackers));
      }
      for (const rule of CASE_RULES) {
        add(rule, (attackers) => attackCases({ table, attack, rule, copied }, rounds, attackers));
      }
    }
  }
  const all = table.voters.map((_, seat) => seat);
  const { right, asked } = recordOn(table, all, [...table.items.labels.keys()]);
  const shares = all.map((seat) => (right[seat] ?? 0) / Math.max(1, asked[seat] ?? 0));
  return {
    seats,
    choices,
    criteria,
    curves,
    certain: certainSeat(table, halves, random),
    honest: { mean: shares.reduce((sum, share) => sum + share, 0) / seats, best: Math.max(...shares) },
    copied: table.voters[copied]?.name ?? '',
  };
}
