// Who signed a decision, twice: each seat with Ed25519 for tools that know DSSE, and all of them together with
// BLS (protocol 7.2–7.4). Both sets must be the same seats, so that neither can be thinned out afterwards, and
// every signature that is there must be true.
import { quorumOf } from '../consensus/quorum.ts';
import { type Roster, seatOf, sitterOf } from '../council/roster.ts';
import { badInput } from '../errors.ts';
import type { Bls } from '../signing/bls-rule.ts';
import { fromBase64 } from '../signing/bytes.ts';
import type { Ed25519 } from '../signing/ed25519.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { CertificateFile } from './certificate.ts';
import { certifiedBytes } from './decision-statement.ts';
import { seatsOf } from './seat-bitmap.ts';

/** The seats that signed, by ascending number; throws unless they are a quorum of the roster, each once. */
export function requireQuorum({ signatures, quorum }: CertificateFile, roster: Roster): readonly SeatId[] {
  const { n, q } = quorumOf(roster.seats.length);
  let last = 0;
  for (const { seat } of signatures) {
    if (seat <= last)
      throw badInput(`expected envelope signatures by ascending seat, each once; found seat ${seat}`);
    if (seat > n) throw badInput(`expected seats of the roster of ${n}, found seat ${seat}`);
    if (sitterOf(roster, seat) === undefined) throw badInput(`seat ${seat} is vacant and signs nothing`); // protocol 5.2
    last = seat;
  }
  if (signatures.length < q)
    throw badInput(`expected at least ${q} envelope signatures, found ${signatures.length}`);
  const seats = seatsOf(quorum.seats, n);
  if (seats.length < q) throw badInput(`expected at least ${q} seats in the bitmap, found ${seats.length}`);
  if (seats.length !== signatures.length || seats.some((seat, i) => seat !== signatures[i]?.seat)) {
    throw badInput('the seats of the envelope are not those of the bitmap');
  }
  return seats;
}

export function requireEnvelopeSignatures(
  { payload, signatures }: CertificateFile,
  roster: Roster,
  ed25519: Pick<Ed25519, 'verify'>,
): void {
  const message = certifiedBytes(payload);
  for (const { seat, signature } of signatures) {
    const key = seatOf(roster, seat)?.ed25519;
    if (key === undefined || !ed25519.verify(fromBase64(key), message, signature)) {
      throw badInput(`the envelope signature of seat ${seat} is false`);
    }
  }
}

export function requireQuorumSignature(
  { payload, quorum }: CertificateFile,
  seats: readonly SeatId[],
  roster: Roster,
  bls: Pick<Bls, 'verifyAggregate'>,
): void {
  const keys = seats.flatMap((seat) => seatOf(roster, seat)?.bls ?? []).map(fromBase64);
  if (keys.length !== seats.length || !bls.verifyAggregate(keys, certifiedBytes(payload), quorum.signature)) {
    throw badInput('the aggregated signature is not that of the seats in the bitmap');
  }
}
