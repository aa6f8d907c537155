// What must never happen, looked at after every event: agreement (also over every commit certificate that could
// be formed, not only those that were), commits in order and once, and no honest seat ever signing two things
// that it must not (protocol 3, 5.1). It sees what honest nodes have on disk or have sent; what a power loss took
// before it was either, never was.

import { NOBODY } from '../consensus/bench.ts';
import type { Block, Height, View } from '../consensus/block.ts';
import { GENESIS_VIEW } from '../consensus/block.ts';
import type { CommittedBlock } from '../consensus/effects.ts';
import { convicts, type Evidence } from '../consensus/evidence.ts';
import type { RoundRobin } from '../consensus/leaders.ts';
import type { Proposal, Timeout, Vote } from '../consensus/messages.ts';
import type { Quorum } from '../consensus/quorum.ts';
import type { SeatVotes } from '../consensus/voting-rules.ts';
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';
import { CheckedChain } from './checked-chain.ts';
import { CommittedChains } from './committed-chains.ts';
import type { WorldSignatures } from './signature-table.ts';
import type { ViolationKind } from './violation.ts';

interface SeatHistory {
  readonly proposals: Map<View, Digest>;
  readonly votes: { readonly 1: Map<View, Digest>; readonly 2: Map<View, Digest> };
  readonly timeouts: Map<View, View>;
  lastTimeout: View;
}

export interface CheckerOptions {
  readonly quorum: Quorum;
  readonly genesis: Digest;
  readonly byzantine: ReadonlySet<SeatId>;
  readonly epoch: Epoch;
  /** who leads in an epoch, by the chain; undefined where a scenario says who leads */
  readonly leadersIn?: ((epoch: Epoch) => RoundRobin) | undefined;
}

export interface CheckerDependencies {
  readonly signatures: WorldSignatures;
  /** does a block hold an entry that ends its epoch? */
  readonly endsEpoch?: (block: Digest) => boolean;
  readonly report: (kind: ViolationKind, text: string) => void;
}

export class Checker {
  readonly #options: CheckerOptions;
  readonly #dependencies: CheckerDependencies;
  /** by epoch and seat */
  readonly #seats = new Map<string, SeatHistory>();
  /** the latest epoch in which a seat has signed anything */
  readonly #epochs = new Map<SeatId, Epoch>();
  readonly #vacant = new Map<Epoch, ReadonlySet<SeatId>>();
  readonly #chain: CheckedChain;
  readonly #nodes: CommittedChains;
  /** honest phase-2 votes by block */
  readonly #backing = new Map<Digest, Set<SeatId>>();
  /** what some commit certificate, formed or formable, decides at each height */
  readonly #decided = new Map<Height, Digest>();
  #highestView: View = GENESIS_VIEW;

  constructor(options: CheckerOptions, dependencies: CheckerDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#chain = new CheckedChain(dependencies);
    this.#nodes = new CommittedChains(options, { ...dependencies, chain: this.#chain });
  }

  /** Chairs nobody sits in, in an epoch that has begun. */
  seated(epoch: Epoch, vacant: ReadonlySet<SeatId>): void {
    this.#vacant.set(epoch, vacant);
  }

  /** The highest view any honest seat signed anything in. */
  get highestView(): View {
    return this.#highestView;
  }

  /** A signed message of an honest seat has left its node. */
  sent(message: Proposal | Vote | Timeout): void {
    if (this.#options.byzantine.has(message.seat)) return;
    if (message.kind === 'proposal')
      this.#proposed(
        message.block.header.epoch,
        message.seat,
        message.block.header.view,
        message.block.digest,
      );
    else if (message.kind === 'vote') this.#voted(message);
    else this.#gaveUp(message);
  }

