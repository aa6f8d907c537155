// The ordering engine of one node, driving one or more seats: HotStuff-2's two phases with Jolteon's proof for
// a change of view (protocol 3). Pure: inputs in, effects out; time, keys and the world come from the shell.
// Here: what comes in, timers, idleness, heartbeats. The two phases are in ordering.ts.
import { unreachable } from '../errors.ts';
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { Application } from './application.ts';
import type { Block, Entry } from './block.ts';
import { BlockTree } from './block-tree.ts';
import { CatchUp } from './catch-up.ts';
import { CertificateBook, genesisCertificate } from './certificates.ts';
import type { DurableState, Effect, Input, TimerName } from './effects.ts';
import { type EngineStatus, Hearing } from './hearing.ts';
import type { LeaderSchedule } from './leaders.ts';
import {
  MAX_BLOCK_BYTES,
  MAX_BLOCK_ENTRIES,
  MAX_ENTRY_BYTES,
  MAX_PEERS,
  MAX_STATUS_ENTRIES,
} from './limits.ts';
import { Mempool } from './mempool.ts';
import type { Blocks, Message, PeerId, Proposal, Status, Timeout, Vote } from './messages.ts';
import { Ordering } from './ordering.ts';
import { Outbox } from './outbox.ts';
import { type Pace, Pacemaker } from './pacemaker.ts';
import type { Quorum } from './quorum.ts';
import { restore } from './recovery.ts';
import type { StatementSigner, StatementVerifier } from './statements.ts';

export interface EngineOptions {
  readonly self: PeerId;
  readonly epoch: Epoch;
  readonly quorum: Quorum;
  /** the digest that stands for the block before the first */
  readonly genesis: Digest;
  /** the seats this node drives */
  readonly seats: readonly SeatId[];
  readonly pace: Pace;
  /** how far ahead of this node's clock a block's time may be (protocol 4.9) */
  readonly driftMs: number;
}

export interface EngineDependencies<State> {
  readonly application: Application<State>;
  readonly verifier: StatementVerifier;
  readonly signerOf: (seat: SeatId) => StatementSigner;
  readonly leaders: LeaderSchedule;
  readonly durable: DurableState;
}

export class Engine<State> {
  readonly #options: EngineOptions;
  readonly #dependencies: EngineDependencies<State>;
  readonly #outbox = new Outbox();
  readonly #hearing = new Hearing();
  readonly #now = { ms: 0 };
  readonly #pacemaker: Pacemaker;
  readonly #book: CertificateBook;
  readonly #tree: BlockTree<State>;
  readonly #mempool: Mempool<State>;
  readonly #catchUp: CatchUp<State>;
  readonly #ordering: Ordering<State>;
  readonly #answeredAtMs = new Map<PeerId, number>();
  #wakeAtMs = Number.POSITIVE_INFINITY;

