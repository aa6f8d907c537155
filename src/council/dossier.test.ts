// Case files, the dossiers made from them, and what of it stands on the ledger: nothing that can be read.
import { describe, expect, it } from 'vitest';
import { Chamber } from '../../test/rigs/chamber.ts';
import { MAX_ENTRY_BYTES } from '../consensus/limits.ts';
import { canonicalText } from '../signing/canonical.ts';
import { caseIdOf, MAX_EVIDENCE } from './case.ts';
import {
  CASE_FIELDS,
  caseFileJsonSchema,
  caseFileSchema,
  caseSourceOf,
  MAX_EVIDENCE_CHARS,
} from './case-file.ts';
import { CASE_TYPES } from './case-kind.ts';
import { dossierBytes, isDossierOf, parseDossier, prepareCase, sourceOf } from './dossier.ts';
import { readDocument } from './field-rules.ts';

const certification = {
  type: 'certification',
  subject: 'urn:example:triage-assistant',
  title: 'Triage assistant 2.1',
  fields: {
    system: 'Triage assistant',
    version: '2.1',
    applicant: 'Example Hospital Trust',
    purpose: 'Orders arriving patients by urgency.',
    deployment: 'Emergency departments of three hospitals.',
    level: 'high',
  },
  evidence: [
    { id: 'audit', title: 'Fairness audit', file: 'evidence/audit.md' },
    { id: 'oversight', title: 'Oversight', text: 'A nurse confirms every ordering.' },
  ],
};

const samples: Record<(typeof CASE_TYPES)[number], object> = {
  certification: certification.fields,
  appeal: { decision: 'case 7', appellant: 'Example', grounds: 'New evidence.', remedy: 'A new decision.' },
  'charter-amendment': {
    article: '3',
    proposer: 'Example',
    current: 'Old.',
    proposed: 'New.',
    reason: 'Better.',
  },
  reciprocity: { issuer: 'Body', scheme: 'S', certificate: 'C-1', holder: 'Example', scope: 'All.' },
  emergency: {
    trigger: 'Harm.',
    action: 'suspend',
    target: 'C-1',
    justification: 'Harm.',
    until: '2026-03-31',
  },
};

function counter(): () => string {
  let count = 0;
  return () => (++count).toString(16).padStart(64, '0');
}

const readCaseFile = (value: unknown) => readDocument('case', caseFileSchema, value);

const source = caseSourceOf(readCaseFile(certification), new Map([['audit', 'Error rates do not differ.']]));
const filing = { submitter: 'acme', attempt: 1, earlier: [] };

describe('a case file', () => {
  it.each(CASE_TYPES)('of type %s has its own fields, all needed, none other', (type) => {
    const file = { ...certification, type, fields: samples[type] };
    expect(readCaseFile(file).type).toBe(type);
    expect(() => readCaseFile({ ...file, fields: { ...samples[type], extra: 'x' } })).toThrow(/extra/);
    for (const name of Object.keys(CASE_FIELDS[type].shape)) {
      const fields = Object.fromEntries(Object.entries(samples[type]).filter(([key]) => key !== name));
      expect(() => readCaseFile({ ...file, fields })).toThrow(new RegExp(`fields\\.${name}`));
    }
  });

  it('is refused when hostile: deceptive characters, huge fields, doubled ids, no evidence or too much', () => {
    const refused = (changes: object, why: RegExp) =>
      expect(() => readCaseFile({ ...certification, ...changes })).toThrow(why);
    refused({ subject: 'urn:\u202eexample' }, /direction/);
    refused({ title: 'x'.repeat(10_000_000) }, /title/);
    refused({ title: 'half a pair \ud800' }, /characters/);
    refused({ type: 'blessing' }, /type/);
    refused({ evidence: [] }, /evidence/);
    const item = { id: 'a', title: 'A', text: 'A' };
    refused({ evidence: [item, item] }, /distinct/);
    refused({ evidence: [{ ...item, file: 'a.md' }] }, /either/);
    refused({ evidence: [{ id: 'a', title: 'A' }] }, /either/);
    refused({ evidence: [{ ...item, text: 'x'.repeat(MAX_EVIDENCE_CHARS + 1) }] }, /evidence\.0\.text/);
    refused(
      { evidence: Array.from({ length: MAX_EVIDENCE + 1 }, (_, i) => ({ ...item, id: `e${i}` })) },
      /evidence/,
    );
    refused(JSON.parse('{"__proto__":{"title":"x"}}'), /__proto__/);
    expect(() => readCaseFile(null)).toThrow(/case/);
    expect(() => readCaseFile('a string')).toThrow(/case/);
  });

  it('keeps languages whose scripts need joiners, tabs and several lines', () => {
    const evidence = [{ id: 'a', title: 'می‌خواهم', text: 'first\n\tsecond 👩‍⚕️' }];
    expect(readCaseFile({ ...certification, evidence }).evidence).toEqual(evidence);
  });

  it('needs the text of every file it names, and not too much of it', () => {
    const file = readCaseFile(certification);
    expect(() => caseSourceOf(file, new Map())).toThrow(/evidence "audit"/);
    expect(() => caseSourceOf(file, new Map([['audit', 'bidi \u2066']]))).toThrow(/evidence "audit"/);
    const evidence = Array.from({ length: 20 }, (_, i) => ({ id: `e${i}`, title: 'E', file: 'e.md' }));
    const texts = new Map(evidence.map(({ id }) => [id, 'x'.repeat(MAX_EVIDENCE_CHARS)]));
    expect(() => caseSourceOf(readCaseFile({ ...certification, evidence }), texts)).toThrow(
      /2000000 characters/,
    );
  });

  it('has a published schema that names every type', () => {
    const text = JSON.stringify(caseFileJsonSchema());
    for (const type of CASE_TYPES) expect(text).toContain(`"const":"${type}"`);
  });
});

