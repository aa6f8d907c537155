// Who was heard of lately and what was refused: facts for people who ask why nothing moves. No decision of the
// protocol depends on any of it (protocol 5.3).
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { Height, View } from './block.ts';

/** What brought a node into a view: a certificate, or f+1 seats that had given up on an earlier one (protocol 3.7). */
export type ViewChange = 'prepare' | 'commit' | 'timeout' | 'joined';

export interface EngineStatus {
  readonly epoch: Epoch;
  readonly view: View;
  readonly height: Height;
  readonly committedView: View;
  /** entries that wait to be ordered, and of these the ones that could be ordered now */
  readonly waiting: number;
  readonly ready: number;
  /** what the node is waiting for, if for anything */
  readonly pending: 'nothing' | 'entries' | 'uncommitted-block' | 'deadline';
  readonly quorum: number;
  /** seats that gave up on the current view */
  readonly timedOut: readonly SeatId[];
  /** when a signed message of a seat last came */
  readonly heardAtMs: ReadonlyMap<SeatId, number>;
  /** messages refused, by reason */
  readonly refused: ReadonlyMap<string, number>;
  /** views entered since the start of the process, by what brought the node there */
  readonly viewChanges: Readonly<Record<ViewChange, number>>;
}

export class Hearing {
  readonly heardAtMs = new Map<SeatId, number>();
  readonly refused = new Map<string, number>();
  readonly viewChanges: Record<ViewChange, number> = { prepare: 0, commit: 0, timeout: 0, joined: 0 };

  heard(seat: SeatId, nowMs: number): void {
    this.heardAtMs.set(seat, nowMs);
  }

  entered(why: ViewChange): void {
    this.viewChanges[why]++;
  }

  refuse(reason: string): void {
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
  }
}
