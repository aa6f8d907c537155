import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { textOf, utf8 } from '../signing/bytes.ts';
import { DiskFolder, type Folder, MemoryFolder } from './folder.ts';

const root = mkdtempSync(join(tmpdir(), 'conclave-folder-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let made = 0;
const kinds: Record<string, () => Folder> = {
  disk: () => new DiskFolder(join(root, String(made++))),
  memory: () => new MemoryFolder(),
};

const file = (path: string, text = path) => ({ path, bytes: utf8(text) });
const read = (folder: Folder, path: string): string | undefined => {
  const bytes = folder.read(path);
  return bytes && textOf(bytes);
};

describe.each(Object.entries(kinds))('a %s folder', (_, make) => {
  it('holds what was written, in folders below too', async () => {
    const folder = make();
    await folder.write([file('checkpoint', 'a'), file('tile/0/000.p/3', 'b')]);
    expect([read(folder, 'checkpoint'), read(folder, 'tile/0/000.p/3')]).toEqual(['a', 'b']);
    expect(folder.read('tile/0/001')).toBeUndefined();
  });

  it('a later write replaces a file whole', async () => {
    const folder = make();
    await folder.write([file('checkpoint', 'a longer text')]);
    await folder.write([file('checkpoint', 'short')]);
    expect(read(folder, 'checkpoint')).toBe('short');
  });

  it('adds to the end of a file, which it makes where there is none', async () => {
    const folder = make();
    await folder.append('x/lines', utf8('1\n'));
    await folder.append('x/lines', utf8('2\n'));
    expect(read(folder, 'x/lines')).toBe('1\n2\n');
  });

  it('removes files and whole folders, and does not mind what is not there', async () => {
    const folder = make();
    await folder.write([file('a/1'), file('a/2'), file('ab'), file('c')]);
    await folder.remove(['a', 'c', 'nothing']);
    expect(await folder.names('')).toEqual(['ab']);
    await folder.write([file('a/3')]);
    expect(read(folder, 'a/3')).toBe('a/3');
  });

  it('lists the names directly in a folder', async () => {
    const folder = make();
    await folder.write([file('x/1'), file('x/2/deep'), file('y')]);
    expect([await folder.names(''), await folder.names('x'), await folder.names('z')]).toEqual([
      ['x', 'y'],
      ['1', '2'],
      [],
    ]);
  });
});

it('a disk folder leaves nothing unfinished behind', async () => {
  const path = join(root, 'clean');
  const folder = new DiskFolder(path);
  await Promise.all(Array.from({ length: 20 }, (_, i) => folder.write([file('same', `${i}`)])));
  expect(readdirSync(path)).toEqual(['same']);
});

it('a folder that cannot be written says so as a storage error', async () => {
  const folder = new DiskFolder('/dev/null/folder');
  await expect(folder.write([file('a')])).rejects.toMatchObject({ code: 'storage' });
});
