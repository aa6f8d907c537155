// The confidential file of a case: every text with the salt under which the ledger commits to it. It is kept off
// the ledger so that it can be erased; whoever holds it can show that it is the one the case was opened with.
import * as z from 'zod';
import { badInput } from '../errors.ts';
import { canonicalBytes, canonicalText } from '../signing/canonical.ts';
import { fieldCommitment } from '../signing/commitment.ts';
import type { Digest } from '../signing/digest.ts';
import { type CaseDocument, type CaseId, caseIdOf, MAX_EVIDENCE, MAX_FIELDS, readCase } from './case.ts';
import { type CaseSource, MAX_EVIDENCE_CHARS, MAX_FIELD_CHARS, MAX_TITLE_CHARS } from './case-file.ts';
import { digest, line, nonce, readCanonical, slug, text } from './field-rules.ts';

const salted = (maxChars: number) => z.strictObject({ salt: nonce, text: text(maxChars) }).readonly();

const dossierSchema = z
  .strictObject({
    caseId: digest,
    fields: z
      .record(slug, salted(MAX_FIELD_CHARS))
      .refine((fields) => Object.keys(fields).length <= MAX_FIELDS, `expected at most ${MAX_FIELDS} fields`)
      .readonly(),
    evidence: z
      .array(
        z
          .strictObject({
            id: slug,
            title: line(MAX_TITLE_CHARS),
            /** of id and title together */
            nameSalt: nonce,
            text: salted(MAX_EVIDENCE_CHARS),
          })
          .readonly(),
      )
      .max(MAX_EVIDENCE)
      .readonly(),
  })
  .readonly();

export type Dossier = z.infer<typeof dossierSchema>;

export interface PreparedCase {
  readonly caseId: CaseId;
  readonly document: CaseDocument;
  readonly dossier: Dossier;
}

export interface Filing {
  readonly submitter: string;
  readonly attempt: number;
  readonly earlier: readonly CaseId[];
}

/** `random` gives 32 fresh random bytes in hex at each call. */
export function prepareCase(source: CaseSource, filing: Filing, random: () => string): PreparedCase {
  const texts = { title: source.title, ...source.fields };
  const fields = Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, { salt: random(), text }] as const),
  );
  const evidence = source.evidence.map(({ id, title, text }) => ({
    id,
    title,
    nameSalt: random(),
    text: { salt: random(), text },
  }));
  const document = readCase({
    type: source.type,
    subject: source.subject,
    ...filing,
    fields: fieldCommitments(fields),
    evidence: evidenceCommitments(evidence),
    nonce: random(),
  });
  const caseId = caseIdOf(document);
  return { caseId, document, dossier: { caseId, fields, evidence } };
}

/** Is this, to the last letter, the dossier that the case commits to? Asked before a receipt is signed. */
export function isDossierOf(document: CaseDocument, dossier: Dossier): boolean {
  const named = { fields: fieldCommitments(dossier.fields), evidence: evidenceCommitments(dossier.evidence) };
  const { fields, evidence } = document;
  return (
    dossier.caseId === caseIdOf(document) && canonicalText(named) === canonicalText({ fields, evidence })
  );
}

/** What a dossier is stored and sent as. */
export function dossierBytes(dossier: Dossier): Uint8Array {
  return canonicalBytes(dossier);
}

export function parseDossier(bytes: Uint8Array): Dossier {
  return readCanonical('dossier', dossierSchema, bytes);
}

/** The texts of a dossier, for a seat to judge by; the type and subject stand in the case itself. */
export function sourceOf({ type, subject }: CaseDocument, dossier: Dossier): CaseSource {
  const { title, ...fields } = Object.fromEntries(
    Object.entries(dossier.fields).map(([name, { text }]) => [name, text] as const),
  );
  if (title === undefined) throw badInput('dossier: expected a title among its fields');
  const evidence = dossier.evidence.map(({ id, title, text }) => ({ id, title, text: text.text }));
  return { type, subject, title, fields, evidence };
}

function fieldCommitments(fields: Dossier['fields']): Record<string, Digest> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { salt, text }]) => [name, fieldCommitment(salt, text)] as const),
  );
}

function evidenceCommitments(evidence: Dossier['evidence']): CaseDocument['evidence'] {
  return evidence.map(({ id, title, nameSalt, text }) => ({
    name: fieldCommitment(nameSalt, canonicalText({ id, title })),
    text: fieldCommitment(text.salt, text.text),
  }));
}
