// Which seats attackers take: by lot, again and again, or the most accurate ones, which hurts most. An order of the seats is
// enough, since k attackers are its first k, and more attackers take more seats and give none back.
import type { Random } from '../../simulation/random.ts';
import { byAccuracy } from '../compose/roster-search.ts';
import type { VerdictTable } from '../verdicts/verdict-table.ts';

export const PLACEMENTS = ['random', 'strongest'] as const;
export type Placement = (typeof PLACEMENTS)[number];

export function ordersOf(
  table: VerdictTable,
  placement: Placement,
  choices: number,
  random: Random,
): readonly (readonly number[])[] {
  const ranked = byAccuracy(table);
  return placement === 'strongest'
    ? [ranked]
    : Array.from({ length: choices }, () => random.shuffled(ranked));
}
