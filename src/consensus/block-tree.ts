// The blocks a node knows: the committed tip and what may come after it. Blocks are executed once, on the
// state of their parent, and the result is kept beside them (protocol 3.3, 3.5).
import { invariant } from '../errors.ts';
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { Application, Execution } from './application.ts';
import type { Block, Height, View } from './block.ts';
import { GENESIS_HEIGHT, GENESIS_VIEW } from './block.ts';
import { type Exclusions, type LeaderSchedule, NO_EXCLUSIONS } from './leaders.ts';
import { MAX_TREE_BLOCKS, RECENT_BLOCKS } from './limits.ts';

/** A position of the chain: what a block needs to know of its parent. */
export interface Position<State> {
  readonly digest: Digest;
  readonly view: View;
  readonly height: Height;
  readonly timeMs: number;
  readonly state: State;
  readonly exclusions: Exclusions;
}

interface Grown<State> {
  readonly block: Block;
  /** undefined: not executed yet; null: does not execute on its parent */
  position: Position<State> | null | undefined;
  execution: Execution<State> | undefined;
}

export type Path =
  | { readonly kind: 'path'; readonly blocks: readonly Block[] }
  | { readonly kind: 'missing'; readonly digest: Digest; readonly height: Height }
  /** it does not extend what is committed here */
  | { readonly kind: 'conflict' };

/** Where the first block of the first epoch stands on. */
export function genesisPosition<State>(genesis: Digest, application: Application<State>): Position<State> {
  return {
    digest: genesis,
    view: GENESIS_VIEW,
    height: GENESIS_HEIGHT,
    timeMs: 0,
    state: application.genesis(),
    exclusions: NO_EXCLUSIONS,
  };
}

/** Of one epoch, which goes on from the block that ended the one before (protocol 6.1). */
export class BlockTree<State> {
  readonly epoch: Epoch;
  /** what the epoch's first block stands on */
  readonly start: Position<State>;
  readonly #application: Application<State>;
  readonly #leaders: LeaderSchedule;
  readonly #grown = new Map<Digest, Grown<State>>();
  readonly #recent = new Map<Digest, Block>();
  #tip: Position<State>;

  constructor(end: Position<State>, application: Application<State>, leaders: LeaderSchedule) {
    this.#application = application;
    this.#leaders = leaders;
    this.epoch = application.epochOf(end.state);
    this.start = { ...end, exclusions: NO_EXCLUSIONS };
    this.#tip = this.start;
  }

  get tip(): Position<State> {
    return this.#tip;
  }

