// The state while a block is executed. The given state stays as it is: its maps are copied when first written to,
// and a case that changes is replaced by another.
import type { BlockContext } from '../consensus/application.ts';
import type { Digest } from '../signing/digest.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { CaseId } from './case.ts';
import type { Fault } from './misbehaviour.ts';
import type { CouncilRecord, Decision, SeatMarked } from './records.ts';
import { type CouncilState, markKey, type OpenCase, type Standing } from './state.ts';

export type Moment = Pick<BlockContext, 'height' | 'timeMs'>;

export class Draft {
  readonly moment: Moment;
  /** what executing the block derived, in order */
  readonly records: CouncilRecord[] = [];
  readonly #state: CouncilState;
  #open: Map<CaseId, OpenCase> | undefined;
  #marks: Map<string, SeatMarked> | undefined;
  #decided: CouncilState['decided'];
  #attempts: CouncilState['attempts'];

  constructor(state: CouncilState, moment: Moment) {
    this.#state = state;
    this.moment = moment;
    this.#decided = state.decided;
    this.#attempts = state.attempts;
  }

  get open(): ReadonlyMap<CaseId, OpenCase> {
    return this.#open ?? this.#state.open;
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
    this.records.push(decision);
  }

  /** Marks a seat, once for each kind of fault (protocol 5.1); false when it was marked before. */
  mark(seat: SeatId, fault: Fault, caseId: CaseId | null): boolean {
    const key = markKey(seat, fault);
    if ((this.#marks ?? this.#state.marks).has(key)) return false;
    const record: SeatMarked = { kind: 'seat.marked', seat, fault, caseId, ...this.moment };
    this.#marks ??= new Map(this.#state.marks);
    this.#marks.set(key, record);
    this.records.push(record);
    return true;
  }

  result(): CouncilState {
    return {
      timeMs: this.moment.timeMs,
      open: this.open,
      decided: this.#decided,
      attempts: this.#attempts,
      marks: this.#marks ?? this.#state.marks,
    };
  }
}
