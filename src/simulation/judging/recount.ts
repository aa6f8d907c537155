// Judging, checked by a second count that shares nothing with the first but the ballots: from the entries on the
// ledger, in their order, it works out which phase each case is in and who voted how, and holds every record the
// council derived against it (protocol 4.4–4.7).
import type { Block } from '../../consensus/block.ts';
import type { CommittedBlock } from '../../consensus/effects.ts';
import { type Ballot, type Verdict, verdictFollows } from '../../council/ballot.ts';
import { type CaseId, caseIdOf } from '../../council/case.ts';
import { type CaseOpened, openEntry } from '../../council/entry.ts';
import type { Founding } from '../../council/genesis.ts';
import { type CaseClosed, type Decision, isRecordLeaf, openRecord } from '../../council/records.ts';
import { FIRST_EPOCH } from '../../council/roster.ts';
import { commitmentOf } from '../../signing/commitment.ts';
import type { Digest } from '../../signing/digest.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import type { ViolationKind } from '../violation.ts';
import { ATTEMPTS, POLICY, WINDOWS } from './founding.ts';

/** An opened ballot as it stands on the ledger, salt and all: anyone may read it. */
export interface Opened {
  readonly ballot: Ballot;
  readonly salt: string;
}

interface Question {
  readonly commitments: Map<SeatId, Digest>;
  /** true openings; false ones take the seat out for good */
  readonly opened: Map<SeatId, Opened | 'false'>;
  phase: 'commit' | 'reveal' | 'decided';
  deadlineMs: number;
  lateLeaders: Set<SeatId>;
}

export class Recount {
  readonly #founding: Founding;
  readonly #byzantine: ReadonlySet<SeatId>;
  readonly #report: (kind: ViolationKind, text: string) => void;
  readonly #cases = new Map<CaseId, Question>();
  readonly #attempts = new Map<string, number>();
  #height = 0;

  constructor(
    founding: Founding,
    byzantine: ReadonlySet<SeatId>,
    report: (kind: ViolationKind, text: string) => void,
  ) {
    this.#founding = founding;
    this.#byzantine = byzantine;
    this.#report = report;
  }

