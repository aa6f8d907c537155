// Blocks on their way from proposed to committed: kept durable while they may be needed, committed each exactly
// once and in order, then forgotten as proposals (protocol 3.5, 3.8).
import { ConclaveError } from '../errors.ts';
import type { Digest } from '../signing/digest.ts';
import type { Block } from './block.ts';
import type { Certificate } from './certificates.ts';
import { type CommittedBlock, NO_SUFFIX } from './effects.ts';
import { MAX_RECHECKED_ENTRIES } from './limits.ts';
import type { Workings } from './workings.ts';

export class Committer<State> {
  readonly #workings: Workings<State>;
  /** blocks on disk that are not committed yet, with their heights */
  readonly #durable = new Map<Digest, number>();

  constructor(workings: Workings<State>, durable: readonly Block[]) {
    this.#workings = workings;
    for (const { digest, header } of durable) this.#durable.set(digest, header.height);
  }

  /** The block is on disk before anything that names it leaves. */
  keepDurable(block: Block): void {
    if (this.#durable.has(block.digest)) return;
    this.#durable.set(block.digest, block.header.height);
    this.#workings.outbox.block(block);
  }

  /**
   * Commits a certified block and all its uncommitted ancestors as soon as they are here, up to the block that ends
   * the epoch: what was built on it in the same epoch proves it and is left out, whichever certificate came first, so
   * that all go on from the same block (protocol 6.1).
   */
  commitTo(certificate: Certificate): void {
    const { tree, mempool, outbox, catchUp, pacemaker } = this.#workings;
    const { view, height, block: certified } = certificate;
    const path = tree.path(certified, height);
    if (path.kind === 'missing') return catchUp.want(path.digest, path.height, 'all');
    if (path.kind === 'conflict') {
      const where = `block ${certified} (view ${view}, height ${height})`;
      throw new ConclaveError(
        'internal',
        `agreement is broken: ${where} is certified beside the committed chain`,
      );
    }
    const blocks: CommittedBlock[] = [];
    for (const block of path.blocks) {
      const leaves = tree.commit(block);
      for (const { digest } of block.entries) mempool.remove(digest);
      pacemaker.committed();
      const isLast = tree.hasEnded || block.digest === certified;
      const suffix = tree.hasEnded ? path.blocks.slice(blocks.length + 1) : NO_SUFFIX;
      blocks.push({ block, commit: isLast ? certificate : null, leaves, suffix });
      if (tree.hasEnded) break;
    }
    outbox.committed(blocks);
    this.#forget();
    catchUp.settle();
    mempool.recheck(tree.tip.state, mempool.size <= MAX_RECHECKED_ENTRIES);
  }

  #forget(): void {
    const { tree, outbox } = this.#workings;
    for (const [digest, height] of this.#durable) {
      if (height > tree.tip.height && !tree.hasEnded) continue;
      this.#durable.delete(digest);
      outbox.forget(digest);
    }
  }
}
