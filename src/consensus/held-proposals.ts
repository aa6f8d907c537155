// Proposals of this view and the next few, tried again when something they lack arrives (protocol 3.3).
import type { SeatId } from '../signing/seat-id.ts';
import type { Block, View } from './block.ts';
import { MAX_PROPOSALS_A_SEAT, MAX_VIEWS_AHEAD } from './limits.ts';
import type { Proposal } from './messages.ts';

export class HeldProposals {
  readonly #held = new Map<View, Proposal[]>();

  of(view: View): readonly Proposal[] {
    return this.#held.get(view) ?? [];
  }

  has({ digest, header }: Block): boolean {
    return this.of(header.view).some(({ block }) => block.digest === digest);
  }

  /** Has the seat said as much in a view as anybody may? Others have room of their own. */
  isFull(seat: SeatId, view: View): boolean {
    return this.of(view).filter((other) => other.seat === seat).length >= MAX_PROPOSALS_A_SEAT;
  }

  /** Keeps it where it is near enough to the view the node is in. */
  keep(proposal: Proposal, current: View): void {
    const { view } = proposal.block.header;
    if (view < current || view > current + MAX_VIEWS_AHEAD) return;
    this.#held.set(view, [...this.of(view), proposal]);
  }

  forgetBelow(view: View): void {
    for (const old of this.#held.keys()) if (old < view) this.#held.delete(old);
  }
}