  /** Is the block that ends the epoch committed? */
  get hasEnded(): boolean {
    return this.endsEpoch(this.#tip);
  }

  /** Does the epoch end with this block or before it? What comes after in this epoch is empty (protocol 6.1). */
  endsEpoch({ state }: Pick<Position<State>, 'state'>): boolean {
    return this.#application.epochOf(state) !== this.epoch;
  }

  has(digest: Digest): boolean {
    return this.#grown.has(digest) || this.isCommitted(digest);
  }

  /** Committed, as far back as this node remembers. */
  isCommitted(digest: Digest): boolean {
    return digest === this.#tip.digest || this.#recent.has(digest);
  }

  block(digest: Digest): Block | undefined {
    return this.#grown.get(digest)?.block ?? this.#recent.get(digest);
  }

  /** Keeps a body; the caller has checked that its digest is its own. */
  add(block: Block): void {
    if (this.has(block.digest) || block.header.height <= this.#tip.height) return;
    if (this.#grown.size >= MAX_TREE_BLOCKS) this.#dropOldest();
    this.#grown.set(block.digest, { block, position: undefined, execution: undefined });
  }

  /** The blocks from the committed tip (not counted) to the given one, which somebody says is of this height. */
  path(digest: Digest, said: Height): Path {
    const blocks: Block[] = [];
    let at = digest;
    let height = said;
    while (at !== this.#tip.digest) {
      // nothing at or below the tip is worth asking for: it is the committed chain, or beside it
      if (height <= this.#tip.height) return { kind: 'conflict' };
      const grown = this.#grown.get(at);
      if (grown === undefined) return { kind: 'missing', digest: at, height };
      blocks.push(grown.block);
      at = grown.block.header.parent;
      height = (grown.block.header.height - 1) as Height;
    }
    return { kind: 'path', blocks: blocks.reverse() };
  }

  /** The position after a block whose whole path is here and executes; undefined otherwise. */
  position(digest: Digest): Position<State> | undefined {
    if (digest === this.#tip.digest) return this.#tip;
    const known = this.#grown.get(digest);
    if (known === undefined) return undefined;
    const path = this.path(digest, known.block.header.height);
    if (path.kind !== 'path') return undefined;
    let at: Position<State> | undefined = this.#tip;
    for (const block of path.blocks) {
      at = this.#positionAfter(at, block);
      if (at === undefined) return undefined;
    }
    return at;
  }

  /** Executes entries on a position, as a leader does before it can name the ledger in its header. */
  tryExecute(
    parent: Position<State>,
    context: Parameters<Application<State>['execute']>[1],
    entries: Block['entries'],
  ): Execution<State> | undefined {
    return this.#application.execute(parent.state, context, entries);
  }

  /** Keeps an own block with the execution already at hand. */
  addExecuted(block: Block, parent: Position<State>, execution: Execution<State>): void {
    this.add(block);
    const grown = this.#grown.get(block.digest);
    if (grown === undefined) return;
    grown.execution = execution;
    grown.position = this.#after(parent, block, execution);
  }

  /** Makes the next block of the path the tip and returns the leaves it adds (protocol 3.5). */
  commit(block: Block): readonly Uint8Array[] {
    invariant(!this.hasEnded, 'nothing is committed after the block that ends an epoch');
    invariant(block.header.parent === this.#tip.digest, 'a committed block extends the one before it');
    this.add(block);
    const position = this.#positionAfter(this.#tip, block);
    const execution = this.#grown.get(block.digest)?.execution;
    invariant(
      position !== undefined && execution !== undefined,
      `block ${block.digest} of height ${block.header.height} is certified but does not execute`,
    );
    this.#tip = position;
    this.#recent.set(block.digest, block);
    for (const [digest, { block: old }] of this.#grown) {
      if (old.header.height <= position.height) this.#grown.delete(digest);
    }
    for (const digest of this.#recent.keys()) {
      if (this.#recent.size <= RECENT_BLOCKS) break;
      this.#recent.delete(digest);
    }
    return execution.leaves;
  }

  #positionAfter(parent: Position<State>, block: Block): Position<State> | undefined {
    const grown = this.#grown.get(block.digest);
    if (grown === undefined) return undefined;
    if (grown.position === undefined) {
      const { epoch, view, height, proposer, timeMs, ledgerSize, ledgerRoot } = block.header;
      const context = { epoch, view, height, proposer, timeMs };
      const orderly = height === parent.height + 1 && view > parent.view && timeMs > parent.timeMs;
      const inPlace = epoch === this.epoch && (block.entries.length === 0 || !this.endsEpoch(parent));
      const execution =
        orderly && inPlace ? this.#application.execute(parent.state, context, block.entries) : undefined;
      const agrees = execution?.ledgerSize === ledgerSize && execution.ledgerRoot === ledgerRoot;
      grown.execution = agrees ? execution : undefined;
      grown.position = agrees && execution ? this.#after(parent, block, execution) : null;
    }
    return grown.position ?? undefined;
  }

  #after(parent: Position<State>, { digest, header }: Block, execution: Execution<State>): Position<State> {
    const { view, height, timeMs } = header;
    const exclusions = this.#leaders.after(parent.exclusions, parent.view, header);
    return { digest, view, height, timeMs, state: execution.state, exclusions };
  }

  #dropOldest(): void {
    let oldest: Block | undefined;
    for (const { block } of this.#grown.values()) {
      if (oldest === undefined || block.header.view < oldest.header.view) oldest = block;
    }
    if (oldest !== undefined) this.#grown.delete(oldest.digest);
  }
}
