// What a submitter writes: a case file (YAML or JSON) with the fields its type asks for and the evidence. Read at
// the door by whoever has the file; nothing of it goes on the ledger but commitments (dossier.ts).
import * as z from 'zod';
import { badInput } from '../errors.ts';
import { MAX_EVIDENCE, MAX_SUBJECT_CHARS } from './case.ts';
import type { CaseType } from './case-kind.ts';
import { line, readDocument, slug, text } from './field-rules.ts';

export const MAX_FIELD_CHARS = 4_000;
export const MAX_TITLE_CHARS = 200;
/** One item of evidence, in UTF-16 code units; and all of a case together. */
export const MAX_EVIDENCE_CHARS = 200_000;
export const MAX_DOSSIER_CHARS = 2_000_000;

const short = line(MAX_TITLE_CHARS);
const long = text(MAX_FIELD_CHARS);
/** "2026-03-31" */
const day = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'expected a day such as 2026-03-31');

/** The fields that a case of each type has. Every one is text; names are slugs, as they stand on the ledger. */
export const CASE_FIELDS = {
  certification: z.strictObject({
    system: short,
    version: short,
    applicant: short,
    purpose: long,
    deployment: long,
    level: z.enum(['basic', 'substantial', 'high']),
  }),
  appeal: z.strictObject({
    /** the case id or certificate number of what is appealed */
    decision: short,
    appellant: short,
    grounds: long,
    remedy: long,
  }),
  'charter-amendment': z.strictObject({
    article: short,
    proposer: short,
    current: long,
    proposed: long,
    reason: long,
  }),
  reciprocity: z.strictObject({
    issuer: short,
    scheme: short,
    certificate: short,
    holder: short,
    scope: long,
  }),
  emergency: z.strictObject({
    trigger: long,
    action: z.enum(['suspend', 'restrict', 'revoke']),
    target: short,
    justification: long,
    until: day,
  }),
} as const satisfies Record<CaseType, z.ZodType>;

const evidenceItem = z
  .strictObject({
    id: slug,
    title: short,
    /** a Markdown, text or PDF file beside the case file */
    file: z.exactOptional(line(200)),
    /** or the text itself */
    text: z.exactOptional(text(MAX_EVIDENCE_CHARS)),
  })
  .refine(
    (item) => (item.file === undefined) !== (item.text === undefined),
    'expected either "file" or "text"',
  )
  .readonly();

const common = {
  subject: line(MAX_SUBJECT_CHARS),
  title: short,
  evidence: z
    .array(evidenceItem)
    .min(1)
    .max(MAX_EVIDENCE)
    .refine(
      (list) => new Set(list.map(({ id }) => id)).size === list.length,
      'expected distinct evidence ids',
    )
    .readonly(),
  /** what the author of a sample case expects; never shown to a seat, never on the ledger */
  expected: z.exactOptional(z.enum(['approve', 'reject', 'split'])),
};

const fileOf = <T extends CaseType>(type: T) =>
  z.strictObject({ type: z.literal(type), ...common, fields: CASE_FIELDS[type].readonly() }).readonly();

export const caseFileSchema = z.discriminatedUnion('type', [
  fileOf('certification'),
  fileOf('appeal'),
  fileOf('charter-amendment'),
  fileOf('reciprocity'),
  fileOf('emergency'),
]);

export type CaseFile = z.infer<typeof caseFileSchema>;

/** The published schema of case files (`conclave case schema`). */
export function caseFileJsonSchema(): unknown {
  return z.toJSONSchema(caseFileSchema, { unrepresentable: 'any' });
}

/** A case with all its texts at hand: what a dossier and its public document are made from. */
export interface CaseSource {
  readonly type: CaseType;
  readonly subject: string;
  readonly title: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly evidence: readonly EvidenceText[];
}

export interface EvidenceText {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

const evidenceText = text(MAX_EVIDENCE_CHARS);

/** The file with its evidence, `texts` holding by evidence id what the named files hold. */
export function caseSourceOf(file: CaseFile, texts: ReadonlyMap<string, string>): CaseSource {
  const { type, subject, title, fields } = file;
  const evidence = file.evidence.map((item) => ({
    id: item.id,
    title: item.title,
    text: readDocument(`evidence "${item.id}"`, evidenceText, item.text ?? texts.get(item.id)),
  }));
  const chars = evidence.reduce((sum, item) => sum + item.text.length, 0);
  if (chars > MAX_DOSSIER_CHARS) {
    throw badInput(`case: expected at most ${MAX_DOSSIER_CHARS} characters of evidence, found ${chars}`);
  }
  return { type, subject, title, fields, evidence };
}
