// A whole log in tiles: a writer that says which files to write, and a reader that makes proofs from them.
// Neither touches a disk: the writer's files and the reader's reads are the shell's affair (protocol 7.1).
//
// Order of a publication, for whoever carries it out: all `files`, synced; then the checkpoint, synced; then
// the `outdated` folders may go. A crash before the checkpoint leaves tiles that the old checkpoint does not
// name, and the same publication done again writes the same bytes over them.
import { badInput, invariant } from '../errors.ts';
import { concat } from '../signing/bytes.ts';
import { consistencyProof, Frontier, inclusionProof, leafHash, type NodeReader } from './merkle.ts';
import {
  decodeBundle,
  decodeTile,
  encodeBundle,
  type LogFile,
  type LogRead,
  partialsOf,
  TILE_HEIGHT,
  TILE_WIDTH,
  type TileRow,
  tilePath,
  tileWidth,
} from './tiles.ts';

/** Tiles and bundles a reader keeps at hand. */
export const MAX_CACHED_TILES = 64;

export interface Publication {
  readonly size: number;
  readonly files: readonly LogFile[];
  /** folders of partial tiles that have become full */
  readonly outdated: readonly string[];
}

/** The right edge of a log being written. */
export class TiledLogWriter {
  #size: number;
  #bundle: Uint8Array[];
  /** by level, the hashes of the tile that is not yet full */
  readonly #rows: Uint8Array[][];
  #files: LogFile[] = [];
  #outdated: string[] = [];

  private constructor(size: number, bundle: Uint8Array[], rows: Uint8Array[][]) {
    this.#size = size;
    this.#bundle = bundle;
    this.#rows = rows;
  }

  static empty(): TiledLogWriter {
    return new TiledLogWriter(0, [], []);
  }

  /** Goes on where a published log of `size` entries ends. */
  static resume(size: number, read: LogRead): TiledLogWriter {
    const log = new TiledLog(size, read);
    const rows: Uint8Array[][] = [];
    for (let level = 0; TILE_WIDTH ** level <= size; level++) {
      const full = Math.floor(size / TILE_WIDTH ** (level + 1));
      rows.push([...log.tile(level, full)]);
    }
    return new TiledLogWriter(size, [...log.bundle(Math.floor(size / TILE_WIDTH))], rows);
  }

  get size(): number {
    return this.#size;
  }

  append(entries: readonly Uint8Array[], leafHashes: readonly Uint8Array[] = entries.map(leafHash)): void {
    for (const [i, entry] of entries.entries()) {
      this.#bundle.push(entry);
      this.#size += 1;
      if (this.#bundle.length === TILE_WIDTH) {
        this.#finish('entries', this.#size / TILE_WIDTH - 1, encodeBundle(this.#bundle));
        this.#bundle = [];
      }
      this.#push(0, leafHashes[i] ?? leafHash(entry));
    }
  }

  /** The tiles and bundles that have become full since the last call or publication, taken out of the next one. */
  completed(): readonly LogFile[] {
    const files = this.#files;
    this.#files = [];
    return files;
  }

