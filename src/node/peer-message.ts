// What nodes say to each other beside ordering: what their seats signed about a decision, so that each can put a
// certificate together (protocol 7.2). One byte before a message says which kind of reader it is for.
import * as z from 'zod';
import type { Message } from '../consensus/messages.ts';
import { decodeMessage, encodeMessage } from '../consensus/wire.ts';
import { digest } from '../council/field-rules.ts';
import { seatId } from '../council/roster.ts';
import { badInput } from '../errors.ts';
import type { SeatEndorsement } from '../ledger/certify.ts';
import { BLS_SIGNATURE_BYTES } from '../signing/bls.ts';
import { concat, fromBase64, toBase64 } from '../signing/bytes.ts';
import { canonicalBytes, parseCanonical } from '../signing/canonical.ts';
import type { Digest } from '../signing/digest.ts';
import { ED25519_SIGNATURE_BYTES } from '../signing/ed25519.ts';
import { MAX_SEATS } from '../signing/seat-id.ts';

export interface Endorsements {
  readonly kind: 'endorsements';
  readonly caseId: Digest;
  /** the sender still lacks some, and asks for ours */
  readonly wanted: boolean;
  readonly endorsements: readonly SeatEndorsement[];
}

export type PeerMessage = { readonly kind: 'ordering'; readonly message: Message } | Endorsements;

const ORDERING = 0x6f; // o
const ENDORSEMENTS = 0x65; // e

const MAX_ENDORSEMENTS_BYTES = 512 * MAX_SEATS;

const signatureOf = (byteLength: number) =>
  z.string().transform((text, context) => {
    try {
      const bytes = fromBase64(text);
      if (bytes.length === byteLength) return bytes;
    } catch {
      // said below
    }
    context.addIssue(`expected a signature of ${byteLength} bytes in base64`);
    return z.NEVER;
  });

const endorsementsSchema = z.strictObject({
  caseId: digest,
  endorsements: z
    .array(
      z.strictObject({
        envelope: signatureOf(ED25519_SIGNATURE_BYTES),
        seat: seatId,
        share: signatureOf(BLS_SIGNATURE_BYTES),
      }),
    )
    .max(MAX_SEATS),
  wanted: z.boolean(),
});

export function encodeOrdering(message: Message): Uint8Array {
  return concat(Uint8Array.of(ORDERING), encodeMessage(message));
}

export function encodeEndorsements({ caseId, wanted, endorsements }: Endorsements): Uint8Array {
  const signed = endorsements.map(({ seat, envelope, share }) => ({
    envelope: toBase64(envelope),
    seat,
    share: toBase64(share),
  }));
  return concat(Uint8Array.of(ENDORSEMENTS), canonicalBytes({ caseId, endorsements: signed, wanted }));
}

/** What a message says it is, whatever else is wrong with it. */
export function kindOfPeerMessage(bytes: Uint8Array): 'ordering' | 'endorsements' | 'message' {
  if (bytes[0] === ORDERING) return 'ordering';
  return bytes[0] === ENDORSEMENTS ? 'endorsements' : 'message';
}

/** Throws bad input on whatever no honest node would send. */
export function decodePeerMessage(bytes: Uint8Array): PeerMessage {
  const body = bytes.subarray(1);
  if (bytes[0] === ORDERING) return { kind: 'ordering', message: decodeMessage(body) };
  if (bytes[0] !== ENDORSEMENTS) throw badInput('expected a known kind of message');
  if (body.length > MAX_ENDORSEMENTS_BYTES) throw badInput('expected fewer endorsements');
  const result = endorsementsSchema.safeParse(parseCanonical(body));
  if (!result.success) throw badInput(`endorsements: ${result.error.issues[0]?.message ?? 'malformed'}`);
  return { kind: 'endorsements', ...result.data };
}
