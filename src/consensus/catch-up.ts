// How a node gets bodies it lacks. Nothing a peer sends is believed but what hangs by hash links from a digest
// that a certificate (or a signed proposal) names (protocol 8.2).
import type { Digest } from '../signing/digest.ts';
import type { Block, Height } from './block.ts';
import type { BlockTree } from './block-tree.ts';
import type { Certificate, CertificateBook } from './certificates.ts';
import { MAX_BLOCK_BYTES, MAX_BLOCKS_SENT, MAX_WANTED } from './limits.ts';
import type { Blocks, BlocksWanted, PeerId } from './messages.ts';
import type { Outbox } from './outbox.ts';

export class CatchUp<State> {
  readonly #tree: BlockTree<State>;
  readonly #book: CertificateBook;
  readonly #outbox: Outbox;
  /** is the block what its digest says? */
  readonly #genuine: (block: Block) => boolean;
  /** with the heights they are said to be of: a certificate names them, or a block its parent's */
  readonly #wanted = new Map<Digest, Height>();
  /** have blocks come since it was last looked? */
  #cameOn = false;

  constructor(
    tree: BlockTree<State>,
    book: CertificateBook,
    outbox: Outbox,
    genuine: (block: Block) => boolean,
  ) {
    this.#tree = tree;
    this.#book = book;
    this.#outbox = outbox;
    this.#genuine = genuine;
  }

  /** Asks for a block, at first the peer who made it known, later everybody. */
  want(block: Digest, height: Height, from: PeerId | 'all'): void {
    if (height <= this.#tree.tip.height) return;
    if (this.#wanted.has(block) || this.#wanted.size >= MAX_WANTED) return;
    this.#wanted.set(block, height);
    this.#ask(block, from);
  }

  /** Asks for the first block that is missing on the way from the committed tip to the given one. */
  wantPathTo({ block, height }: Pick<Certificate, 'block' | 'height'>, from: PeerId | 'all'): void {
    const path = this.#tree.path(block, height);
    if (path.kind === 'missing') this.want(path.digest, path.height, from);
  }

  /** Who is far behind asks for what comes next as soon as it has taken in what came, of whoever sent it. */
  goOn(from: PeerId): void {
    this.#cameOn = true;
    this.#ask(this.#tree.tip.digest, from);
  }

  /** Asks again for what is still missing, unless it is on its way. */
  again(): void {
    this.settle();
    const cameOn = this.#cameOn;
    this.#cameOn = false;
    if (cameOn) return;
    for (const block of this.#wanted.keys()) this.#ask(block, 'all');
  }

  /** A body arrived another way, with a proposal. */
  got(block: Digest): void {
    this.#wanted.delete(block);
  }

  answer(from: PeerId, { block: digest, aboveHeight }: BlocksWanted): void {
    const blocks: Block[] = [];
    let bytes = 0;
    let at = this.#tree.block(digest);
    while (at !== undefined && at.header.height > aboveHeight) {
      bytes += at.entries.reduce((sum, entry) => sum + entry.bytes.length, 0);
      blocks.push(at);
      if (at.header.height === aboveHeight + 1) break;
      if (blocks.length >= MAX_BLOCKS_SENT || bytes > MAX_BLOCK_BYTES) break;
      at = this.#tree.block(at.header.parent);
    }
    const oldest = blocks.at(-1);
    if (oldest !== undefined && oldest.header.height === aboveHeight + 1) {
      this.#outbox.send(from, { kind: 'blocks', blocks: blocks.reverse(), commit: null });
    } else if (this.#tree.tip.height > aboveHeight) {
      this.#outbox.serveBlocks(from, aboveHeight);
    } else if (blocks.length > 0) {
      this.#outbox.send(from, { kind: 'blocks', blocks: blocks.reverse(), commit: null });
    }
  }

  /** Keeps what is linked to something wanted; gives the certificate of the last block when it now stands. */
  take({ blocks, commit }: Blocks): ReturnType<CertificateBook['accept']> {
    if (blocks.length > MAX_BLOCKS_SENT) return undefined;
    const proven = commit !== null && commit.kind === 'commit' ? this.#book.accept(commit) : undefined;
    if (proven !== undefined && proven.height > this.#tree.tip.height) {
      this.#wanted.set(proven.block, proven.height);
    }
    for (const block of blocks.toReversed()) {
      if (!this.#wanted.has(block.digest) || !this.#genuine(block)) continue;
      this.#wanted.delete(block.digest);
      this.#tree.add(block);
      const { parent, height } = block.header;
      if (!this.#tree.has(parent) && height - 1 > this.#tree.tip.height) {
        this.#wanted.set(parent, (height - 1) as Height);
      }
    }
    return proven;
  }

  /** What arrived, and what is at or below the committed tip, is no longer wanted. */
  settle(): void {
    for (const [block, height] of this.#wanted) {
      if (height <= this.#tree.tip.height || this.#tree.has(block)) this.#wanted.delete(block);
    }
  }

  #ask(block: Digest, to: PeerId | 'all'): void {
    const aboveHeight: Height = this.#tree.tip.height;
    this.#outbox.send(to, { kind: 'blocks-wanted', block, aboveHeight });
  }
}
