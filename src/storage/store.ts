// Where a node keeps what must survive a crash: keys in order, values of bytes, and writes that are all or
// nothing and on disk when they return (protocol 3.8). What the keys mean is council-store.ts's affair.
// Every store passes the one suite in conformance.ts.

export interface Put {
  /** printable ASCII, so that every store sorts alike */
  readonly key: string;
  readonly value: Uint8Array;
}

export interface Batch {
  readonly puts: readonly Put[];
  readonly deletes: readonly string[];
}

export interface Store {
  get(key: string): Uint8Array | undefined;
  /** All whose key begins so, by ascending key. */
  list(prefix: string): Iterable<Put>;
  /** The keys alone, which costs little even where the values are large. */
  keys(prefix: string): Iterable<string>;
  /**
   * Synchronous on purpose: between handing over a batch and its being on disk nothing else of this node runs,
   * so nothing can leave too early. A failure throws a `storage` error, and the caller stops.
   */
  write(batch: Batch): void;
  close(): Promise<void>;
}
