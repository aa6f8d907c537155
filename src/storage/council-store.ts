// What a node of a council keeps, over any store, read back: the committed chain, the blocks on their way, what
// each seat has signed, ballots before they are opened, and what still has to be done. Writing goes through one
// batch (council-batch.ts). Whatever is missing or is not what was written stops the node (protocol 8.2).
import type { Block, Entry, Height } from '../consensus/block.ts';
import type { DurableState } from '../consensus/effects.ts';
import { MAX_BLOCK_BYTES, MAX_BLOCKS_SENT } from '../consensus/limits.ts';
import type { Blocks } from '../consensus/messages.ts';
import { openRecord } from '../council/records.ts';
import { ConclaveError, reasonOf } from '../errors.ts';
import { textOf } from '../signing/bytes.ts';
import { asDigest, type Digest, digestOfBytes } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import { Recent } from '../signing/recent.ts';
import type { SeatId } from '../signing/seat-id.ts';
import { CouncilBatch, KEYS } from './council-batch.ts';
import {
  type ChainLink,
  decodeBlock,
  decodeCertificates,
  decodeLink,
  decodeSealed,
  decodeVotes,
  type SealedBallot,
} from './council-records.ts';
import type { Put, Store } from './store.ts';

export interface StoredBlock extends Omit<ChainLink, 'block'> {
  readonly block: Block;
}

/** Committed blocks kept decoded: what was just committed is read again by whoever publishes and certifies it. */
const RECENT_BLOCKS = 16;

export class CouncilStore {
  readonly #store: Store;
  readonly #recent = new Recent<Block>(RECENT_BLOCKS);
  /** keys of bodies on disk that are not committed */
  #loose: Set<string>;
  #height = 0;

