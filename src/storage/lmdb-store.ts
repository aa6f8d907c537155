// The store of a real node: LMDB, memory-mapped B+ trees with copy on write, so that a crash at any moment
// leaves the last whole transaction (docs/decisions: embedded store). One transaction is one fdatasync, about
// 0.2 ms on the machine this was written on, for one record as for forty.
import { mkdirSync } from 'node:fs';
import { type Database, open } from 'lmdb';
import { ConclaveError } from '../errors.ts';
import type { Batch, Put, Store } from './store.ts';

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
    return this.#database.get(key);
  }

  *list(prefix: string): Generator<Put> {
    for (const { key, value } of this.#database.getRange(rangeOf(prefix))) yield { key, value };
  }

  *keys(prefix: string): Generator<string> {
    yield* this.#database.getKeys(rangeOf(prefix));
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

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#database.close();
  }
}

/** Keys are printable ASCII, so all that begin with a prefix come before this end. */
function rangeOf(prefix: string): { start: string; end: string } {
  return { start: prefix, end: `${prefix}\u{10ffff}` };
}

function failed(what: string, cause: unknown): ConclaveError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ConclaveError('storage', `${what}: ${why}`, {}, { cause });
}
