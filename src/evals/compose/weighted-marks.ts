// How a roster does when its seats weigh by what they got right on the training items: beside the plain count, the one use of
// weights that the council could ever make (product: quality-weighted tallies, with caps).
import { APPROVE, MISSING, REJECT, type VerdictTable } from '../verdicts/verdict-table.ts';
import { earnedWeights, type Weighting, weightedOutcome } from './capped-weights.ts';
import { markOf } from './council-marks.ts';

export function weightedMarks(
  table: VerdictTable,
  roster: readonly number[],
  training: readonly number[],
): Uint8Array {
  const { right, asked } = recordOn(table, roster, training);
  return marksUnder(table, roster, earnedWeights(right, asked));
}

/** By seat, what it did on some items. */
export interface TrackRecord {
  readonly right: Uint32Array;
  readonly asked: Uint32Array;
}

/** A verdict that is missing is not held against a seat; an abstention is. */
export function recordOn(
  { items, verdicts }: VerdictTable,
  roster: readonly number[],
  training: readonly number[],
): TrackRecord {
  const right = new Uint32Array(roster.length);
  const asked = new Uint32Array(roster.length);
  roster.forEach((voter, seat) => {
    for (const item of training) {
      const label = items.labels[item];
      const verdict = verdicts[voter]?.[item] ?? MISSING;
      if (verdict === MISSING || (label !== APPROVE && label !== REJECT)) continue;
      asked[seat] = (asked[seat] ?? 0) + 1;
      if (verdict === label) right[seat] = (right[seat] ?? 0) + 1;
    }
  });
  return { right, asked };
}

/** By item, the mark of the roster under a weighting of its seats. */
function marksUnder(
  { items, verdicts }: VerdictTable,
  roster: readonly number[],
  weighting: Weighting,
): Uint8Array {
  return items.labels.map((label, item) => {
    let approving = 0;
    let rejecting = 0;
    roster.forEach((voter, seat) => {
      const verdict = verdicts[voter]?.[item];
      const weight = weighting.weights[seat] ?? 0;
      if (verdict === APPROVE) approving += weight;
      else if (verdict === REJECT) rejecting += weight;
    });
    return markOf(label, weightedOutcome(approving, rejecting, weighting));
  });
}
