// What is counted of cases: how they end, who did not vote, why seats abstain, and how long certificates take. Counted
// from what is committed, since this process began.
import type { Quorum } from '../../consensus/quorum.ts';
import { VERDICTS } from '../../council/ballot.ts';
import type { CaseId } from '../../council/case.ts';
import type { Decision } from '../../council/records.ts';
import { BASES, OUTCOMES } from '../../council/tally.ts';
import type { NodeEvent } from '../node-events.ts';
import type { Instruments } from './instruments.ts';
import { ABSTENTION_REASONS, named, seatLabel } from './metric-labels.ts';

/** Cases on their way to a certificate whose times are remembered: those open, and those decided lately. */
const MAX_TIMED_CASES = 1_024;
const CERTIFY_BUCKETS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10, 30, 120];
const CASE_BUCKETS = [1, 3, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400, 86_400, 604_800];

interface Timed {
  openedMs: number | undefined;
  committedMs: number | undefined;
  decidedMs: number | undefined;
}

export interface CaseMetricsOptions {
  readonly quorum: Quorum;
}

export interface CaseMetricsDependencies {
  readonly instruments: Instruments;
  /** never goes back */
  readonly nowMs: () => number;
}

export class CaseMetrics {
  readonly #quorum: Quorum;
  readonly #nowMs: () => number;
  readonly #timed = new Map<CaseId, Timed>();
  readonly #count: ReturnType<typeof countersOf>;

  constructor({ quorum }: CaseMetricsOptions, { instruments, nowMs }: CaseMetricsDependencies) {
    this.#quorum = quorum;
    this.#nowMs = nowMs;
    this.#count = countersOf(instruments);
    // Series that are there from the start make a first event a rise, and not a beginning.
    for (const outcome of OUTCOMES) {
      for (const basis of BASES) {
        if ((outcome === 'approved') === (basis === 'quorum')) this.#count.decided.inc({ outcome, basis }, 0);
      }
    }
    for (const reason of [...ABSTENTION_REASONS, 'other']) this.#count.abstentions.inc({ reason }, 0);
  }

  hear(event: NodeEvent): void {
    switch (event.kind) {
      case 'opened':
        this.#count.opened.inc({ type: event.document.type });
        this.#time(event.caseId, { openedMs: this.#nowMs() });
        return;
      case 'committed':
        return this.#time(event.caseId, { committedMs: this.#nowMs() });
      case 'revealed':
        if (event.ballot.verdict !== 'abstain') return;
        this.#count.abstentions.inc({ reason: named(ABSTENTION_REASONS, event.ballot.reason) });
        return;
      case 'closed':
        for (const seat of event.record.absent) {
          this.#count.missed.inc({ seat: seatLabel(seat), phase: 'commit' });
        }
        return;
      case 'decided':
        return this.#decided(event.decision);
      case 'certified':
        return this.#certified(event.caseId);
      case 'refused':
        this.#timed.delete(event.caseId);
        return this.#count.supplanted.inc();
      default:
        return;
    }
  }

  #decided({ caseId, outcome, basis, flags, ballots, withheld }: Decision): void {
    this.#count.decided.inc({ outcome, basis });
    for (const flag of flags) this.#count.flagged.inc({ flag });
    for (const { seat, verdict } of ballots) {
      if (VERDICTS.includes(verdict)) this.#count.ballots.inc({ seat: seatLabel(seat), verdict });
    }
    for (const seat of withheld) this.#count.missed.inc({ seat: seatLabel(seat), phase: 'reveal' });
    this.#count.freeVotes.set(ballots.length - this.#quorum.q);
    const openedMs = this.#timed.get(caseId)?.openedMs;
    if (openedMs !== undefined) this.#count.caseSeconds.observe((this.#nowMs() - openedMs) / 1_000);
    this.#time(caseId, { decidedMs: this.#nowMs() });
  }

  /** A case that was decided before this process began, or learnt of by catching up, says nothing about speed. */
  #certified(caseId: CaseId): void {
    this.#count.certified.inc();
    const timed = this.#timed.get(caseId);
    this.#timed.delete(caseId);
    const { committedMs, decidedMs } = timed ?? {};
    const now = this.#nowMs();
    if (committedMs !== undefined) this.#count.afterCommitment.observe((now - committedMs) / 1_000);
    if (decidedMs !== undefined) this.#count.afterDecision.observe((now - decidedMs) / 1_000);
  }

  #time(caseId: CaseId, times: Partial<Timed>): void {
    const known = this.#timed.get(caseId);
    if (known === undefined && this.#timed.size >= MAX_TIMED_CASES) return;
    const none = { openedMs: undefined, committedMs: undefined, decidedMs: undefined };
    this.#timed.set(caseId, { ...(known ?? none), ...times });
  }
}

function countersOf(instruments: Instruments) {
  return {
    opened: instruments.counter('conclave_cases_opened_total', 'Cases opened, by type of case.', ['type']),
    decided: instruments.counter('conclave_cases_decided_total', 'Cases decided, by outcome and its basis.', [
      'outcome',
      'basis',
    ]),
    flagged: instruments.counter(
      'conclave_cases_flagged_total',
      'Decisions that carry a flag, such as human-review or pivotal-withholding.',
      ['flag'],
    ),
    supplanted: instruments.counter(
      'conclave_cases_supplanted_total',
      'Cases filed with this node and given up, because another attempt at the question came first.',
    ),
    certified: instruments.counter('conclave_cases_certified_total', 'Certificates this node has written.'),
    ballots: instruments.counter('conclave_ballots_total', 'Ballots counted, by seat and verdict.', [
      'seat',
      'verdict',
    ]),
    abstentions: instruments.counter(
      'conclave_abstentions_total',
      'Ballots opened that abstain, by reason; what is not a known reason is "other".',
      ['reason'],
    ),
    missed: instruments.counter(
      'conclave_missed_votes_total',
      'Cases in which a seat did not vote: it never committed (commit), or its commitment was never validly opened (reveal).',
      ['seat', 'phase'],
    ),
    freeVotes: instruments.gauge(
      'conclave_case_free_votes',
      'Ballots counted in the case decided last, above the quorum: below zero nothing can be approved.',
    ),
    caseSeconds: instruments.histogram(
      'conclave_case_seconds',
      'From the opening of a case to its decision, by the clock of this node.',
      CASE_BUCKETS,
    ),
    afterCommitment: instruments.histogram(
      'conclave_certificate_after_commitment_seconds',
      'From the last commitment of a case to its certificate on disk here.',
      CERTIFY_BUCKETS,
    ),
    afterDecision: instruments.histogram(
      'conclave_certificate_after_decision_seconds',
      'From the decision of a case to its certificate on disk here.',
      CERTIFY_BUCKETS,
    ),
  };
}
