// Who leads a view: round robin over the seats, without those that lately let a view pass (protocol 3.1). It
// depends on the view and the chain it extends and on nothing else, so all who see the same chain agree.
import type { SeatId } from '../signing/seat-id.ts';
import { allSeats } from '../signing/seat-id.ts';
import { NOBODY } from './bench.ts';
import type { Header, View } from './block.ts';
import { EXCLUDED_VIEWS_PER_SEAT, GAP_VIEWS_PER_SEAT } from './limits.ts';
import type { Quorum } from './quorum.ts';

/** The view until which each excluded seat is passed over. */
export type Exclusions = ReadonlyMap<SeatId, number>;

export const NO_EXCLUSIONS: Exclusions = new Map();

export interface LeaderSchedule {
  leads(seat: SeatId, view: View, exclusions: Exclusions): boolean;
  /** The exclusions after a block, from those after its parent. */
  after(exclusions: Exclusions, parentView: View, header: Header): Exclusions;
}

export class RoundRobin implements LeaderSchedule {
  readonly #quorum: Quorum;
  readonly #seats: readonly SeatId[];

  constructor(quorum: Quorum, vacant: ReadonlySet<SeatId> = NOBODY) {
    this.#quorum = quorum;
    this.#seats = apart(allSeats(quorum.n)).filter((seat) => !vacant.has(seat));
  }

  leads(seat: SeatId, view: View, exclusions: Exclusions): boolean {
    return this.leader(view, exclusions) === seat;
  }

  leader(view: View, exclusions: Exclusions): SeatId | undefined {
    if (exclusions.size === 0) return this.#seats[view % this.#seats.length];
    const excluded = [...exclusions]
      .filter(([, until]) => until > view)
      .sort(([a, untilA], [b, untilB]) => untilB - untilA || a - b)
      .slice(0, this.#quorum.f) // at most f, the latest
      .map(([seat]) => seat);
    const active = this.#seats.filter((seat) => !excluded.includes(seat));
    return active[view % active.length];
  }

  after(exclusions: Exclusions, parentView: View, header: Header): Exclusions {
    const gap = header.view - parentView - 1;
    if (gap === 0 && exclusions.size === 0) return exclusions;
    const { n } = this.#quorum;
    const next = new Map([...exclusions].filter(([, until]) => until > parentView));
    const first = Math.max(parentView + 1, header.view - GAP_VIEWS_PER_SEAT * n);
    for (let view = first; view < header.view; view++) {
      // Who led it was told from the parent alone, not from what the views before it in this gap have shown since.
      const leader = this.leader(view as View, exclusions);
      if (leader !== undefined) next.set(leader, view + EXCLUDED_VIEWS_PER_SEAT * n);
    }
    next.delete(header.proposer); // leading a certified block clears
    return next;
  }
}

/**
 * The seats in an order in which neighbours stand about a third of the council apart. A node hosts seats in a row; led in
 * that row, a node that is down or lies would take so many views one after the other, each longer than the one before.
 */
function apart(seats: readonly SeatId[]): readonly SeatId[] {
  const n = seats.length;
  let stride = Math.max(1, Math.floor(n / 3));
  while (commonDivisor(stride, n) > 1) stride--;
  return seats.map((_, i) => seats[(i * stride) % n]).filter((seat) => seat !== undefined);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
