// A tally in which seats weigh by what they got right before, and yet no f of them hold a third. Weights are the log-odds of
// being right on training items (Nitzan and Paroush 1982), never what a voter says of its own certainty: that is for the liar to
// choose. They are capped until the f heaviest weigh less than a third together, as f of n plain seats do, and what approves is
// q/n of the whole. All of it is in whole numbers, so that with equal weights it is the plain count exactly (protocol 1.1, 4.7).
import { type Quorum, quorumOf } from '../../consensus/quorum.ts';
import type { CouncilOutcome } from '../measures/council-outcomes.ts';

const STEPS_PER_NAT = 100;
/** No seat is silenced: the share of one without weight would fall to the others. About that of one right in 52 of 100. */
const LEAST_WEIGHT = 10;

export interface Weighting {
  /** by seat, in whole numbers above 0 */
  readonly weights: Uint32Array;
  readonly whole: number;
  readonly quorum: Quorum;
}

/** By seat, how often right of how often asked, on items that are not scored. */
export function earnedWeights(right: ArrayLike<number>, asked: ArrayLike<number>): Weighting {
  const earned = Array.from(right, (hits, seat) => {
    const odds = (hits + 1) / ((asked[seat] ?? 0) - hits + 1);
    return Math.max(LEAST_WEIGHT, Math.round(STEPS_PER_NAT * Math.log(odds)));
  });
  return cappedWeighting(earned);
}

export function equalWeighting(seats: number): Weighting {
  return { weights: new Uint32Array(seats).fill(1), whole: seats, quorum: quorumOf(seats) };
}

/** The highest cap under which the f heaviest hold less than a third. A cap of the least weight makes all equal: f < n/3. */
export function cappedWeighting(earned: readonly number[]): Weighting {
  const quorum = quorumOf(earned.length);
  const sorted = [...earned].sort((a, b) => b - a);
  const under = (cap: number, seats: readonly number[]): number =>
    seats.reduce((sum, weight) => sum + Math.min(weight, cap), 0);
  const heaviest = sorted.slice(0, quorum.f);
  const [least, most] = [sorted.at(-1) ?? 1, sorted[0] ?? 1];
  let cap = most;
  while (cap > least && 3 * under(cap, heaviest) >= under(cap, sorted)) cap--;
  const weights = Uint32Array.from(earned, (weight) => Math.min(weight, cap));
  return { weights, whole: under(cap, sorted), quorum };
}

/** What the tally says when seats of these weights together approve, and of those reject. */
export function weightedOutcome(
  approving: number,
  rejecting: number,
  { whole, quorum: { n, q } }: Weighting,
): CouncilOutcome {
  if (approving * n >= q * whole) return 'approved';
  return rejecting * n > (n - q) * whole ? 'rejected' : 'undecided';
}
