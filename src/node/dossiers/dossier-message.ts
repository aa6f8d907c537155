// What is said on the line `dossiers`: a submitter offers a case's dossier to the nodes, nodes say that they hold it,
// and a node that lacks the dossier of an open case asks another for it (protocol 4.1, 8.4). Texts cross encrypted to
// the nodes of the panel and in pieces, each named by its digest in what was signed; so whoever takes them in keeps
// nothing that somebody with a name did not answer for.
import * as z from 'zod';
import { caseSchema } from '../../council/case.ts';
import { digest, line, readCanonical } from '../../council/field-rules.ts';
import { epoch, seatId } from '../../council/roster.ts';
import { badInput, unreachable } from '../../errors.ts';
import { concat, fromHex, toHex } from '../../signing/bytes.ts';
import { canonicalBytes } from '../../signing/canonical.ts';
import { asDigest, type Digest, digestOfBytes } from '../../signing/digest.ts';
import { ED25519_SIGNATURE_BYTES } from '../../signing/ed25519.ts';
import { MAX_SEATS } from '../../signing/seat-id.ts';

/** Far below what one message of any transport may hold. */
export const PIECE_BYTES = 256 * 1024;
/** Two million characters of three bytes each, and the fields and salts beside them. */
export const MAX_PARCEL_BYTES = 7 * 1024 * 1024;
export const MAX_PIECES = Math.ceil(MAX_PARCEL_BYTES / PIECE_BYTES);
/** Pieces asked for at once: what is on its way to a slow node must not fill the wire. */
export const PIECES_A_REQUEST = 4;
const MAX_HEAD_BYTES = 256 * 1024;
export const MAX_REASON_CHARS = 300;

const base64 = (maxChars: number) =>
  z
    .string()
    .max(maxChars)
    .regex(/^[A-Za-z0-9+/]*={0,2}$/, 'expected base64');
const signature = base64(88).min(88);

/** An encrypted dossier: its length, and the digests of its pieces in their order. */
const parcel = z
  .strictObject({
    bytes: z.int().min(1).max(MAX_PARCEL_BYTES),
    pieces: z.array(digest).min(1).max(MAX_PIECES).readonly(),
  })
  .refine(
    ({ bytes, pieces }) => pieces.length === Math.ceil(bytes / PIECE_BYTES),
    'expected a digest a piece',
  )
  .readonly();

/** The content key of a parcel, for one node. */
const boxed = z.strictObject({ node: line(40), box: base64(128) }).readonly();

const offered = z
  .strictObject({
    case: caseSchema,
    epoch,
    keys: z.array(boxed).min(1).max(MAX_SEATS).readonly(),
    parcel,
  })
  .readonly();

const wanted = z
  .strictObject({
    caseId: digest,
    epoch,
    /** who asks, and the seat of that node which signs */
    node: line(40),
    seat: seatId,
    /** whom it asks: nobody else can pass the question on as their own */
    of: line(40),
  })
  .readonly();

const given = z.strictObject({ caseId: digest, epoch, key: boxed, parcel, seat: seatId }).readonly();

const pieces = z
  .strictObject({
    parcel: digest,
    pieces: z.array(z.int().min(0).max(MAX_PIECES)).min(1).max(PIECES_A_REQUEST),
  })
  .readonly();

const held = z
  .strictObject({
    caseId: digest,
    epoch,
    receipts: z
      .array(z.strictObject({ seat: seatId, sig: signature }).readonly())
      .max(MAX_SEATS)
      .readonly(),
  })
  .readonly();

const refused = z.strictObject({ caseId: digest, why: z.string().max(MAX_REASON_CHARS) }).readonly();

export type Parcel = z.infer<typeof parcel>;
export type Offered = z.infer<typeof offered>;
export type Wanted = z.infer<typeof wanted>;
export type Given = z.infer<typeof given>;
export type Held = z.infer<typeof held>;
export type Refused = z.infer<typeof refused>;

