// The command on councils made by hand: which case is meant, what cannot be reported, and what is said of a certificate
// or a dossier that was tampered with.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CASE_LINES } from '../../test/cli/hostile.ts';
import { votes } from '../../test/rigs/chamber.ts';
import { all, byId, readHtml, textIn } from '../../test/rigs/html-reader.ts';
import { foundingWithKeys, LedgerChamber } from '../../test/rigs/published-ledger.ts';
import { prepareCase } from '../council/dossier.ts';
import { foundingBytes } from '../council/genesis.ts';
import { ConclaveError } from '../errors.ts';
import { loadCase } from '../seats/case-folder.ts';
import { canonicalBytes } from '../signing/canonical.ts';
import type { Digest } from '../signing/digest.ts';
import { openPublishedLedger } from './council-folder.ts';
import { docketOf } from './report/docket.ts';
import { report } from './report.ts';
import { Terminal } from './terminal.ts';

const folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'conclave-report-'));
  folders.push(made);
  return made;
};
afterAll(() => {
  for (const made of folders) rmSync(made, { recursive: true, force: true });
});

function put(root: string, path: string, bytes: Uint8Array): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}

/** What a council's directory holds of what a report reads. */
function directoryOf(chamber: LedgerChamber, decided: readonly Digest[] = []): string {
  const root = folder();
  chamber.publish();
  put(root, 'genesis.json', foundingBytes(chamber.founding));
  for (const [path, bytes] of chamber.files) put(root, join('ledger', path), bytes);
  for (const caseId of decided) {
    const decision = chamber.decision(caseId);
    put(root, join('certificates', `${caseId}.intoto.jsonl`), chamber.certificateOf(decision));
    put(root, join('certificates', `${caseId}.tlog-proof`), chamber.proofOf(decision));
  }
  return root;
}

/** One decided by 3 of 4, one open, and two whose ids begin alike. */
async function council() {
  const chamber = new LedgerChamber(foundingWithKeys(4));
  const decided = chamber.open();
  chamber.judge(decided, votes([3, 'approve'], [1, 'reject']));
  const open = chamber.open({ subject: 'urn:test:open' });
  const ids = new Map([open, decided].map((id) => [id.slice(0, 1), id]));
  let alike: string | undefined;
  // Sixteen first digits: of seventeen cases two begin alike.
  for (let i = 0; alike === undefined && i < 16; i++) {
    const id = chamber.open({ type: 'emergency', subject: `urn:test:${i}` });
    if (ids.has(id.slice(0, 1))) alike = id.slice(0, 1);
    ids.set(id.slice(0, 1), id);
  }
  return { data: directoryOf(chamber, [decided]), decided, open, alike: alike ?? '' };
}

async function run(asked: string, data: string, out = join(folder(), 'out.html')) {
  const said: string[] = [];
  const screen = (to: string[]) => ({ write: (text: string) => to.push(text) });
  const results: string[] = [];
  const terminal = new Terminal(
    { json: true, debug: false },
    { stdout: screen(results), stderr: screen(said), environment: {} },
  );
  try {
    const exit = await report(asked, { data, out }, terminal);
    const result: unknown = JSON.parse(results.join(''));
    return { exit, result, said: said.join(''), error: undefined, out, page: pageAt(out) };
  } catch (error) {
    if (!(error instanceof ConclaveError)) throw error;
    return { exit: undefined, result: undefined, said: '', error, out, page: pageAt(out) };
  }
}

const pageAt = (file: string): string =>
  existsSync(file) && statSync(file).isFile() ? readFileSync(file, 'utf8') : '';

describe('a case', () => {
  let data: string;
  let decided: Digest;
  let open: Digest;
  let alike: string;
  beforeAll(async () => {
    ({ data, decided, open, alike } = await council());
  });

  it('that is decided is reported, and its certificate holds', async () => {
    const { exit, result, page } = await run(decided, data);
    expect(exit).toBe(0);
    expect(result).toMatchObject({
      decided: true,
      outcome: 'approved',
      certificate: { holds: true },
      dossier: 'erased',
    });
    expect(textIn(byId(readHtml(page), 'decision'))).toContain('3 approve, 1 reject, 0 abstain, 0 missing');
  });

  it('that is not decided: exit 2, it says so, and there is no page', async () => {
    const { exit, result, said, page } = await run(open, data);
    expect(exit).toBe(2);
    expect(result).toMatchObject({ decided: false, caseId: open, report: null });
    expect(said).toContain('is not decided yet');
    expect(page).toBe('');
  });

  it('is reported while the council publishes: a file that is gone for a moment is read again', async () => {
    const ledger = openPublishedLedger(data);
    let gone = 1;
    const read = (path: string) =>
      path.startsWith('blocks/') && gone-- > 0 ? new Uint8Array([1]) : ledger.read(path);
    expect(docketOf({ ...ledger, read }).size).toBe(docketOf(ledger).size);
    expect(() =>
      docketOf({
        ...ledger,
        read: (path) => (path.startsWith('blocks/') ? new Uint8Array([1]) : ledger.read(path)),
      }),
    ).toThrow('cut short');
  });

  it('that shares its beginning with another is not guessed: both are named', async () => {
    const { error, page } = await run(alike, data);
    expect(error?.code).toBe('bad-input');
    expect(error?.message).toContain('2 begin with');
    expect(error?.message.match(/[0-9a-f]{64}/g)).toHaveLength(2);
    expect(page).toBe('');
  });

  it.each([
    ['an id that is not there', 'f'.repeat(64), /none that begins with f/],
    ['words that are no id', 'the-triage-case', /there is none/],
    ['a file that is not there', 'nowhere/case.yaml', /there is none/],
  ])('%s is bad input, and no page is written', async (_, asked, words) => {
    const { error, page } = await run(asked, data);
    expect(error?.code).toBe('bad-input');
    expect(error?.message).toMatch(words);
    expect(page).toBe('');
  });

  it('is not looked for where there is no council', async () => {
    const { error } = await run(decided, folder());
    expect(error?.code).toBe('bad-input');
  });

  it('is written over a report and over nothing else', async () => {
    const out = join(folder(), 'mine.txt');
    writeFileSync(out, 'precious');
    expect((await run(decided, data, out)).error?.message).toContain('not overwritten');
    expect(readFileSync(out, 'utf8')).toBe('precious');
    expect((await run(decided, data, folder())).error?.code).toBe('bad-input');
    const page = join(folder(), 'report.html');
    expect((await run(decided, data, page)).exit).toBe(0);
    expect((await run(decided, data, page)).exit).toBe(0);
  });
});