  constructor(options: EngineOptions, dependencies: EngineDependencies<State>) {
    const { application, verifier, leaders, durable, signerOf } = dependencies;
    const { quorum, epoch, genesis, pace } = options;
    this.#options = options;
    this.#dependencies = dependencies;
    const isGenuine = (block: Block) => this.#isGenuine(block);
    const wakeAt = (atMs: number) => this.#wakeAt(atMs);
    const outbox = this.#outbox;
    const book = new CertificateBook({ epoch, quorum, genesis }, verifier);
    const tree = new BlockTree(genesis, application, leaders);
    const mempool = new Mempool(application);
    const pacemaker = new Pacemaker(pace, outbox);
    const catchUp = new CatchUp(tree, book, outbox, isGenuine);
    const [hearing, now] = [this.#hearing, this.#now];
    const workings = { book, tree, mempool, catchUp, outbox, pacemaker, hearing, now, isGenuine, wakeAt };
    const implicit = {
      prepare: genesisCertificate('prepare', epoch, genesis),
      commit: genesisCertificate('commit', epoch, genesis),
    };
    const restored = restore(options, durable, signerOf, tree, implicit);
    this.#book = book;
    this.#tree = tree;
    this.#mempool = mempool;
    this.#pacemaker = pacemaker;
    this.#catchUp = catchUp;
    this.#ordering = new Ordering(options, dependencies, workings, restored);
  }

  start(nowMs: number): Effect[] {
    return this.#step(nowMs, () => {
      this.#pacemaker.heartbeat();
      this.#outbox.send('all', this.#status({ ask: true })); // a node that restarts asks
      this.#ordering.retry();
    });
  }

  handle(input: Input, nowMs: number): Effect[] {
    return this.#step(nowMs, () => {
      switch (input.kind) {
        case 'message':
          return this.#onMessage(input.from, input.message);
        case 'entries':
          return this.#onOwnEntries(input.entries);
        case 'timer':
          return this.#onTimer(input.timer);
        default:
          return unreachable(input);
      }
    });
  }

  /** The application's state after the last committed block. */
  get state(): State {
    return this.#tree.tip.state;
  }

  status(): EngineStatus {
    return {
      view: this.#ordering.view,
      height: this.#tree.tip.height,
      committedView: this.#ordering.high.commit.view,
      waiting: this.#mempool.size,
      ready: this.#mempool.readyCount,
      pending: this.#pending(),
      quorum: this.#options.quorum.q,
      timedOut: this.#ordering.timedOut().map(({ seat }) => seat),
      heardAtMs: this.#hearing.heardAtMs,
      refused: this.#hearing.refused,
    };
  }

  #step(nowMs: number, act: () => void): Effect[] {
    this.#now.ms = nowMs;
    act();
    this.#pacemaker.keep(this.#pending() !== 'nothing');
    const dueAtMs = this.#dueAtMs();
    if (dueAtMs !== undefined && dueAtMs > nowMs) this.#wakeAt(dueAtMs);
    return this.#outbox.drain();
  }

  // protocol 3.9
  #pending(): EngineStatus['pending'] {
    const { prepare, commit } = this.#ordering.high;
    if (!this.#tree.isCommitted(prepare.block) || !this.#tree.isCommitted(commit.block))
      return 'uncommitted-block';
    if (this.#mempool.readyCount > 0) return 'entries';
    const dueAtMs = this.#dueAtMs();
    return dueAtMs !== undefined && dueAtMs <= this.#now.ms ? 'deadline' : 'nothing';
  }

  #dueAtMs(): number | undefined {
    return this.#dependencies.application.dueAtMs(this.#tree.tip.state);
  }

  #wakeAt(atMs: number): void {
    if (atMs >= this.#wakeAtMs) return;
    this.#wakeAtMs = atMs;
    this.#pacemaker.wakeIn(atMs - this.#now.ms);
  }

  #onMessage(from: PeerId, message: Message): void {
    switch (message.kind) {
      case 'proposal':
        return this.#ordering.onProposal(from, message);
      case 'vote':
        return this.#ordering.onVote(from, message);
      case 'timeout':
        return this.#ordering.onTimeout(from, message);
      case 'status':
        return this.#onStatus(from, message);
      case 'entries':
        return this.#addEntries(message.entries);
      case 'blocks-wanted':
        return this.#catchUp.answer(from, message);
      case 'blocks':
        return this.#onBlocks(message);
      default:
        return unreachable(message);
    }
  }

  #onTimer(timer: TimerName): void {
    this.#pacemaker.ranOut(timer);
    switch (timer) {
      case 'heartbeat':
        this.#outbox.send('all', this.#status({ bare: true }));
        return this.#pacemaker.heartbeat();
      case 'view':
        if (this.#pending() === 'nothing') return;
        this.#pacemaker.timedOut();
        return this.#ordering.giveUpOn(this.#ordering.view);
      case 'resend':
        this.#mempool.recheck(this.#tree.tip.state, true);
        if (this.#pending() === 'nothing') return;
        this.#outbox.send('all', this.#status({}));
        this.#catchUp.again();
        return this.#ordering.retry();
      case 'later':
        this.#wakeAtMs = Number.POSITIVE_INFINITY;
        return this.#ordering.retry();
      default:
        return unreachable(timer);
    }
  }

  #onOwnEntries(entries: readonly Entry[]): void {
    const { state } = this.#tree.tip;
    const added = entries.filter((entry) => this.#mempool.add(state, entry));
    if (added.length === 0) return;
    this.#outbox.send('all', { kind: 'entries', entries: added });
    this.#ordering.tryPropose();
  }

  #addEntries(entries: readonly Entry[]): void {
    for (const entry of entries) this.#mempool.add(this.#tree.tip.state, entry);
    this.#ordering.tryPropose();
  }

  #onBlocks(message: Blocks): void {
    const proven = this.#catchUp.take(message);
    if (proven !== undefined) this.#ordering.catchUpTo(proven);
    this.#ordering.retry();
  }

  /** What a peer that is behind, or a message that was lost, needs to hear (protocol 3.5, 3.7, 3.9). */
  #status({ ask = false, bare = false }: { ask?: boolean; bare?: boolean }): Status {
    const { view, high } = this.#ordering;
    const { prepare, commit, timeout: timeoutCertificate } = high;
    const entries = bare ? [] : this.#mempool.first(MAX_STATUS_ENTRIES);
    const parts = bare ? [] : this.#ownParts();
    return { kind: 'status', view, prepare, commit, timeoutCertificate, parts, entries, ask };
  }

  #ownParts(): (Proposal | Vote | Timeout)[] {
    const { view, high, rules } = this.#ordering;
    const parts: (Proposal | Vote | Timeout)[] = [];
    for (const { votes } of rules) {
      if (votes.proposal !== null && votes.proposal.view >= view) {
        const { block: digest, view: _, ...proposal } = votes.proposal;
        const block = this.#tree.block(digest);
        if (block !== undefined) parts.push({ ...proposal, block });
      }
      if (votes.vote1 !== null && votes.vote1.view > high.prepare.view) parts.push(votes.vote1);
      if (votes.vote2 !== null && votes.vote2.view > high.commit.view) parts.push(votes.vote2);
      if (votes.timeout !== null && votes.timeout.view >= view) parts.push(votes.timeout);
    }
    return parts;
  }

  #onStatus(from: PeerId, status: Status): void {
    if (from === this.#options.self) return;
    const { high, view } = this.#ordering;
    const behind =
      status.commit.view < high.commit.view || status.prepare.view < high.prepare.view || status.view < view;
    for (const certificate of [status.commit, status.prepare]) {
      if (!this.#ordering.isNews(certificate)) continue;
      const checked = this.#book.accept(certificate);
      if (checked === undefined) this.#hearing.refuse('status with a bad certificate');
      else this.#ordering.see(checked, from);
    }
    const { timeoutCertificate } = status;
    if (timeoutCertificate !== null && timeoutCertificate.view > (this.#ordering.high.timeout?.view ?? 0)) {
      const checked = this.#book.acceptTimeout(timeoutCertificate);
      if (checked === undefined) this.#hearing.refuse('status with a bad certificate');
      else this.#ordering.seeTimeout(checked, from);
    }
    for (const part of status.parts) this.#onMessage(from, part);
    this.#addEntries(status.entries);
    if (behind || status.ask) this.#answer(from);
  }

  #answer(peer: PeerId): void {
    const lastMs = this.#answeredAtMs.get(peer);
    if (lastMs !== undefined && this.#now.ms < lastMs + this.#options.pace.resendMs / 2) return;
    if (lastMs === undefined && this.#answeredAtMs.size >= MAX_PEERS) this.#answeredAtMs.clear();
    this.#answeredAtMs.set(peer, this.#now.ms);
    this.#outbox.send(peer, this.#status({}));
  }

  #isGenuine({ digest, header, entries }: Block): boolean {
    const { verifier } = this.#dependencies;
    if (entries.length > MAX_BLOCK_ENTRIES || verifier.digestOfHeader(header) !== digest) return false;
    if (entries.some(({ bytes }) => bytes.length > MAX_ENTRY_BYTES)) return false;
    if (entries.reduce((sum, { bytes }) => sum + bytes.length, 0) > MAX_BLOCK_BYTES) return false;
    return verifier.payloadRoot(entries) === header.payloadRoot;
  }
}
