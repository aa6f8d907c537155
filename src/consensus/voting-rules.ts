// The voting rules of one seat: the only code that can sign a consensus message, kept small so that it can be
// read whole. It trusts its caller to have checked signatures and to have executed the block; everything that
// a seat must never do twice is decided here, from state that is durable before anything leaves (protocol 3.8).
import { invariant } from '../errors.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { Block, View } from './block.ts';
import { GENESIS_VIEW } from './block.ts';
import { type Certificate, highestReported, justifies, type TimeoutCertificate } from './certificates.ts';
import type { Proposal, Timeout, Vote } from './messages.ts';
import type { Phase, StatementSigner } from './statements.ts';

/** A proposal without its body, which is stored once, as a block. */
export type OwnProposal = Omit<Proposal, 'block'> & { readonly block: Block['digest']; readonly view: View };

/** What a seat remembers for ever. Messages are kept so that, asked again, it says exactly the same. */
export interface SeatVotes {
  readonly seat: SeatId;
  readonly epoch: Epoch;
  readonly vote1: Vote | null;
  readonly vote2: Vote | null;
  readonly lastTimeout: View;
  /** kept while its view may still need it */
  readonly timeout: Timeout | null;
  readonly lastProposal: View;
  readonly proposal: OwnProposal | null;
  /** the view of the highest prepare certificate seen: never lowered (protocol 3.4) */
  readonly lock: View;
}

export function noVotes(seat: SeatId, epoch: Epoch): SeatVotes {
  return {
    seat,
    epoch,
    vote1: null,
    vote2: null,
    lastTimeout: GENESIS_VIEW,
    timeout: null,
    lastProposal: GENESIS_VIEW,
    proposal: null,
    lock: GENESIS_VIEW,
  };
}

export class VotingRules {
  readonly seat: SeatId;
  readonly #signer: StatementSigner;
  #votes: SeatVotes;

  constructor(votes: SeatVotes, signer: StatementSigner) {
    this.seat = votes.seat;
    this.#signer = signer;
    this.#votes = votes;
  }

  /** What must be durable before what was last signed may leave. */
  get votes(): SeatVotes {
    return this.#votes;
  }

  // protocol 3.2: one proposal a view, and only upward
  propose(block: Block, justify: Certificate, timeout: TimeoutCertificate | null): Proposal | undefined {
    const { view, epoch } = block.header;
    if (view <= this.#votes.lastProposal || !this.#formed(block, justify, timeout)) return undefined;
    const signature = this.#signer.sign({ kind: 'proposal', epoch, view, block: block.digest });
    const { seat } = this;
    const kept = { kind: 'proposal', seat, justify, timeoutCertificate: timeout, signature } as const;
    this.#votes = { ...this.#votes, lastProposal: view, proposal: { ...kept, block: block.digest, view } };
    return { ...kept, block };
  }

  // protocol 3.3
  vote1(block: Block, justify: Certificate, timeout: TimeoutCertificate | null): Vote | undefined {
    const { view, height } = block.header;
    if (!this.mayVote1(view) || !this.#formed(block, justify, timeout)) return undefined;
    const vote = this.#vote(1, view, height, block.digest);
    const keepProposal = this.#votes.lastProposal >= view;
    this.#votes = {
      ...this.#votes,
      vote1: vote,
      timeout: null, // its view is over for this seat: `lastTimeout` is what still binds
      proposal: keepProposal ? this.#votes.proposal : null,
    };
    this.raiseLock(justify);
    return vote;
  }

  mayVote1(view: View): boolean {
    return view > (this.#votes.vote1?.view ?? GENESIS_VIEW) && view > this.#votes.lastTimeout;
  }

  // protocol 3.4: on first seeing a prepare certificate, whatever the node's own view
  vote2(prepare: Certificate): Vote | undefined {
    this.raiseLock(prepare);
    if (!this.mayVote2(prepare)) return undefined;
    const vote = this.#vote(2, prepare.view, prepare.height, prepare.block);
    this.#votes = { ...this.#votes, vote2: vote };
    return vote;
  }

  mayVote2({ kind, view }: Certificate): boolean {
    if (kind !== 'prepare') return false;
    return view > (this.#votes.vote2?.view ?? GENESIS_VIEW) && view > this.#votes.lastTimeout;
  }

  // protocol 3.6: one timeout a view, never a lower one; asked again, the identical one
  timeout(view: View, prepare: Certificate): Timeout | undefined {
    if (view === this.#votes.lastTimeout) return this.#votes.timeout ?? undefined;
    if (view < this.#votes.lastTimeout) return undefined;
    this.raiseLock(prepare);
    invariant(prepare.view === this.#votes.lock, 'a timeout attaches the certificate the seat is locked on');
    const { seat, epoch } = this.#votes;
    const prepareView = this.#votes.lock;
    const signature = this.#signer.sign({ kind: 'timeout', epoch, view, prepareView });
    const timeout: Timeout = { kind: 'timeout', seat, epoch, view, prepareView, prepare, signature };
    this.#votes = { ...this.#votes, lastTimeout: view, timeout };
    return timeout;
  }

  /** Every certificate seen raises the lock; nothing lowers it (protocol 3.4). */
  raiseLock({ view }: Certificate): boolean {
    if (view <= this.#votes.lock) return false;
    this.#votes = { ...this.#votes, lock: view };
    return true;
  }

  // protocol 3.2, 3.3: the block stands on what justifies it, and that is recent enough. On the path of a
  // timeout certificate the seat's own lock is NOT checked as well: hidden locks would fail honest proposals.
  #formed({ header }: Block, justify: Certificate, timeout: TimeoutCertificate | null): boolean {
    const { view } = header;
    if (header.epoch !== this.#votes.epoch || !justifies(justify, { header })) return false;
    if (justify.view === view - 1) return true;
    if (timeout === null || timeout.view !== view - 1) return false;
    return justify.view >= highestReported(timeout);
  }

  #vote(phase: Phase, view: View, height: Block['header']['height'], block: Block['digest']): Vote {
    const { seat, epoch } = this.#votes;
    const kind = phase === 1 ? 'vote-1' : 'vote-2';
    const signature = this.#signer.sign({ kind, epoch, view, height, block });
    return { kind: 'vote', phase, seat, epoch, view, height, block, signature };
  }
}
