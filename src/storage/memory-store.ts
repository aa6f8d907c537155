// A store without a disk, for tests and throw-away councils. It counts its writes, because each stands for one
// sync that a real store would have made.
import { ConclaveError } from '../errors.ts';
import type { Batch, Put, Store } from './store.ts';

export class MemoryStore implements Store {
  readonly #values: Map<string, Uint8Array>;
  #closed = false;
  /** writes that would have been synced to a disk */
  syncs = 0;

  constructor(values: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.#values = new Map(values);
  }

  /** The same contents after a restart. */
  reopened(): MemoryStore {
    return new MemoryStore(this.#values);
  }

  get(key: string): Uint8Array | undefined {
    this.#mustBeOpen();
    return copyOf(this.#values.get(key));
  }

  *list(prefix: string): Generator<Put> {
    this.#mustBeOpen();
    const keys = [...this.#values.keys()].filter((key) => key.startsWith(prefix)).sort();
    for (const key of keys) {
      const value = this.#values.get(key);
      if (value !== undefined) yield { key, value: Uint8Array.from(value) };
    }
  }

  *keys(prefix: string): Generator<string> {
    for (const { key } of this.list(prefix)) yield key;
  }

  write({ puts, deletes }: Batch): void {
    this.#mustBeOpen();
    for (const { key, value } of puts) this.#values.set(key, Uint8Array.from(value));
    for (const key of deletes) this.#values.delete(key);
    this.syncs++;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new ConclaveError('storage', 'the store is closed');
  }
}

/** `slice` of a Buffer would be a view. */
function copyOf(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes && Uint8Array.from(bytes);
}
