// A real log of 15 entries by another implementation (Tessera): every tile, bundle, root and checkpoint it
// ever published is reproduced from its entries, byte for byte.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TiledLog, TiledLogWriter } from '../../src/ledger/tiled-log.ts';
import type { LogRead } from '../../src/ledger/tiles.ts';
import { toBase64 } from '../../src/signing/bytes.ts';

const FOLDER = join(import.meta.dirname, '../../../shared/vectors/tlog-tiles-tessera/testdata/log');

const read: LogRead = (path) =>
  existsSync(join(FOLDER, path)) ? readFileSync(join(FOLDER, path)) : undefined;

describe.skipIf(!existsSync(FOLDER))('a log made by Tessera (skipped without ../shared)', () => {
  test('every tile and bundle it published is made again from its entries', () => {
    const entries = [...new TiledLog(15, read).entries()];
    const writer = TiledLogWriter.empty();
    for (const entry of entries) {
      writer.append([entry]);
      const { size, files } = writer.publish();
      expect(files.map((file) => file.path)).toEqual([`tile/entries/000.p/${size}`, `tile/0/000.p/${size}`]);
      for (const { path, bytes } of files) expect(Buffer.from(bytes)).toEqual(read(path));
    }
  });

  test('the root of every size is the one its checkpoint names', () => {
    for (let size = 0; size <= 15; size++) {
      const checkpoint = join(FOLDER, `checkpoint.${size}`);
      if (!existsSync(checkpoint)) continue;
      const root = readFileSync(checkpoint, 'utf8').split('\n')[2];
      expect(toBase64(new TiledLog(size, read).root())).toBe(root);
    }
  });
});