/** The exact bytes that were signed, and by them the name of the parcel they announce. */
export interface Signed<Body> {
  readonly body: Body;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

export type DossierMessage =
  | ({ readonly kind: 'offered' } & Signed<Offered>)
  | ({ readonly kind: 'wanted' } & Signed<Wanted>)
  | ({ readonly kind: 'given' } & Signed<Given>)
  | { readonly kind: 'pieces'; readonly body: z.infer<typeof pieces> }
  | { readonly kind: 'piece'; readonly parcel: Digest; readonly index: number; readonly bytes: Uint8Array }
  | { readonly kind: 'held'; readonly body: Held }
  | { readonly kind: 'refused'; readonly body: Refused };

const KIND = {
  offered: 0x6f,
  wanted: 0x77,
  given: 0x67,
  pieces: 0x61,
  piece: 0x70,
  held: 0x68,
  refused: 0x72,
} as const;
const PIECE_HEAD_BYTES = 1 + 32 + 1;

/** Spells what is to be signed, signs it, and makes the message of it. */
export function signedMessage<Kind extends 'offered' | 'wanted' | 'given'>(
  kind: Kind,
  body: { offered: Offered; wanted: Wanted; given: Given }[Kind],
  sign: (payload: Uint8Array) => Uint8Array,
): Uint8Array {
  const payload = canonicalBytes(body);
  return concat(Uint8Array.of(KIND[kind]), sign(payload), payload);
}

/** What a parcel is asked for by: the digest of the payload that announced it. */
export function parcelName(payload: Uint8Array): Digest {
  return digestOfBytes(payload);
}

export function payloadOf(signed: Uint8Array): Uint8Array {
  return signed.subarray(1 + ED25519_SIGNATURE_BYTES);
}

export function encodeDossierMessage(
  message: Exclude<DossierMessage, { readonly kind: 'offered' | 'wanted' | 'given' }>,
): Uint8Array {
  const head = Uint8Array.of(KIND[message.kind]);
  switch (message.kind) {
    case 'piece':
      return concat(head, fromHex(message.parcel), Uint8Array.of(message.index), message.bytes);
    case 'pieces':
    case 'held':
    case 'refused':
      return concat(head, canonicalBytes(message.body));
    default:
      return unreachable(message);
  }
}

/** Throws bad input on whatever no honest client or node would send. */
export function decodeDossierMessage(bytes: Uint8Array): DossierMessage {
  const body = bytes.subarray(1);
  if (bytes[0] === KIND.piece) return pieceOf(bytes);
  if (body.length > MAX_HEAD_BYTES) throw badInput('expected a shorter message about a dossier');
  switch (bytes[0]) {
    case KIND.offered:
      return { kind: 'offered', ...signed('offer', offered, body) };
    case KIND.wanted:
      return { kind: 'wanted', ...signed('question', wanted, body) };
    case KIND.given:
      return { kind: 'given', ...signed('answer', given, body) };
    case KIND.pieces:
      return { kind: 'pieces', body: readCanonical('pieces', pieces, body) };
    case KIND.held:
      return { kind: 'held', body: readCanonical('receipts', held, body) };
    case KIND.refused:
      return { kind: 'refused', body: readCanonical('refusal', refused, body) };
    default:
      throw badInput('expected a known kind of message about dossiers');
  }
}

function signed<Body>(name: string, schema: z.ZodType<Body>, bytes: Uint8Array): Signed<Body> {
  if (bytes.length <= ED25519_SIGNATURE_BYTES)
    throw badInput(`${name}: expected a signature and what it is of`);
  const payload = bytes.subarray(ED25519_SIGNATURE_BYTES);
  const signature = bytes.subarray(0, ED25519_SIGNATURE_BYTES);
  return { body: readCanonical(name, schema, payload), payload, signature };
}

function pieceOf(bytes: Uint8Array): DossierMessage {
  if (bytes.length <= PIECE_HEAD_BYTES || bytes.length > PIECE_HEAD_BYTES + PIECE_BYTES) {
    throw badInput('expected a piece of a dossier');
  }
  const name = asDigest(toHex(bytes.subarray(1, 33)));
  return { kind: 'piece', parcel: name, index: bytes[33] ?? 0, bytes: bytes.subarray(PIECE_HEAD_BYTES) };
}
