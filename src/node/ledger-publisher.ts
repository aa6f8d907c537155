// Publishes the committed chain as files: tiles, blocks beside them, and a checkpoint over all (protocol 7.1). The
// store is what counts; these files are made from it after it was synced, and can be made from it again. So a crash
// anywhere in here costs nothing but doing the last publication once more.
//
// Order: tiles and blocks; the checkpoint over them; then what it made superfluous may go. A reader who holds
// a checkpoint thus always finds what it names, and a certificate is written only after the ledger it points into.
import type { Quorum } from '../consensus/quorum.ts';
import { ConclaveError, invariant } from '../errors.ts';
import { CHECKPOINT_PATH, LOG_KEY_PATH, originOf, signCheckpoint } from '../ledger/checkpoint.ts';
import { formatNoteKey, noteKey } from '../ledger/note.ts';
import { logProof, openPublished, treeHeadOf } from '../ledger/prove.ts';
import { type PublishedBlock, PublishedBlocksWriter, publishedBlockOf } from '../ledger/published-blocks.ts';
import { TiledLog, TiledLogWriter } from '../ledger/tiled-log.ts';
import { equalBytes, fromHex, utf8 } from '../signing/bytes.ts';
import type { Digest } from '../signing/digest.ts';
import type { Ed25519 } from '../signing/ed25519.ts';
import type { KeyPair } from '../signing/key-holder.ts';
import type { CouncilStore, StoredBlock } from '../storage/council-store.ts';
import type { Folder } from '../storage/folder.ts';
import { isEdgeWhole, isPublished, lacksFullFiles, partialFiles } from './published-files.ts';

/** Blocks between two writes of a long publication, so that rebuilding a large ledger needs little memory. */
const BLOCKS_A_STEP = 16;

const RECENT_BLOCKS = 256;

export interface PublisherOptions {
  readonly councilId: Digest;
  readonly quorum: Quorum;
  /** how long after a block its publication may wait for others, unless somebody waits for it */
  readonly delayMs: number;
}

export interface PublisherDependencies {
  readonly store: CouncilStore;
  readonly folder: Folder;
  readonly logKey: KeyPair;
  readonly ed25519: Ed25519;
  readonly onFailed: (error: unknown) => void;
}

