// Marks added up: over splits, over rosters drawn by lot, over choices of seats. Out of them come the shares that are reported,
// each with an interval by cluster. An item that was marked several times still counts as one item.
import type { Random } from '../../simulation/random.ts';
import { ClusterSums } from '../measures/bootstrap.ts';
import type { Figure } from '../measures/figure.ts';
import type { Items } from '../verdicts/verdict-table.ts';
import {
  MARKS,
  RIGHT_APPROVAL,
  RIGHT_REJECTION,
  RIGHTLY_UNDECIDED,
  UNDECIDED,
  UNMARKED,
  WRONG_APPROVAL,
  WRONG_REJECTION,
} from './council-marks.ts';
import type { LossWeights } from './loss-weights.ts';

export interface MarkFigures {
  /** the mean cost of an item */
  readonly loss: Figure;
  /** of all items: approved where that is right, not approved where that is right */
  readonly right: Figure;
  /** of the items that should be rejected */
  readonly wrongApprovals: Figure;
  /** of the items that should be approved */
  readonly wrongRejections: Figure;
  /** of the items that should be approved */
  readonly undecided: Figure;
  /** of the items that should be approved: wrong rejections and undecided together */
  readonly notApproved: Figure;
  /** of the items that should be rejected: neither approved nor opposed, which is no error */
  readonly undecidedToReject: Figure;
}

export class MarkSums {
  readonly #items: Items;
  /** by item, by mark, how often */
  readonly #sums: Float64Array;

  constructor(items: Items) {
    this.#items = items;
    this.#sums = new Float64Array(items.labels.length * MARKS);
  }

  /** All marks, or those of some items; `weight` is how often. */
  add(marks: Uint8Array, items?: readonly number[], weight = 1): void {
    const count = items?.length ?? marks.length;
    for (let i = 0; i < count; i++) {
      const item = items === undefined ? i : (items[i] ?? 0);
      const at = item * MARKS + (marks[item] ?? UNMARKED);
      this.#sums[at] = (this.#sums[at] ?? 0) + weight;
    }
  }

  figures(weights: LossWeights, random: Random): MarkFigures {
    const { clusters, clusterCount } = this.#items;
    const sums = new ClusterSums(clusterCount, MARKS, random);
    const marked = { toApprove: 0, toReject: 0 };
    clusters.forEach((cluster, item) => {
      const own = this.#sums.subarray(item * MARKS, (item + 1) * MARKS);
      if (toApprove(own) > 0) marked.toApprove++;
      if (toReject(own) > 0) marked.toReject++;
      own.forEach((sum, mark) => {
        sums.add(cluster, mark, sum);
      });
    });
    const all = marked.toApprove + marked.toReject;
    const asked: readonly (readonly [(marks: Float64Array) => number, number])[] = [
      [(marks) => costOf(marks, weights) / (toApprove(marks) + toReject(marks)), all],
      [(marks) => rightOf(marks) / (toApprove(marks) + toReject(marks)), all],
      [(marks) => (marks[WRONG_APPROVAL] ?? 0) / toReject(marks), marked.toReject],
      [(marks) => (marks[WRONG_REJECTION] ?? 0) / toApprove(marks), marked.toApprove],
      [(marks) => (marks[UNDECIDED] ?? 0) / toApprove(marks), marked.toApprove],
      [
        (marks) => ((marks[WRONG_REJECTION] ?? 0) + (marks[UNDECIDED] ?? 0)) / toApprove(marks),
        marked.toApprove,
      ],
      [(marks) => (marks[RIGHTLY_UNDECIDED] ?? 0) / toReject(marks), marked.toReject],
    ];
    const total = sums.total();
    const intervals = sums.intervals((marks) => asked.map(([share]) => share(marks)), random);
    const at = (index: number): Figure => {
      const [share, n] = asked[index] ?? [() => 0, 0];
      if (n === 0) return { value: 0, low: 0, high: 1, n, method: 'bootstrap' };
      return { value: share(total), ...(intervals[index] ?? { low: 0, high: 1 }), n, method: 'bootstrap' };
    };
    return {
      loss: at(0),
      right: at(1),
      wrongApprovals: at(2),
      wrongRejections: at(3),
      undecided: at(4),
      notApproved: at(5),
      undecidedToReject: at(6),
    };
  }
}

function toApprove(marks: Float64Array): number {
  return (marks[RIGHT_APPROVAL] ?? 0) + (marks[WRONG_REJECTION] ?? 0) + (marks[UNDECIDED] ?? 0);
}

function toReject(marks: Float64Array): number {
  return (marks[WRONG_APPROVAL] ?? 0) + (marks[RIGHT_REJECTION] ?? 0) + (marks[RIGHTLY_UNDECIDED] ?? 0);
}

function rightOf(marks: Float64Array): number {
  return (marks[RIGHT_APPROVAL] ?? 0) + (marks[RIGHT_REJECTION] ?? 0) + (marks[RIGHTLY_UNDECIDED] ?? 0);
}

function costOf(marks: Float64Array, weights: LossWeights): number {
  return (
    weights.wrongApproval * (marks[WRONG_APPROVAL] ?? 0) +
    weights.wrongRejection * (marks[WRONG_REJECTION] ?? 0) +
    weights.undecided * (marks[UNDECIDED] ?? 0)
  );
}

/** The mean cost of these items, of those that have a mark; of none it is 0. */
export function meanLoss(marks: Uint8Array, items: readonly number[], weights: LossWeights): number {
  const counted = countMarks(marks, items);
  return costOf(counted, weights) / Math.max(1, toApprove(counted) + toReject(counted));
}

/** The share of these items that are approved or not approved as they should be. */
export function rightShare(marks: Uint8Array, items: readonly number[]): number {
  const counted = countMarks(marks, items);
  return rightOf(counted) / Math.max(1, toApprove(counted) + toReject(counted));
}

function countMarks(marks: Uint8Array, items: readonly number[]): Float64Array {
  const counted = new Float64Array(MARKS);
  for (let i = 0; i < items.length; i++) {
    const mark = marks[items[i] ?? 0] ?? UNMARKED;
    counted[mark] = (counted[mark] ?? 0) + 1;
  }
  return counted;
}