describe('what was tampered with', () => {
  it('a certificate that does not verify: exit 1, and the page says so first', async () => {
    const { data, decided } = await council();
    const file = join(data, 'certificates', `${decided}.intoto.jsonl`);
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replace(/"sig":"(.)/, (_, char) => `"sig":"${char === 'A' ? 'B' : 'A'}`),
    );
    const { exit, result, page } = await run(decided, data);
    expect(exit).toBe(1);
    expect(result).toMatchObject({ certificate: { holds: false } });
    expect(textIn(all(readHtml(page), 'header')[0] ?? readHtml(page))).toContain(
      'THE CERTIFICATE DOES NOT HOLD',
    );
  });

  it('a sound certificate of another case is not taken for this one', async () => {
    const chamber = new LedgerChamber(foundingWithKeys(4));
    const first = chamber.open();
    chamber.judge(first, votes([4, 'approve']));
    const second = chamber.open({ subject: 'urn:test:other' });
    chamber.judge(second, votes([4, 'approve']));
    const data = directoryOf(chamber, [first, second]);
    for (const end of ['intoto.jsonl', 'tlog-proof']) {
      const bytes = readFileSync(join(data, 'certificates', `${second}.${end}`));
      writeFileSync(join(data, 'certificates', `${first}.${end}`), bytes);
    }
    const { exit, result } = await run(first, data);
    expect(exit).toBe(1);
    expect(result).toMatchObject({
      certificate: { trouble: 'it is of another decision than the ledger has' },
    });
  });

  it('no certificate: exit 2, and the page says that nothing vouches for it', async () => {
    const { data, decided } = await council();
    rmSync(join(data, 'certificates'), { recursive: true });
    const { exit, page } = await run(decided, data);
    expect(exit).toBe(2);
    expect(textIn(readHtml(page))).toContain('NO CERTIFICATE');
  });

  it('a ledger that lost a counted ballot is bad input', async () => {
    const { data, decided } = await council();
    const file = join(data, 'ledger', 'tile', 'entries');
    rmSync(file, { recursive: true });
    expect((await run(decided, data)).error?.code).toBe('bad-input');
  });
});

describe('the words of a case', () => {
  async function judged() {
    const file = join(folder(), 'case.yaml');
    writeFileSync(file, CASE_LINES.join('\n'));
    const { source } = await loadCase(file);
    const filing = { submitter: 'acme', attempt: 1, earlier: [] };
    const { caseId, document, dossier } = prepareCase(source, filing, () => 'ab'.repeat(32));
    const chamber = new LedgerChamber(foundingWithKeys(4));
    chamber.open(document);
    chamber.judge(caseId, votes([4, 'approve']));
    const data = directoryOf(chamber, [caseId]);
    const keep = (kept: object): void => put(data, join('dossiers', `${caseId}.json`), canonicalBytes(kept));
    return { file, caseId, data, dossier, keep };
  }

  it('a case file finds its case by its texts, and not by others', async () => {
    const { file, caseId, data, dossier, keep } = await judged();
    keep(dossier);
    expect((await run(file, data)).result).toMatchObject({
      caseId,
      dossier: 'kept',
      matchedBySubjectOnly: false,
    });
    writeFileSync(file, CASE_LINES.join('\n').replace('title: Triage assistant', 'title: Another'));
    const { error } = await run(file, data);
    expect(error?.message).toContain('judged on other texts');
    expect(error?.message).toContain(caseId);
    writeFileSync(file, CASE_LINES.join('\n').replace('urn:example:triage', 'urn:example:never'));
    expect((await run(file, data)).error?.message).toContain('has no case');
  });

  it('where they were erased the case file finds it by its subject, and that is said', async () => {
    const { file, caseId, data } = await judged();
    const { result, said } = await run(file, data);
    expect(result).toMatchObject({ caseId, dossier: 'erased', matchedBySubjectOnly: true });
    expect(said).toContain('matched by type and subject only');
  });

  it('a dossier that is not the one the case commits to is not shown', async () => {
    const { caseId, data, dossier, keep } = await judged();
    const [item, ...rest] = dossier.evidence;
    keep({ ...dossier, evidence: [{ ...item, title: 'Forged title' }, ...rest] });
    const { result, page } = await run(caseId, data);
    expect(result).toMatchObject({ dossier: 'foreign' });
    expect(page).not.toContain('Forged title');
    expect(textIn(byId(readHtml(page), 'case'))).toContain('not what the case commits to');
  });
});