  /** An honest node casts vote 1; what its own disk and clock say of that (protocol 3.8, 4.9). */
  cast({ seat, view, block }: Vote, body: Block | undefined, latestMs: number): void {
    const { signatures } = this.#dependencies;
    if (
      body === undefined ||
      signatures.payloadRoot(body.entries) !== signatures.headerOf(block)?.payloadRoot
    ) {
      const what = body === undefined ? 'that it may lose' : 'of which it keeps another body';
      this.#report('block-not-durable', `seat ${seat} votes in view ${view} for a block ${what}`);
    }
    const end = this.#chain.endOf(signatures.headerOf(block)?.parent ?? block);
    const isSuffix =
      end !== undefined && signatures.headerOf(end)?.epoch === signatures.headerOf(block)?.epoch;
    if (isSuffix && body !== undefined && body.entries.length > 0) {
      this.#report(
        'suffix-not-empty',
        `seat ${seat} votes in view ${view} for entries after the epoch's end`,
      );
    }
    const timeMs = signatures.headerOf(block)?.timeMs ?? 0;
    if (timeMs <= latestMs) return;
    this.#report(
      'ahead-of-time',
      `seat ${seat} votes for a block of time ${timeMs} that may be of ${latestMs} at most`,
    );
  }

  /** What an honest seat remembers is on disk: after a restart it will say it. */
  durable({ seat, epoch, vote1, vote2, timeout, proposal }: SeatVotes): void {
    if (this.#options.byzantine.has(seat)) return;
    if (proposal !== null) this.#proposed(epoch, seat, proposal.view, proposal.block);
    if (vote1 !== null) this.#voted(vote1);
    if (vote2 !== null) this.#voted(vote2);
    if (timeout !== null) this.#gaveUp(timeout);
  }

  /** An honest node has committed these, durably. */
  committed(node: number, blocks: readonly CommittedBlock[]): void {
    for (const { block, commit, leaves } of blocks) {
      this.#nodes.append(node, block, leaves.length);
      this.#decide(block.digest, `node ${node} commits`);
      const vacant = this.#vacant.get(block.header.epoch) ?? NOBODY;
      if (commit?.signatures.some(({ seat }) => vacant.has(seat))) {
        this.#report('vacant-counts', `node ${node} commits by the vote of a vacant chair`);
      }
    }
  }

  /** An honest node accuses somebody: it must be right. */
  accused(evidence: Evidence): void {
    const seat = convicts(evidence, this.#dependencies.signatures);
    if (seat === undefined) this.#report('framed', `evidence ${evidence.kind} proves nothing`);
    else if (!this.#options.byzantine.has(seat))
      this.#report('framed', `honest seat ${seat}: ${evidence.kind}`);
  }

  #historyOf(epoch: Epoch, seat: SeatId): SeatHistory {
    const key = `${epoch}/${seat}`;
    let history = this.#seats.get(key);
    if (history === undefined) {
      history = {
        proposals: new Map(),
        votes: { 1: new Map(), 2: new Map() },
        timeouts: new Map(),
        lastTimeout: GENESIS_VIEW,
      };
      this.#seats.set(key, history);
    }
    return history;
  }

  /** Nobody goes back to an epoch: who signs in one has committed the end of all before it. */
  #signedIn(epoch: Epoch, seat: SeatId): void {
    const latest = this.#epochs.get(seat) ?? epoch;
    if (epoch < latest) this.#report('epoch-regress', `seat ${seat} signs in epoch ${epoch} after ${latest}`);
    else this.#epochs.set(seat, epoch);
  }

  #proposed(epoch: Epoch, seat: SeatId, view: View, block: Digest): void {
    const { proposals } = this.#historyOf(epoch, seat);
    const earlier = proposals.get(view);
    if (earlier === block) return;
    if (earlier !== undefined) this.#report('double-proposal', `seat ${seat} in view ${view}`);
    this.#signedIn(epoch, seat);
    proposals.set(view, block);
  }

  #voted({ seat, phase, epoch, view, block }: Vote): void {
    const history = this.#historyOf(epoch, seat);
    const earlier = history.votes[phase].get(view);
    if (earlier === block) return;
    if (earlier !== undefined) this.#report('double-vote', `seat ${seat}, phase ${phase}, view ${view}`);
    if (history.lastTimeout >= view) {
      this.#report(
        'vote-after-timeout',
        `seat ${seat} casts vote ${phase} in view ${view} after a timeout for view ${history.lastTimeout}`,
      );
    }
    this.#signedIn(epoch, seat);
    history.votes[phase].set(view, block);
    if (phase === 1) this.#ledByLeader(seat, block);
    if (view > this.#highestView) this.#highestView = view;
    if (phase === 2) this.#backed(epoch, seat, view, block);
  }

  #backed(epoch: Epoch, seat: SeatId, view: View, block: Digest): void {
    const backing = this.#backing.get(block) ?? new Set();
    this.#backing.set(block, backing.add(seat));
    const { quorum, byzantine } = this.#options;
    const vacant = this.#vacant.get(epoch) ?? NOBODY;
    const liars =
      vacant.size === 0 ? byzantine.size : [...byzantine].filter((liar) => !vacant.has(liar)).length;
    if (backing.size + liars >= quorum.q) {
      this.#decide(block, `a commit certificate of view ${view} can be formed`);
    }
  }

  // protocol 3.1, 3.3
  #ledByLeader(seat: SeatId, block: Digest): void {
    const header = this.#dependencies.signatures.headerOf(block);
    const leaders = header && this.#options.leadersIn?.(header.epoch);
    if (leaders === undefined || header === undefined) return;
    if (
      leaders.leads(
        header.proposer,
        header.view,
        this.#chain.exclusionsAfter(header.parent, header.epoch, leaders),
      )
    )
      return;
    this.#report(
      'not-leader',
      `seat ${seat} votes in view ${header.view} for a block of seat ${header.proposer}`,
    );
  }

  #gaveUp({ seat, epoch, view, prepareView }: Timeout): void {
    const history = this.#historyOf(epoch, seat);
    const earlier = history.timeouts.get(view);
    if (earlier === prepareView) return;
    if (earlier !== undefined) this.#report('two-timeouts', `seat ${seat} in view ${view}`);
    else if (view <= history.lastTimeout) {
      this.#report('timeout-regress', `seat ${seat} gives up view ${view} after view ${history.lastTimeout}`);
    }
    this.#signedIn(epoch, seat);
    history.timeouts.set(view, prepareView);
    if (view > history.lastTimeout) history.lastTimeout = view;
    if (view > this.#highestView) this.#highestView = view;
    for (const voted of history.votes[2].keys()) {
      if (voted <= view && prepareView < voted) {
        this.#report(
          'framed',
          `seat ${seat}: vote 2 in ${voted}, but its timeout for ${view} reports ${prepareView}`,
        );
      }
    }
    for (const [voted, block] of history.votes[1]) {
      if (voted <= view && prepareView < this.#chain.justifyView(block)) {
        this.#report(
          'framed',
          `seat ${seat}: vote 1 in ${voted} stands on more than its timeout for ${view} reports`,
        );
      }
    }
  }

  #decide(block: Digest, how: string): void {
    // Of blocks after the one that ends the epoch nothing is decided: they prove it, and that is all (protocol 6.1).
    let at = this.#chain.endOf(block) ?? block;
    while (at !== this.#options.genesis) {
      const header = this.#dependencies.signatures.headerOf(at);
      if (header === undefined) return;
      const earlier = this.#decided.get(header.height);
      if (earlier === at) return;
      if (earlier !== undefined) {
        const other = this.#dependencies.signatures.headerOf(earlier);
        this.#report(
          'agreement',
          `height ${header.height}: the block of view ${other?.view} was decided, now ${how} that of view ${header.view}`,
        );
        return;
      }
      this.#decided.set(header.height, at);
      at = header.parent;
    }
  }

  #report(kind: ViolationKind, text: string): void {
    this.#dependencies.report(kind, text);
  }
}