interface Waiter {
  readonly height: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class LedgerPublisher {
  readonly #options: PublisherOptions;
  readonly #dependencies: PublisherDependencies;
  readonly #vkey: string;
  #log = TiledLogWriter.empty();
  #blocks = PublishedBlocksWriter.empty();
  #head: StoredBlock['block']['header'] | undefined;
  /** by height, what proofs are made from: a store need not be read for what has only just been written */
  readonly #recent = new Map<number, PublishedBlock>();
  #publishedHeight = 0;
  #publishedSize = 0;
  #waiters: Waiter[] = [];
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  /** what was taken from the log for a write that failed is lost here: only a start makes it again */
  #failed: { readonly error: unknown } | undefined;
  /** partial files of the last checkpoint, which those of the next replace */
  #partials: readonly string[] = [];

  constructor(options: PublisherOptions, dependencies: PublisherDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#vkey = formatNoteKey(noteKey(originOf(options.councilId), dependencies.logKey.publicKey));
  }

  get publishedHeight(): number {
    return this.#publishedHeight;
  }

  /** Goes on where the published files end, or starts over when they are not what the store says. */
  async open(): Promise<void> {
    const resumed = await this.#resume();
    if (!resumed) {
      this.#log = TiledLogWriter.empty();
      this.#blocks = PublishedBlocksWriter.empty();
      await this.#dependencies.folder.remove([CHECKPOINT_PATH, 'tile', 'blocks']);
    }
    for (let height = this.#blocks.count + 1; ; height++) {
      const stored = this.#dependencies.store.at(height);
      if (stored === undefined) break;
      this.#append(stored);
      if (height % BLOCKS_A_STEP === 0) await this.#dependencies.folder.write(this.#log.completed());
    }
    if (!resumed || this.#blocks.count > this.#publishedHeight) await this.#publishOnce();
  }

  /** Blocks that are durable in the store, by ascending height. */
  committed(blocks: readonly StoredBlock[]): void {
    for (const block of blocks) this.#append(block);
    this.#timer ??= setTimeout(() => this.#start(), this.#options.delayMs);
  }

  /** Resolves once the ledger up to a height is published, and hurries. */
  async published(height: number): Promise<void> {
    if (height <= this.#publishedHeight) return;
    if (this.#failed !== undefined) throw this.#failed.error;
    await new Promise<void>((resolve, reject) => {
      this.#waiters.push({ height, resolve, reject });
      this.#start();
    });
  }

  /** What is published, not what has been appended since: of the right edge only those files are there. */
  get log(): TiledLog {
    return new TiledLog(this.#publishedSize, (path) => this.#dependencies.folder.read(path));
  }

  /** A `.tlog-proof` for a leaf of a published block. */
  proof(leaf: number, height: number): Uint8Array {
    const { logKey, ed25519 } = this.#dependencies;
    invariant(height <= this.#publishedHeight, 'a proof leads into what is published');
    const blocks = this.#publishedFrom(height);
    const head = treeHeadOf(blocks, this.#vkey);
    const [first] = head.headers;
    invariant(first !== undefined, 'a tree head is named by a header');
    const { ledgerSize: size, ledgerRoot } = first;
    const origin = originOf(this.#options.councilId);
    const checkpoint = signCheckpoint({ origin, size, root: fromHex(ledgerRoot) }, logKey.secret, ed25519);
    return logProof(leaf, this.log, checkpoint, head);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.#closed && this.#blocks.count > this.#publishedHeight) this.#start();
    this.#closed = true;
    await this.#running;
  }

  *#publishedFrom(height: number): Generator<PublishedBlock> {
    for (let at = height; ; at++) {
      const block = this.#recent.get(at) ?? this.#stored(at);
      if (block === undefined) return;
      yield block;
    }
  }

  #stored(height: number): PublishedBlock | undefined {
    const stored = this.#dependencies.store.at(height);
    return stored && this.#published(stored);
  }

  #published({ block, commit, suffix }: Omit<StoredBlock, 'derived'>): PublishedBlock {
    const proof = suffix.map(({ header }) => header);
    return publishedBlockOf(block.header, block.entries.length, commit, this.#options.quorum, proof);
  }

  #append({ block, commit, derived, suffix }: StoredBlock): void {
    const { header, entries } = block;
    this.#log.append([...entries.map(({ bytes }) => bytes), ...derived]);
    invariant(this.#log.size === header.ledgerSize, 'the log grows as the headers say');
    const published = this.#published({ block, commit, suffix });
    this.#blocks.append(published);
    this.#recent.set(header.height, published);
    this.#recent.delete(header.height - RECENT_BLOCKS);
    if (commit !== null) this.#head = header;
  }

  /** True when the published files are a beginning of what the store holds. */
  async #resume(): Promise<boolean> {
    const { folder, store } = this.#dependencies;
    const read = (path: string): Uint8Array | undefined => folder.read(path);
    if (read(CHECKPOINT_PATH) === undefined) return false;
    try {
      const { checkpoint, log, logKey } = openPublished(read);
      const heads = blocksOfSize(store, checkpoint.size);
      const root = heads[0]?.block.header.ledgerRoot;
      if (root === undefined || logKey !== this.#vkey) return false;
      if (!equalBytes(checkpoint.root, fromHex(root)) || !equalBytes(log.root(), checkpoint.root))
        return false;
      if (!isEdgeWhole(log)) return false;
      const head = heads.findLast(
        ({ block, commit }) => commit !== null && isPublished(block.header.height, read),
      );
      if (head === undefined) return false;
      const { header } = head.block;
      if (await lacksFullFiles(folder, checkpoint.size, header.height)) return false;
      this.#log = TiledLogWriter.resume(checkpoint.size, read);
      this.#blocks = PublishedBlocksWriter.resume(header.height, read);
      this.#head = header;
      this.#publishedHeight = header.height;
      this.#publishedSize = checkpoint.size;
      this.#partials = await partialFiles(folder, checkpoint.size, header.height);
      return true;
    } catch (error) {
      // Damaged files are made again; a store that cannot be read is another matter.
      if (error instanceof ConclaveError && error.code === 'bad-input') return false;
      throw error;
    }
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#running !== undefined || this.#closed || this.#failed !== undefined) return;
    this.#running = this.#publishAll().finally(() => {
      this.#running = undefined;
    });
  }

  async #publishAll(): Promise<void> {
    try {
      while (this.#head !== undefined && this.#head.height > this.#publishedHeight) await this.#publishOnce();
    } catch (error) {
      this.#failed = { error };
      for (const { reject } of this.#waiters.splice(0)) reject(error);
      this.#dependencies.onFailed(error);
    }
  }

  async #publishOnce(): Promise<void> {
    const { folder, logKey, ed25519 } = this.#dependencies;
    const head = this.#head;
    if (head === undefined) return;
    invariant(head.height === this.#blocks.count, 'what is committed ends with a commit certificate');
    const [log, blocks] = [this.#log.publish(), this.#blocks.publish()];
    const files = [...log.files, ...blocks.files];
    if (folder.read(LOG_KEY_PATH) === undefined) {
      files.push({ path: LOG_KEY_PATH, bytes: utf8(`${this.#vkey}\n`) });
    }
    const partials = files.filter(({ path }) => path.includes('.p/'));
    // What is full is never written again, so it is synced. The right edge and the checkpoint are looked at on every
    // start (`#resume`) and made again where a power loss has eaten them, which is cheaper than a sync for each.
    await folder.write(files.filter((file) => !partials.includes(file)));
    await folder.replace(partials);
    // Crash here: tiles that no checkpoint names. The next publication writes the same bytes over them.
    const origin = originOf(this.#options.councilId);
    const root = fromHex(head.ledgerRoot);
    const checkpoint = signCheckpoint({ origin, size: log.size, root }, logKey.secret, ed25519);
    await folder.replace([{ path: CHECKPOINT_PATH, bytes: checkpoint }]);
    this.#publishedHeight = head.height;
    this.#publishedSize = log.size;
    const current = partials.map(({ path }) => path);
    const superseded = this.#partials.filter((path) => !current.includes(path));
    this.#partials = current;
    await folder.remove([...superseded, ...log.outdated, ...blocks.outdated]);
    this.#waiters = this.#waiters.filter(({ height, resolve }) => {
      if (height > this.#publishedHeight) return true;
      resolve();
      return false;
    });
  }
}

/** The committed blocks after which the ledger has a size, by ascending height: those after the first are empty. */
export function blocksOfSize(store: CouncilStore, size: number): readonly StoredBlock[] {
  const sizeAt = (height: number) => store.at(height)?.block.header.ledgerSize ?? Number.POSITIVE_INFINITY;
  let low = 1;
  let high = 1;
  while (sizeAt(high) < size) high *= 2;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (sizeAt(middle) < size) low = middle + 1;
    else high = middle;
  }
  const found: StoredBlock[] = [];
  for (let at = store.at(low); at?.block.header.ledgerSize === size; at = store.at(++low)) found.push(at);
  return found;
}
