// Where every case stands, as a value: executing a block makes a new state and never changes the one it was given,
// so each uncommitted block can have its own (protocol 3.3). What is not touched is shared. A decided case leaves
// but a few words behind; its decision is a record on the ledger.
import type { Height } from '../consensus/block.ts';
import type { Digest } from '../signing/digest.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { Ballot } from './ballot.ts';
import type { CaseDocument, CaseId } from './case.ts';
import type { Policy } from './charter.ts';
import { DigestMap } from './digest-map.ts';
import type { Fault } from './misbehaviour.ts';
import type { SeatMarked } from './records.ts';
import type { Basis, Outcome } from './tally.ts';

/** Cases that may be open at the same time; more wait in the mempool. */
export const MAX_OPEN_CASES = 256;

/** How far one seat is with one case. `false`: it opened its commitment falsely, for good. */
export type Standing =
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

export type CasePhase = 'commit' | 'reveal';

export interface OpenCase {
  readonly caseId: CaseId;
  readonly document: CaseDocument;
  readonly policy: Policy;
  readonly openedMs: number;
  readonly phase: CasePhase;
  /** of the phase, in block time */
  readonly deadlineMs: number;
  /** distinct leaders of blocks at or after the deadline (protocol 4.5) */
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

export interface CouncilState {
  /** of the last block */
  readonly timeMs: number;
  /** in the order of opening */
  readonly open: ReadonlyMap<CaseId, OpenCase>;
  readonly decided: DigestMap<DecidedCase>;
  /** by type and subject (`questionOf`): all cases so far, in order */
  readonly attempts: DigestMap<readonly CaseId[]>;
  /** by seat and fault */
  readonly marks: ReadonlyMap<string, SeatMarked>;
}

export function genesisState(): CouncilState {
  return {
    timeMs: 0,
    open: new Map(),
    decided: DigestMap.empty(),
    attempts: DigestMap.empty(),
    marks: new Map(),
  };
}

export function markKey(seat: SeatId, fault: Fault): string {
  return `${seat}/${fault}`;
}
