// `conclave report` on the built command: the page of a real decision, named by file, id or prefix; what it says with
// --json; an erased dossier; and that nothing it reads is changed. What goes wrong is in src/cli/report.test.ts.
import { cpSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { digestOfBytes } from '../../src/signing/digest.ts';
import { all, byId, readHtml, textIn } from '../rigs/html-reader.ts';
import { conclave, filesUnder, type Run, resultOf, temporaryFolder } from './conclave.ts';
import { CASE_LINES } from './hostile.ts';

const HOSTILE = '</p><script>alert(1)</script>"><img src=x onerror=alert(1)>';

function answers(told: object): string {
  const file = join(temporaryFolder(), 'replay.json');
  writeFileSync(file, JSON.stringify(told));
  return file;
}

function caseFile(subject = 'urn:example:triage', title = 'Triage assistant'): string {
  const file = join(temporaryFolder(), 'case.yaml');
  const lines = CASE_LINES.with(1, `subject: ${subject}`).with(2, `title: ${JSON.stringify(title)}`);
  writeFileSync(file, lines.join('\n'));
  return file;
}

const digestsIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    filesUnder(folder).map((path) => [path, digestOfBytes(readFileSync(join(folder, path)))]),
  );

function report(asked: string, data: string, ...more: string[]): Promise<Run> {
  return conclave(['report', asked, '--data', data, '--json', ...more], { cwd: temporaryFolder() });
}

/** The page that a run wrote, and what the run said. */
async function reported(asked: string, data: string) {
  const out = join(temporaryFolder(), 'report.html');
  const run = await report(asked, data, '--out', out);
  return { run, result: resultOf(run), text: existsSync(out) ? readFileSync(out, 'utf8') : '', out };
}

describe('a council with a decided case', () => {
  let data: string;
  let file: string;
  let caseId: string;
  let first: Awaited<ReturnType<typeof reported>>;

  beforeAll(async () => {
    data = join(temporaryFolder(), 'council');
    file = caseFile('urn:example:triage', `Triage ${HOSTILE}`);
    const told = {
      default: { verdict: 'approve', rationale: `Good enough. ${HOSTILE}` },
      seats: {
        1: { error: 'timeout' },
        2: { verdict: 'reject', rationale: 'Nobody can stop it.' },
        3: { raw: 'I will not say.' },
        4: { findings: { security: 'not-met' }, rationale: 'Only security was looked at.' },
      },
    };
    const run = await conclave(['review', file, '--data', data, '--replay', answers(told), '--json']);
    caseId = String(resultOf(run).caseId);
    first = await reported(file, data);
  });

  it('is reported: exit 0, and what the page says is what the council decided', () => {
    const { run, result, text } = first;
    expect(run.exit).toBe(0);
    expect(result).toMatchObject({
      schemaVersion: 1,
      caseId,
      decided: true,
      outcome: 'approved',
      threshold: 22,
      seats: 33,
      dossier: 'kept',
      reasons: { kept: 33, genuine: 33 },
      certificate: { holds: true, trouble: null },
      bytes: Buffer.byteLength(text),
    });
    const page = readHtml(text);
    const { approve, reject, abstain, missing } = Object(result.tally);
    expect(textIn(byId(page, 'decision'))).toContain(
      `${approve} approve, ${reject} reject, ${abstain} abstain, ${missing} missing`,
    );
    expect(abstain).toBe(2);
    expect(textIn(byId(page, 'grounds'))).toContain('Nobody can stop it.');
    expect(textIn(byId(page, 'grounds'))).toContain('abstains: timeout');
    expect(all(byId(page, 'findings'), 'table', 'matrix')).toHaveLength(1);
    expect(textIn(all(page, 'header')[0] ?? page)).toContain('THIS IS A TRIAL');
    expect(textIn(byId(page, 'certificate'))).toContain('Every check held');
  });

  it('holds no markup of strangers, no evidence, and no address but its own', () => {
    const page = readHtml(first.text);
    for (const tag of ['script', 'img', 'link', 'iframe']) expect(all(page, tag)).toEqual([]);
    expect(textIn(all(page, 'h1')[0] ?? page)).toBe(`Triage ${HOSTILE}`);
    expect(first.text).not.toContain('A person decides.');
    expect([...first.text.matchAll(/(?:href|src)="(?!data:|#)/g)]).toEqual([]);
  });

  it('the certificate it carries verifies by itself', async () => {
    const folder = temporaryFolder();
    for (const { attributes } of all(byId(readHtml(first.text), 'certificate'), 'a')) {
      const [, bytes = ''] = (attributes.get('href') ?? '').split('base64,');
      writeFileSync(join(folder, attributes.get('download') ?? ''), Buffer.from(bytes, 'base64'));
    }
    const words = ['--genesis', String(first.result.genesis), '--expect', 'approved', '--json'];
    const run = await conclave(['verify', join(folder, `${caseId}.intoto.jsonl`), ...words]);
    expect(resultOf(run)).toMatchObject({ valid: true, caseId });
  });

  it('is the same page by the beginning of its id, is readable by its owner only, and changes nothing it reads', async () => {
    const before = digestsIn(data);
    const byPrefix = await reported(caseId.slice(0, 4), data);
    expect(byPrefix.text).toBe(first.text);
    expect(statSync(byPrefix.out).mode & 0o077).toBe(0);
    expect(digestsIn(data)).toEqual(before);
  });

  it('is written here under the name of the case when nobody says where', async () => {
    const cwd = temporaryFolder();
    const run = await conclave(['report', caseId, '--data', data], { cwd });
    expect(run.exit).toBe(0);
    expect(run.stdout).toContain(`conclave-report-${caseId.slice(0, 12)}.html`);
    expect(filesUnder(cwd)).toEqual([`conclave-report-${caseId.slice(0, 12)}.html`]);
  });

  it('an erased dossier: the report does without its words', async () => {
    const copy = join(temporaryFolder(), 'council');
    cpSync(data, copy, { recursive: true });
    rmSync(join(copy, 'dossiers'), { recursive: true });
    const { run, result, text } = await reported(caseId, copy);
    expect(run.exit).toBe(0);
    expect(result).toMatchObject({ dossier: 'erased', reasons: { kept: 0 }, matchedBySubjectOnly: false });
    expect(text).not.toContain('Nobody can stop it.');
    expect(textIn(byId(readHtml(text), 'findings'))).toContain('33 seats');
    expect(textIn(byId(readHtml(text), 'certificate'))).toContain('Every check held');
  });
});
