// The state while a block is executed. The given state stays as it is: its maps are copied when first written to,
// and a case that changes is replaced by another.
import type { BlockContext } from '../consensus/application.ts';
import { invariant } from '../errors.ts';
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { CaseId } from './case.ts';
import type { Fault } from './misbehaviour.ts';
import type { CouncilRecord, Decision, SeatMarked } from './records.ts';
import { type Roster, rosterDigest, seatOf, sitterOf } from './roster.ts';
import { isSameHolder, type RosterStep } from './roster-change.ts';
import {
  type CouncilState,
  markKey,
  type OpenCase,
  type Opinion,
  rosterInForce,
  type Standing,
} from './state.ts';

export type Moment = Pick<BlockContext, 'height' | 'timeMs'>;

export interface Deed {
  readonly seat: SeatId;
  readonly epoch: Epoch;
  readonly fault: Fault;
  /** null for faults of ordering */
  readonly caseId: CaseId | null;
}

export class Draft {
  readonly moment: Moment;
  /** what executing the block derived, in order */
  readonly records: CouncilRecord[] = [];
  /** in force in this block, which may end its epoch */
  readonly roster: Roster;
  readonly #state: CouncilState;
  #open: Map<CaseId, OpenCase> | undefined;
  #marks: Map<string, SeatMarked> | undefined;
  #decided: CouncilState['decided'];
  #attempts: CouncilState['attempts'];
  #opinions: CouncilState['opinions'];
  #suspected: CouncilState['suspected'];
  #next: Roster | undefined;

  constructor(state: CouncilState, moment: Moment) {
    this.#state = state;
    this.moment = moment;
    this.roster = rosterInForce(state);
    this.#decided = state.decided;
    this.#attempts = state.attempts;
    this.#opinions = state.opinions;
    this.#suspected = state.suspected;
  }

  get open(): ReadonlyMap<CaseId, OpenCase> {
    return this.#open ?? this.#state.open;
  }

  get epoch(): Epoch {
    return this.#state.epoch;
  }

  get rosters(): CouncilState['rosters'] {
    return this.#state.rosters;
  }

  get opinions(): CouncilState['opinions'] {
    return this.#opinions;
  }

  get suspected(): CouncilState['suspected'] {
    return this.#suspected;
  }

  /** Is there another roster already? Nothing comes after it in its block (protocol 6.1). */
  get endsEpoch(): boolean {
    return this.#next !== undefined;
  }

  /** Chairs whose holders are marked. */
  get marked(): ReadonlySet<SeatId> {
    return new Set([...(this.#marks ?? this.#state.marks).values()].map(({ seat }) => seat));
  }

  isDecided(caseId: CaseId): boolean {
    return this.#decided.has(caseId);
  }

  /** All cases of one type and subject so far. */
  attemptsOf(question: Digest): readonly CaseId[] {
    return this.#attempts.get(question) ?? [];
  }

  addCase(question: Digest, added: OpenCase): void {
    this.put(added);
    this.#attempts = this.#attempts.with(question, [...this.attemptsOf(question), added.caseId]);
  }

  put(changed: OpenCase): void {
    this.#open ??= new Map(this.#state.open);
    this.#open.set(changed.caseId, changed);
  }

  setStanding(of: OpenCase, seat: SeatId, standing: Standing): void {
    const seats = of.seats.slice(); // forty times as fast as `with`, and done for every ballot
    seats[seat - 1] = standing;
    this.put({ ...of, seats });
  }

  decide(decision: Decision): void {
    const { caseId, outcome, basis, height, timeMs } = decision;
    this.#open ??= new Map(this.#state.open);
    this.#open.delete(caseId);
    this.#decided = this.#decided.with(caseId, { outcome, basis, height, timeMs });
    this.#opinions = forgivenChanges(this.#opinions);
    this.records.push(decision);
  }

  /**
   * Marks a seat for what it did in an epoch, once for each kind of fault (protocol 5.1); false when it was marked
   * before, or when who did it has left the chair: nobody bears the mark of another.
   */
  mark({ seat, epoch, fault, caseId }: Deed): boolean {
    const key = markKey(seat, fault);
    if ((this.#marks ?? this.#state.marks).has(key)) return false;
    const then = this.rosters.get(epoch);
    if (then === undefined || !isSameHolder(seatOf(then, seat), seatOf(this.roster, seat))) return false;
    const record: SeatMarked = { kind: 'seat.marked', seat, fault, caseId, ...this.moment };
    this.#marks ??= new Map(this.#state.marks);
    this.#marks.set(key, record);
    this.records.push(record);
    return true;
  }

  /** Takes over opinions and tells whom they now make suspected, or no longer do (protocol 5.3). */
  setOpinions(opinions: CouncilState['opinions'], suspected: CouncilState['suspected']): void {
    const before = this.#suspected;
    this.#opinions = opinions;
    this.#suspected = suspected;
    const told = [...new Set([...before, ...suspected])].sort((a, b) => a - b);
    for (const seat of told) {
      const now = suspected.includes(seat);
      if (now === before.includes(seat)) continue;
      this.records.push({ kind: 'seat.suspected', seat, suspected: now, ...this.moment });
    }
  }

  /** The roster of the next block; the rest of this one is still of the old (protocol 6.1). */
  admit({ roster, changed, vacated }: RosterStep): void {
    invariant(this.#next === undefined, 'an epoch ends once');
    this.#next = roster;
    const digest = rosterDigest(roster);
    const { epoch } = roster;
    this.records.push({
      kind: 'roster.admitted',
      epoch,
      roster: digest,
      changed: [...changed],
      vacated: [...vacated],
      ...this.moment,
    });
  }

  result(): CouncilState {
    const next = this.#next;
    const state: CouncilState = {
      timeMs: this.moment.timeMs,
      open: this.open,
      decided: this.#decided,
      attempts: this.#attempts,
      marks: this.#marks ?? this.#state.marks,
      epoch: this.#state.epoch,
      rosters: this.#state.rosters,
      opinions: this.#opinions,
      suspected: this.#suspected,
    };
    return next === undefined ? state : inNextEpoch(state, this.roster, next);
  }
}

/** A decided case gives every seat its changes of mind back. */
function forgivenChanges(opinions: CouncilState['opinions']): CouncilState['opinions'] {
  if ([...opinions.values()].every(({ changes }) => changes === 0)) return opinions;
  return new Map(
    [...opinions].map(([seat, { silent }]): [SeatId, Opinion] => [seat, { silent, changes: 0 }]),
  );
}

/** Marks are of those who sit; and the f+1 leaders that a deadline waits for are of one epoch (protocol 4.5). */
function inNextEpoch(state: CouncilState, roster: Roster, next: Roster): CouncilState {
  const marks = [...state.marks].filter(([, { seat }]) =>
    isSameHolder(seatOf(roster, seat), seatOf(next, seat)),
  );
  const open = [...state.open].map(([caseId, known]): [CaseId, OpenCase] => [
    caseId,
    known.lateLeaders.length === 0 ? known : { ...known, lateLeaders: [] },
  ]);
  return {
    ...state,
    epoch: next.epoch,
    rosters: new Map([...state.rosters, [next.epoch, next]]),
    marks: new Map(marks),
    open: new Map(open),
  };
}

/** Does the same holder go on sitting in the chair? */
export function staysSeated(roster: Roster, next: Roster, seat: SeatId): boolean {
  return isSameHolder(sitterOf(roster, seat), sitterOf(next, seat));
}
