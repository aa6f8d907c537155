// What an attack did, added up question by question over choices of seats. A question is an item, or a case of several.
import { ClusteredShare } from '../measures/clustered-share.ts';
import type { CouncilOutcome } from '../measures/council-outcomes.ts';
import type { Figure } from '../measures/figure.ts';
import { APPROVE, REJECT } from '../verdicts/verdict-table.ts';

export interface AttackPoint {
  readonly attackers: number;
  /** of the questions to be rejected, those approved */
  readonly wrongApprovals: Figure;
  /** of the questions to be approved, those opposed on the merits */
  readonly wrongRejections: Figure;
  /** of the questions to be approved, those not approved, opposed or undecided */
  readonly blocked: Figure;
  /** of all questions, those on which the attackers gave the right verdict; absent where there are none */
  readonly looksRight?: Figure;
}

/** Whether it is not what the truth asks for; that a council leaves undecided what it should reject is no harm. */
export function isWrong(label: number, outcome: CouncilOutcome): boolean {
  return (label === APPROVE) !== (outcome === 'approved');
}

export class AttackSums {
  readonly #labels: Uint8Array;
  readonly #clusters: Uint32Array;
  readonly #times: Float64Array;
  readonly #wrong: Float64Array;
  readonly #opposed: Float64Array;
  readonly #right: Float64Array;

  /** By question, the right verdict, APPROVE or REJECT or neither, and the cluster. */
  constructor(labels: Uint8Array, clusters: Uint32Array) {
    this.#labels = labels;
    this.#clusters = clusters;
    this.#times = new Float64Array(labels.length);
    this.#wrong = new Float64Array(labels.length);
    this.#opposed = new Float64Array(labels.length);
    this.#right = new Float64Array(labels.length);
  }

  /** `shareRight` of the attackers gave the right verdict. */
  add(question: number, outcome: CouncilOutcome, shareRight: number): void {
    const label = this.#labels[question] ?? 0;
    this.#times[question] = (this.#times[question] ?? 0) + 1;
    if (isWrong(label, outcome)) this.#wrong[question] = (this.#wrong[question] ?? 0) + 1;
    if (outcome === 'rejected') this.#opposed[question] = (this.#opposed[question] ?? 0) + 1;
    this.#right[question] = (this.#right[question] ?? 0) + shareRight;
  }

  point(attackers: number): AttackPoint {
    const wrongApprovals = new ClusteredShare();
    const wrongRejections = new ClusteredShare();
    const blocked = new ClusteredShare();
    const looks = new ClusteredShare();
    this.#labels.forEach((label, question) => {
      const times = this.#times[question] ?? 0;
      if (times === 0) return;
      const cluster = this.#clusters[question] ?? 0;
      const wrong = (this.#wrong[question] ?? 0) / times;
      if (label === REJECT) wrongApprovals.add(cluster, wrong);
      if (label === APPROVE) blocked.add(cluster, wrong);
      if (label === APPROVE) wrongRejections.add(cluster, (this.#opposed[question] ?? 0) / times);
      looks.add(cluster, (this.#right[question] ?? 0) / times);
    });
    return {
      attackers,
      wrongApprovals: wrongApprovals.figure(),
      wrongRejections: wrongRejections.figure(),
      blocked: blocked.figure(),
      ...(attackers === 0 ? {} : { looksRight: looks.figure() }),
    };
  }
}
