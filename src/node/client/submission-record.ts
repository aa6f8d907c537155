// What a client must remember of a case that it is about to submit, so that the same command, after it was killed,
// goes on with the same case instead of opening a second attempt. It holds the salts and not the texts: with the
// same texts they make the same case again, to the last bit, and with others they do not.
import * as z from 'zod';
import { type CaseId, questionOf } from '../../council/case.ts';
import type { CaseSource } from '../../council/case-file.ts';
import { MAX_ATTEMPTS } from '../../council/charter.ts';
import { type Filing, type PreparedCase, prepareCase } from '../../council/dossier.ts';
import { digest, nonce, readCanonical, slug } from '../../council/field-rules.ts';
import { ConclaveError } from '../../errors.ts';
import { canonicalBytes } from '../../signing/canonical.ts';
import type { Folder } from '../../storage/folder.ts';

const recordSchema = z
  .strictObject({
    caseId: digest,
    submitter: slug,
    attempt: z.int().min(1).max(MAX_ATTEMPTS),
    earlier: z.array(digest).max(MAX_ATTEMPTS).readonly(),
    /** in the order in which a case is prepared */
    random: z.array(nonce).max(1_024).readonly(),
    /** a proof was held that it is committed */
    acknowledged: z.boolean(),
  })
  .readonly();

export type SubmissionRecord = z.infer<typeof recordSchema>;

export interface Submitted {
  readonly record: SubmissionRecord;
  readonly prepared: PreparedCase;
}

export class SubmissionRecords {
  readonly #folder: Folder;

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  /** The latest submission about a question, whatever its texts. */
  read(source: Pick<CaseSource, 'type' | 'subject'>): SubmissionRecord | undefined {
    const bytes = this.#folder.read(pathOf(source));
    return bytes && readCanonical('record of a submission', recordSchema, bytes);
  }

  /** Durable when it resolves, and before a word of it is said to anybody. */
  async write(source: Pick<CaseSource, 'type' | 'subject'>, record: SubmissionRecord): Promise<void> {
    await this.#folder.write([{ path: pathOf(source), bytes: canonicalBytes(record) }]);
  }
}

/** `random` gives 32 fresh random bytes in hex at each call. */
export function newSubmission(source: CaseSource, filing: Filing, random: () => string): Submitted {
  const drawn: string[] = [];
  const prepared = prepareCase(source, filing, () => {
    const value = random();
    drawn.push(value);
    return value;
  });
  const { submitter, attempt, earlier } = filing;
  const { caseId } = prepared;
  return { prepared, record: { caseId, submitter, attempt, earlier, random: drawn, acknowledged: false } };
}

/** The same case once more; undefined when its texts are other ones now. */
export function sameSubmission(source: CaseSource, record: SubmissionRecord): Submitted | undefined {
  const { submitter, attempt, earlier } = record;
  const random = [...record.random];
  try {
    const prepared = prepareCase(source, { submitter, attempt, earlier }, () => {
      const next = random.shift();
      if (next === undefined) throw new ConclaveError('bad-input', 'there is more to it now');
      return next;
    });
    return prepared.caseId === record.caseId ? { record, prepared } : undefined;
  } catch (error) {
    if (error instanceof ConclaveError && error.code === 'bad-input') return undefined;
    throw error;
  }
}

/** What is told of a case that came before. */
export function shortened(caseId: CaseId): string {
  return `${caseId.slice(0, 16)}…`;
}

function pathOf(source: Pick<CaseSource, 'type' | 'subject'>): string {
  return `${questionOf(source)}.json`;
}
