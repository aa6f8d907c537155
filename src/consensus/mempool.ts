// Entries that wait to be ordered. One that can no longer execute leaves, so that an idle council is idle
// (protocol 3.9); one that cannot execute yet stays, but gives nobody a reason to make a block.
import type { Digest } from '../signing/digest.ts';
import type { Application } from './application.ts';
import type { Entry } from './block.ts';
import {
  MAX_BYTES_AN_AUTHOR,
  MAX_ENTRIES_AN_AUTHOR,
  MAX_ENTRY_BYTES,
  MAX_MEMPOOL_BYTES,
  MAX_MEMPOOL_ENTRIES,
  MAX_RECHECKED_ENTRIES,
} from './limits.ts';

interface Share {
  entries: number;
  bytes: number;
}

export class Mempool<State> {
  readonly #application: Application<State>;
  readonly #ready = new Map<Digest, Entry>();
  readonly #later = new Map<Digest, Entry>();
  /** how many have been repeated to peers */
  #repeated = 0;
  readonly #shares = new Map<string, Share>();
  #bytes = 0;
  /** entries refused for want of room */
  dropped = 0;

  constructor(application: Application<State>) {
    this.#application = application;
  }

  /** Entries that could stand in the next block. */
  get readyCount(): number {
    return this.#ready.size;
  }

  get size(): number {
    return this.#ready.size + this.#later.size;
  }

  has(digest: Digest): boolean {
    return this.#ready.has(digest) || this.#later.has(digest);
  }

  /** True when the entry is new here and worth keeping. */
  add(state: State, entry: Entry): boolean {
    if (this.has(entry.digest) || entry.bytes.length > MAX_ENTRY_BYTES) return false;
    const author = this.#application.authorOf(entry);
    const share = this.#shares.get(author) ?? { entries: 0, bytes: 0 };
    if (!this.#hasRoom(share, entry.bytes.length)) {
      this.dropped++;
      return false;
    }
    const admission = this.#application.admits(state, entry);
    if (admission === 'never') return false;
    (admission === 'now' ? this.#ready : this.#later).set(entry.digest, entry);
    share.entries++;
    share.bytes += entry.bytes.length;
    this.#shares.set(author, share);
    this.#bytes += entry.bytes.length;
    return true;
  }

  #hasRoom(share: Share, bytes: number): boolean {
    return (
      this.size < MAX_MEMPOOL_ENTRIES &&
      this.#bytes + bytes <= MAX_MEMPOOL_BYTES &&
      share.entries < MAX_ENTRIES_AN_AUTHOR &&
      share.bytes + bytes <= MAX_BYTES_AN_AUTHOR
    );
  }

  remove(digest: Digest): void {
    const entry = this.#ready.get(digest) ?? this.#later.get(digest);
    if (entry === undefined) return;
    this.#ready.delete(digest);
    this.#later.delete(digest);
    this.#bytes -= entry.bytes.length;
    const author = this.#application.authorOf(entry);
    const share = this.#shares.get(author);
    if (share === undefined) return;
    share.entries--;
    share.bytes -= entry.bytes.length;
    if (share.entries === 0) this.#shares.delete(author);
  }

  /** Ready entries in the order they came. */
  ready(): IterableIterator<Entry> {
    return this.#ready.values();
  }

  /** A few of those that wait, to repeat to peers: each time those that come next. */
  some(count: number, bytes: number): readonly Entry[] {
    const all = [...this.#ready.values(), ...this.#later.values()];
    const start = this.#repeated % Math.max(1, all.length);
    const inTurn = [...all.slice(start), ...all.slice(0, start)];
    let left = bytes;
    const taken = inTurn.slice(0, count).filter((entry, i) => {
      left -= entry.bytes.length;
      return left >= 0 || i === 0;
    });
    this.#repeated = start + taken.length;
    return taken;
  }

  /** Looks at waiting entries again after the state has moved. */
  recheck(state: State, all: boolean): void {
    const limit = all ? MAX_MEMPOOL_ENTRIES : MAX_RECHECKED_ENTRIES;
    for (const entry of [...firstOf(this.#later, limit), ...firstOf(this.#ready, limit)]) {
      const admission = this.#application.admits(state, entry);
      if (admission === 'never') this.remove(entry.digest);
      else if (admission === 'now' && this.#later.delete(entry.digest)) this.#ready.set(entry.digest, entry);
      else if (admission === 'later' && this.#ready.delete(entry.digest))
        this.#later.set(entry.digest, entry);
    }
  }
}

function firstOf(map: ReadonlyMap<Digest, Entry>, count: number): Entry[] {
  const out: Entry[] = [];
  for (const entry of map.values()) {
    if (out.length >= count) break;
    out.push(entry);
  }
  return out;
}
