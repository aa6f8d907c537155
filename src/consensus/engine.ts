// The ordering engine of one node, driving one or more seats: HotStuff-2's two phases with Jolteon's proof for
// a change of view (protocol 3). Pure: inputs in, effects out; time, keys and the world come from the shell.
// Here: one epoch after the other. Each is ordered by an engine of its own, which goes on from the block that ended the
// one before, with new votes, new certificates and other keys; what waits to be ordered goes over (protocol 6.1).
import { invariant } from '../errors.ts';
import type { Digest } from '../signing/digest.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { Application } from './application.ts';
import type { Bench } from './bench.ts';
import { type DurableState, type Effect, type Input, NOTHING_DURABLE } from './effects.ts';
import { EpochEngine, type Lasting } from './epoch-engine.ts';
import { type EngineStatus, Hearing } from './hearing.ts';
import { Mempool } from './mempool.ts';
import type { PeerId, Vote } from './messages.ts';
import { Outbox } from './outbox.ts';
import { type Pace, Pacemaker } from './pacemaker.ts';
import type { Quorum } from './quorum.ts';
import { beginEpoch, type Replayed, replay, restore } from './recovery.ts';

export interface EngineOptions {
  readonly self: PeerId;
  readonly quorum: Quorum;
  /** the digest that stands for the block before the first */
  readonly genesis: Digest;
  readonly pace: Pace;
  /** how far ahead of this node's clock a block's time may be (protocol 4.9) */
  readonly driftMs: number;
}

export interface EngineDependencies<State> {
  readonly application: Application<State>;
  /** who sits in the epoch of a state: asked at the start and whenever an epoch begins */
  readonly benchOf: (state: State) => Bench;
  readonly durable: DurableState;
  /** the chain of `durable`, where it was executed already */
  readonly replayed?: Replayed<State>;
}

export class Engine<State> {
  readonly #options: EngineOptions;
  readonly #dependencies: EngineDependencies<State>;
  readonly #lasting: Lasting<State>;
  #current: EpochEngine<State>;

  constructor(options: EngineOptions, dependencies: EngineDependencies<State>) {
    const { application, durable, replayed } = dependencies;
    const outbox = new Outbox();
    const pacemaker = new Pacemaker(options.pace, outbox);
    const mempool = new Mempool(application);
    this.#options = options;
    this.#dependencies = dependencies;
    this.#lasting = { mempool, outbox, pacemaker, hearing: new Hearing(), now: { ms: 0 } };
    this.#current = this.#epochEngine(replayed ?? replay(options.genesis, dependencies), durable);
  }

  start(nowMs: number): Effect[] {
    return this.#goOn(this.#current.start(nowMs), nowMs);
  }

  handle(input: Input, nowMs: number): Effect[] {
    return this.#goOn(this.#current.handle(input, nowMs), nowMs);
  }

  /** The application's state after the last committed block. */
  get state(): State {
    return this.#current.tree.tip.state;
  }

  /** Who leads the present view, on the committed chain. */
  get leader(): SeatId | undefined {
    return this.#current.leader;
  }

  status(): EngineStatus {
    return this.#current.status();
  }

  /** Would the vote be passed over, true or false? Then its signature need not be checked. */
  isMoot(vote: Vote): boolean {
    return this.#current.isMoot(vote);
  }

  /**
   * Changes engines when the epoch has ended. The effects follow in their order: what commits its last block stands
   * before whatever is signed in the next, so that no crash leaves a vote of an epoch whose beginning is not on disk.
   */
  #goOn(effects: Effect[], nowMs: number): Effect[] {
    const { tree } = this.#current;
    if (!tree.hasEnded) return effects;
    const { application, benchOf } = this.#dependencies;
    const next = beginEpoch(tree.tip, application, benchOf);
    const { mempool, pacemaker } = this.#lasting;
    pacemaker.entered();
    mempool.recheck(next.tip.state, true);
    this.#current = this.#epochEngine({ tree: next, commit: undefined }, NOTHING_DURABLE);
    const first = this.#current.start(nowMs);
    invariant(!next.hasEnded, 'an epoch that has just begun has not ended');
    return [...effects.filter(isStillSaid), ...first];
  }

  #epochEngine(replayed: Replayed<State>, durable: DurableState): EpochEngine<State> {
    const { application, benchOf } = this.#dependencies;
    const bench = benchOf(replayed.tree.start.state);
    const restored = restore(replayed, bench, durable);
    const lasting = this.#lasting;
    return new EpochEngine(this.#options, { application, bench, tree: replayed.tree, restored, lasting });
  }
}

/** What was signed in the very step that ended the epoch is moot, and the bodies that it was about are forgotten. */
function isStillSaid(effect: Effect): boolean {
  if (effect.kind !== 'send') return true;
  const { kind } = effect.message;
  return kind !== 'proposal' && kind !== 'vote' && kind !== 'timeout';
}