  /** What to write so that a checkpoint of the present size can be published. Each file is named once. */
  publish(): Publication {
    const files = this.#files;
    if (this.#bundle.length > 0) {
      const index = Math.floor(this.#size / TILE_WIDTH);
      const path = tilePath('entries', index, this.#bundle.length);
      files.push({ path, bytes: encodeBundle(this.#bundle) });
    }
    for (const [level, row] of this.#rows.entries()) {
      if (row.length === 0) continue;
      const index = Math.floor(this.#size / TILE_WIDTH ** (level + 1));
      files.push({ path: tilePath(level, index, row.length), bytes: concat(...row) });
    }
    const outdated = this.#outdated;
    this.#files = [];
    this.#outdated = [];
    return { size: this.#size, files, outdated };
  }

  #push(level: number, hash: Uint8Array): void {
    const row = this.#rows[level];
    if (row === undefined) {
      invariant(level === this.#rows.length, 'levels of a log grow one by one');
      this.#rows.push([hash]);
      return;
    }
    row.push(hash);
    if (row.length < TILE_WIDTH) return;
    const index = Math.floor(this.#size / TILE_WIDTH ** (level + 1)) - 1;
    this.#finish(level, index, concat(...row));
    this.#rows[level] = [];
    this.#push(level + 1, Frontier.empty.append(row).root());
  }

  #finish(row: TileRow, index: number, bytes: Uint8Array): void {
    this.#files.push({ path: tilePath(row, index), bytes });
    this.#outdated.push(partialsOf(row, index));
  }
}

/** A published log of a known size. What it reads is only as good as the root it is then held against. */
export class TiledLog {
  readonly size: number;
  readonly #read: LogRead;
  readonly #cache = new Map<string, readonly Uint8Array[]>();

  constructor(size: number, read: LogRead) {
    this.size = size;
    this.#read = read;
  }

  /** The entries of bundle `index`: 256, fewer at the right edge, none beyond it. */
  bundle(index: number): readonly Uint8Array[] {
    return this.#load('entries', index, decodeBundle);
  }

  /** The hashes of a tile, likewise. */
  tile(level: number, index: number): readonly Uint8Array[] {
    return this.#load(level, index, decodeTile);
  }

  entry(index: number): Uint8Array {
    const entry = this.bundle(Math.floor(index / TILE_WIDTH))[index % TILE_WIDTH];
    if (entry === undefined) throw badInput(`expected an entry below ${this.size}, found ${index}`);
    return entry;
  }

  *entries(): Generator<Uint8Array> {
    for (let index = 0; index * TILE_WIDTH < this.size; index++) yield* this.bundle(index);
  }

  readonly node: NodeReader = (level, index) => {
    const row = Math.floor(level / TILE_HEIGHT);
    const width = 2 ** (level % TILE_HEIGHT);
    const first = index * width;
    const hashes = this.tile(row, Math.floor(first / TILE_WIDTH));
    const at = first % TILE_WIDTH;
    return Frontier.empty.append(hashes.slice(at, at + width)).root();
  };

  root(): Uint8Array {
    return Frontier.of(this.size, this.node).root();
  }

  /** Up to the tree head of any size up to this one. */
  inclusion(index: number, size: number = this.size): readonly Uint8Array[] {
    return inclusionProof(index, size, this.node);
  }

  consistency(oldSize: number): readonly Uint8Array[] {
    return consistencyProof(oldSize, this.size, this.node);
  }

  #load(
    row: TileRow,
    index: number,
    decode: (bytes: Uint8Array, width: number, path: string) => readonly Uint8Array[],
  ): readonly Uint8Array[] {
    const width = tileWidth(row, index, this.size);
    if (width === 0) return [];
    const path = tilePath(row, index, width);
    const cached = this.#cache.get(path);
    if (cached !== undefined) return cached;
    const parts = this.#decoded(row, index, width, path, decode);
    this.#cache.set(path, parts);
    if (this.#cache.size > MAX_CACHED_TILES) {
      for (const oldest of this.#cache.keys()) {
        this.#cache.delete(oldest);
        break;
      }
    }
    return parts;
  }

  #decoded(
    row: TileRow,
    index: number,
    width: number,
    path: string,
    decode: (bytes: Uint8Array, width: number, path: string) => readonly Uint8Array[],
  ): readonly Uint8Array[] {
    const bytes = this.#read(path);
    if (bytes !== undefined) return decode(bytes, width, path);
    // A log that has grown since may have dropped the partial tile for the full one.
    const fullPath = tilePath(row, index);
    const full = this.#read(fullPath);
    if (full === undefined)
      throw badInput(`the ledger of ${this.size} entries lacks ${path}`, { file: path });
    return decode(full, TILE_WIDTH, fullPath).slice(0, width);
  }
}
