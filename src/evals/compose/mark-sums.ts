// Marks added up: over splits, over rosters drawn by lot, over choices of seats. Out of them come the shares that are reported,
// each with an interval by cluster. An item that was marked several times still counts as one item.
import type { Random } from '../../simulation/random.ts';
import { ClusterSums } from '../measures/bootstrap.ts';
import { ClusteredShare } from '../measures/clustered-share.ts';
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
    const shares = this.#shares();
    return { loss: this.#loss(weights, shares.right.n, random), ...shares };
  }

  #loss(weights: LossWeights, n: number, random: Random): Figure {
    const { clusters, clusterCount } = this.#items;
    const sums = new ClusterSums(clusterCount, MARKS, random);
    clusters.forEach((cluster, item) => {
      const marks = this.#of(item);
      const scored = toApprove(marks) + toReject(marks);
      if (scored === 0) return;
      marks.forEach((sum, mark) => {
        sums.add(cluster, mark, sum / scored);
      });
    });
    const mean = (marks: Float64Array): number =>
      costOf(marks, weights) / (toApprove(marks) + toReject(marks));
    const [interval] = sums.intervals((marks) => [mean(marks)], random);
    return {
      value: mean(sums.total()),
      low: Number.NaN,
      high: Number.NaN,
      ...interval,
      n,
      method: 'bootstrap',
    };
  }

  /** An item that was scored often counts as one; how often it went which way is its part of a hit. */
  #shares(): Omit<MarkFigures, 'loss'> {
    const { clusters } = this.#items;
    const shareOf = (of: (marks: Float64Array) => number, hits: (marks: Float64Array) => number): Figure => {
      const share = new ClusteredShare();
      clusters.forEach((cluster, item) => {
        const marks = this.#of(item);
        const scored = of(marks);
        if (scored > 0) share.add(cluster, hits(marks) / scored);
      });
      return share.figure();
    };
    const mark =
      (which: number) =>
      (marks: Float64Array): number =>
        marks[which] ?? 0;
    return {
      right: shareOf((marks) => toApprove(marks) + toReject(marks), rightOf),
      wrongApprovals: shareOf(toReject, mark(WRONG_APPROVAL)),
      wrongRejections: shareOf(toApprove, mark(WRONG_REJECTION)),
      undecided: shareOf(toApprove, mark(UNDECIDED)),
      notApproved: shareOf(toApprove, (marks) => (marks[WRONG_REJECTION] ?? 0) + (marks[UNDECIDED] ?? 0)),
      undecidedToReject: shareOf(toReject, mark(RIGHTLY_UNDECIDED)),
    };
  }

  #of(item: number): Float64Array {
    return this.#sums.subarray(item * MARKS, (item + 1) * MARKS);
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
