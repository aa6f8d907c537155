// Cases of strangers: whatever is wrong with a case or its evidence is refused with file, line and reason.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConclaveError } from '../errors.ts';
import { loadCase } from './case-folder.ts';

const HEAD = `type: certification
subject: x-1
title: X
fields:
  system: X
  version: "1"
  applicant: Y
  purpose: Z
  deployment: W
  level: basic
evidence:
`;
const item = (name: string, id = 'e1') => `  - id: ${id}\n    title: T\n    file: ${name}\n`;

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-case-'));
  mkdirSync(join(folder, 'case', 'evidence'), { recursive: true });
  file = join(folder, 'case', 'case.yaml');
  writeFileSync(join(folder, 'secret.md'), 'secret');
  put('evidence/a.md', 'Some evidence.\r\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, 'case', name)), { recursive: true });
  writeFileSync(join(folder, 'case', name), content);
}

async function refusal(text: string | Uint8Array): Promise<ConclaveError> {
  writeFileSync(file, text);
  try {
    await loadCase(file);
  } catch (error) {
    if (error instanceof ConclaveError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('a case', () => {
  it('is read with its evidence, from files or in place', async () => {
    writeFileSync(
      file,
      `${HEAD}${item('evidence/a.md')}  - id: e2\n    title: U\n    text: In place.\nexpected: reject\n`,
    );
    const { source, expected } = await loadCase(file);
    expect(expected).toBe('reject');
    expect(source.evidence).toEqual([
      { id: 'e1', title: 'T', text: 'Some evidence.\n' },
      { id: 'e2', title: 'U', text: 'In place.' },
    ]);
    expect(JSON.stringify(source)).not.toContain('expected');
  });

  it.each([
    '../secret.md',
    'evidence/../../secret.md',
    '/etc/passwd',
    '"..\\\\secret.md"',
    'C:/secret.md',
    '"evidence/\\0a.md"',
    'evidence',
    'evidence/none.md',
    '.',
    'case.yaml/x',
  ])('evidence called %s is refused at its line', async (name) => {
    const error = await refusal(HEAD + item(name));
    expect(error.code).toBe('bad-input');
    expect(error.file).toContain(folder);
    expect(error.message).not.toContain('root:');
    if (error.file === file) expect(error.line).toBe(14);
  });

  it('links may not lead out of the folder of the case', async () => {
    symlinkSync(join(folder, 'secret.md'), join(folder, 'case', 'evidence', 'link.md'));
    symlinkSync(folder, join(folder, 'case', 'evidence', 'up'));
    expect(await refusal(HEAD + item('evidence/link.md'))).toMatchObject({
      code: 'bad-input',
      file,
      line: 14,
    });
    expect(await refusal(HEAD + item('evidence/up/secret.md'))).toMatchObject({
      code: 'bad-input',
      file,
      line: 14,
    });
  });

  it.each<[string, string | Uint8Array, number | undefined]>([
    ['empty', '', undefined],
    ['cut off', `${HEAD}${item('evidence/a.md')}  - id`, 15],
    ['not UTF-8', Uint8Array.from([0x61, 0xff]), 1],
    ['a type there is not', HEAD.replace('certification', 'beatification') + item('evidence/a.md'), 1],
    ['a field left out', HEAD.replace('  version: "1"\n', '') + item('evidence/a.md'), 4],
    ['a field of the wrong type', HEAD.replace('"1"', '1') + item('evidence/a.md'), 6],
    ['a field nobody knows', HEAD.replace('  level', '  colour: red\n  level') + item('evidence/a.md'), 10],
    ['criteria of its own', `criteria: [easy]\n${HEAD}${item('evidence/a.md')}`, 1],
    ['a doubled key', `${HEAD}${item('evidence/a.md')}subject: y\n`, 15],
    ['a prototype key', `__proto__: {}\n${HEAD}${item('evidence/a.md')}`, 1],
    ['an evidence id twice', HEAD + item('evidence/a.md') + item('evidence/a.md'), 11],
    ['no evidence', `${HEAD.replace('evidence:\n', 'evidence: []\n')}`, 11],
    ['hidden direction marks', HEAD.replace('title: X', 'title: "X\\u202e"') + item('evidence/a.md'), 3],
    ['a field of ten megabytes', HEAD.replace('title: X', `title: ${'X'.repeat(10_000_000)}`), undefined],
    ['a long field', HEAD.replace('title: X', `title: ${'X'.repeat(10_000)}`) + item('evidence/a.md'), 3],
    ['a hundred thousand criteria', `criteria:\n${'  - easy\n'.repeat(100_000)}${HEAD}`, undefined],
    ['a hundred thousand items', HEAD + '  - {}\n'.repeat(100_000), undefined],
    ['deep nesting', `${HEAD}${'- '.repeat(50_000)}`, undefined],
    ['aliases', `${HEAD}${item('&a evidence/a.md')}  - *a\n`, 15],
  ])('%s is refused', async (_, text, line) => {
    const error = await refusal(text);
    expect(error.code).toBe('bad-input');
    expect(error.file).toBe(file);
    if (line !== undefined) expect(error.line).toBe(line);
    expect(error.message.length).toBeLessThan(600);
  });

  it.each<[string, string | Uint8Array]>([
    ['empty', ' \n'],
    ['not UTF-8', Uint8Array.from([0x61, 0x0a, 0xc3, 0x28])],
    ['longer than is read', 'x'.repeat(300_000)],
    ['ten megabytes', 'x'.repeat(10_000_000)],
    ['with direction marks', 'a\u202eb'],
  ])('evidence that is %s is refused', async (_, content) => {
    put('evidence/b.md', content);
    expect((await refusal(HEAD + item('evidence/b.md'))).code).toBe('bad-input');
  });

  it('that is not there, or a directory, is refused', async () => {
    await expect(loadCase(join(folder, 'none.yaml'))).rejects.toThrow(ConclaveError);
    await expect(loadCase(folder)).rejects.toThrow(ConclaveError);
  });
});
