// From a decision and what the seats signed to a certificate (protocol 7.2, 7.3). Every signature is checked by
// the key of its own seat before it goes in; a seat goes in with both its signatures or not at all, so that the
// two sets in a certificate are the same seats and neither can be thinned out afterwards.
import { quorumOf } from '../consensus/quorum.ts';
import type { Genesis } from '../council/genesis.ts';
import { type Roster, rosterDigest, seatOf } from '../council/roster.ts';
import { BLS_SUITE, type Bls } from '../signing/bls-rule.ts';
import { fromBase64 } from '../signing/bytes.ts';
import type { Ed25519 } from '../signing/ed25519.ts';
import type { SeatId } from '../signing/seat-id.ts';
import { formatCertificate } from './certificate.ts';
import { certifiedBytes } from './decision-statement.ts';
import { bitmapOf } from './seat-bitmap.ts';

/** What one seat signed: the same bytes twice (protocol 7.2). */
export interface SeatEndorsement {
  readonly seat: SeatId;
  /** Ed25519, for the DSSE envelope */
  readonly envelope: Uint8Array;
  /** BLS, to be aggregated */
  readonly share: Uint8Array;
}

export interface CertificationSource {
  readonly payload: Uint8Array;
  readonly genesis: Genesis;
  readonly roster: Roster;
  /** in any order; a second one of a seat is ignored */
  readonly endorsements: readonly SeatEndorsement[];
}

export interface Certification {
  /** undefined while fewer than q seats signed truly */
  readonly certificate: Uint8Array | undefined;
  readonly seats: readonly SeatId[];
  /** seats with a false signature */
  readonly refused: readonly SeatId[];
}

export interface CertificationDependencies {
  readonly ed25519: Pick<Ed25519, 'verify'>;
  readonly bls: Pick<Bls, 'verify' | 'verifyAggregate' | 'aggregateSignatures'>;
}

interface Candidate extends SeatEndorsement {
  readonly blsKey: Uint8Array;
}

export function certify(
  { payload, genesis, roster, endorsements }: CertificationSource,
  { ed25519, bls }: CertificationDependencies,
): Certification {
  const message = certifiedBytes(payload);
  const refused: SeatId[] = [];
  const candidates: Candidate[] = [];
  for (const endorsement of firstOfEachSeat(endorsements)) {
    const seat = seatOf(roster, endorsement.seat);
    if (seat !== undefined && ed25519.verify(fromBase64(seat.ed25519), message, endorsement.envelope)) {
      candidates.push({ ...endorsement, blsKey: fromBase64(seat.bls) });
    } else {
      refused.push(endorsement.seat);
    }
  }
  const sound = soundShares(candidates, message, bls, refused);
  const seats = sound.map(({ seat }) => seat);
  const { n, q } = quorumOf(roster.seats.length);
  if (sound.length < q) return { certificate: undefined, seats, refused };
  const certificate = formatCertificate({
    payload,
    signatures: sound.map(({ seat, envelope }) => ({ seat, signature: envelope })),
    quorum: {
      roster: rosterDigest(roster),
      seats: bitmapOf(seats, n),
      signature: bls.aggregateSignatures(sound.map(({ share }) => share)),
      suite: BLS_SUITE,
    },
    rosters: [{ admittedBy: { genesis }, roster }],
  });
  return { certificate, seats, refused };
}

/** One check for all where all are true, which is nearly always; one by one to name the seat that lied. */
function soundShares(
  candidates: readonly Candidate[],
  message: Uint8Array,
  bls: CertificationDependencies['bls'],
  refused: SeatId[],
): readonly Candidate[] {
  if (candidates.length === 0 || aggregateHolds(candidates, message, bls)) return candidates;
  return candidates.filter(({ seat, blsKey, share }) => {
    const holds = bls.verify(blsKey, message, share);
    if (!holds) refused.push(seat);
    return holds;
  });
}

function aggregateHolds(
  candidates: readonly Candidate[],
  message: Uint8Array,
  bls: CertificationDependencies['bls'],
): boolean {
  const keys = candidates.map(({ blsKey }) => blsKey);
  try {
    return bls.verifyAggregate(keys, message, bls.aggregateSignatures(candidates.map(({ share }) => share)));
  } catch {
    return false; // a share that is no point of the group cannot be aggregated at all
  }
}

function firstOfEachSeat(endorsements: readonly SeatEndorsement[]): readonly SeatEndorsement[] {
  const bySeat = new Map<SeatId, SeatEndorsement>();
  for (const endorsement of endorsements) {
    if (!bySeat.has(endorsement.seat)) bySeat.set(endorsement.seat, endorsement);
  }
  return [...bySeat.values()].sort((a, b) => a.seat - b.seat);
}
