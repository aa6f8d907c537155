// Where every case stands, as a value: executing a block makes a new state and never changes the one it was given,
// so each uncommitted block can have its own (protocol 3.3). What is not touched is shared. A decided case leaves
// but a few words behind; its decision is a record on the ledger.
import type { Height } from '../consensus/block.ts';
import { invariant } from '../errors.ts';
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { Ballot } from './ballot.ts';
import type { CaseDocument, CaseId } from './case.ts';
import type { Policy } from './charter.ts';
import { DigestMap } from './digest-map.ts';
import type { Fault } from './misbehaviour.ts';
import type { SeatMarked } from './records.ts';
import { FIRST_EPOCH, type Roster } from './roster.ts';
import type { Basis, Outcome } from './tally.ts';

/** Cases that may be open at the same time; more wait in the mempool. */
export const MAX_OPEN_CASES = 256;

/**
 * How far one seat is with one case. `false`: it opened its commitment falsely, for good. `vacant`: nobody sits there,
 * and nobody waits for it (protocol 5.2).
 */
export type Standing =
  | { readonly kind: 'vacant' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'committed'; readonly commitment: Digest }
  | {
      readonly kind: 'opened';
      readonly commitment: Digest;
      readonly ballot: Ballot;
      readonly ballotDigest: Digest;
    }
  | { readonly kind: 'false'; readonly commitment: Digest };

export const WAITING: Standing = { kind: 'waiting' };
export const VACANT: Standing = { kind: 'vacant' };

export type CasePhase = 'commit' | 'reveal';

export interface OpenCase {
  readonly caseId: CaseId;
  readonly document: CaseDocument;
  readonly policy: Policy;
  /** the epoch whose roster judges, to the end (protocol 6.1) */
  readonly panel: Epoch;
  /** who was suspected when it opened: its commit phase may close without them (protocol 4.5) */
  readonly suspected: readonly SeatId[];
  readonly openedMs: number;
  readonly phase: CasePhase;
  /** of the phase, in block time */
  readonly deadlineMs: number;
  /** distinct leaders, of one epoch, of blocks at or after the deadline (protocol 4.5) */
  readonly lateLeaders: readonly SeatId[];
  /** of seat 1…n, the panel fixed at the opening */
  readonly seats: readonly Standing[];
}

export interface DecidedCase {
  readonly outcome: Outcome;
  readonly basis: Basis;
  /** of the block whose execution decided it; its records are among that block's leaves */
  readonly height: Height;
  readonly timeMs: number;
}

/** Whom a seat calls silent at present. */
export interface Opinion {
  /** by ascending seat */
  readonly silent: readonly SeatId[];
  /** how often it has changed its mind since a case was last decided */
  readonly changes: number;
}

export interface CouncilState {
  /** of the last block */
  readonly timeMs: number;
  /** in the order of opening */
  readonly open: ReadonlyMap<CaseId, OpenCase>;
  readonly decided: DigestMap<DecidedCase>;
  /** by type and subject (`questionOf`): all cases so far, in order */
  readonly attempts: DigestMap<readonly CaseId[]>;
  /** by seat and fault, of those who sit now */
  readonly marks: ReadonlyMap<string, SeatMarked>;
  /** of the next block */
  readonly epoch: Epoch;
  /** every epoch's so far, at most MAX_EPOCHS */
  readonly rosters: ReadonlyMap<Epoch, Roster>;
  /** by seat that has one */
  readonly opinions: ReadonlyMap<SeatId, Opinion>;
  /** whom q seats call silent, ascending */
  readonly suspected: readonly SeatId[];
}

export function genesisState(roster: Roster): CouncilState {
  return {
    timeMs: 0,
    open: new Map(),
    decided: DigestMap.empty(),
    attempts: DigestMap.empty(),
    marks: new Map(),
    epoch: FIRST_EPOCH,
    rosters: new Map([[FIRST_EPOCH, roster]]),
    opinions: new Map(),
    suspected: [],
  };
}

export function markKey(seat: SeatId, fault: Fault): string {
  return `${seat}/${fault}`;
}

/** Undefined for an epoch that has not begun. */
export function rosterOf({ rosters }: Pick<CouncilState, 'rosters'>, epoch: Epoch): Roster | undefined {
  return rosters.get(epoch);
}

/** The roster of the next block's epoch. */
export function rosterInForce(state: Pick<CouncilState, 'rosters' | 'epoch'>): Roster {
  const roster = state.rosters.get(state.epoch);
  invariant(roster !== undefined, 'a state knows the roster of its epoch');
  return roster;
}

/** Whom a seat calls silent, as the ledger has it; ascending. */
export function opinionOf({ opinions }: Pick<CouncilState, 'opinions'>, seat: SeatId): readonly SeatId[] {
  return opinions.get(seat)?.silent ?? [];
}
