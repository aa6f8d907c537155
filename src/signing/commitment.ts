// Commitments: a digest now, what it stands for later. Ballots are committed to before any is opened (protocol
// 4.4); confidential fields of a case stand on the ledger only as such (protocol 4.1).
import { badInput } from '../errors.ts';
import { concat, fromHex, utf8 } from './bytes.ts';
import { type Digest, digestOf, digestOfBytes, sha256 } from './digest.ts';
import type { Epoch } from './purpose.ts';
import type { SeatId } from './seat-id.ts';

export const SALT_BYTES = 32;

/** What a ballot's commitment is bound to: with the seat in it, a copied commitment cannot be opened. */
export interface BallotCommitment {
  readonly councilId: Digest;
  readonly epoch: Epoch;
  readonly caseId: Digest;
  readonly seat: SeatId;
  /** 32 random bytes in hex: without them, the few possible ballots could be tried one by one */
  readonly salt: string;
  /** any value that canonical JSON can hold */
  readonly ballot: unknown;
}

/** SHA-256 of the canonical {purpose, councilId, epoch, caseId, seat, salt, ballot} (protocol 4.4). */
export function commitmentOf({ councilId, epoch, caseId, seat, salt, ballot }: BallotCommitment): Digest {
  requireSalt(salt);
  // Keys already in canonical order are spelled natively, which is several times as fast.
  return digestOf({ ballot, caseId, councilId, epoch, purpose: 'ballot.committed', salt, seat });
}

/** HMAC-SHA256 of the text under a salt of its own: hides the text until salt and text are shown (protocol 4.1). */
export function fieldCommitment(salt: string, text: string): Digest {
  requireSalt(salt);
  // UTF-8 has no spelling for half a surrogate pair; encoders write one and the same sign for all of them.
  if (/\p{Surrogate}/u.test(text)) throw badInput('expected text of whole Unicode characters');
  return hmacDigest(fromHex(salt), utf8(text));
}

/**
 * HMAC (RFC 2104) by the fastest SHA-256 there is: a dossier has millions of characters, and a node that spends a
 * second on hashing them orders nothing meanwhile. For keys of up to one block, as salts are.
 */
function hmacDigest(key: Uint8Array, message: Uint8Array): Digest {
  const padded = (pad: number): Uint8Array =>
    Uint8Array.from({ length: BLOCK_BYTES }, (_, i) => (key[i] ?? 0) ^ pad);
  return digestOfBytes(concat(padded(0x5c), sha256(concat(padded(0x36), message))));
}

/** Of SHA-256. */
const BLOCK_BYTES = 64;

function requireSalt(salt: string): void {
  if (!/^[0-9a-f]{64}$/.test(salt))
    throw badInput(`expected a salt of ${SALT_BYTES} bytes in lower-case hex`);
}
