// What must never happen, looked at after every event: agreement (also over every commit certificate that could
// be formed, not only those that were), commits in order and once, and no honest seat ever signing two things
// that it must not (protocol 3, 5.1). It sees what honest nodes have on disk or have sent; what a power loss took
// before it was either, never was.
import type { Block, Height, View } from '../consensus/block.ts';
import { GENESIS_VIEW } from '../consensus/block.ts';
import type { CommittedBlock } from '../consensus/effects.ts';
import { convicts, type Evidence } from '../consensus/evidence.ts';
import { type Exclusions, NO_EXCLUSIONS, type RoundRobin } from '../consensus/leaders.ts';
import type { Proposal, Timeout, Vote } from '../consensus/messages.ts';
import type { Quorum } from '../consensus/quorum.ts';
import type { SeatVotes } from '../consensus/voting-rules.ts';
import type { Digest } from '../signing/digest.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { WorldSignatures } from './signature-table.ts';
import type { ViolationKind } from './violation.ts';

interface SeatHistory {
  readonly proposals: Map<View, Digest>;
  readonly votes: { readonly 1: Map<View, Digest>; readonly 2: Map<View, Digest> };
  readonly timeouts: Map<View, View>;
  lastTimeout: View;
}

interface NodeHistory {
  height: Height;
  tip: Digest;
  ledgerSize: number;
  readonly entries: Set<Digest>;
}

export interface CheckerOptions {
  readonly quorum: Quorum;
  readonly genesis: Digest;
  readonly byzantine: ReadonlySet<SeatId>;
  /** who leads, by the chain; undefined where a scenario says who leads */
  readonly leaders?: RoundRobin | undefined;
}

export interface CheckerDependencies {
  readonly signatures: WorldSignatures;
  readonly report: (kind: ViolationKind, text: string) => void;
}

export class Checker {
  readonly #options: CheckerOptions;
  readonly #dependencies: CheckerDependencies;
  readonly #seats = new Map<SeatId, SeatHistory>();
  readonly #nodes = new Map<number, NodeHistory>();
  /** honest phase-2 votes by block */
  readonly #backing = new Map<Digest, Set<SeatId>>();
  /** what some commit certificate, formed or formable, decides at each height */
  readonly #decided = new Map<Height, Digest>();
  /** after a block, for those that votes have named */
  readonly #exclusions = new Map<Digest, Exclusions>();
  #highestView: View = GENESIS_VIEW;

  constructor(options: CheckerOptions, dependencies: CheckerDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  /** The highest view any honest seat signed anything in. */
  get highestView(): View {
    return this.#highestView;
  }

  /** A signed message of an honest seat has left its node. */
  sent(message: Proposal | Vote | Timeout): void {
    if (this.#options.byzantine.has(message.seat)) return;
    if (message.kind === 'proposal')
      this.#proposed(message.seat, message.block.header.view, message.block.digest);
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
    const timeMs = signatures.headerOf(block)?.timeMs ?? 0;
    if (timeMs <= latestMs) return;
    this.#report(
      'ahead-of-time',
      `seat ${seat} votes for a block of time ${timeMs} that may be of ${latestMs} at most`,
    );
  }

  /** What an honest seat remembers is on disk: after a restart it will say it. */
  durable({ seat, vote1, vote2, timeout, proposal }: SeatVotes): void {
    if (this.#options.byzantine.has(seat)) return;
    if (proposal !== null) this.#proposed(seat, proposal.view, proposal.block);
    if (vote1 !== null) this.#voted(vote1);
    if (vote2 !== null) this.#voted(vote2);
    if (timeout !== null) this.#gaveUp(timeout);
  }

  /** An honest node has committed these, durably. */
  committed(node: number, blocks: readonly CommittedBlock[]): void {
    const history = this.#nodes.get(node) ?? {
      height: 0 as Height,
      tip: this.#options.genesis,
      ledgerSize: 0,
      entries: new Set<Digest>(),
    };
    this.#nodes.set(node, history);
    for (const { block, leaves } of blocks) this.#appended(node, history, block, leaves.length);
  }

  /** An honest node accuses somebody: it must be right. */
  accused(evidence: Evidence): void {
    const seat = convicts(evidence, this.#dependencies.signatures);
    if (seat === undefined) this.#report('framed', `evidence ${evidence.kind} proves nothing`);
    else if (!this.#options.byzantine.has(seat))
      this.#report('framed', `honest seat ${seat}: ${evidence.kind}`);
  }

  #appended(node: number, history: NodeHistory, { digest, header, entries }: Block, leaves: number): void {
    if (header.parent !== history.tip || header.height !== history.height + 1) {
      this.#report('order', `node ${node} commits height ${header.height} after height ${history.height}`);
    }
    if (header.ledgerSize !== history.ledgerSize + leaves) {
      this.#report(
        'ledger-prefix',
        `node ${node}: ${history.ledgerSize} + ${leaves} leaves, not ${header.ledgerSize}`,
      );
    }
    for (const entry of entries) {
      if (history.entries.has(entry.digest))
        this.#report('entry-twice', `node ${node} at height ${header.height}`);
      history.entries.add(entry.digest);
    }
    history.height = header.height;
    history.tip = digest;
    history.ledgerSize = header.ledgerSize;
    this.#decide(digest, `node ${node} commits`);
  }

  #historyOf(seat: SeatId): SeatHistory {
    let history = this.#seats.get(seat);
    if (history === undefined) {
      history = {
        proposals: new Map(),
        votes: { 1: new Map(), 2: new Map() },
        timeouts: new Map(),
        lastTimeout: GENESIS_VIEW,
      };
      this.#seats.set(seat, history);
    }
    return history;
  }

