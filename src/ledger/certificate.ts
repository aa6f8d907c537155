// A certificate file (`.intoto.jsonl`, protocol 7.3) as bytes: three lines of canonical JSON. Line 1 is a DSSE
// envelope that stock tools read; line 2 the BLS quorum certificate over the same bytes; line 3 the rosters
// from the genesis on. Reading it is strict about form and believes nothing: verifier.ts does the judging.
import * as z from 'zod';
import { badInput } from '../errors.ts';
import { BLS_SUITE } from '../signing/bls-rule.ts';
import { fromBase64, textOf, toBase64, utf8 } from '../signing/bytes.ts';
import { canonicalText, parseCanonical } from '../signing/canonical.ts';
import { type Digest, isDigest } from '../signing/digest.ts';
import { IN_TOTO_PAYLOAD_TYPE } from '../signing/pae.ts';
import { asSeatId, MAX_SEATS, type SeatId } from '../signing/seat-id.ts';

/** A council of 200 seats whose names are as long as they may be stays well below. */
export const MAX_CERTIFICATE_BYTES = 512 * 1024;

export interface SeatSignatureBytes {
  readonly seat: SeatId;
  readonly signature: Uint8Array;
}

export interface QuorumCertificate {
  readonly suite: string;
  /** digest of the roster whose seats signed */
  readonly roster: Digest;
  /** see seat-bitmap.ts */
  readonly seats: string;
  readonly signature: Uint8Array;
}

/** A roster and what admitted it; the first is admitted by the genesis that names it (protocol 6.3). */
export interface ChainedRoster {
  readonly admittedBy: { readonly genesis: unknown };
  readonly roster: unknown;
}

export interface CertificateFile {
  /** the in-toto statement, as it was signed */
  readonly payload: Uint8Array;
  /** by ascending seat */
  readonly signatures: readonly SeatSignatureBytes[];
  readonly quorum: QuorumCertificate;
  readonly rosters: readonly ChainedRoster[];
}

const base64 = z
  .string()
  .max(MAX_CERTIFICATE_BYTES)
  .transform((text, context) => {
    try {
      return fromBase64(text);
    } catch {
      context.addIssue('expected canonical base64');
      return z.NEVER;
    }
  });

const envelopeSchema = z.strictObject({
  payload: base64,
  payloadType: z.literal(IN_TOTO_PAYLOAD_TYPE),
  signatures: z.array(z.strictObject({ keyid: z.string(), sig: base64 })).max(MAX_SEATS),
});

const quorumSchema = z.strictObject({
  quorum: z.strictObject({
    roster: z.custom<Digest>(isDigest, 'expected a digest'),
    seats: z.string().max(MAX_SEATS / 4),
    signature: base64,
    suite: z.literal(BLS_SUITE),
  }),
});

const rostersSchema = z.strictObject({
  rosters: z
    .array(z.strictObject({ admittedBy: z.strictObject({ genesis: z.unknown() }), roster: z.unknown() }))
    // There are no later epochs yet, so there is nothing that could admit a second roster (protocol 6.1).
    .length(1),
});

/** "seat-07": what a DSSE envelope calls a seat's key. */
export function keyIdOf(seat: SeatId): string {
  return `seat-${String(seat).padStart(2, '0')}`;
}

/** Line 1. */
export function formatEnvelope(payload: Uint8Array, signatures: CertificateFile['signatures']): string {
  const named = signatures.map(({ seat, signature }) => ({ keyid: keyIdOf(seat), sig: toBase64(signature) }));
  return line({ payload: toBase64(payload), payloadType: IN_TOTO_PAYLOAD_TYPE, signatures: named });
}

/** Line 2. */
export function formatQuorum(quorum: QuorumCertificate): string {
  return line({ quorum: { ...quorum, signature: toBase64(quorum.signature) } });
}

/** Line 3. */
export function formatRosters(rosters: readonly ChainedRoster[]): string {
  return line({ rosters });
}

export function parseCertificate(bytes: Uint8Array): CertificateFile {
  if (bytes.length > MAX_CERTIFICATE_BYTES) {
    throw badInput(`expected a certificate of at most ${MAX_CERTIFICATE_BYTES} bytes, found ${bytes.length}`);
  }
  const [first, second, third, end, ...rest] = textOf(bytes).split('\n');
  if (first === undefined || second === undefined || third === undefined || end !== '' || rest.length > 0) {
    throw badInput('expected a certificate of three lines, each ended by a newline');
  }
  const envelope = read(envelopeSchema, first, 1);
  const { quorum } = read(quorumSchema, second, 2);
  const { rosters } = read(rostersSchema, third, 3);
  const signatures = envelope.signatures.map(({ keyid, sig }) => ({
    seat: seatOfKeyId(keyid),
    signature: sig,
  }));
  return { payload: envelope.payload, signatures, quorum, rosters };
}

const line = (value: unknown): string => `${canonicalText(value)}\n`;

function read<T>(schema: z.ZodType<T>, text: string, number: number): T {
  let value: unknown;
  try {
    value = parseCanonical(utf8(text));
  } catch (error) {
    throw badInput(`line ${number}: ${error instanceof Error ? error.message : 'malformed'}`, {
      line: number,
    });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = (issue?.path ?? []).map((part) => String(part).slice(0, 60)).join('.');
  throw badInput(`line ${number}: at ${where === '' ? 'the top' : where}: ${issue?.message ?? ''}`, {
    line: number,
  });
}

function seatOfKeyId(keyid: string): SeatId {
  const digits = /^seat-([0-9]{2,3})$/.exec(keyid)?.[1];
  const seat = asSeatId(Number(digits ?? 0));
  if (keyIdOf(seat) !== keyid)
    throw badInput(`line 1: expected a key id such as seat-07, found "${keyid.slice(0, 20)}"`);
  return seat;
}