describe('a dossier', () => {
  const prepared = prepareCase(source, filing, counter());

  it('is committed to by the case, of which no text stands on the ledger', () => {
    const { document, dossier, caseId } = prepared;
    expect(caseId).toBe(caseIdOf(document));
    expect(isDossierOf(document, dossier)).toBe(true);
    const ledger = canonicalText(document);
    for (const secret of ['Triage assistant', 'Fairness', 'audit', 'nurse', 'Hospital'])
      expect(ledger).not.toContain(secret);
    expect(ledger).toContain('urn:example:triage-assistant');
  });

  it('with one letter, salt, name or item changed is not the one', () => {
    const { document, dossier } = prepared;
    const [first, second] = dossier.evidence;
    if (first === undefined || second === undefined) throw new Error('two items expected');
    const title = dossier.fields.title ?? { salt: '', text: '' };
    for (const other of [
      { ...dossier, evidence: [second, first] },
      { ...dossier, evidence: [first] },
      { ...dossier, evidence: [{ ...first, title: 'Other' }, second] },
      { ...dossier, evidence: [{ ...first, id: 'other' }, second] },
      { ...dossier, evidence: [{ ...first, text: { ...first.text, text: `${first.text.text} ` } }, second] },
      { ...dossier, evidence: [{ ...first, text: { ...first.text, salt: second.text.salt } }, second] },
      { ...dossier, fields: { ...dossier.fields, title: { ...title, text: 'Other' } } },
      { ...dossier, fields: { ...dossier.fields, extra: title } },
      { ...dossier, caseId: prepareCase(source, filing, counterFrom(500)).caseId },
    ]) {
      expect(isDossierOf(document, other)).toBe(false);
    }
  });

  it('hides equal texts behind different salts, and equal cases behind different nonces', () => {
    const again = prepareCase(source, filing, counterFrom(100));
    expect(again.caseId).not.toBe(prepared.caseId);
    expect(again.document.fields.title).not.toBe(prepared.document.fields.title);
  });

  it('is read back from its bytes and gives the texts to judge by', () => {
    const { document, dossier } = prepared;
    expect(parseDossier(dossierBytes(dossier))).toEqual(dossier);
    expect(sourceOf(document, dossier)).toEqual(source);
    expect(() => parseDossier(dossierBytes({ ...dossier, note: 1 } as typeof dossier))).toThrow(/note/);
  });

  it('of the largest case still fits into an entry, at 200 seats', () => {
    const chamber = new Chamber(200);
    const evidence = Array.from({ length: MAX_EVIDENCE }, (_, i) => ({ id: `e${i}`, title: 'E', text: 'E' }));
    const { document } = prepareCase({ ...source, evidence }, filing, counter());
    const entry = chamber.opened({ ...document, subject: '\u{1f600}'.repeat(100) }, chamber.firstSeats(200));
    expect(entry.bytes.length).toBeLessThan(MAX_ENTRY_BYTES / 1.5);
    expect(chamber.admits(entry)).toBe('now');
  });
});

function counterFrom(start: number): () => string {
  let count = start;
  return () => (++count).toString(16).padStart(64, '0');
}
