// A certificate file (`.intoto.jsonl`, protocol 7.3) as bytes: three lines of canonical JSON. Line 1 is a DSSE
// envelope that stock tools read; line 2 the BLS quorum certificate over the same bytes; line 3 the rosters
// from the genesis on. Reading it is strict about form and believes nothing: verifier.ts does the judging.
import * as z from 'zod';
import { rosterAdmittedSchema } from '../council/records.ts';
import { MAX_EPOCHS } from '../council/roster-change.ts';
import { badInput } from '../errors.ts';
import { BLS_SUITE } from '../signing/bls-rule.ts';
import { fromBase64, textOf, toBase64, utf8 } from '../signing/bytes.ts';
import { canonicalText, parseCanonical } from '../signing/canonical.ts';
import { type Digest, isDigest } from '../signing/digest.ts';
import { IN_TOTO_PAYLOAD_TYPE } from '../signing/pae.ts';
import { asSeatId, MAX_SEATS, type SeatId } from '../signing/seat-id.ts';
import { commitSealSchema, headerSchema } from './commit-seal.ts';
import { MAX_PROOF_HASHES } from './merkle.ts';
import { MAX_LINKED_HEADERS } from './tree-head.ts';

/** A hundred and more rosters of 200 seats; a council of 33 in its first epoch needs a five-hundredth of it. */
export const MAX_CERTIFICATE_BYTES = 16 * 1024 * 1024;

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

/** What admitted a later roster (protocol 6.3): the ledger's word for it, and the council of the epoch before. */
export type Admission = z.infer<typeof admissionSchema>;

/** The first roster, and the genesis that names it. */
export interface FirstRoster {
  readonly admittedBy: { readonly genesis: unknown };
  readonly roster: unknown;
}

export interface LaterRoster {
  readonly admittedBy: Admission;
  readonly roster: unknown;
}

/** One of each epoch. */
export type RosterChain = readonly [FirstRoster, ...LaterRoster[]];

export interface CertificateFile {
  /** the in-toto statement, as it was signed */
  readonly payload: Uint8Array;
  /** by ascending seat */
  readonly signatures: readonly SeatSignatureBytes[];
  readonly quorum: QuorumCertificate;
  readonly rosters: RosterChain;
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

const admissionSchema = z
  .strictObject({
    commit: commitSealSchema,
    /** from the proof's leaf up, in base64 */
    hashes: z.array(base64).max(MAX_PROOF_HASHES).readonly(),
    /** from the block that ended the epoch before, through blocks without entries, to the one that is committed */
    headers: z.array(headerSchema).min(1).max(MAX_LINKED_HEADERS).readonly(),
    /** the record's place in the log */
    index: z.int().min(0),
    record: rosterAdmittedSchema,
  })
  .readonly();

const firstRoster = z.strictObject({
  admittedBy: z.strictObject({ genesis: z.unknown() }),
  roster: z.unknown(),
});
const laterRoster = z.strictObject({ admittedBy: admissionSchema, roster: z.unknown() });

const rostersSchema = z.strictObject({
  rosters: z
    .tuple([firstRoster], laterRoster)
    .refine((rosters) => rosters.length <= MAX_EPOCHS, `expected at most ${MAX_EPOCHS} rosters`),
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
export function formatRosters([first, ...later]: RosterChain): string {
  const spelled = later.map(({ admittedBy, roster }) => ({
    admittedBy: { ...admittedBy, hashes: admittedBy.hashes.map(toBase64) },
    roster,
  }));
  return line({ rosters: [first, ...spelled] });
}

/** The rosters alone, as a node tells them to whoever asks which is in force. */
export function parseRosters(text: string): RosterChain {
  if (text.length > MAX_CERTIFICATE_BYTES || !text.endsWith('\n')) {
    throw badInput(`expected rosters in one line of at most ${MAX_CERTIFICATE_BYTES} bytes`);
  }
  return read(rostersSchema, text.slice(0, -1), 1).rosters;
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
