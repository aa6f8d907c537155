// The store of a real node: LMDB, memory-mapped B+ trees with copy on write, so that a crash at any moment
// leaves the last whole transaction (docs/decisions: embedded store). One transaction is one fdatasync, about
// 0.2 ms on the machine this was written on, for one record as for forty.
import { Buffer } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Database, open } from 'lmdb';
import { ConclaveError, reasonOf } from '../errors.ts';
import type { Batch, Put, Store } from './store.ts';

/** In the store's folder. */
export const DATA_FILE = 'data.mdb';

export class LmdbStore implements Store {
  readonly #path: string;
  readonly #database: Database<Uint8Array, string>;
  #closed = false;

  private constructor(path: string, database: Database<Uint8Array, string>) {
    this.#path = path;
    this.#database = database;
  }

  static open(path: string): LmdbStore {
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      if (wasFilledUp(join(path, DATA_FILE))) requireReadable(path);
      const database = open<Uint8Array, string>({
        path,
        encoding: 'binary',
        // By default a commit may return before its flush; a vote must not leave before it (protocol 3.8).
        overlappingSync: false,
        noSubdir: false,
      });
      return new LmdbStore(path, database);
    } catch (cause) {
      throw failed(`could not open the store at ${path}`, cause);
    }
  }

  get(key: string): Uint8Array | undefined {
    return this.#read(() => this.#database.get(key));
  }

  *list(prefix: string): Generator<Put> {
    yield* this.#walked(this.#database.getRange(rangeOf(prefix)), ({ key, value }) => ({ key, value }));
  }

  *keys(prefix: string): Generator<string> {
    yield* this.#walked(this.#database.getKeys(rangeOf(prefix)), (key) => key);
  }

  write({ puts, deletes }: Batch): void {
    if (this.#closed) throw new ConclaveError('storage', `the store at ${this.#path} is closed`);
    try {
      this.#database.transactionSync(() => {
        for (const { key, value } of puts) this.#database.putSync(key, value);
        for (const key of deletes) this.#database.removeSync(key);
      });
    } catch (cause) {
      // A crash here, or a full disk, leaves the state before the batch: nothing of it has been said yet.
      throw failed(`a write to the store at ${this.#path} failed`, cause);
    }
  }

  *#walked<From, To>(items: Iterable<From>, give: (item: From) => To): Generator<To> {
    const walk = items[Symbol.iterator]();
    for (let next = this.#read(() => walk.next()); next.done !== true; next = this.#read(() => walk.next())) {
      yield give(next.value);
    }
  }

  #read<T>(read: () => T): T {
    try {
      return read();
    } catch (cause) {
      throw failed(`the store at ${this.#path} is damaged`, cause);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#database.close();
  }
}

// Where LMDB's two meta pages say what they are: both formats, 64-bit, little-endian.
const META_BYTES = 0xc8;
const MAGIC_AT = 0x18;
const MAGIC = 0xbeefc0de;
const PAGE_SIZE_AT = 0x30;
const LAST_PAGE_AT = 0x90;

/**
 * LMDB believes its file: where that was cut short or overwritten, reading ends the process with a signal, and nobody
 * would be told to repair it. So the meta pages are looked at first, and a file that is shorter than they say is
 * filled up with zeros. (It may be, and whole all the same, where the last pages are free.) True when it was.
 */
function wasFilledUp(file: string): boolean {
  if (!existsSync(file)) return false;
  const descriptor = openSync(file, 'r+');
  try {
    const { size } = fstatSync(descriptor);
    if (size === 0) return false;
    const first = metaAt(descriptor, 0);
    const second = first && metaAt(descriptor, first.pageBytes);
    if (first === undefined || second === undefined) throw new Error(`${file} is not what LMDB writes`);
    const least = (Math.max(first.lastPage, second.lastPage) + 1) * first.pageBytes;
    if (size < least) ftruncateSync(descriptor, least);
    return size < least;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Reading a page of zeros where another should be may end the process as well, so all of it is read by one that may
 * end. The script is given to it as it stands, so that it runs from the sources and from what is built alike.
 */
function requireReadable(path: string): void {
  const script = `
    const { open } = require(process.argv[1]);
    const store = open({ path: process.argv[2], encoding: 'binary', readOnly: true, noSubdir: false });
    for (const { value } of store.getRange()) if (value === undefined) process.exit(1);
    process.exit(0);`;
  const lmdb = createRequire(import.meta.url).resolve('lmdb');
  const { status } = spawnSync(process.execPath, ['-e', script, lmdb, path], { stdio: 'ignore' });
  if (status !== 0) throw new Error('its file was cut short');
}

function metaAt(
  descriptor: number,
  position: number,
): { readonly pageBytes: number; readonly lastPage: number } | undefined {
  const bytes = Buffer.alloc(META_BYTES);
  if (readSync(descriptor, bytes, 0, META_BYTES, position) < META_BYTES) return undefined;
  const pageBytes = bytes.readUInt32LE(PAGE_SIZE_AT);
  const isPageSize = pageBytes >= 256 && pageBytes <= 65_536 && (pageBytes & (pageBytes - 1)) === 0;
  if (bytes.readUInt32LE(MAGIC_AT) !== MAGIC || !isPageSize) return undefined;
  return { pageBytes, lastPage: Number(bytes.readBigUInt64LE(LAST_PAGE_AT)) };
}

/** Keys are printable ASCII, so all that begin with a prefix come before this end. */
function rangeOf(prefix: string): { start: string; end: string } {
  return { start: prefix, end: `${prefix}\u{10ffff}` };
}

function failed(what: string, cause: unknown): ConclaveError {
  const why = reasonOf(cause);
  return new ConclaveError('storage', `${what}: ${why}`, {}, { cause });
}
