// How a council of some of the voters does on every item: a mark an item. Thousands of rosters are marked in a search and in a
// validation, so approvals and rejections are counted by one addition a verdict.
import { type Quorum, quorumOf } from '../../consensus/quorum.ts';
import { invariant } from '../../errors.ts';
import { type CouncilOutcome, councilOutcome } from '../measures/council-outcomes.ts';
import { ABSTAIN, APPROVE, REJECT, type VerdictTable } from '../verdicts/verdict-table.ts';

/** The marks. An item of which nothing can be said gets none. */
export const UNMARKED = 0;
export const RIGHT_APPROVAL = 1;
export const WRONG_REJECTION = 2;
/** should be approved, and is neither approved nor opposed */
export const UNDECIDED = 3;
export const WRONG_APPROVAL = 4;
export const RIGHT_REJECTION = 5;
/** should not be approved and is not, though without n−q+1 rejections */
export const RIGHTLY_UNDECIDED = 6;
export const MARKS = 7;

export function markOf(label: number | undefined, outcome: CouncilOutcome): number {
  if (label === REJECT) {
    if (outcome === 'approved') return WRONG_APPROVAL;
    return outcome === 'rejected' ? RIGHT_REJECTION : RIGHTLY_UNDECIDED;
  }
  if (label !== APPROVE) return UNMARKED;
  if (outcome === 'approved') return RIGHT_APPROVAL;
  return outcome === 'rejected' ? WRONG_REJECTION : UNDECIDED;
}

const REJECTION = 0x1_0000;

/** Bits of an outcome: a quorum of approvals, and so many rejections that there can be none. Never both (protocol 1.1). */
const APPROVED = 1;
const REJECTED = 2;
const OUTCOMES = 3;

/** By label and outcome, the mark. */
const MARK_AT = Uint8Array.from({ length: (ABSTAIN + 1) * OUTCOMES }, (_, at) => {
  const outcome = at % OUTCOMES;
  return markOf(
    Math.floor(at / OUTCOMES),
    outcome === APPROVED ? 'approved' : outcome === REJECTED ? 'rejected' : 'undecided',
  );
});

export class CouncilMarks {
  readonly #labels: Uint8Array;
  /** by voter, by item: 1 for an approval, 2¹⁶ for a rejection, so that a sum counts both */
  readonly #rows: readonly Int32Array[];
  readonly #sums: Int32Array;
  readonly #thresholds = new Map<number, Thresholds>();

  constructor({ items, verdicts }: VerdictTable) {
    invariant(verdicts.length < REJECTION / 2, 'fewer voters than a count can hold');
    this.#labels = items.labels;
    this.#rows = verdicts.map((row) =>
      Int32Array.from(row, (verdict) => (verdict === APPROVE ? 1 : verdict === REJECT ? REJECTION : 0)),
    );
    this.#sums = new Int32Array(items.labels.length);
  }

  /** By item, the mark of the council of these voters, which decides by the quorum of its size. */
  of(roster: readonly number[]): Uint8Array {
    const sums = this.#sums;
    sums.fill(0);
    for (const voter of roster) {
      const row = this.#rows[voter] ?? sums;
      for (let item = 0; item < sums.length; item++) sums[item] = (sums[item] ?? 0) + (row[item] ?? 0);
    }
    const { approves, rejects } = this.#thresholdsOf(roster.length);
    const marks = new Uint8Array(sums.length);
    for (let item = 0; item < sums.length; item++) {
      const sum = sums[item] ?? 0;
      const outcome = (approves[sum & (REJECTION - 1)] ?? 0) | (rejects[sum >>> 16] ?? 0);
      marks[item] = MARK_AT[(this.#labels[item] ?? 0) * OUTCOMES + outcome] ?? UNMARKED;
    }
    return marks;
  }

  #thresholdsOf(seats: number): Thresholds {
    const known = this.#thresholds.get(seats) ?? thresholdsOf(quorumOf(seats));
    this.#thresholds.set(seats, known);
    return known;
  }
}

/** The bit of the outcome that so many approvals, or so many rejections, set. */
interface Thresholds {
  readonly approves: Uint8Array;
  readonly rejects: Uint8Array;
}

function thresholdsOf(quorum: Quorum): Thresholds {
  const at = (bit: number, outcome: (count: number) => boolean): Uint8Array =>
    Uint8Array.from({ length: quorum.n + 1 }, (_, count) => (outcome(count) ? bit : 0));
  return {
    approves: at(APPROVED, (count) => councilOutcome(count, 0, quorum) === 'approved'),
    rejects: at(REJECTED, (count) => councilOutcome(0, count, quorum) === 'rejected'),
  };
}