  constructor(store: Store) {
    this.#store = store;
    const committed = new Set<string>();
    this.#loose = new Set(store.keys('block/'));
    for (const { key, value } of store.list('chain/')) {
      committed.add(KEYS.block(this.#decoded(key, value, decodeLink).block));
      this.#height++;
    }
    for (const key of committed) this.#loose.delete(key);
  }

  batch(): CouncilBatch {
    return new CouncilBatch(this.#loose, (prefix) => this.#store.keys(prefix));
  }

  /** All of it is on disk when this returns, or none of it and it throws. */
  write(batch: CouncilBatch): void {
    if (batch.isEmpty) return;
    const puts: Put[] = [...batch.puts].map(([key, value]) => ({ key, value }));
    this.#store.write({ puts, deletes: [...batch.deletes] });
    this.#loose = batch.loose;
    this.#height += batch.committed.length;
    for (const block of batch.committed) this.#recent.of(KEYS.block(block.digest), () => block);
  }

  /** Undefined in a store that was never begun. */
  councilId(): Digest | undefined {
    const bytes = this.#store.get(KEYS.council);
    return bytes === undefined
      ? undefined
      : this.#decoded(KEYS.council, bytes, (found) => asDigest(textOf(found)));
  }

  /** What the engine starts from. The chain is read as it is walked. */
  durable(genesis: Digest): DurableState {
    const votes = [...this.#store.list('votes/')].map(({ key, value }) =>
      this.#decoded(key, value, decodeVotes),
    );
    const certificates = this.#store.get(KEYS.certificates);
    return {
      votes,
      certificates: certificates && this.#decoded(KEYS.certificates, certificates, decodeCertificates),
      blocks: [...this.#loose].map((key) => this.#body(key)),
      committed: { [Symbol.iterator]: () => this.chain(genesis) },
    };
  }

  /** The committed chain from the first block, each link checked against the one before it. */
  *chain(genesis: Digest): Generator<StoredBlock> {
    let parent = genesis;
    let height = 0;
    for (const { key, value } of this.#store.list('chain/')) {
      height += 1;
      if (key !== KEYS.chain(height)) throw lost(`the committed chain has a gap before ${key}`);
      const stored = this.#stored(key, value);
      const { header } = stored.block;
      if (header.height !== height || header.parent !== parent) {
        throw lost(`the committed chain is broken at height ${height}`);
      }
      parent = stored.block.digest;
      yield stored;
    }
  }

  /** Of the last committed block; 0 before the first. */
  get height(): number {
    return this.#height;
  }

  /** The block that ended an epoch; undefined while it goes on. Epochs only ascend, so halving finds it. */
  endOf(epoch: Epoch): StoredBlock | undefined {
    let within = 0; // of this epoch or an earlier one
    let beyond = this.#height + 1;
    while (beyond - within > 1) {
      const middle = (within + beyond) >> 1;
      const found = this.at(middle)?.block.header.epoch;
      if (found !== undefined && found <= epoch) within = middle;
      else beyond = middle;
    }
    const last = this.at(within);
    const isEnd = last?.block.header.epoch === epoch && (beyond <= this.#height || endsEpoch(last));
    return isEnd ? last : undefined;
  }

  /** The last committed block; undefined before the first. */
  get tip(): Block | undefined {
    return this.at(this.#height)?.block;
  }

  /** A committed block, or undefined above the tip. */
  at(height: number): StoredBlock | undefined {
    const value = this.#store.get(KEYS.chain(height));
    return value && this.#stored(KEYS.chain(height), value);
  }

  /**
   * The answer to a peer that lacks committed blocks; undefined when there are none that a certificate covers. It ends
   * with the block that ends an epoch and what proves it: who has taken that in goes on with other keys (protocol 6.1).
   */
  blocksAbove(height: Height): Blocks | undefined {
    const blocks: Block[] = [];
    let answer: Blocks | undefined;
    let bytes = 0;
    for (let next = height + 1; blocks.length < MAX_BLOCKS_SENT; next++) {
      const stored = this.at(next);
      if (stored === undefined || stored.block.header.epoch !== (blocks[0] ?? stored.block).header.epoch)
        break;
      bytes += stored.block.entries.reduce((sum, entry) => sum + entry.bytes.length, 0);
      if (answer !== undefined && bytes > MAX_BLOCK_BYTES) break;
      blocks.push(stored.block);
      if (blocks.length + stored.suffix.length > MAX_BLOCKS_SENT) break;
      if (stored.commit === null) continue;
      answer = { kind: 'blocks', blocks: [...blocks, ...stored.suffix], commit: stored.commit };
    }
    return answer;
  }

  sealed(caseId: Digest, seat: SeatId): SealedBallot | undefined {
    const key = KEYS.sealed(caseId, seat);
    const bytes = this.#store.get(key);
    return bytes && this.#decoded(key, bytes, decodeSealed);
  }

  isAbandoned(caseId: Digest, seat: SeatId): boolean {
    return this.#store.get(KEYS.abandoned(caseId, seat)) !== undefined;
  }

  /** Cases to be opened that are not on the ledger yet. */
  filed(): ReadonlyMap<Digest, Entry> {
    const found = [...this.#store.list('filed/')];
    return new Map(
      found.map(({ key, value }) => [
        asDigest(key.slice('filed/'.length)),
        { digest: digestOfBytes(value), bytes: value },
      ]),
    );
  }

  /** The leaves of decisions that have no certificate yet. */
  uncertified(): readonly Uint8Array[] {
    return [...this.#store.list('uncertified/')].map(({ value }) => value);
  }

  list(prefix: string): Iterable<Put> {
    return this.#store.list(prefix);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #stored(key: string, value: Uint8Array): StoredBlock {
    const { block, ...link } = this.#decoded(key, value, decodeLink);
    return { block: this.#body(`block/${block}`), ...link };
  }

  #body(key: string): Block {
    return this.#recent.of(key, () => this.#readBody(key));
  }

  #readBody(key: string): Block {
    const bytes = this.#store.get(key);
    if (bytes === undefined) throw lost(`${key} is missing`);
    const block = this.#decoded(key, bytes, decodeBlock);
    if (`block/${block.digest}` !== key) throw lost(`${key} holds another block`);
    return block;
  }

  #decoded<T>(key: string, bytes: Uint8Array, decode: (bytes: Uint8Array) => T): T {
    try {
      return decode(bytes);
    } catch (cause) {
      throw lost(`${key} is damaged: ${reasonOf(cause)}`);
    }
  }
}

/** A block that admits a roster ends its epoch (protocol 6.1). */
function endsEpoch({ derived }: StoredBlock): boolean {
  return derived.some((leaf) => openRecord(leaf).kind === 'roster.admitted');
}

/** A store that gives back less than was put in stops the node (protocol 8.2). */
export function lost(what: string): ConclaveError {
  return new ConclaveError('storage', `the store has lost something: ${what}`);
}