  /** Cases that were opened, with whether they are decided. */
  get decided(): ReadonlyMap<CaseId, boolean> {
    return new Map([...this.#cases].map(([caseId, { phase }]) => [caseId, phase === 'decided']));
  }

  /** What liars can read on the ledger. */
  openedIn(caseId: CaseId): ReadonlyMap<SeatId, Opened | 'false'> {
    return this.#cases.get(caseId)?.opened ?? new Map();
  }

  /** Each height is counted once; that all nodes have the same blocks is checked elsewhere. */
  committed(blocks: readonly CommittedBlock[]): void {
    for (const { block, leaves } of blocks) {
      if (block.header.height !== this.#height + 1) continue;
      this.#height++;
      const records = leaves.filter(isRecordLeaf);
      for (const leaf of leaves) if (!isRecordLeaf(leaf)) this.#entry(leaf, block);
      this.#heardLeader(block);
      for (const leaf of records) this.#record(leaf, block);
    }
  }

  #entry(leaf: Uint8Array, { header }: Block): void {
    const { fields } = openEntry(leaf);
    switch (fields.kind) {
      case 'case.opened':
        this.#open(fields, header.timeMs);
        return;
      case 'evidence.found':
      case 'roster.changed':
      case 'seats.suspected':
        return;
      case 'ballot.committed': {
        const question = this.#cases.get(fields.caseId);
        if (question?.phase !== 'commit' || question.commitments.has(fields.seat)) return;
        question.commitments.set(fields.seat, fields.commitment);
        return;
      }
      case 'ballot.revealed': {
        const { caseId, seat, salt, ballot } = fields;
        const question = this.#cases.get(caseId);
        if (question === undefined) return;
        if (question.phase === 'commit') {
          this.#report(
            'early-close',
            `seat ${seat} opened its ballot at height ${header.height} before the close`,
          );
        }
        if (question.opened.has(seat)) return;
        question.opened.set(
          seat,
          this.#opens(caseId, seat, { ballot, salt }, question) ? { ballot, salt } : 'false',
        );
        return;
      }
      default:
        fields satisfies never;
    }
  }

  // protocol 4.1
  #open({ case: document, receipts }: CaseOpened, timeMs: number): void {
    const holders = new Set(receipts.map(({ seat }) => seat));
    if (holders.size < this.#approvals) {
      this.#report('wrong-opening', `a case opens with the receipts of ${holders.size} seats`);
    }
    const attempts = (this.#attempts.get(document.subject) ?? 0) + 1;
    this.#attempts.set(document.subject, attempts);
    if (attempts > ATTEMPTS || document.attempt !== attempts) {
      this.#report('wrong-opening', `attempt ${document.attempt} is the ${attempts}th of ${ATTEMPTS}`);
    }
    this.#cases.set(caseIdOf(document), {
      commitments: new Map(),
      opened: new Map(),
      phase: 'commit',
      deadlineMs: timeMs + WINDOWS.commitMs,
      lateLeaders: new Set(),
    });
  }

  #opens(caseId: CaseId, seat: SeatId, { ballot, salt }: Opened, { commitments }: Question): boolean {
    const { councilId } = this.#founding;
    const commitment = commitmentOf({ councilId, epoch: FIRST_EPOCH, caseId, seat, salt, ballot });
    return commitments.get(seat) === commitment && verdictFollows(ballot, POLICY);
  }

  #heardLeader({ header }: Block): void {
    for (const question of this.#cases.values()) {
      if (header.timeMs >= question.deadlineMs) question.lateLeaders.add(header.proposer);
    }
  }

  #record(leaf: Uint8Array, block: Block): void {
    const record = openRecord(leaf);
    if (record.kind === 'case.closed') this.#closed(record, block);
    else if (record.kind === 'case.decided') this.#decision(record);
    else if (record.kind === 'seat.marked' && !this.#byzantine.has(record.seat)) {
      this.#report('framed', `honest seat ${record.seat} is marked for ${record.fault}`);
    }
  }

  #closed({ caseId, by }: CaseClosed, { header }: Block): void {
    const question = this.#cases.get(caseId);
    if (question?.phase !== 'commit')
      return this.#report('two-decisions', `case ${caseId} is closed out of turn`);
    const all = question.commitments.size === this.#seats;
    if (by === 'all' ? !all : question.lateLeaders.size < this.#distinctLeaders) {
      this.#report(
        'early-close',
        `committing closed by ${by} with ${question.commitments.size} commitments and ${question.lateLeaders.size} late leaders`,
      );
    }
    question.phase = 'reveal';
    question.deadlineMs = header.timeMs + WINDOWS.revealMs;
    question.lateLeaders = new Set();
  }

  #decision(decision: Decision): void {
    const question = this.#cases.get(decision.caseId);
    if (question?.phase !== 'reveal') {
      return this.#report(
        'two-decisions',
        `case ${decision.caseId} is decided while ${question?.phase ?? 'unknown'}`,
      );
    }
    const pending = [...question.commitments.keys()].filter((seat) => !question.opened.has(seat));
    if (pending.length > 0 && question.lateLeaders.size < this.#distinctLeaders) {
      this.#report('early-close', `revealing closed while ${pending.length} ballots could still be opened`);
    }
    question.phase = 'decided';
    this.#hold(decision, question);
  }

  #hold({ caseId, tally, outcome, basis, ballots }: Decision, { opened, commitments }: Question): void {
    const counted = [...opened].flatMap(([seat, how]) =>
      how === 'false' ? [] : [{ seat, ballot: how.ballot }],
    );
    const count = (verdict: Verdict): number =>
      counted.filter(({ ballot }) => ballot.verdict === verdict).length;
    const [approve, reject] = [count('approve'), count('reject')];
    const seats = ballots.map(({ seat }) => seat);
    const distinct = new Set(seats).size === seats.length;
    const commitmentsCounted = counted.map(({ seat }) => commitments.get(seat));
    if (!distinct || new Set(commitmentsCounted).size < counted.length) {
      this.#report('vote-counted-twice', `case ${caseId}: ${seats.join(' ')}`);
    }
    const approved = approve >= this.#approvals;
    const expected = approved
      ? 'quorum'
      : reject >= this.#seats - this.#approvals + 1
        ? 'opposed'
        : 'no-quorum';
    const same = tally.approve === approve && tally.reject === reject && tally.abstain === count('abstain');
    if (!same || outcome !== (approved ? 'approved' : 'rejected') || basis !== expected) {
      const told = `${outcome} by ${basis} with ${tally.approve} to ${tally.reject}`;
      this.#report('wrong-decision', `case ${caseId}: ${told}, but the ledger says ${approve} to ${reject}`);
    }
  }

  // The arithmetic of protocol 1.1 once more, from its own words, so that a wrong quorum cannot hide behind itself.
  get #seats(): number {
    return this.#founding.roster.seats.length;
  }

  get #approvals(): number {
    const n = this.#seats;
    return Math.ceil((n + Math.floor((n - 1) / 3) + 1) / 2);
  }

  get #distinctLeaders(): number {
    return Math.floor((this.#seats - 1) / 3) + 1;
  }
}
