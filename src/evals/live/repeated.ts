// How often a voter that is asked the same thing again says the same: the probability that two of its answers to one question agree,
// next to the one that two of its answers to any questions do (the observed and the expected agreement of Fleiss 1971, who
// asks many raters once where this asks one rater often). A voter that always rejects agrees with itself and says nothing by it.
import { invariant } from '../../errors.ts';
import { ClusteredShare } from '../measures/clustered-share.ts';
import type { Figure } from '../measures/figure.ts';

/** Counts of answers by kind, a row a question, which may have been answered a different number of times. */
export class RepeatedAnswers {
  readonly #kinds: number;
  readonly #totals: number[];
  readonly #changes = new ClusteredShare();
  #agreement = 0;
  #questions = 0;

  constructor(kinds: number) {
    this.#kinds = kinds;
    this.#totals = Array.from({ length: kinds }, () => 0);
  }

  /** A question that was answered only once says nothing of agreement. */
  add(cluster: number, counts: readonly number[]): void {
    invariant(counts.length === this.#kinds, 'a count for each kind of answer');
    const answers = counts.reduce((sum, count) => sum + count, 0);
    if (answers < 2) return;
    const agreeing = counts.reduce((sum, count) => sum + count * (count - 1), 0);
    const agreement = agreeing / (answers * (answers - 1));
    this.#agreement += agreement;
    this.#questions++;
    this.#changes.add(cluster, 1 - agreement);
    counts.forEach((count, kind) => {
      this.#totals[kind] = (this.#totals[kind] ?? 0) + count;
    });
  }

  consistency(): Consistency {
    const answers = this.#totals.reduce((sum, count) => sum + count, 0);
    const observed = this.#questions === 0 ? null : this.#agreement / this.#questions;
    const expected =
      answers === 0 ? null : this.#totals.reduce((sum, count) => sum + (count / answers) ** 2, 0);
    const kappa =
      observed === null || expected === null || expected === 1
        ? null
        : (observed - expected) / (1 - expected);
    return { changes: this.#changes.figure(), observed, expected, kappa };
  }
}

export interface Consistency {
  /** the probability that two answers to one question differ; n questions */
  readonly changes: Figure;
  /** that they agree; null where nothing was asked twice */
  readonly observed: number | null;
  /** that two answers agree whatever they answer */
  readonly expected: number | null;
  /** what of the agreement is not by chance (Fleiss's kappa); null where every answer is the same */
  readonly kappa: number | null;
}
