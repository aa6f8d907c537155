// The ledger as files that any static web server can publish: C2SP tlog-tiles (protocol 7.1). Hash tiles hold
// 256 hashes of one level, entry bundles the 256 entries below a tile of level 0. This file is the format:
// paths, widths and bundles. What writes and reads a whole log with it stands in tiled-log.ts.
import { MAX_ENTRY_BYTES } from '../consensus/limits.ts';
import { badInput, invariant } from '../errors.ts';
import { concat } from '../signing/bytes.ts';
import { HASH_BYTES } from './merkle.ts';

export const TILE_WIDTH = 256;

/** A tile's hashes are this many levels of the tree above those of the tile below it. */
export const TILE_HEIGHT = 8;

/** Tiles of hashes by their level, or the bundles of the entries themselves. */
export type TileRow = number | 'entries';

export interface LogFile {
  /** relative to the log's folder, with slashes */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** One file of a log, or undefined where there is none. */
export type LogRead = (path: string) => Uint8Array | undefined;

/** Number 1234067 is `x001/x234/067`, so that no folder holds more than a thousand names. */
export function numberedPath(folder: string, index: number): string {
  invariant(Number.isSafeInteger(index) && index >= 0, `a file of index ${index}`);
  let path = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  }
  return `${folder}/${path}`;
}

/** A partial tile says its width: `067.p/12`. */
export function tilePath(row: TileRow, index: number, width: number = TILE_WIDTH): string {
  invariant(width >= 1 && width <= TILE_WIDTH, `a tile of width ${width}`);
  return `${numberedPath(`tile/${row}`, index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** The folder of a tile's partial versions, to be removed once the full tile is there. */
export function partialsOf(row: TileRow, index: number): string {
  return `${tilePath(row, index)}.p`;
}

/** The width of tile `index` in a log of `size` entries: 0 where there is no such tile. */
export function tileWidth(row: TileRow, index: number, size: number): number {
  const count = row === 'entries' ? size : Math.floor(size / TILE_WIDTH ** row);
  return Math.max(0, Math.min(TILE_WIDTH, count - index * TILE_WIDTH));
}

/** Entries, each after its length in two bytes. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) {
      throw badInput(`expected an entry of at most ${MAX_ENTRY_BYTES} bytes, found ${entry.length}`);
    }
    parts.push(Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry);
  }
  return concat(...parts);
}

/** Exactly `width` entries and nothing after them. */
export function decodeBundle(bytes: Uint8Array, width: number, path: string): readonly Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < width) {
    if (at + 2 > bytes.length)
      throw badInput(`expected ${width} entries, found ${entries.length}`, { file: path });
    const end = at + 2 + view.getUint16(at);
    if (end > bytes.length) throw badInput(`entry ${entries.length} is cut short`, { file: path });
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  if (at !== bytes.length) throw badInput(`${bytes.length - at} bytes follow the last entry`, { file: path });
  return entries;
}

export function decodeTile(bytes: Uint8Array, width: number, path: string): readonly Uint8Array[] {
  if (bytes.length !== width * HASH_BYTES) {
    throw badInput(`expected ${width} hashes of ${HASH_BYTES} bytes, found ${bytes.length} bytes`, {
      file: path,
    });
  }
  return Array.from({ length: width }, (_, i) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
}
