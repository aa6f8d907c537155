// A hunt that cannot find anything would pass every test: each way of writing a secret is planted once.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../cli/conclave.ts';
import { huntSecrets } from './secret-hunt.ts';

const KEY = 'sk-planted "é" 0123456789/abcdef';
const secrets = { 'key of openai': KEY };

describe('a hunt for secrets', () => {
  it.each([
    ['plainly', (key: string) => `x${key}x`],
    ['as JSON', (key: string) => JSON.stringify({ key })],
    ['as a URL', (key: string) => `https://host/?key=${encodeURIComponent(key)}`],
    ['as hex', (key: string) => Buffer.from(`ab${key}cd`).toString('hex')],
    ['as base64', (key: string) => Buffer.from(`${key}:x`).toString('base64')],
    ['as base64', (key: string) => Buffer.from(`y${key}:`).toString('base64')],
    ['as base64', (key: string) => Buffer.from(`yy${key}`).toString('base64url')],
  ])('finds what is written %s', (written, write) => {
    expect(huntSecrets({ secrets, texts: { stderr: write(KEY) } })).toContainEqual({
      secret: 'key of openai',
      where: 'stderr',
      written,
    });
  });

  it('looks into every file below a folder, its name, and what is compressed', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'deep', '.hidden'), { recursive: true });
    writeFileSync(
      join(folder, 'deep', '.hidden', 'a.bin'),
      Buffer.concat([Buffer.alloc(5_000), Buffer.from(KEY)]),
    );
    writeFileSync(join(folder, 'b.gz'), gzipSync(KEY));
    writeFileSync(join(folder, encodeURIComponent(KEY)), '');
    expect(
      huntSecrets({ secrets, folders: [folder] }).map(({ where }) => where.slice(folder.length + 1)),
    ).toEqual(expect.arrayContaining(['deep/.hidden/a.bin', 'b.gz', encodeURIComponent(KEY)]));
  });

  it('finds nothing where nothing is', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a'), KEY.slice(0, -1));
    expect(huntSecrets({ secrets, folders: [folder], texts: { stdout: 'sk-…' } })).toEqual([]);
  });

  it('refuses secrets so short that chance would find them', () => {
    expect(() => huntSecrets({ secrets: { short: 'abc' } })).toThrow('too short');
  });
});
