import { describe, expect, it } from 'vitest';
import type { CaseSource } from '../../council/case-file.ts';
import { canonicalBytes } from '../../signing/canonical.ts';
import { MemoryFolder } from '../../storage/folder.ts';
import { newSubmission, SubmissionRecords, sameSubmission } from './submission-record.ts';

const source: CaseSource = {
  type: 'certification',
  subject: 'assistant-1',
  title: 'An assistant',
  fields: { system: 'S', version: '1', applicant: 'A', purpose: 'p', deployment: 'd', level: 'basic' },
  evidence: [{ id: 'e', title: 'E', text: 'confidential' }],
};
const filing = { submitter: 'applicant', attempt: 1, earlier: [] };
let drawn = 0;
const random = (): string => (++drawn).toString(16).padStart(64, '0');

describe('what a client remembers of a submission', () => {
  it('makes the same case again of the same texts, and none of others', () => {
    const { record, prepared } = newSubmission(source, filing, random);
    expect(sameSubmission(source, record)?.prepared).toEqual(prepared);
    const [item] = source.evidence;
    const more = [...source.evidence, { id: 'f', title: 'F', text: 'more' }];
    for (const other of [
      { ...source, title: 'Another' },
      { ...source, evidence: [] },
      { ...source, evidence: more },
      { ...source, evidence: [{ ...(item ?? expect.fail()), text: 'Confidential' }] },
    ]) {
      expect(sameSubmission(other, record)).toBeUndefined();
    }
  });

  it('is kept by its question, says nothing of its texts, and is refused when it was altered', async () => {
    const folder = new MemoryFolder();
    const records = new SubmissionRecords(folder);
    expect(records.read(source)).toBeUndefined();
    const { record } = newSubmission(source, filing, random);
    await records.write(source, record);
    expect(records.read(source)).toEqual(record);
    expect(records.read({ ...source, subject: 'assistant-2' })).toBeUndefined();
    const [path = ''] = folder.files.keys();
    expect(Buffer.from(folder.read(path) ?? []).toString()).not.toMatch(/confidential|assistant/);
    await folder.write([{ path, bytes: canonicalBytes({ ...record, more: 1 }) }]);
    expect(() => records.read(source)).toThrow(/record of a submission/);
  });
});
