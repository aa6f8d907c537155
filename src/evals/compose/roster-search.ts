// The search for a roster: from several starts, each seat in turn is given to the candidate that lowers the loss most, until no
// exchange lowers it. What is lowered is not the count of training items decided wrongly. That count is flat almost everywhere,
// and it rewards a roster for items decided rightly by one vote, which among items never seen go either way. Each item instead
// costs by how near it is to the quorum, by a logistic curve over the margin.
import { type Quorum, quorumOf } from '../../consensus/quorum.ts';
import { badInput } from '../../errors.ts';
import type { Random } from '../../simulation/random.ts';
import { APPROVE, MISSING, REJECT, type VerdictTable } from '../verdicts/verdict-table.ts';
import type { LossWeights } from './loss-weights.ts';
import { SeatCaps } from './seat-caps.ts';

export interface SearchOptions {
  readonly seats: number;
  /** no value of any domain holds more seats than this */
  readonly cap: number;
  readonly weights: LossWeights;
  readonly random: Random;
  readonly starts?: number;
  /** in seats, how far a margin may move between items seen and items not seen; 0 counts training items as they are */
  readonly blur?: number;
}

const STARTS = 6;
/** Of a council of 33; others in proportion. On recorded verdicts anything from 1 to 6 does about as well, and 0 no better. */
const BLUR_OF_33 = 3;
/** An exchange that gains less is none: sums of floats in another order differ by as much. */
const LEAST_GAIN = 1e-9;
/** Rounds over all seats. Every exchange lowers the cost, so that this only bounds what cannot happen. */
const MOST_ROUNDS = 1000;

/**
 * What the search sees of an item: who says the thing that counts, and what so many saying it costs. An item that should be
 * rejected costs by its approvals. One that should be approved costs as undecided by the approvals it lacks and, where a
 * rejection costs something else, the difference by its rejections.
 */
interface Rows {
  readonly count: number;
  /** by voter, the rows in which it says the thing that counts */
  readonly says: readonly Uint32Array[];
  /** by row, which of the cost curves applies */
  readonly curve: Uint8Array;
  /** by curve, by how many seats say it */
  readonly costs: readonly Float64Array[];
}

interface Found {
  readonly roster: readonly number[];
  readonly cost: number;
}

/** Voters by their number in the pool, in ascending order. */
export function searchRoster(table: VerdictTable, options: SearchOptions): readonly number[] {
  const { seats, cap, random, starts = STARTS } = options;
  if (!(Number.isSafeInteger(seats) && seats >= 1)) {
    throw badInput(`expected a number of seats of 1 or more, found ${seats}`);
  }
  const caps = new SeatCaps(table.voters, cap);
  const rows = rowsOf(table, options);
  let best = exchange(rows, caps, caps.full(byAccuracy(table), seats, random));
  for (let start = 1; start < starts; start++) {
    const found = exchange(rows, caps, caps.drawn(seats, random));
    if (found.cost < best.cost - LEAST_GAIN) best = found;
  }
  return [...best.roster].sort((a, b) => a - b);
}

/** What the search lowers, in the unit of the loss, summed over the items. */
export function blurredLoss(
  table: VerdictTable,
  roster: readonly number[],
  options: Pick<SearchOptions, 'seats' | 'weights' | 'blur'>,
): number {
  const rows = rowsOf(table, options);
  return costOf(rows, countsOf(rows, roster));
}

/** The voters by the share of the items they answered that they got right, the best first. */
export function byAccuracy({ voters, verdicts, items }: VerdictTable): readonly number[] {
  const right = verdicts.map((row) => {
    let [hits, asked] = [0, 0];
    row.forEach((verdict, item) => {
      const label = items.labels[item];
      if (verdict === MISSING || (label !== APPROVE && label !== REJECT)) return;
      asked++;
      if (verdict === label) hits++;
    });
    return hits / Math.max(1, asked);
  });
  return voters.map((_, voter) => voter).sort((a, b) => (right[b] ?? 0) - (right[a] ?? 0) || a - b);
}

