import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { prepareCase } from '../../council/dossier.ts';
import { utf8 } from '../../signing/bytes.ts';
import { asSeatId } from '../../signing/seat-id.ts';
import { DiskFolder, type Folder, MemoryFolder } from '../../storage/folder.ts';
import { DossierShelf } from './dossier-shelf.ts';

const root = mkdtempSync(join(tmpdir(), 'conclave-shelf-'));
afterAll(() => rmSync(root, { recursive: true }));

let drawn = 0;
const { caseId, document, dossier } = prepareCase(
  {
    type: 'certification',
    subject: 's',
    title: 't',
    fields: { system: 'S', version: '1', applicant: 'A', purpose: 'p', deployment: 'd', level: 'basic' },
    evidence: [{ id: 'e', title: 'E', text: 'confidential' }],
  },
  { submitter: 'a', attempt: 1, earlier: [] },
  () => (++drawn).toString(16).padStart(64, '0'),
);
const judgements = new Map([[asSeatId(1), utf8('{"why":"confidential"}')]]);

describe.each<[string, () => Folder]>([
  ['memory', () => new MemoryFolder()],
  ['disk', () => new DiskFolder(mkdtempSync(join(root, 'x')), { secret: true })],
])('a shelf on %s', (_, make) => {
  it('gives back what it was given, and after erasing nothing of it, nor takes it again', async () => {
    const folder = make();
    const shelf = new DossierShelf(folder);
    await shelf.keep(dossier);
    await shelf.keepJudgements(caseId, judgements);
    expect(shelf.source(caseId, document)?.evidence[0]?.text).toBe('confidential');
    expect(await shelf.erase(caseId, 42)).toBe(true);
    for (const opened of [shelf, new DossierShelf(folder)]) {
      expect(opened.erasedMs(caseId)).toBe(42);
      expect(opened.dossier(caseId)).toBeUndefined();
      expect(opened.source(caseId, document)).toBeUndefined();
      await opened.keepJudgements(caseId, judgements);
      expect(opened.judgements(caseId).size).toBe(0);
      await expect(opened.keep(dossier)).rejects.toThrow(/was erased here/);
    }
    expect(await folder.names('')).toEqual(['erasures.jsonl']);
    expect(await shelf.erase(caseId, 43)).toBe(false);
    expect(shelf.erasedMs(caseId)).toBe(42);
  });

  it('counts a case as erased whose files a crash left behind, and removes them when asked again', async () => {
    const folder = make();
    await new DossierShelf(folder).keep(dossier);
    const noted = new MemoryFolder();
    await new DossierShelf(noted).erase(caseId, 7);
    const cut = utf8('{"caseId":"cut sho');
    const list = noted.read('erasures.jsonl') ?? expect.fail();
    await folder.write([{ path: 'erasures.jsonl', bytes: Buffer.concat([list, cut]) }]);
    const shelf = new DossierShelf(folder);
    expect(shelf.dossier(caseId)).toBeUndefined();
    expect(await shelf.erase(caseId, 8)).toBe(true);
    expect(await folder.names('')).toEqual(['erasures.jsonl']);
    expect(new DossierShelf(folder).erasedMs(caseId)).toBe(7);
  });
});
