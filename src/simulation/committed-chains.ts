// What each honest node has committed, held against what a chain must be: in order, each entry once, a ledger that only
// grows, and nothing of an epoch after the block that ended it (protocol 3.5, 6.1).
import type { Block, Height } from '../consensus/block.ts';
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { CheckedChain } from './checked-chain.ts';
import type { ViolationKind } from './violation.ts';

interface NodeHistory {
  /** of the next block */
  epoch: Epoch;
  height: Height;
  tip: Digest;
  ledgerSize: number;
  readonly entries: Set<Digest>;
}

export interface CommittedChainsOptions {
  readonly genesis: Digest;
  readonly epoch: Epoch;
}

export interface CommittedChainsDependencies {
  readonly chain: CheckedChain;
  readonly report: (kind: ViolationKind, text: string) => void;
}

export class CommittedChains {
  readonly #options: CommittedChainsOptions;
  readonly #dependencies: CommittedChainsDependencies;
  readonly #nodes = new Map<number, NodeHistory>();

  constructor(options: CommittedChainsOptions, dependencies: CommittedChainsDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  append(node: number, { digest, header, entries }: Block, leaves: number): void {
    const { chain, report } = this.#dependencies;
    const history = this.#historyOf(node);
    if (header.parent !== history.tip || header.height !== history.height + 1) {
      report('order', `node ${node} commits height ${header.height} after height ${history.height}`);
    }
    if (header.epoch !== history.epoch) {
      report(
        'after-the-end',
        `node ${node} commits a block of epoch ${header.epoch} in epoch ${history.epoch}`,
      );
    }
    if (chain.endOf(digest) !== undefined) history.epoch = (header.epoch + 1) as Epoch;
    if (header.ledgerSize !== history.ledgerSize + leaves) {
      report(
        'ledger-prefix',
        `node ${node}: ${history.ledgerSize} + ${leaves} leaves, not ${header.ledgerSize}`,
      );
    }
    for (const entry of entries) {
      if (history.entries.has(entry.digest)) report('entry-twice', `node ${node} at height ${header.height}`);
      history.entries.add(entry.digest);
    }
    history.height = header.height;
    history.tip = digest;
    history.ledgerSize = header.ledgerSize;
  }

  #historyOf(node: number): NodeHistory {
    const { epoch, genesis: tip } = this.#options;
    const known = this.#nodes.get(node);
    const history = known ?? { epoch, height: 0 as Height, tip, ledgerSize: 0, entries: new Set() };
    this.#nodes.set(node, history);
    return history;
  }
}
