// The parts of one engine that its rooms share.
import type { Block } from './block.ts';
import type { BlockTree } from './block-tree.ts';
import type { CatchUp } from './catch-up.ts';
import type { CertificateBook } from './certificates.ts';
import type { Hearing } from './hearing.ts';
import type { Mempool } from './mempool.ts';
import type { Outbox } from './outbox.ts';
import type { Pacemaker } from './pacemaker.ts';

export interface Workings<State> {
  readonly book: CertificateBook;
  readonly tree: BlockTree<State>;
  readonly mempool: Mempool<State>;
  readonly catchUp: CatchUp<State>;
  readonly outbox: Outbox;
  readonly pacemaker: Pacemaker;
  readonly hearing: Hearing;
  /** the clock, as the shell last told it */
  readonly now: { ms: number };
  /** is the block what its digest says, and within bounds? */
  readonly isGenuine: (block: Block) => boolean;
  /** asks to be woken when something held becomes due */
  readonly wakeAt: (atMs: number) => void;
}
