// Commitments: a digest now, what it stands for later. Ballots are committed to before any is opened (protocol
// 4.4); confidential fields of a case stand on the ledger only as such (protocol 4.1).
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { badInput } from '../errors.ts';
import { fromHex, toHex, utf8 } from './bytes.ts';
import { asDigest, type Digest, digestOf } from './digest.ts';
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
  return asDigest(toHex(hmac(sha256, fromHex(salt), utf8(text))));
}

function requireSalt(salt: string): void {
  if (!/^[0-9a-f]{64}$/.test(salt))
    throw badInput(`expected a salt of ${SALT_BYTES} bytes in lower-case hex`);
}
