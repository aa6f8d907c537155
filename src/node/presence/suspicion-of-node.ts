// Suspicion at a running node: whom it watches, what the ledger holds of its opinion, and the entry that changes it
// (protocol 5.3).
import type { Entry } from '../../consensus/block.ts';
import { quorumOf } from '../../consensus/quorum.ts';
import { sealEntry } from '../../council/entry.ts';
import { sitterOf } from '../../council/roster.ts';
import { type CouncilState, opinionOf, rosterInForce } from '../../council/state.ts';
import { toBase64 } from '../../signing/bytes.ts';
import type { Digest } from '../../signing/digest.ts';
import { fastestEd25519 } from '../../signing/ed25519-fastest.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import { type SignOfLife, Suspicion } from './suspicion.ts';

export interface NodeSuspicionOptions {
  readonly councilId: Digest;
  /** the seats of this node, with the secrets they sign entries with now */
  readonly seats: () => ReadonlyMap<SeatId, Uint8Array>;
  readonly heartbeatMs: number;
}

export interface NodeSuspicionDependencies {
  readonly node: {
    readonly state: Pick<CouncilState, 'rosters' | 'epoch' | 'opinions'>;
    submit(entries: readonly Entry[]): void;
  };
  readonly signs: readonly SignOfLife[];
}

/** Watches from `start()` on. */
export function suspicionOf(
  { councilId, seats, heartbeatMs }: NodeSuspicionOptions,
  { node, signs }: NodeSuspicionDependencies,
): Suspicion {
  const seated = (): readonly SeatId[] => {
    const roster = rosterInForce(node.state);
    return roster.seats.flatMap(({ seat }) => (sitterOf(roster, seat) === undefined ? [] : [seat]));
  };
  const { q } = quorumOf(rosterInForce(node.state).seats.length);
  return new Suspicion(
    { heartbeatMs, quorum: q },
    {
      seats: seated,
      own: () => [...seats().keys()],
      signs,
      opinionOf: (seat) => opinionOf(node.state, seat),
      say: (seat, silent) => {
        const secret = seats().get(seat);
        if (secret === undefined) return;
        const { epoch } = node.state;
        const fields = { kind: 'seats.suspected', by: `seat/${seat}`, epoch, silent } as const;
        node.submit([
          sealEntry(fields, councilId, (message) => toBase64(fastestEd25519.sign(secret, message))),
        ]);
      },
    },
  );
}
