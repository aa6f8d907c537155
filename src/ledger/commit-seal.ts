// A header and the seats that committed it, as they stand in files (protocol 7.1, 7.3). Everything a commit
// certificate says but who signed is in the header already, so the seal is a bitmap and the signatures in the
// order of its seats: nothing can be named twice or in two ways.
import * as z from 'zod';
import type { Header, Height, View } from '../consensus/block.ts';
import type { Certificate } from '../consensus/certificates.ts';
import type { Quorum } from '../consensus/quorum.ts';
import { asSignature } from '../consensus/statements.ts';
import { badInput } from '../errors.ts';
import { concat, fromBase64, toBase64 } from '../signing/bytes.ts';
import { type Digest, isDigest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import { MAX_SEATS, type SeatId } from '../signing/seat-id.ts';
import { bitmapOf, seatsOf } from './seat-bitmap.ts';

const SIGNATURE_BYTES = 64;

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isPositive = (value: unknown): boolean => isCount(value) && value !== 0;

const digest = z.custom<Digest>(isDigest, 'expected a digest');

/** Of any block but genesis, which has no header of its own. */
export const headerSchema = z
  .strictObject({
    epoch: z.custom<Epoch>(isPositive, 'expected an epoch'),
    view: z.custom<View>(isPositive, 'expected a view'),
    height: z.custom<Height>(isPositive, 'expected a height'),
    parent: digest,
    proposer: z.custom<SeatId>((value) => isPositive(value) && Number(value) <= MAX_SEATS, 'expected a seat'),
    timeMs: z.custom<number>(isCount, 'expected a time'),
    payloadRoot: digest,
    ledgerSize: z.custom<number>(isCount, 'expected a size'),
    ledgerRoot: digest,
  })
  .readonly();

export const commitSealSchema = z
  .strictObject({ seats: z.string().max(MAX_SEATS / 4), signatures: z.string().max(MAX_SEATS * 90) })
  .readonly();

export type CommitSeal = z.infer<typeof commitSealSchema>;

/** Of a certificate with more than q signatures, the first q: so that none can be left out unnoticed. */
export function sealOf(commit: Certificate, { n, q }: Quorum): CommitSeal {
  const chosen = [...commit.signatures].sort((a, b) => a.seat - b.seat).slice(0, q);
  return {
    seats: bitmapOf(
      chosen.map(({ seat }) => seat),
      n,
    ),
    signatures: toBase64(concat(...chosen.map(({ signature }) => fromBase64(signature)))),
  };
}

/** The commit certificate of the block that has this header and digest. Its signatures are yet to be checked. */
export function certificateOf(
  header: Header,
  block: Digest,
  seal: CommitSeal,
  { n, q }: Quorum,
): Certificate {
  const seats = seatsOf(seal.seats, n);
  if (seats.length !== q) throw badInput(`expected ${q} commit signatures, found ${seats.length}`);
  const bytes = fromBase64(seal.signatures);
  if (bytes.length !== q * SIGNATURE_BYTES) {
    throw badInput(`expected ${q} signatures of ${SIGNATURE_BYTES} bytes, found ${bytes.length} bytes`);
  }
  return {
    kind: 'commit',
    epoch: header.epoch,
    view: header.view,
    height: header.height,
    block,
    signatures: seats.map((seat, i) => ({
      seat,
      signature: asSignature(toBase64(bytes.subarray(i * SIGNATURE_BYTES, (i + 1) * SIGNATURE_BYTES))),
    })),
  };
}
