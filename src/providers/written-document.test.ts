// Documents of strangers: what is malformed or hostile is refused with file and line, quickly, and nothing else.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ConclaveError } from '../errors.ts';
import { readTextFile } from './text-file.ts';
import { conform, parseYaml, readJsonFile, readYamlFile } from './written-document.ts';

const folder = mkdtempSync(join(tmpdir(), 'conclave-documents-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(content: string | Uint8Array, name = 'document.yaml'): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

function refusal(action: () => unknown): ConclaveError {
  try {
    action();
  } catch (error) {
    if (error instanceof ConclaveError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('a written document', () => {
  it('gives its value and the line of each part', () => {
    const document = parseYaml('a: 1\nb:\n  - c: x\n  - d: y\n', 'f.yaml');
    expect(document.value).toEqual({ a: 1, b: [{ c: 'x' }, { d: 'y' }] });
    expect(document.lineOf(['b', 1, 'd'])).toBe(4);
    expect(document.lineOf(['b', 1, 'missing'])).toBe(4);
    expect(document.lineOf([])).toBe(1);
  });

  it.each<[string, string, number]>([
    ['an unclosed quote', 'a: 1\nb: "x\n', 3],
    ['a doubled key', 'a: 1\nb: 2\na: 3\n', 3],
    ['a doubled key inside', 'a:\n  b: 1\n  b: 1\n', 3],
    ['a key that is a prototype', 'a: 1\n__proto__: {b: 1}\n', 2],
    ['a key that is a constructor', 'a:\n  constructor: 1\n', 2],
    ['an alias', 'a: &x [1]\nb: *x\n', 2],
    ['an alias bomb', `a: &a [x,x]\n${'bcdefgh'.replace(/./g, (k) => `${k}: &${k} [*a,*a,*a]\n`)}`, 2],
    ['a tag', 'a: 1\nb: !!binary aGk=\n', 2],
    ['a tag of its own', 'a: 1\nb: !run rm\n', 2],
    ['two documents', 'a: 1\n---\nb: 2\n', 2],
    ['an escaped direction override', 'a: 1\nb: "x\\u202ey"\n', 2],
    ['an escaped null', 'a: 1\n\nb: "x\\0y"\n', 3],
    ['a key that is a list', '[1]: 2\n', 1],
  ])('%s is refused with its line', (_, text, line) => {
    const error = refusal(() => parseYaml(text, 'f.yaml'));
    expect(error.code).toBe('bad-input');
    expect(error.file).toBe('f.yaml');
    expect(error.line).toBe(line);
  });

  it.each<[string, string]>([
    ['deep lists on a line', '- '.repeat(100_000)],
    ['deep brackets', '['.repeat(100_000)],
    ['deep braces', `a: ${'{a: '.repeat(50_000)}`],
    ['deep keys on a line', '? '.repeat(100_000)],
    ['deep indentation', Array.from({ length: 900 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['a hundred thousand criteria', `criteria:\n${'  - c\n'.repeat(100_000)}`],
    ['a hundred thousand keys', Array.from({ length: 100_000 }, (_, i) => `k${i}: 1`).join('\n')],
    ['a million line ends', '\n'.repeat(1_000_000)],
  ])('%s cost little and are refused', (_, text) => {
    const before = performance.now();
    expect(refusal(() => parseYaml(text, 'f.yaml')).code).toBe('bad-input');
    expect(performance.now() - before).toBeLessThan(5_000);
  });

  it('brackets in texts are no nesting', () => {
    const text = `a: "${'['.repeat(500)}"\nb: |\n${`  ${'{'.repeat(60)}\n`.repeat(20)}`;
    expect(parseYaml(text, 'f.yaml').value).toHaveProperty('a');
  });

  it('names the line of a value that does not fit, and of a key nobody knows', () => {
    const schema = z.strictObject({ a: z.number(), b: z.strictObject({ c: z.string() }) });
    const at = (text: string) => refusal(() => conform(parseYaml(text, 'f.yaml'), schema, 'thing')).line;
    expect(at('a: 1\nb:\n  c: 7\n')).toBe(3);
    expect(at('a: 1\nb:\n  c: x\n  d: y\n')).toBe(4);
    expect(at('b:\n  c: x\n')).toBe(1);
    expect(at('- 1\n')).toBe(1);
  });

  it('names a misspelt key rather than the one that is missing for it', () => {
    const schema = z.strictObject({ seed: z.number(), of: z.strictObject({ cases: z.string() }) });
    const read = (text: string) => refusal(() => conform(parseYaml(text, 'f.yaml'), schema, 'thing'));
    expect(read('of: {cases: x}\nsede: 1\n')).toMatchObject({
      line: 2,
      message: expect.stringContaining('"sede"'),
    });
    expect(read('of:\n  cases: x\n  cafes: y\n').line).toBe(3);
  });

  it('never repeats control characters or long texts in a reason', () => {
    const schema = z.strictObject({ a: z.number() });
    const error = refusal(() => conform(parseYaml(`${'k'.repeat(5_000)}: 1\n`, 'f.yaml'), schema, 'thing'));
    expect(error.message.length).toBeLessThan(400);
  });
});

describe('a JSON document', () => {
  it('is JSON and not merely YAML', () => {
    expect(readJsonFile(written('{"a": [1, 2]}')).value).toEqual({ a: [1, 2] });
    expect(refusal(() => readJsonFile(written('a: 1\n'))).message).toContain('JSON');
    expect(refusal(() => readJsonFile(written('{"a": 1,}'))).code).toBe('bad-input');
  });

  it('names the line where it breaks off', () => {
    expect(refusal(() => readJsonFile(written('{"a": 1,\n"b": [1,\n'))).line).toBeGreaterThanOrEqual(2);
    expect(refusal(() => readJsonFile(written('{"a": 1,\n"a": 2}'))).line).toBe(2);
  });
});

describe('a text file', () => {
  it('loses its byte order mark and gets plain line ends', () => {
    expect(readTextFile(written('\ufeffa\r\nb\rc'), 100)).toBe('a\nb\nc');
  });

  it.each<[string, string | Uint8Array, number]>([
    ['not UTF-8', Uint8Array.from([0x61, 0x0a, 0xff, 0xfe, 0x0a]), 2],
    ['half a character at the end', Uint8Array.from([0x61, 0x0a, 0x62, 0x0a, 0xc3]), 3],
    ['a direction override', 'a\nb\u202ec', 2],
    ['an isolate', 'a\n\nb\u2066c', 3],
    ['an invisible space', 'ig\u200bnore', 1],
    ['a tag character', `a\n${String.fromCodePoint(0xe0041)}`, 2],
    ['a null', 'a\nb\nc\u0000', 3],
    ['an escape', 'a\u001b[2J', 1],
  ])('%s is refused with its line', (_, content, line) => {
    const error = refusal(() => readTextFile(written(content), 100));
    expect(error.code).toBe('bad-input');
    expect(error.line).toBe(line);
  });

  it('letters of every script pass, with their joiners', () => {
    expect(readTextFile(written('שלום नमस्ते क्‍ष 你好 é'), 100)).toContain('नमस्ते');
  });

  it('is bounded, there, and a file', () => {
    expect(refusal(() => readTextFile(written('x'.repeat(101)), 100)).message).toContain('101');
    expect(refusal(() => readYamlFile(written(`a: ${'x'.repeat(10_000_000)}`))).code).toBe('bad-input');
    expect(refusal(() => readTextFile(join(folder, 'none'), 100)).message).toContain('there is none');
    expect(refusal(() => readTextFile(folder, 100)).code).toBe('bad-input');
    const loop = join(folder, 'loop');
    symlinkSync(loop, loop);
    expect(refusal(() => readTextFile(loop, 100)).message).toContain('loop');
  });

  it('a pipe in its place does not hold the process', () => {
    mkdirSync(join(folder, 'pipes'));
    const pipe = join(folder, 'pipes', 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(refusal(() => readTextFile(pipe, 100)).code).toBe('bad-input');
  });
});