function rowsOf(
  { items, verdicts }: VerdictTable,
  { seats, weights, blur = (BLUR_OF_33 * seats) / 33 }: Pick<SearchOptions, 'seats' | 'weights' | 'blur'>,
): Rows {
  const quorum = quorumOf(seats);
  const labelled = (label: number): number[] =>
    [...items.labels.keys()].filter((item) => items.labels[item] === label);
  const toApprove = labelled(APPROVE);
  const { wrongApproval, wrongRejection, undecided } = weights;
  const lacking = reaching(quorum, quorum.q, undecided, blur).map((cost) => undecided - cost);
  const opposed = reaching(quorum, quorum.n - quorum.q + 1, wrongRejection - undecided, blur);
  const parts = [
    { of: labelled(REJECT), verdict: APPROVE, costs: reaching(quorum, quorum.q, wrongApproval, blur) },
    { of: toApprove, verdict: APPROVE, costs: lacking },
    { of: wrongRejection === undecided ? [] : toApprove, verdict: REJECT, costs: opposed },
  ];
  const curve = Uint8Array.from(parts.flatMap(({ of }, part) => of.map(() => part)));
  return {
    count: curve.length,
    says: verdicts.map((row) => {
      const at: number[] = [];
      let next = 0;
      for (const { of, verdict } of parts) {
        for (const item of of) {
          if (row[item] === verdict) at.push(next);
          next++;
        }
      }
      return Uint32Array.from(at);
    }),
    curve,
    costs: parts.map(({ costs }) => costs),
  };
}

/** By how many seats say a thing, the cost of `threshold` of them saying it, the margin being as uncertain as `blur`. */
function reaching({ n }: Quorum, threshold: number, cost: number, blur: number): Float64Array {
  return Float64Array.from({ length: n + 1 }, (_, count) => {
    const margin = count - threshold + 0.5;
    if (blur === 0) return margin > 0 ? cost : 0;
    return cost / (1 + Math.exp(-margin / blur));
  });
}

function countsOf({ says, count }: Rows, roster: readonly number[]): Uint16Array {
  const counts = new Uint16Array(count);
  for (const voter of roster) addTo(counts, says[voter], 1);
  return counts;
}

function addTo(counts: Uint16Array, says: Uint32Array | undefined, by: number): void {
  if (says === undefined) return;
  for (let i = 0; i < says.length; i++) {
    const row = says[i] ?? 0;
    counts[row] = (counts[row] ?? 0) + by;
  }
}

function costOf({ curve, costs }: Rows, counts: Uint16Array): number {
  return counts.reduce((sum, count, i) => sum + (costs[curve[i] ?? 0]?.[count] ?? 0), 0);
}

/** Seat after seat is emptied and given to the best candidate whom the caps allow, its holder among them. */
function exchange(rows: Rows, caps: SeatCaps, start: readonly number[]): Found {
  const roster = [...start];
  const seated = new Set(roster);
  const held = caps.holding(roster);
  const counts = countsOf(rows, roster);
  const rise = new Float64Array(rows.count);
  let unchanged = 0;
  for (let turn = 0; unchanged < roster.length && turn < MOST_ROUNDS * roster.length; turn++) {
    const seat = turn % roster.length;
    const holder = roster[seat] ?? 0;
    addTo(counts, rows.says[holder], -1);
    held.remove(holder);
    riseOf(rows, counts, rise);
    let best = holder;
    let least = sumOver(rows.says[holder], rise) - LEAST_GAIN;
    for (let voter = 0; voter < rows.says.length; voter++) {
      if (seated.has(voter) || !held.fits(voter)) continue;
      const cost = sumOver(rows.says[voter], rise);
      if (cost < least) {
        best = voter;
        least = cost;
      }
    }
    addTo(counts, rows.says[best], 1);
    held.add(best);
    seated.delete(holder);
    seated.add(best);
    roster[seat] = best;
    unchanged = best === holder ? unchanged + 1 : 0;
  }
  return { roster, cost: costOf(rows, counts) };
}

/** By row, what one more who says it costs. */
function riseOf({ curve, costs }: Rows, counts: Uint16Array, rise: Float64Array): void {
  for (let i = 0; i < rise.length; i++) {
    const cost = costs[curve[i] ?? 0] ?? rise;
    const at = counts[i] ?? 0;
    rise[i] = (cost[at + 1] ?? 0) - (cost[at] ?? 0);
  }
}

function sumOver(says: Uint32Array | undefined, rise: Float64Array): number {
  if (says === undefined) return 0;
  let sum = 0;
  for (let i = 0; i < says.length; i++) sum += rise[says[i] ?? 0] ?? 0;
  return sum;
}
