// The two phases and the change of view: what a node does with proposals, votes, timeouts and certificates
// (protocol 3.2–3.7). What a seat may sign is decided in voting-rules.ts and not repeated here; a mistake in
// this file costs progress, not agreement.
import { isSeated } from './bench.ts';
import { type View, viewAfter } from './block.ts';
import type { Position } from './block-tree.ts';
import { type Certificate, justifies, type TimeoutCertificate } from './certificates.ts';
import { Collectors, isMoot } from './collector.ts';
import { Committer } from './committer.ts';
import { Detector } from './detector.ts';
import type { EpochDependencies, EpochOptions } from './epoch-engine.ts';
import type { ViewChange } from './hearing.ts';
import { HeldProposals } from './held-proposals.ts';
import type { PeerId, Proposal, Timeout, Vote } from './messages.ts';
import type { HighCertificates } from './outbox.ts';
import { assemble } from './proposer.ts';
import type { Restored } from './recovery.ts';
import type { VotingRules } from './voting-rules.ts';
import type { Workings } from './workings.ts';

type Source = PeerId | 'all';

export class Ordering<State> {
  readonly #options: EpochOptions;
  readonly #dependencies: EpochDependencies<State>;
  readonly #workings: Workings<State>;
  readonly #rules: readonly VotingRules[];
  readonly #collectors: Collectors;
  readonly #detector: Detector<State>;
  readonly #proposals = new HeldProposals();
  readonly #committer: Committer<State>;
  #high: HighCertificates;
  #view: View;

