// Lies at the ballot of a real council: the simulator's, with ballots by the policy of the case they are about.
import type { Entry } from '../../src/consensus/block.ts';
import { abstention, type Ballot, ballotFrom } from '../../src/council/ballot.ts';
import type { CaseId } from '../../src/council/case.ts';
import type { Policy } from '../../src/council/charter.ts';
import { openEntry } from '../../src/council/entry.ts';
import type { Finding } from '../../src/council/quantise.ts';
import type { OpenCase } from '../../src/council/state.ts';
import type { LedgerState } from '../../src/ledger/executor.ts';
import { digestOf } from '../../src/signing/digest.ts';
import type { SeatId } from '../../src/signing/seat-id.ts';
import type { Adversary } from '../../src/simulation/adversary.ts';
import { BallotBox, type Vote } from '../../src/simulation/judging/ballot-box.ts';
import { BallotLiars } from '../../src/simulation/judging/ballot-liars.ts';
import type { Opened, Recount } from '../../src/simulation/judging/recount.ts';

const SOURCE = {
  rationale: digestOf('rationale'),
  model: digestOf('model'),
  prompt: digestOf('prompt'),
  provenance: 'offline',
} as const;

/** A box whose ballots follow a policy of the charter. */
export class PolicyBallotBox extends BallotBox {
  policy: Policy | undefined;

  override ballotOf(vote: Vote): Ballot {
    const { policy } = this;
    if (vote === 'abstain' || policy === undefined) return abstention('timeout', SOURCE);
    const finding = vote === 'approve' ? 'met' : 'insufficient';
    const findings: Record<string, Finding> = {};
    for (const { id } of policy.criteria) findings[id] = finding;
    return ballotFrom(findings, policy, { ...SOURCE, confidence: 80 });
  }
}

/** What liars can read of the ballots that were opened: everything, in the entries that go by. */
export class OpenedBallots implements Pick<Recount, 'openedIn'> {
  readonly #opened = new Map<CaseId, Map<SeatId, Opened>>();

  hear(entries: readonly Entry[]): void {
    for (const { bytes } of entries) {
      const { fields } = openEntry(bytes);
      if (fields.kind !== 'ballot.revealed') continue;
      const opened = this.#opened.get(fields.caseId) ?? new Map<SeatId, Opened>();
      this.#opened.set(fields.caseId, opened.set(fields.seat, fields));
    }
  }

  openedIn(caseId: CaseId): ReadonlyMap<SeatId, Opened> {
    return this.#opened.get(caseId) ?? new Map();
  }
}

export class RealBallotLiars extends BallotLiars {
  readonly #open: () => readonly OpenCase[];
  readonly #box: PolicyBallotBox;

  constructor(
    adversary: Adversary<LedgerState>,
    box: PolicyBallotBox,
    opened: OpenedBallots,
    open: () => readonly OpenCase[],
  ) {
    super(adversary, box, opened, 'any');
    this.#box = box;
    this.#open = open;
  }

  protected override openCases(): readonly OpenCase[] {
    const open = this.#open();
    this.#box.policy = open[0]?.policy ?? this.#box.policy;
    // The box knows one policy at a time; cases of another wait for their turn.
    return open.filter(({ policy }) => policy === this.#box.policy);
  }
}
