// Ordering in one epoch: what comes in, timers, idleness, heartbeats. The two phases are in ordering.ts. Once the
// block that ends the epoch is committed it says nothing more; engine.ts goes on from there (protocol 6.1).
import { unreachable } from '../errors.ts';
import type { Epoch } from '../signing/purpose.ts';
import { allSeats, type SeatId } from '../signing/seat-id.ts';
import type { Application } from './application.ts';
import type { Bench } from './bench.ts';
import type { Block, Entry } from './block.ts';
import type { BlockTree } from './block-tree.ts';
import { CatchUp } from './catch-up.ts';
import { CertificateBook } from './certificates.ts';
import { isMoot } from './collector.ts';
import { Courtesy } from './courtesy.ts';
import type { Effect, Input, TimerName } from './effects.ts';
import type { EngineOptions } from './engine.ts';
import { isGenuine } from './genuine.ts';
import type { EngineStatus, Hearing } from './hearing.ts';
import { MAX_STATUS_ENTRIES, MAX_STATUS_ENTRY_BYTES } from './limits.ts';
import type { Mempool } from './mempool.ts';
import {
  type Blocks,
  epochOfMessage,
  type Message,
  type PeerId,
  type Status,
  type Vote,
} from './messages.ts';
import { Ordering } from './ordering.ts';
import type { Outbox } from './outbox.ts';
import type { Pacemaker } from './pacemaker.ts';
import type { Restored } from './recovery.ts';
import { type StatusWishes, statusOf } from './status.ts';

export type EpochOptions = Omit<EngineOptions, 'genesis'>;

export interface EpochDependencies<State> {
  readonly application: Application<State>;
  readonly bench: Bench;
  /** of the epoch, as far as it was committed before */
  readonly tree: BlockTree<State>;
  /** what was signed and seen in it before */
  readonly restored: Restored;
  /** what goes over from epoch to epoch */
  readonly lasting: Lasting<State>;
}

export interface Lasting<State> {
  readonly mempool: Mempool<State>;
  readonly outbox: Outbox;
  readonly pacemaker: Pacemaker;
  readonly hearing: Hearing;
  readonly now: { ms: number };
}

export class EpochEngine<State> {
  readonly #options: EpochOptions;
  readonly #dependencies: EpochDependencies<State>;
  readonly #outbox: Outbox;
  readonly #hearing: Hearing;
  readonly #now: { ms: number };
  readonly #pacemaker: Pacemaker;
  readonly #book: CertificateBook;
  readonly #tree: BlockTree<State>;
  readonly #mempool: Mempool<State>;
  readonly #catchUp: CatchUp<State>;
  readonly #ordering: Ordering<State>;
  readonly #courtesy: Courtesy;
  #wakeAtMs = Number.POSITIVE_INFINITY;

  constructor(options: EpochOptions, dependencies: EpochDependencies<State>) {
    const { bench, tree, restored, lasting } = dependencies;
    const { epoch, start } = tree;
    this.#options = options;
    this.#dependencies = dependencies;
    this.#courtesy = new Courtesy(options.pace.resendMs / 2);
    const genuine = (block: Block) => isGenuine(block, bench.verifier);
    const wakeAt = (atMs: number) => this.#wakeAt(atMs);
    const { mempool, outbox, pacemaker, hearing, now } = lasting;
    const { quorum } = options;
    const rules = { epoch, quorum, genesis: start.digest, start, vacant: bench.vacant };
    const book = new CertificateBook(rules, bench.verifier);
    const catchUp = new CatchUp(tree, book, outbox, genuine);
    const heard = { hearing, now, isGenuine: genuine, wakeAt };
    const workings = { book, tree, mempool, catchUp, outbox, pacemaker, ...heard };
    this.#outbox = outbox;
    this.#hearing = hearing;
    this.#now = now;
    this.#book = book;
    this.#tree = tree;
    this.#mempool = mempool;
    this.#pacemaker = pacemaker;
    this.#catchUp = catchUp;
    this.#ordering = new Ordering(options, dependencies, workings, restored);
  }

  /** After a restart and at an epoch's beginning alike. */
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

  /** With what is committed: the block that ended the epoch, once it has ended. */
  get tree(): BlockTree<State> {
    return this.#tree;
  }

  get leader(): SeatId | undefined {
    const { view } = this.#ordering;
    const { exclusions } = this.#tree.tip;
    const { leaders } = this.#dependencies.bench;
    return allSeats(this.#options.quorum.n).find((seat) => leaders.leads(seat, view, exclusions));
  }

  isMoot(vote: Vote): boolean {
    return vote.epoch === this.#tree.epoch && isMoot(vote, this.#ordering.high);
  }

  status(): EngineStatus {
    return {
      epoch: this.#tree.epoch,
      view: this.#ordering.view,
      height: this.#tree.tip.height,
      committedView: this.#ordering.high.commit.view,
      waiting: this.#mempool.size,
      ready: this.#mempool.readyCount,
      pending: this.#pending(),
      quorum: this.#options.quorum.q,
      timedOut: this.#ordering.timedOut.map(({ seat }) => seat),
      heardAtMs: this.#hearing.heardAtMs,
      refused: this.#hearing.refused,
      viewChanges: this.#hearing.viewChanges,
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
    if (this.#tree.hasEnded) return;
    const epoch = epochOfMessage(message);
    if (epoch !== undefined && epoch !== this.#tree.epoch) return this.#onOtherEpoch(from, epoch, message);
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
        return this.#onBlocks(from, message);
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
        this.#outbox.send(
          'all',
          this.#status({ entries: this.#mempool.some(MAX_STATUS_ENTRIES, MAX_STATUS_ENTRY_BYTES) }),
        );
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

  #onBlocks(from: PeerId, message: Blocks): void {
    const { height } = this.#tree.tip;
    const proven = this.#catchUp.take(message);
    if (proven !== undefined) this.#ordering.catchUpTo(proven);
    else if (message.commit !== null) this.#hearing.refuse('blocks with a bad certificate');
    this.#ordering.retry();
    if (this.#tree.tip.height > height && !this.#tree.hasEnded) this.#catchUp.goOn(from);
  }

  #status(wishes: StatusWishes): Status {
    return statusOf(this.#ordering, this.#tree, wishes);
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
    if (this.#courtesy.may(peer, this.#now.ms)) this.#outbox.send(peer, this.#status({}));
  }

  // protocol 6.1: who is behind is helped on, and who hears of a later epoch is behind
  #onOtherEpoch(from: PeerId, epoch: Epoch, message: Message): void {
    if (from === this.#options.self) return;
    if (message.kind === 'status') this.#addEntries(message.entries);
    if (epoch > this.#tree.epoch) {
      if (this.#courtesy.may(from, this.#now.ms))
        this.#outbox.send(from, this.#status({ ask: true, bare: true }));
      return;
    }
    // late votes of the last epoch are common and mean nothing; a status says where its sender is
    if (message.kind !== 'status' || message.commit.height >= this.#tree.tip.height) return;
    if (this.#courtesy.may(from, this.#now.ms)) this.#outbox.serveBlocks(from, message.commit.height);
  }
}
