import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex, utf8 } from '../signing/bytes.ts';
import { digestOfBytes } from '../signing/digest.ts';
import { Frontier, leafHash, verifyConsistency, verifyInclusion } from './merkle.ts';
import { TiledLog, TiledLogWriter } from './tiled-log.ts';
import { decodeBundle, encodeBundle, type LogRead, tilePath, tileWidth } from './tiles.ts';

const entries = (from: number, to: number): Uint8Array[] =>
  Array.from({ length: to - from }, (_, i) => utf8(`entry ${from + i}`));

const rootOf = (size: number): Uint8Array => Frontier.empty.append(entries(0, size).map(leafHash)).root();

class Folder {
  readonly files = new Map<string, Uint8Array>();
  readonly read: LogRead = (path) => this.files.get(path);

  publish(writer: TiledLogWriter): TiledLog {
    const { size, files, outdated } = writer.publish();
    for (const { path, bytes } of files) this.files.set(path, bytes);
    for (const folder of outdated) {
      for (const path of this.files.keys()) if (path.startsWith(`${folder}/`)) this.files.delete(path);
    }
    return new TiledLog(size, this.read);
  }
}

describe('paths', () => {
  test('tile 1234067 lies where the specification says', () => {
    expect(tilePath(0, 1_234_067)).toBe('tile/0/x001/x234/067');
    expect(tilePath('entries', 5, 12)).toBe('tile/entries/005.p/12');
    expect(tilePath(1, 1000)).toBe('tile/1/x001/000');
  });

  test('70,000 entries have the tiles that the specification lists', () => {
    expect([272, 273, 274].map((index) => tileWidth(0, index, 70_000))).toEqual([256, 112, 0]);
    expect([0, 1, 2].map((index) => tileWidth(1, index, 70_000))).toEqual([256, 17, 0]);
    expect(tileWidth(2, 0, 70_000)).toBe(1);
    expect([tileWidth(0, 0, 256), tileWidth(0, 1, 256), tileWidth(1, 0, 256)]).toEqual([256, 0, 1]);
  });
});

describe('bundles', () => {
  test('an entry of 65,535 bytes fits and a longer one is refused', () => {
    const longest = new Uint8Array(65_535).fill(7);
    expect(decodeBundle(encodeBundle([longest]), 1, 'x').map(digestOfBytes)).toEqual([
      digestOfBytes(longest),
    ]);
    expect(() => encodeBundle([new Uint8Array(65_536)])).toThrow(/at most 65535 bytes/);
  });

  test('a bundle cut short anywhere, or with bytes after its end, is refused', () => {
    const bundle = encodeBundle(entries(0, 3));
    for (let length = 0; length < bundle.length; length++) {
      expect(() => decodeBundle(bundle.subarray(0, length), 3, 'tile/entries/000.p/3')).toThrow();
    }
    expect(() => decodeBundle(Uint8Array.of(...bundle, 0), 3, 'x')).toThrow(/follow the last entry/);
    expect(() => decodeBundle(bundle, 2, 'x')).toThrow(/follow the last entry/);
  });
});

describe('a log in tiles', () => {
  test('however it is published and resumed, its entries, root and proofs are those of the tree', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(steps, fc.nat(), fc.nat(), (parts, pick, resumeAt) => {
        const folder = new Folder();
        let writer = TiledLogWriter.empty();
        let log = folder.publish(writer);
        for (const [step, part] of parts.entries()) {
          if (step === resumeAt % parts.length) writer = TiledLogWriter.resume(log.size, folder.read);
          writer.append(entries(writer.size, writer.size + part));
          log = folder.publish(writer);
          expect(toHex(log.root())).toBe(toHex(rootOf(log.size)));
        }
        if (log.size === 0) return;
        const index = pick % log.size;
        const leaf = leafHash(log.entry(index));
        expect(log.entry(index)).toEqual(utf8(`entry ${index}`));
        expect(verifyInclusion(leaf, index, log.size, log.inclusion(index), rootOf(log.size))).toBe(true);
        const old = index + 1;
        expect(verifyConsistency(old, log.size, log.consistency(old), rootOf(old), rootOf(log.size))).toBe(
          true,
        );
        expect([...log.entries()].map(toHex)).toEqual(entries(0, log.size).map(toHex));
      }),
      { numRuns: 12 },
    );
  });

  test('a smaller size can be read from a log whose partial tiles have become full', () => {
    const folder = new Folder();
    const writer = TiledLogWriter.empty();
    writer.append(entries(0, 100));
    folder.publish(writer);
    writer.append(entries(100, 300));
    folder.publish(writer);
    expect(folder.files.has('tile/0/000.p/100')).toBe(false);
    expect(toHex(new TiledLog(100, folder.read).root())).toBe(toHex(rootOf(100)));
  });

  test('70,000 entries are written, resumed and proved', () => {
    const folder = new Folder();
    const writer = TiledLogWriter.empty();
    const hashes = entries(0, 70_000).map(leafHash);
    writer.append(entries(0, 70_000), hashes);
    const log = folder.publish(writer);
    expect(folder.files.size).toBe(273 + 1 + 1 + 1 + 1 + 274);
    const root = Frontier.empty.append(hashes).root();
    expect(toHex(log.root())).toBe(toHex(root));
    const oldRoot = Frontier.empty.append(hashes.slice(0, 65_537)).root();
    for (const index of [0, 65_535, 65_536, 69_999]) {
      expect(verifyInclusion(leafHash(log.entry(index)), index, 70_000, log.inclusion(index), root)).toBe(
        true,
      );
    }
    expect(verifyConsistency(65_537, 70_000, log.consistency(65_537), oldRoot, root)).toBe(true);
    expect(
      TiledLogWriter.resume(70_000, folder.read)
        .publish()
        .files.map((file) => file.path),
    ).toEqual(['tile/entries/273.p/112', 'tile/0/273.p/112', 'tile/1/001.p/17', 'tile/2/000.p/1']);
  });

  test('a missing or cut tile is named', () => {
    const folder = new Folder();
    const writer = TiledLogWriter.empty();
    writer.append(entries(0, 300));
    const log = folder.publish(writer);
    folder.files.set('tile/0/001.p/44', new Uint8Array(31));
    expect(() => log.tile(0, 1)).toThrow(/expected 44 hashes/);
    folder.files.delete('tile/entries/000');
    expect(() => log.entry(3)).toThrow('lacks tile/entries/000');
    expect(() => log.entry(300)).toThrow(/below 300/);
  });
});
