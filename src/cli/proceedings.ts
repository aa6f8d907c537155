// How one case went, as told by what is committed: the same events make the picture a person watches and the votes
// that `--json` lists, whether the case is decided now or was decided in an earlier run.
import type { Ballot } from '../council/ballot.ts';
import type { CaseDocument, CaseId } from '../council/case.ts';
import type { Decision } from '../council/records.ts';
import type { Roster } from '../council/roster.ts';
import type { CaseHistory } from '../node/case-history.ts';
import type { NodeEvent } from '../node/node-events.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { AskState } from './asking.ts';
import type { ChamberPhase, ChamberSeat, SeatState } from './chamber.ts';

type Standing =
  | { readonly kind: 'judging' }
  | { readonly kind: 'sealed' }
  | { readonly kind: 'opened'; readonly ballot: Ballot }
  | { readonly kind: 'absent' };

/** `withheld`: it sealed a ballot and never opened it, or opened it falsely. */
export type VoteState = 'opened' | 'withheld' | 'absent';

export interface Vote {
  readonly seat: SeatId;
  readonly name: string;
  readonly developer: string;
  readonly verdict: Ballot['verdict'] | null;
  readonly confidence: number | null;
  readonly state: VoteState;
  readonly provenance: Ballot['provenance'] | null;
  readonly reason: string | null;
}

export class Proceedings {
  readonly caseId: CaseId;
  readonly #roster: Roster;
  readonly #lensOf: (seat: SeatId) => string;
  readonly #askStateOf: (seat: SeatId) => AskState | undefined;
  readonly #standings = new Map<SeatId, Standing>();
  document: CaseDocument | undefined;
  decision: Decision | undefined;
  closed = false;
  certified = false;

  constructor(
    caseId: CaseId,
    roster: Roster,
    lensOf: (seat: SeatId) => string,
    askStateOf: (seat: SeatId) => AskState | undefined = () => undefined,
  ) {
    this.caseId = caseId;
    this.#roster = roster;
    this.#lensOf = lensOf;
    this.#askStateOf = askStateOf;
    for (const { seat } of roster.seats) this.#standings.set(seat, { kind: 'judging' });
  }

  /** Begins where the committed chain is. */
  recall({ document, seats, closed, decision }: CaseHistory): void {
    const { caseId } = this;
    this.hear({ kind: 'opened', caseId, document });
    for (const seat of seats.keys()) this.hear({ kind: 'committed', caseId, seat });
    if (closed !== undefined) this.hear({ kind: 'closed', caseId, record: closed });
    for (const [seat, { ballot }] of seats) {
      if (ballot !== undefined) this.hear({ kind: 'revealed', caseId, seat, ballot });
    }
    if (decision !== undefined) this.hear({ kind: 'decided', caseId, decision });
  }

  /** Events of other cases are not its affair. */
  hear(event: NodeEvent): void {
    if (!('caseId' in event) || event.caseId !== this.caseId) return;
    switch (event.kind) {
      case 'opened':
        this.document = event.document;
        return;
      case 'committed':
        if (this.#standings.get(event.seat)?.kind === 'judging')
          this.#standings.set(event.seat, { kind: 'sealed' });
        return;
      case 'closed':
        this.closed = true;
        for (const seat of event.record.absent) this.#standings.set(seat, { kind: 'absent' });
        return;
      case 'revealed':
        this.#standings.set(event.seat, { kind: 'opened', ballot: event.ballot });
        return;
      case 'decided':
        this.#decided(event.decision);
        return;
      case 'certified':
        this.certified = true;
        return;
      case 'refused':
        return;
      default:
        event satisfies never;
    }
  }

  get phase(): ChamberPhase {
    if (this.certified) return 'certified';
    if (this.decision !== undefined) return 'counting';
    if (this.closed) return 'opening';
    return this.document === undefined ? 'filed' : 'sealing';
  }

  /** "12 of 33 sealed" */
  get progress(): string {
    const standings = [...this.#standings.values()];
    const count = (kinds: readonly Standing['kind'][]): number =>
      standings.filter(({ kind }) => kinds.includes(kind)).length;
    if (this.closed) return `${count(['opened'])} of ${count(['opened', 'sealed'])} opened`;
    return `${count(['sealed'])} of ${standings.length} sealed`;
  }

  /** By maker; by lens where one maker stands behind all, as in a trial (protocol 6.4). */
  seats(): ChamberSeat[] {
    const { seats } = this.#roster;
    const oneMaker = new Set(seats.map(({ developer }) => developer)).size === 1;
    return seats.map(({ seat, name, developer }) => ({
      seat,
      name,
      group: oneMaker ? this.#lensOf(seat) : developer,
      state: this.#stateOf(seat),
    }));
  }

  votes(): Vote[] {
    return this.#roster.seats.map(({ seat, name, developer }) => {
      const standing = this.#standings.get(seat);
      const ballot = standing?.kind === 'opened' ? standing.ballot : undefined;
      return {
        seat,
        name,
        developer,
        verdict: ballot?.verdict ?? null,
        confidence: ballot?.confidence ?? null,
        state: ballot !== undefined ? 'opened' : standing?.kind === 'sealed' ? 'withheld' : 'absent',
        provenance: ballot?.provenance ?? null,
        reason: ballot?.reason ?? null,
      };
    });
  }

  #decided(decision: Decision): void {
    this.decision = decision;
    // A ballot that was opened falsely is not among those counted.
    const counted = new Set(decision.ballots.map(({ seat }) => seat));
    for (const [seat, { kind }] of this.#standings) {
      if (kind === 'opened' && !counted.has(seat)) this.#standings.set(seat, { kind: 'sealed' });
      if (kind === 'judging') this.#standings.set(seat, { kind: 'absent' });
    }
  }

  #stateOf(seat: SeatId): SeatState {
    const standing = this.#standings.get(seat);
    switch (standing?.kind) {
      case 'opened':
        // Nothing is shown before all is counted: who opens early tells the others nothing.
        return this.decision === undefined ? 'sealed' : standing.ballot.verdict;
      case 'sealed':
        if (this.decision !== undefined) return 'missing';
        return this.#askStateOf(seat) === 'failed' ? 'abstain' : 'sealed';
      case 'absent':
        return 'missing';
      default:
        return JUDGING[this.#askStateOf(seat) ?? 'answered'];
    }
  }
}

/** Answered or failed, its ballot is on the way to being sealed. */
const JUDGING: Record<AskState, SeatState> = {
  waiting: 'waiting',
  asked: 'asked',
  retried: 'retried',
  answered: 'judging',
  failed: 'abstain',
};
