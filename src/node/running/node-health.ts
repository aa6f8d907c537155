// How a node fares, for whoever watches over it: whether it runs, whether it hears enough of the council for anything to be
// decided, and whether it is up with the others. Told from signed heartbeats; no decision of the protocol depends on it.

import { reasonOf } from '../../errors.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import type { CouncilNode } from '../council-node.ts';
import type { Presence } from '../presence/presence.ts';
import type { Health } from './ledger-server.ts';

/** A heartbeat that comes back proves life up to two heartbeats ago; one or two more may be lost. */
const HEARTBEATS_OF_SILENCE = 4;
/** A node that is so many blocks behind is catching up; fewer are on their way to everybody. */
const BLOCKS_BEHIND = 8;

export interface Watched {
  readonly node: Pick<CouncilNode, 'quorum' | 'stopped'> & {
    readonly founding: { readonly roster: { readonly seats: readonly { readonly seat: SeatId }[] } };
    status(): { readonly height: number };
  };
  readonly presence: Pick<Presence, 'heightClaimed' | 'lastHeardMs' | 'nowMs'>;
  readonly own: ReadonlySet<SeatId>;
  readonly heartbeatMs: number;
}

/** Its own seats, and those that were certainly alive a few heartbeats ago. */
export function seatsAlive({ node, presence, own, heartbeatMs }: Watched): readonly SeatId[] {
  const sinceMs = presence.nowMs() - HEARTBEATS_OF_SILENCE * heartbeatMs;
  return node.founding.roster.seats
    .map(({ seat }) => seat)
    .filter((seat) => own.has(seat) || (presence.lastHeardMs(seat) ?? Number.NEGATIVE_INFINITY) >= sinceMs);
}

export function healthOf(watched: Watched): Health {
  const { node, presence } = watched;
  if (node.stopped !== undefined) {
    const { error } = node.stopped;
    const why = `stopped for good: ${reasonOf(error)}`;
    return { live: false, healthy: false, ready: false, why };
  }
  const { n, f, q } = node.quorum;
  const alive = seatsAlive(watched).length;
  if (alive < q) {
    const why = `hears ${alive} of ${n} seats; ${q} are needed`;
    return { live: true, healthy: false, ready: false, why };
  }
  const { height } = node.status();
  const others = presence.heightClaimed(f);
  const ready = height + BLOCKS_BEHIND >= others;
  return { live: true, healthy: true, ready, why: ready ? '' : `at block ${height} of ${others}` };
}
