// Who sits in one epoch, as one node sees it (protocol 6.1). Between two epochs keys are rotated, models swapped and
// chairs vacated; n, f and q never change.
import type { SeatId } from '../signing/seat-id.ts';
import type { LeaderSchedule } from './leaders.ts';
import type { Quorum } from './quorum.ts';
import type { StatementSigner, StatementVerifier } from './statements.ts';

export interface Bench {
  /** the seats this node drives */
  readonly seats: readonly SeatId[];
  /** chairs that nobody sits in: they never lead, and what is signed for them counts for nothing (protocol 5.2) */
  readonly vacant: ReadonlySet<SeatId>;
  readonly leaders: LeaderSchedule;
  /** checks by the keys of this epoch */
  readonly verifier: StatementVerifier;
  readonly signerOf: (seat: SeatId) => StatementSigner;
}

export const NOBODY: ReadonlySet<SeatId> = new Set();

export function isSeated(seat: SeatId, { n }: Pick<Quorum, 'n'>, { vacant }: Pick<Bench, 'vacant'>): boolean {
  return seat <= n && !vacant.has(seat);
}