  #proposed(seat: SeatId, view: View, block: Digest): void {
    const { proposals } = this.#historyOf(seat);
    const earlier = proposals.get(view);
    if (earlier === block) return;
    if (earlier !== undefined) this.#report('double-proposal', `seat ${seat} in view ${view}`);
    proposals.set(view, block);
  }

  #voted({ seat, phase, view, block }: Vote): void {
    const history = this.#historyOf(seat);
    const earlier = history.votes[phase].get(view);
    if (earlier === block) return;
    if (earlier !== undefined) this.#report('double-vote', `seat ${seat}, phase ${phase}, view ${view}`);
    if (history.lastTimeout >= view) {
      this.#report(
        'vote-after-timeout',
        `seat ${seat} casts vote ${phase} in view ${view} after a timeout for view ${history.lastTimeout}`,
      );
    }
    history.votes[phase].set(view, block);
    if (phase === 1) this.#ledByLeader(seat, block);
    if (view > this.#highestView) this.#highestView = view;
    if (phase === 2) this.#backed(seat, view, block);
  }

  #backed(seat: SeatId, view: View, block: Digest): void {
    const backing = this.#backing.get(block) ?? new Set();
    this.#backing.set(block, backing.add(seat));
    const { quorum, byzantine } = this.#options;
    if (backing.size + byzantine.size >= quorum.q) {
      this.#decide(block, `a commit certificate of view ${view} can be formed`);
    }
  }

  // protocol 3.1, 3.3
  #ledByLeader(seat: SeatId, block: Digest): void {
    const { leaders } = this.#options;
    const header = this.#dependencies.signatures.headerOf(block);
    if (leaders === undefined || header === undefined) return;
    if (leaders.leads(header.proposer, header.view, this.#exclusionsAfter(header.parent, leaders))) return;
    this.#report(
      'not-leader',
      `seat ${seat} votes in view ${header.view} for a block of seat ${header.proposer}`,
    );
  }

  #exclusionsAfter(block: Digest, leaders: RoundRobin): Exclusions {
    const known = this.#exclusions.get(block);
    if (known !== undefined) return known;
    const { signatures } = this.#dependencies;
    const header = signatures.headerOf(block);
    if (header === undefined) return NO_EXCLUSIONS;
    const parentView = signatures.headerOf(header.parent)?.view ?? GENESIS_VIEW;
    const exclusions = leaders.after(this.#exclusionsAfter(header.parent, leaders), parentView, header);
    this.#exclusions.set(block, exclusions);
    return exclusions;
  }

  #gaveUp({ seat, view, prepareView }: Timeout): void {
    const history = this.#historyOf(seat);
    const earlier = history.timeouts.get(view);
    if (earlier === prepareView) return;
    if (earlier !== undefined) this.#report('two-timeouts', `seat ${seat} in view ${view}`);
    else if (view <= history.lastTimeout) {
      this.#report('timeout-regress', `seat ${seat} gives up view ${view} after view ${history.lastTimeout}`);
    }
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
      if (voted <= view && prepareView < this.#justifyView(block)) {
        this.#report(
          'framed',
          `seat ${seat}: vote 1 in ${voted} stands on more than its timeout for ${view} reports`,
        );
      }
    }
  }

  #justifyView(block: Digest): View {
    const { signatures } = this.#dependencies;
    const header = signatures.headerOf(block);
    return (header && signatures.headerOf(header.parent)?.view) ?? GENESIS_VIEW;
  }

  #decide(block: Digest, how: string): void {
    let at = block;
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
