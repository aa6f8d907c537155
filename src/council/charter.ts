// The rules a council decides by: windows, attempts, submitters, and for each case type the criteria. They are
// fixed at the genesis, never taken from a submitter (protocol 4.1, 6.1).
import * as z from 'zod';
import { type Digest, digestOf } from '../signing/digest.ts';
import { CASE_TYPES, type CaseType } from './case-kind.ts';
import { base64Of, line, readDocument, slug, text } from './field-rules.ts';

/** Every ballot holds a finding a criterion, and an entry must fit into 65,535 bytes. */
export const MAX_CRITERIA = 40;
export const MAX_SUBMITTERS = 64;
export const MAX_ATTEMPTS = 100;
export const MAX_OPERATORS = 32;
const DAY_MS = 86_400_000;

const criterion = z
  .strictObject({ id: slug, title: line(120), text: text(2_000), mandatory: z.boolean() })
  .readonly();

const policy = z
  .strictObject({
    criteria: z
      .array(criterion)
      .min(1)
      .max(MAX_CRITERIA)
      .refine(
        (list) => new Set(list.map(({ id }) => id)).size === list.length,
        'expected distinct criterion ids',
      )
      // without a mandatory criterion every ballot would approve (protocol 4.1)
      .refine((list) => list.some(({ mandatory }) => mandatory), 'expected at least one mandatory criterion')
      .readonly(),
  })
  .readonly();

const submitter = z
  .strictObject({ id: slug, ed25519: base64Of(32), quota: z.int().min(1).max(10_000) })
  .readonly();

const operator = z.strictObject({ id: slug, ed25519: base64Of(32) }).readonly();

/** Whose word changes the roster: `threshold` of these keys (protocol 6.1). */
const operators = z
  .strictObject({
    threshold: z.int().min(1).max(MAX_OPERATORS),
    keys: z.array(operator).min(1).max(MAX_OPERATORS).readonly(),
  })
  .refine(
    ({ threshold, keys }) => threshold <= keys.length,
    'expected no more signatures than there are keys',
  )
  .refine(
    ({ keys }) =>
      new Set(keys.map(({ id }) => id)).size === keys.length &&
      new Set(keys.map(({ ed25519 }) => ed25519)).size === keys.length,
    'expected distinct operators with distinct keys',
  )
  .readonly();

export const charterSchema = z
  .strictObject({
    name: line(120),
    windows: z
      .strictObject({
        commitMs: z
          .int()
          .min(1)
          .max(30 * DAY_MS),
        revealMs: z
          .int()
          .min(1)
          .max(30 * DAY_MS),
      })
      .readonly(),
    /** how far a block's time may be ahead of a voter's clock (protocol 4.9) */
    driftMs: z.int().min(1).max(DAY_MS),
    /** how long an approval is valid */
    validityMs: z
      .int()
      .min(1)
      .max(3_660 * DAY_MS),
    /** how often one subject may come with one type of case (protocol 4.1) */
    attempts: z.int().min(1).max(MAX_ATTEMPTS),
    submitters: z
      .array(submitter)
      .max(MAX_SUBMITTERS)
      .refine(
        (list) => new Set(list.map(({ id }) => id)).size === list.length,
        'expected distinct submitter ids',
      )
      .readonly(),
    /** absent: its roster never changes */
    operators: z.exactOptional(operators),
    policies: z.partialRecord(z.enum(CASE_TYPES), policy).readonly(),
  })
  .readonly();

/** `quota` of a submitter: how many of its cases may be open at the same time. */
export type Charter = z.infer<typeof charterSchema>;
export type Operators = z.infer<typeof operators>;
export type Criterion = z.infer<typeof criterion>;
export type Policy = z.infer<typeof policy>;

export function readCharter(value: unknown): Charter {
  return readDocument('charter', charterSchema, value);
}

export function policyOf(charter: Charter, type: CaseType): Policy | undefined {
  return charter.policies[type];
}

/** What a decision names as the rules it was judged by. */
export function policyDigest(policy: Policy): Digest {
  return digestOf(policy);
}
