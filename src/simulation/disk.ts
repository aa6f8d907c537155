// A disk that keeps only what was synced. Writes go to a cache; a power loss empties it. This is what makes
// "durable before sent" (protocol 3.8) something that a simulation can break.
import type { Block } from '../consensus/block.ts';
import type { CommittedBlock, DurableRecord, DurableState } from '../consensus/effects.ts';
import type { Digest } from '../signing/digest.ts';

type Write =
  | { readonly kind: 'put'; readonly record: DurableRecord }
  | { readonly kind: 'forget'; readonly key: string }
  | { readonly kind: 'append'; readonly blocks: readonly CommittedBlock[] };

export class Disk {
  readonly #records = new Map<string, DurableRecord>();
  readonly #chain: CommittedBlock[] = [];
  #cache: Write[] = [];

  put(record: DurableRecord): void {
    this.#cache.push({ kind: 'put', record });
  }

  forget(key: string): void {
    this.#cache.push({ kind: 'forget', key });
  }

  append(blocks: readonly CommittedBlock[]): void {
    this.#cache.push({ kind: 'append', blocks });
  }

  sync(): void {
    for (const write of this.#cache) {
      if (write.kind === 'put') this.#records.set(write.record.key, write.record);
      else if (write.kind === 'forget') this.#records.delete(write.key);
      else this.#chain.push(...write.blocks);
    }
    this.#cache = [];
  }

  losePower(): void {
    this.#cache = [];
  }

  /** What a restart finds. */
  recovered(): DurableState {
    const all = [...this.#records.values()];
    return {
      votes: all.flatMap((record) => (record.kind === 'votes' ? [record.votes] : [])),
      certificates: all.find((record) => record.kind === 'certificates'),
      blocks: all.flatMap((record) => (record.kind === 'block' ? [record.block] : [])),
      committed: this.#chain,
    };
  }

  /** The body of a block, as far as it is safe here. */
  body(digest: Digest): Block | undefined {
    const record = this.#records.get(`block/${digest}`);
    if (record?.kind === 'block') return record.block;
    return this.#chain.findLast(({ block }) => block.digest === digest)?.block;
  }

  /** Committed blocks by ascending height, from height 1. */
  get committed(): readonly CommittedBlock[] {
    return this.#chain;
  }
}
