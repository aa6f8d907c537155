// What stands on the ledger of a case: who asks, about whom, how often before, and salted commitments to
// everything confidential (protocol 4.1). The texts and salts are the dossier's affair (dossier.ts).
import * as z from 'zod';
import { type Digest, digestOf } from '../signing/digest.ts';
import { CASE_TYPES, type CaseType } from './case-kind.ts';
import { MAX_ATTEMPTS } from './charter.ts';
import { digest, line, nonce, readDocument, slug } from './field-rules.ts';

/** A case is named by the digest of its canonical document. */
export type CaseId = Digest;

/** An entry must fit into 65,535 bytes; these bounds keep the largest case below a third of it. */
export const MAX_EVIDENCE = 64;
export const MAX_FIELDS = 16;
export const MAX_SUBJECT_CHARS = 200;

const evidence = z.strictObject({ name: digest, text: digest }).readonly();

export const caseSchema = z
  .strictObject({
    type: z.enum(CASE_TYPES),
    /** the public id of what is judged: anyone may know that it was */
    subject: line(MAX_SUBJECT_CHARS),
    submitter: slug,
    /** 1 for the first case of this type and subject, and the ids of all before it (protocol 4.1) */
    attempt: z.int().min(1).max(MAX_ATTEMPTS),
    earlier: z.array(digest).max(MAX_ATTEMPTS).readonly(),
    /** by name of the field, the commitment to its text; which fields, the dossier's schema says */
    fields: z
      .record(slug, digest)
      .refine((fields) => Object.keys(fields).length <= MAX_FIELDS, `expected at most ${MAX_FIELDS} fields`)
      .readonly(),
    /** in the order of the dossier: commitments to each item's name and text */
    evidence: z.array(evidence).max(MAX_EVIDENCE).readonly(),
    nonce,
  })
  .readonly();

export type CaseDocument = z.infer<typeof caseSchema>;

export function readCase(value: unknown): CaseDocument {
  return readDocument('case', caseSchema, value);
}

export function caseIdOf(document: CaseDocument): CaseId {
  return digestOf(document);
}

/** Cases of one type about one subject are attempts at the same question. */
export function questionOf({ type, subject }: { readonly type: CaseType; readonly subject: string }): Digest {
  return digestOf({ subject, type });
}
