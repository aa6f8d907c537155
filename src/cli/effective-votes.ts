// What is said of a panel that a suite has measured, wherever a decision of it is shown: how many independent votes its seats
// are worth. Where nothing was measured, nothing is claimed.
import type { Roster } from '../council/roster.ts';
import type { Measurement } from '../evals/results/measurement.ts';
import { counted, plural, visible } from './layout.ts';

/** For programs. */
export interface EffectiveVotes {
  readonly value: number;
  /** the 95 % interval */
  readonly low: number;
  readonly high: number;
  readonly items: number;
  readonly suite: string;
}

export function effectiveVotesIn(measured: Measurement | undefined): EffectiveVotes | null {
  if (measured === undefined) return null;
  const { effectiveVotes, items, suite } = measured;
  const { value, low, high } = effectiveVotes;
  return { value, low, high, items, suite };
}

/** "2.6 of 33 (95 % interval 2.4 to 2.9), measured by suite baseline-accuracy on 400 items" */
export function effectiveVotesWords(measured: Measurement, { seats }: Pick<Roster, 'seats'>): string {
  const { value, low, high } = measured.effectiveVotes;
  const standIns = seats.filter(({ provenance }) => provenance !== undefined).length;
  return [
    `${value.toFixed(1)} of ${measured.seats} (95 % interval ${low.toFixed(1)} to ${high.toFixed(1)})`,
    `measured by suite ${visible(measured.suite)} on ${counted(measured.items)} items`,
    ...(standIns > 0 ? [`of ${plural(standIns, 'stand-in')}, so it says nothing about models`] : []),
  ].join(', ');
}
