// Notices signed contradictions as messages come by (protocol 5.1). It sees only checked signatures.
import type { SeatId } from '../signing/seat-id.ts';
import type { BlockTree } from './block-tree.ts';
import type { Collectors } from './collector.ts';
import { type SignedProposal, signedTimeout, signedVote } from './evidence.ts';
import type { Proposal, Timeout, Vote } from './messages.ts';
import type { Outbox } from './outbox.ts';

export class Detector<State> {
  readonly #tree: BlockTree<State>;
  readonly #collectors: Collectors;
  readonly #outbox: Outbox;
  /** the latest proposal of each seat, the first of its view */
  readonly #proposals = new Map<SeatId, SignedProposal>();

  constructor(tree: BlockTree<State>, collectors: Collectors, outbox: Outbox) {
    this.#tree = tree;
    this.#collectors = collectors;
    this.#outbox = outbox;
  }

  proposal({ seat, block, signature }: Proposal): void {
    const { epoch, view } = block.header;
    const second = { seat, epoch, view, block: block.digest, signature };
    const first = this.#proposals.get(seat);
    if (first === undefined || view > first.view) this.#proposals.set(seat, second);
    else if (view === first.view && first.block !== second.block) {
      this.#outbox.evidence({ kind: 'two-proposals', first, second });
    }
  }

  twoVotes(first: Vote, second: Vote): void {
    this.#outbox.evidence({ kind: 'two-votes', first: signedVote(first), second: signedVote(second) });
  }

  twoTimeouts(first: Timeout, second: Timeout): void {
    this.#outbox.evidence({
      kind: 'two-timeouts',
      first: signedTimeout(first),
      second: signedTimeout(second),
    });
  }

  vote(vote: Vote): void {
    this.#compare(this.#collectors.timeouts.latest(vote.seat), vote);
  }

  timeout(timeout: Timeout): void {
    this.#compare(timeout, this.#collectors.votes[1].latest(timeout.seat));
    this.#compare(timeout, this.#collectors.votes[2].latest(timeout.seat));
  }

  #compare(held: Timeout | undefined, vote: Vote | undefined): void {
    if (held === undefined || vote === undefined || vote.view > held.view) return;
    const timeout = signedTimeout(held);
    if (vote.phase === 2) {
      if (held.prepareView < vote.view) {
        this.#outbox.evidence({ kind: 'timeout-below-vote-2', timeout, vote: signedVote(vote) });
      }
      return;
    }
    const header = this.#tree.block(vote.block)?.header;
    const parent = header === undefined ? undefined : this.#tree.block(header.parent)?.header;
    if (header === undefined || parent === undefined || held.prepareView >= parent.view) return;
    this.#outbox.evidence({ kind: 'timeout-below-vote-1', timeout, vote: signedVote(vote), header, parent });
  }
}