  constructor(
    options: EpochOptions,
    dependencies: EpochDependencies<State>,
    workings: Workings<State>,
    { rules, view, blocks, ...high }: Restored,
  ) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#workings = workings;
    this.#rules = rules;
    this.#collectors = new Collectors(options.quorum);
    this.#detector = new Detector(workings.tree, this.#collectors, workings.outbox);
    this.#high = high;
    this.#view = view;
    this.#committer = new Committer(workings, blocks);
  }

  get view(): View {
    return this.#view;
  }

  get high(): HighCertificates {
    return this.#high;
  }

  get rules(): readonly VotingRules[] {
    return this.#rules;
  }

  get timedOut(): readonly Timeout[] {
    return this.#collectors.timeouts.of(this.#view);
  }

  // protocol 3.2
  tryPropose(): void {
    if (this.#workings.tree.hasEnded) return;
    const view = this.#view;
    const { prepare: justify, timeout } = this.#high;
    const byTimeout = justify.view !== view - 1;
    if (justify.view >= view || (byTimeout && timeout?.view !== view - 1)) return;
    if (this.#rules.every(({ votes }) => votes.lastProposal >= view)) return;
    const { tree, mempool, outbox, catchUp, now } = this.#workings;
    const parent = tree.position(justify.block);
    if (parent === undefined) return catchUp.wantPathTo(justify, 'all');
    const leader = this.#rules.find(({ seat }) => this.#leads(seat, view, parent));
    if (leader === undefined || leader.votes.lastProposal >= view) return;
    const occasion = { view, justify, timeout: byTimeout ? timeout : null, nowMs: now.ms };
    const assembled = assemble(occasion, leader.seat, parent, tree, mempool.ready(), this.#dependencies);
    if (assembled === undefined) return;
    const { block, execution } = assembled;
    const proposal = leader.propose(block, justify, occasion.timeout);
    if (proposal === undefined) return;
    tree.addExecuted(block, parent, execution);
    this.#committer.keepDurable(block); // protocol 3.8: the body too, before its proposal leaves
    outbox.signed(leader);
    outbox.send('all', proposal);
  }

  onProposal(from: PeerId, proposal: Proposal): void {
    const { tree, book, hearing, catchUp, mempool, now, isGenuine } = this.#workings;
    const { seat, block } = proposal;
    const { epoch, view, proposer } = block.header;
    if (view < this.#view - 1) return;
    if (proposer !== seat) return hearing.refuse('proposal of another seat');
    const statement = { kind: 'proposal', epoch, view, block: block.digest } as const;
    if (!this.#dependencies.bench.verifier.verify(seat, statement, proposal.signature)) {
      return hearing.refuse('forged proposal');
    }
    const justify = book.accept(proposal.justify);
    const attached = proposal.timeoutCertificate;
    const timeoutCertificate = attached === null ? null : book.acceptTimeout(attached);
    if (justify === undefined || timeoutCertificate === undefined) {
      return hearing.refuse('proposal with a bad certificate');
    }
    // the signature does not cover it: anybody can put another genuine certificate beside a genuine block
    if (!justifies(justify, block)) return hearing.refuse('proposal with a bad certificate');
    // A known digest vouches for no other copy: what is kept and voted for is what the digest says.
    if (tree.block(block.digest) !== block && !isGenuine(block)) return hearing.refuse('malformed block');
    hearing.heard(seat, now.ms);
    this.#detector.proposal(proposal);
    // Who can be seen not to lead gets no slot, and the others have slots of their own: nobody is crowded out.
    const parent = tree.position(justify.block);
    if (parent !== undefined && !this.#leads(seat, view, parent))
      return hearing.refuse('proposal by no leader');
    const isNew = !this.#proposals.has(block);
    if (isNew && this.#proposals.isFull(seat, view)) {
      return hearing.refuse('too many proposals of a seat in a view');
    }
    tree.add(block);
    catchUp.got(block.digest);
    for (const entry of block.entries) mempool.add(tree.tip.state, entry); // protocol 3.3
    this.see(justify, from);
    if (timeoutCertificate !== null) this.seeTimeout(timeoutCertificate, from);
    const checked = { ...proposal, justify, timeoutCertificate };
    if (isNew) this.#proposals.keep(checked, this.#view);
    this.#tryVote1(checked, from);
    this.tryCommit();
  }

  // protocol 3.3: a proposal that lacks something is held and tried again, not dropped
  #tryVote1({ seat, block, justify, timeoutCertificate }: Proposal, from: Source): void {
    const { tree, hearing, outbox, catchUp, now, wakeAt } = this.#workings;
    const { view, timeMs } = block.header;
    if (view !== this.#view || tree.hasEnded) return;
    const able = this.#rules.filter((rules) => rules.mayVote1(view));
    if (able.length === 0) return;
    const parent = tree.position(justify.block);
    if (parent === undefined) return catchUp.wantPathTo(justify, from);
    if (!this.#leads(seat, view, parent)) return hearing.refuse('proposal by no leader');
    const acceptableAtMs = timeMs - this.#options.driftMs; // protocol 4.9
    if (acceptableAtMs > now.ms) return wakeAt(acceptableAtMs);
    if (tree.position(block.digest) === undefined) return hearing.refuse('block that does not execute');
    for (const rules of able) {
      const vote = rules.vote1(block, justify, timeoutCertificate);
      if (vote === undefined) continue;
      this.#committer.keepDurable(block); // protocol 3.8
      outbox.signed(rules);
      outbox.send('all', vote);
    }
  }

  onVote(from: PeerId, vote: Vote): void {
    const { book, hearing, now } = this.#workings;
    const { phase, seat, epoch, view, height, block } = vote;
    const votes = this.#collectors.votes[phase];
    if (isMoot(vote, this.#high) || !isSeated(seat, this.#options.quorum, this.#dependencies.bench)) return;
    const weight = votes.weigh(vote);
    if (weight.kind === 'old') return;
    const kind = phase === 1 ? 'vote-1' : 'vote-2';
    const statement = { kind, epoch, view, height, block } as const;
    if (!this.#dependencies.bench.verifier.verify(seat, statement, vote.signature)) {
      return hearing.refuse('forged vote');
    }
    hearing.heard(seat, now.ms);
    this.#detector.vote(vote);
    if (weight.kind === 'contradicts') return this.#detector.twoVotes(weight.first, vote);
    const formed = votes.add(vote);
    const certificate = formed === undefined ? undefined : book.accept(formed);
    if (certificate !== undefined) this.see(certificate, from);
  }

  /** Every checked certificate comes by here (protocol 3.4, 3.5, 3.7). */
  see(certificate: Certificate, from: Source): void {
    const { kind, view } = certificate;
    const { tree, outbox, catchUp } = this.#workings;
    if (tree.hasEnded) return;
    if (view > this.#high.prepare.view) {
      this.#raise({ prepare: certificate });
      for (const rules of this.#rules) rules.raiseLock(certificate);
      if (!tree.has(certificate.block)) catchUp.want(certificate.block, certificate.height, from);
    }
    if (kind === 'commit') {
      if (view <= this.#high.commit.view) return;
      this.#raise({ commit: certificate });
      this.tryCommit();
      this.tryPropose(); // what was moot has left the mempool
    } else if (view > this.#high.commit.view) {
      for (const rules of this.#rules) {
        const vote = rules.vote2(certificate);
        if (vote === undefined) continue;
        outbox.signed(rules);
        outbox.send('all', vote);
      }
    }
    this.#enter(viewAfter(view), kind); // only after vote 2
  }

  /** Would seeing this certificate change anything? If not, it need not be checked. */
  isNews({ kind, view }: Certificate): boolean {
    if (view > this.#high.prepare.view) return true;
    if (kind === 'commit') return view > this.#high.commit.view;
    return (
      view > this.#high.commit.view && this.#rules.some((rules) => view > (rules.votes.vote2?.view ?? 0))
    );
  }

  // protocol 3.5
  tryCommit(): void {
    const { tree } = this.#workings;
    if (tree.hasEnded) return;
    if (!tree.isCommitted(this.#high.commit.block)) this.#committer.commitTo(this.#high.commit);
  }

  /** A certificate below the highest known one, met while catching up, commits what it can. */
  catchUpTo(certificate: Certificate): void {
    if (certificate.height > this.#workings.tree.tip.height) this.#committer.commitTo(certificate);
    this.see(certificate, 'all');
  }

  // protocol 3.7
  #enter(view: View, why: ViewChange): void {
    if (view <= this.#view) return;
    this.#view = view;
    this.#workings.hearing.entered(why);
    this.#proposals.forgetBelow(view);
    this.#workings.pacemaker.entered();
    this.retry();
  }

  /** Tries again whatever waited for something. */
  retry(): void {
    this.tryCommit();
    for (const proposal of this.#proposals.of(this.#view)) this.#tryVote1(proposal, 'all');
    this.tryPropose();
  }

  // protocol 3.6
  giveUpOn(view: View): void {
    if (this.#workings.tree.hasEnded) return;
    for (const rules of this.#rules) {
      const timeout = rules.timeout(view, this.#high.prepare);
      if (timeout === undefined) continue;
      this.#workings.outbox.signed(rules);
      this.#workings.outbox.send('all', timeout);
    }
  }

  onTimeout(from: PeerId, timeout: Timeout): void {
    const { book, hearing, now } = this.#workings;
    const { seat, epoch, view, prepareView, signature } = timeout;
    if (!isSeated(seat, this.#options.quorum, this.#dependencies.bench)) return;
    const prepare = book.accept(timeout.prepare);
    // protocol 3.6: counted, a timeout that lies about its certificate would poison every timeout certificate
    if (prepare === undefined) return hearing.refuse('timeout with a bad certificate');
    if (prepare.view !== prepareView) return hearing.refuse('timeout that lies about its certificate');
    this.see(prepare, from);
    if (view < this.#view) return;
    const { timeouts } = this.#collectors;
    const weight = timeouts.weigh(timeout);
    if (weight.kind === 'old') return;
    const statement = { kind: 'timeout', epoch, view, prepareView } as const;
    if (!this.#dependencies.bench.verifier.verify(seat, statement, signature))
      return hearing.refuse('forged timeout');
    hearing.heard(seat, now.ms);
    const checked = { ...timeout, prepare };
    this.#detector.timeout(checked);
    if (weight.kind === 'contradicts') return this.#detector.twoTimeouts(weight.first, checked);
    const formed = timeouts.add(checked);
    const certificate = formed === undefined ? undefined : book.acceptTimeout(formed);
    if (certificate !== undefined) return this.seeTimeout(certificate, from);
    // protocol 3.7: f+1 seats have given up on this view or a later one, so an honest one has
    const joinable = timeouts.joinable();
    if (joinable < this.#view) return;
    this.#enter(joinable, 'joined');
    if (this.#rules.some(({ votes }) => votes.lastTimeout < joinable)) this.giveUpOn(joinable);
  }

  seeTimeout(certificate: TimeoutCertificate, from: Source): void {
    if (this.#high.timeout !== null && certificate.view <= this.#high.timeout.view) return;
    this.#raise({ timeout: certificate });
    this.see(certificate.high, from);
    this.#enter(viewAfter(certificate.view), 'timeout');
    this.tryPropose(); // its view may have been entered before the certificate came
  }

  #raise(higher: Partial<HighCertificates>): void {
    this.#high = { ...this.#high, ...higher };
    this.#workings.outbox.certificates(this.#high);
  }

  #leads(seat: VotingRules['seat'], view: View, parent: Position<State>): boolean {
    return this.#dependencies.bench.leaders.leads(seat, view, parent.exclusions);
  }
}
