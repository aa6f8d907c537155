// What strangers hand us (issue "Bad input"): refused with exit 65, the file, the line and the reason; never a
// stack trace, never a screen taken over, and nothing left behind.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conclave, filesUnder, projectRoot, type Run, resultOf, temporaryFolder } from './conclave.ts';
import { CASE_LINES, HOSTILE_CASES } from './hostile.ts';

const STACK = /\n\s+at |node:internal|\.ts:\d+:\d+|\.js:\d+:\d+/;
const INVISIBLE = /(?!\n)[\p{Cc}\p{Cf}]/u;

interface Refusal {
  readonly file?: unknown;
  readonly line?: unknown;
  readonly message?: unknown;
}

function refusalOf(run: Run): Refusal {
  expect(run.exit, run.stdout + run.stderr).toBe(65);
  expect(run.stdout + run.stderr).not.toMatch(STACK);
  const { error } = resultOf(run);
  expect(error).toMatchObject({ code: 'bad-input', message: expect.any(String) });
  return Object(error);
}

describe('a hostile case', () => {
  it.concurrent.each(HOSTILE_CASES)('%s is refused with file, line and reason', async (_, text, hasLine) => {
    const folder = temporaryFolder();
    const file = join(folder, 'case.yaml');
    writeFileSync(file, text);
    const refusal = refusalOf(await conclave(['case', 'check', file, '--json']));
    expect(refusal.file).toBe(file);
    if (hasLine) expect(refusal.line).toBeGreaterThan(0);
    expect(String(refusal.message).length).toBeLessThan(1_000);
    expect(filesUnder(folder)).toEqual(['case.yaml']);
  });

  it('people get one line about it, and the screen stays theirs', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'case.yaml');
    writeFileSync(file, CASE_LINES.with(0, 'type: "\\e[2J\\u202ecoronation"').join('\n'));
    const { exit, stdout, stderr } = await conclave(['case', 'check', file]);
    expect(exit).toBe(65);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error: .*case\.yaml:1: /);
    expect(stderr).not.toMatch(INVISIBLE);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('evidence that is a link out of its folder is refused', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'case'));
    writeFileSync(join(folder, 'secret.md'), 'not yours');
    symlinkSync(join(folder, 'secret.md'), join(folder, 'case', 'plan.md'));
    const file = join(folder, 'case', 'case.yaml');
    writeFileSync(file, CASE_LINES.with(13, '    file: plan.md').join('\n'));
    const refusal = refusalOf(await conclave(['case', 'check', file, '--json']));
    expect(refusal).toMatchObject({ file, line: 14 });
    expect(JSON.stringify(refusal)).not.toContain('not yours');
  });

  it('the case all these were made from is in order', async () => {
    const file = join(temporaryFolder(), 'case.yaml');
    writeFileSync(file, CASE_LINES.join('\n'));
    const run = await conclave(['case', 'check', file, '--json']);
    expect(run.exit, run.stdout).toBe(0);
    expect(resultOf(run)).toMatchObject({ schemaVersion: 1, ok: true, case: file, type: 'certification' });
  });
});

describe('hostile seats', () => {
  const seat = [
    'seat: 1',
    'name: Prudence',
    'lens: safety',
    'provider: openai',
    'model: some-model',
    'developer: openai',
    'family: gpt',
    'host: openai',
    'sampling: {temperature: 0, maxTokens: 100}',
    'limits: {timeoutMs: 1000}',
  ];
  const prompts = join(projectRoot, 'prompts', 'criteria', 'certification.yaml');
  const criterion = '  - {id: safe, title: Safe, text: Is it safe?, mandatory: true}';

  it.concurrent.each([
    ['an unknown lens', { 'seat-01.yaml': seat.with(2, 'lens: vibes').join('\n') }, 'seat-01.yaml'],
    ['a seat under another number', { 'seat-02.yaml': seat.join('\n') }, 'seat-02.yaml'],
    ['a doubled key', { 'seat-01.yaml': [...seat, 'name: Other'].join('\n') }, 'seat-01.yaml'],
    ['a prototype key', { 'seat-01.yaml': [...seat, '__proto__: {}'].join('\n') }, 'seat-01.yaml'],
    ['no council.yaml', { 'council.yaml': undefined }, 'council.yaml'],
    [
      '100,000 criteria',
      { 'criteria.yaml': ['type: certification', 'criteria:', ...Array(100_000).fill(criterion)].join('\n') },
      'criteria.yaml',
    ],
  ])('%s is refused by name', async (_, spoilt, named) => {
    const folder = temporaryFolder();
    const council = [
      'name: Test',
      'windows: {commitMs: 1000, revealMs: 1000}',
      'driftMs: 500',
      'validityMs: 86400000',
      'attempts: 3',
      'submitters: [{id: desk, quota: 10}]',
      'policies: {certification: criteria.yaml}',
    ];
    const files: Record<string, string | undefined> = {
      'council.yaml': council.join('\n'),
      'criteria.yaml': readFileSync(prompts, 'utf8'),
      'seat-01.yaml': seat.join('\n'),
      ...spoilt,
    };
    if (named === 'seat-02.yaml') delete files['seat-01.yaml'];
    for (const [name, text] of Object.entries(files))
      if (text !== undefined) writeFileSync(join(folder, name), text);
    const refusal = refusalOf(await conclave(['agents', 'check', folder, '--json']));
    expect(refusal.file).toBe(join(folder, named));
  });
});

describe('a hostile certificate', () => {
  it.concurrent.each([
    ['nothing', ''],
    ['no JSON', 'hello\nworld\n!\n'],
    ['the wrong JSON', '{}\n{}\n{}\n'],
    ['one line of three', '{"payload":""}\n'],
    ['binary', Uint8Array.from({ length: 4096 }, (_, i) => i % 256)],
    ['10 MB', 'x'.repeat(10 * 1024 * 1024)],
    ['a prototype key', '{"__proto__":{}}\n{}\n{}\n'],
    ['nesting without end', `${'['.repeat(100_000)}\n`.repeat(3)],
  ])('%s is no certificate', async (_, text) => {
    const file = join(temporaryFolder(), 'x.intoto.jsonl');
    writeFileSync(file, text);
    const run = await conclave(['verify', file, '--genesis', 'a'.repeat(64), '--json']);
    expect(refusalOf(run).file).toBe(file);
  });

  it('an anchor that is neither a digest nor a genesis is refused', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'x.intoto.jsonl');
    const genesis = join(folder, 'genesis.json');
    writeFileSync(file, '{}\n{}\n{}\n');
    writeFileSync(genesis, '{"genesis":{},"charter":{},"roster":{}}');
    expect(refusalOf(await conclave(['verify', file, '--genesis', genesis, '--json'])).file).toBe(genesis);
    refusalOf(await conclave(['verify', file, '--genesis', 'A'.repeat(64), '--json']));
  });
});
