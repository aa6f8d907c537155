// What one field of a document may hold. Documents come from strangers and end up in front of people and
// models, so text is bounded, well-formed and free of characters that show something else than they are.
import * as z from 'zod';
import { badInput } from '../errors.ts';
import { canonicalText, parseCanonical } from '../signing/canonical.ts';
import { type Digest, isDigest } from '../signing/digest.ts';

/** Control characters, direction overrides, invisible marks and lone surrogates; joiners are part of scripts. */
export const DECEPTIVE = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/u;

const SLUG = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** The longest slug: criterion ids, submitter ids. They stand in every ballot, so they are short. */
export const MAX_SLUG_CHARS = 40;

/** Text of several lines; tabs and newlines are the only control characters in it. */
export function text(maxChars: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(maxChars)
    .refine(
      (value) => !DECEPTIVE.test(value),
      'expected text without control, direction or invisible characters',
    );
}

/** Text of one line. */
export function line(maxChars: number): z.ZodString {
  return text(maxChars).refine((value) => !/[\n\t]/.test(value), 'expected one line');
}

export function isSlug(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_SLUG_CHARS && SLUG.test(value);
}

export const slug = z.string().max(MAX_SLUG_CHARS).regex(SLUG, 'expected lower-case words joined by "-"');

export const digest = z.custom<Digest>(isDigest, 'expected a digest of 64 lower-case hex digits');

const NONCE = /^[0-9a-f]{64}$/;

/** 32 random bytes in hex. */
export const nonce = z.string().regex(NONCE, 'expected 64 lower-case hex digits');

export function isNonce(value: unknown): value is string {
  return typeof value === 'string' && NONCE.test(value);
}

/** A JSON object, for the doors that are kept by hand. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Standard padded base64 of a known number of bytes: one value has one spelling. */
export function base64Of(byteLength: number): z.ZodString {
  return z.string().regex(base64Pattern(byteLength), `expected ${byteLength} bytes in padded base64`);
}

export function base64Pattern(byteLength: number): RegExp {
  const whole = `[A-Za-z0-9+/]{${4 * Math.floor(byteLength / 3)}}`;
  // the last character before the padding carries only some bits; the others must be zero
  const tail = ['', '[A-Za-z0-9+/][AQgw]==', '[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]='][byteLength % 3] ?? '';
  return new RegExp(`^${whole}${tail}$`);
}

export const timeMs = z.int().min(0).max(8_640_000_000_000_000);

/** The first thing that is wrong, with where it stands in the document. */
export function readDocument<T>(name: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = (issue?.path ?? []).map((part) => String(part).slice(0, 60)).join('.');
  const what = (issue?.message ?? 'it does not have the expected form').slice(0, 300);
  throw badInput(where === '' ? `${name}: ${what}` : `${name}: at ${where}: ${what}`);
}

/** The same from canonical bytes; what the schema would drop silently is refused as well. */
export function readCanonical<T>(name: string, schema: z.ZodType<T>, bytes: Uint8Array): T {
  const value = parseCanonical(bytes);
  const document = readDocument(name, schema, value);
  if (canonicalText(document) !== canonicalText(value)) throw badInput(`${name}: it holds unknown fields`);
  return document;
}
