// What is said on the line `desk`: a client's question to one node, and that node's answer. Nothing here is believed
// for who sent it: what matters in an answer is signed by seats or proved by the ledger, and the client checks it
// (protocol 8.3, council-client.ts). The rest is what a node says of itself, for people to look at.
import * as z from 'zod';
import { MAX_SUBJECT_CHARS } from '../../council/case.ts';
import { CASE_TYPES } from '../../council/case-kind.ts';
import { MAX_ATTEMPTS } from '../../council/charter.ts';
import { digest, line, readCanonical, timeMs } from '../../council/field-rules.ts';
import { epoch } from '../../council/roster.ts';
import { BASES, OUTCOMES } from '../../council/tally.ts';
import { badInput } from '../../errors.ts';
import { canonicalBytes, canonicalText } from '../../signing/canonical.ts';

/** An entry of 65,535 bytes in base64, and a little around it. */
const MAX_QUESTION_BYTES = 96 * 1024;
/** A certificate of many epochs and its proof; the rest is far smaller. */
export const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** Leaves in one answer about a case, and their bytes together. */
export const MAX_LEAVES_TOLD = 64;
export const MAX_LEAF_BYTES_TOLD = 512 * 1024;
export const MAX_WHY_CHARS = 400;

const requestId = z.string().regex(/^[0-9a-f]{24}$/, 'expected an id of 24 hex digits');
const base64 = (maxBytes: number) =>
  z
    .string()
    .max(Math.ceil(maxBytes / 3) * 4)
    .regex(/^[A-Za-z0-9+/]*={0,2}$/, 'expected base64');
const count = z.int().min(0);

const question = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('status') }),
  /** the roster of every epoch so far, with what admitted it */
  z.strictObject({ kind: z.literal('rosters') }),
  z.strictObject({ kind: z.literal('attempts'), type: z.enum(CASE_TYPES), subject: line(MAX_SUBJECT_CHARS) }),
  z.strictObject({ kind: z.literal('case'), caseId: digest }),
  /** the proof that its opening is committed */
  z.strictObject({ kind: z.literal('committed'), caseId: digest }),
  z.strictObject({ kind: z.literal('certificate'), caseId: digest }),
  /** what the ledger has about a case after so many leaves of it; answered when there is more, or after a while */
  z.strictObject({ kind: z.literal('follow'), caseId: digest, after: count }),
  /** an entry to be ordered */
  z.strictObject({ kind: z.literal('file'), entry: base64(65_535) }),
]);

const told = z.strictObject({ height: count, timeMs, leaf: base64(65_535) }).readonly();

const answer = z.discriminatedUnion('kind', [
  /** what the node says of itself, as JSON text: read by people, and by nothing that decides */
  z.strictObject({ kind: z.literal('status'), status: z.string().max(256 * 1024) }),
  z.strictObject({
    kind: z.literal('rosters'),
    rosters: base64(3 * 1024 * 1024 - 1_024),
    epoch,
    height: count,
  }),
  z.strictObject({
    kind: z.literal('attempts'),
    caseIds: z.array(digest).max(MAX_ATTEMPTS).readonly(),
    epoch,
    height: count,
  }),
  z.strictObject({
    kind: z.literal('case'),
    stands: z.enum(['unknown', 'filed', 'commit', 'reveal', 'decided', 'certified']),
    /** ballots sealed or opened, of so many; while it is open */
    done: count,
    of: count,
    outcome: z.enum(OUTCOMES).nullable(),
    basis: z.enum(BASES).nullable(),
    height: count,
  }),
  z.strictObject({ kind: z.literal('committed'), leaf: base64(65_535), proof: base64(1024 * 1024) }),
  z.strictObject({
    kind: z.literal('certificate'),
    certificate: base64(2 * 1024 * 1024),
    proof: base64(1024 * 1024),
  }),
  z.strictObject({
    kind: z.literal('followed'),
    leaves: z.array(told).max(MAX_LEAVES_TOLD).readonly(),
    /** certificate and proof can be had */
    certified: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('taken') }),
  /** there is nothing, or not yet, or the question is refused; in words */
  z.strictObject({ kind: z.literal('none'), why: z.string().max(MAX_WHY_CHARS) }),
]);

const asked = z.strictObject({ id: requestId, ask: question }).readonly();
const answered = z.strictObject({ id: requestId, answer }).readonly();

export type Question = z.infer<typeof question>;
export type Answer = z.infer<typeof answer>;
export type Asked = z.infer<typeof asked>;
export type Answered = z.infer<typeof answered>;
export type Told = z.infer<typeof told>;
export type AnswerOf<Kind extends Answer['kind']> = Extract<Answer, { kind: Kind }>;

export function encodeAsked(message: Asked): Uint8Array {
  return canonicalBytes(message);
}

export function encodeAnswered(message: Answered): Uint8Array {
  return canonicalBytes(message);
}

/** Throws bad input on whatever no honest client would send. */
export function decodeAsked(bytes: Uint8Array): Asked {
  if (bytes.length > MAX_QUESTION_BYTES) throw badInput('question: it is too long');
  return readCanonical('question', asked, bytes);
}

export function decodeAnswered(bytes: Uint8Array): Answered {
  if (bytes.length > MAX_ANSWER_BYTES) throw badInput('answer: it is too long');
  return readCanonical('answer', answered, bytes);
}

/** Any JSON, spelled so that it can stand in an answer. */
export function statusText(status: unknown): string {
  return canonicalText(status);
}
