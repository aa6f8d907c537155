// A world in which the real engine runs: virtual time, a network, disks and power cuts, all drawn from one seed.
// The same seed plays the same world. Honest nodes run the engine; Byzantine ones are empty chairs for an
// adversary to speak from, or, as twins, the engine once more with the same keys.
import { type Bench, NOBODY } from '../consensus/bench.ts';
import type { Entry } from '../consensus/block.ts';
import type { CommittedBlock, TimerName } from '../consensus/effects.ts';
import { Engine } from '../consensus/engine.ts';
import { RoundRobin } from '../consensus/leaders.ts';
import type { Message, PeerId } from '../consensus/messages.ts';
import { type Quorum, quorumOf } from '../consensus/quorum.ts';
import { invariant } from '../errors.ts';
import type { SeatId } from '../signing/seat-id.ts';
import { Checker } from './checker.ts';
import { EPOCH, Eras, GENESIS } from './eras.ts';
import { EventQueue } from './event-queue.ts';
import { Network } from './network.ts';
import { Random } from './random.ts';
import { indexOfPeer, peerId, SimulatedNode } from './simulated-node.ts';
import { describe, Trace } from './trace.ts';
import type { Violation, ViolationKind } from './violation.ts';
import { WireTap } from './wire-tap.ts';

import { SIMULATED_PACE, type WorldDependencies, type WorldOptions } from './world-options.ts';

export { EPOCH, GENESIS } from './eras.ts';
export { SIMULATED_PACE, type WorldDependencies, type WorldOptions } from './world-options.ts';

type Event =
  | { readonly kind: 'deliver'; readonly from: number; readonly to: number; readonly message: Message }
  | { readonly kind: 'timer'; readonly node: number; readonly timer: TimerName; readonly generation: number }
  | { readonly kind: 'act'; readonly act: () => void };

const DRIFT_MS = 100;
/** How often a condition is looked at while the world runs. */
const EVENTS_BETWEEN_LOOKS = 8;

export class World<State> {
  readonly quorum: Quorum;
  readonly network: Network;
  readonly random: Random;
  readonly checker: Checker;
  readonly tap = new WireTap();
  readonly nodes: readonly SimulatedNode<State>[];
  /** nodes whose seats are all honest */
  readonly honest: readonly SimulatedNode<State>[];
  readonly violations: Violation[] = [];
  readonly trace: Trace | undefined;
  readonly dependencies: WorldDependencies<State>;
  readonly options: WorldOptions;
  /** the chance that the power goes at a write */
  powerCutChance = 0;
  /** how long a node is dark after such a cut */
  darkMs: readonly [least: number, most: number] = [5, 200];
  messagesSent = 0;
  deliveries = 0;
  eventsSeen = 0;
  readonly eras: Eras;
  #nowMs = 0;
  readonly #queue = new EventQueue<Event>();
  readonly #byPower: Random;

  constructor(options: WorldOptions, dependencies: WorldDependencies<State>) {
    this.options = options;
    this.dependencies = dependencies;
    this.quorum = quorumOf(options.seats);
    this.random = new Random(options.seed, 1);
    this.#byPower = new Random(options.seed, 2);
    this.network = new Network(new Random(options.seed, 3));
    this.trace = options.tracing === true ? new Trace() : undefined;
    const { byzantine } = options;
    const { signatures } = dependencies;
    const { genesis = GENESIS } = options;
    this.eras = new Eras(this.quorum, signatures, genesis);
    const leadersIn = options.leadersOf === undefined ? this.eras.leadersIn : undefined;
    this.checker = new Checker(
      { quorum: this.quorum, genesis, epoch: EPOCH, byzantine, leadersIn },
      {
        signatures,
        endsEpoch: (block) => this.eras.ends(block),
        report: (kind, text) => this.violate(kind, text),
      },
    );
    this.nodes = options.nodes.map((seats, index) => this.#node(seats, index));
    this.honest = this.nodes.filter(({ seats }) => !seats.some((seat) => byzantine.has(seat)));
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  node(index: number): SimulatedNode<State> {
    const node = this.nodes[index];
    invariant(node !== undefined, `a node ${index}`);
    return node;
  }

  isHonest(index: number): boolean {
    return !this.node(index).seats.some((seat) => this.options.byzantine.has(seat));
  }

  start(): void {
    for (const node of this.nodes) {
      if (this.options.twins === true || this.isHonest(node.index)) this.power(node);
    }
  }

  /** The node starts, from whatever its disk holds. */
  power(node: SimulatedNode<State>): void {
    if (node.up) return;
    this.trace?.add(this.#nowMs, `node ${node.index} starts`);
    node.start();
  }

  powerCut(node: SimulatedNode<State>, backAfterMs: number | undefined): void {
    if (!node.up) return;
    this.trace?.add(this.#nowMs, `node ${node.index} loses its power`);
    node.losePower();
    if (backAfterMs !== undefined) this.after(backAfterMs, () => this.power(node));
  }

  after(delayMs: number, act: () => void): void {
    this.#queue.put(this.#nowMs + delayMs, { kind: 'act', act });
  }

  submit(node: SimulatedNode<State>, entries: readonly Entry[]): void {
    if (!node.up) return;
    this.trace?.add(this.#nowMs, `node ${node.index} is given ${describe({ kind: 'entries', entries })}`);
    node.handle({ kind: 'entries', entries });
  }

  /** What anybody may do: put a message on the network under some address. */
  send(from: number, to: number, message: Message): void {
    if (!this.node(to).up && !this.isHonest(to)) return;
    if (message.kind === 'proposal' && this.dependencies.endsEpoch?.(message.block.entries)) {
      this.eras.endWith(message.block.entries);
    }
    for (const delayMs of this.network.deliveries(from, to, message)) {
      this.#queue.put(this.#nowMs + delayMs, { kind: 'deliver', from, to, message });
    }
  }

  /** Runs to a moment, to a violation or until a condition holds; false when it never did. */
  run(untilMs: number, until?: () => boolean): boolean {
    let sinceLook = 0;
    for (;;) {
      const nextAtMs = this.#queue.nextAtMs;
      if (nextAtMs === undefined || nextAtMs > untilMs) break;
      this.#step();
      if (this.violations.length > 0) return false;
      if (until !== undefined && ++sinceLook >= EVENTS_BETWEEN_LOOKS) {
        sinceLook = 0;
        if (until()) return true;
      }
    }
    if (until?.() === true) return true;
    if (untilMs > this.#nowMs) this.#nowMs = untilMs;
    return until === undefined;
  }

  violate(kind: ViolationKind, text: string): void {
    this.trace?.add(this.#nowMs, `VIOLATION ${kind}: ${text}`);
    this.violations.push({ kind, text, atMs: this.#nowMs });
  }

  #step(): void {
    const slot = this.#queue.take();
    if (slot === undefined) return;
    this.#nowMs = slot.atMs;
    this.eventsSeen++;
    const { event } = slot;
    switch (event.kind) {
      case 'deliver': {
        const node = this.node(event.to);
        if (!node.up) return;
        this.deliveries++;
        const { carry } = this.dependencies;
        const message = carry === undefined ? event.message : carry(event.message);
        if (message === undefined) return;
        this.trace?.show(this.#nowMs, event.from, event.to, message);
        node.handle({ kind: 'message', from: peerId(event.from), message });
        return;
      }
      case 'timer':
        this.node(event.node).ranOut(event.timer, event.generation);
        return;
      case 'act':
        event.act();
        return;
      default:
        event satisfies never;
    }
  }

  #node(seats: readonly SeatId[], index: number): SimulatedNode<State> {
    const { syncEach = false, skewMs } = this.options;
    return new SimulatedNode<State>(
      { index, seats, syncEach, skewMs: skewMs?.(index) ?? 0 },
      {
        nowMs: () => this.#nowMs,
        boot: (node) => this.#boot(node),
        send: (from, to, message) => this.#sent(from, to, message),
        wakeAt: (atMs, node, timer, generation) =>
          this.#queue.put(atMs, { kind: 'timer', node, timer, generation }),
        powerFails: () => this.#byPower.chance(this.powerCutChance),
        wasWritten: () => this.#byPower.chance(0.5),
        powerLost: (node) => this.powerCut(this.node(node), this.#byPower.between(...this.darkMs)),
        durable: (node, record) => {
          if (record.kind === 'votes' && this.isHonest(node)) this.checker.durable(record.votes);
        },
        committed: (node, blocks) => this.#committed(node, blocks),
        accused: (node, evidence) => {
          if (!this.isHonest(node)) return;
          this.checker.accused(evidence);
          this.after(0, () => this.dependencies.onAccused?.(this.node(node), evidence));
        },
        stopped: (node, error) => {
          if (this.isHonest(node)) this.violate('node-stopped', `node ${node}: ${String(error)}`);
        },
      },
    );
  }

  #boot({ index, seats, disk }: SimulatedNode<State>): Engine<State> {
    const { pace = SIMULATED_PACE, leadersOf } = this.options;
    const driftMs = this.#driftMs;
    const { application, signatures, vacantIn } = this.dependencies;
    const options = { self: peerId(index), quorum: this.quorum, genesis: this.eras.genesis, pace, driftMs };
    const benchOf = (state: State): Bench => {
      const vacant = vacantIn?.(state) ?? NOBODY;
      const epoch = application.epochOf(state);
      this.eras.begin(epoch, vacant);
      this.checker.seated(epoch, vacant);
      return {
        seats: seats.filter((seat) => !vacant.has(seat)),
        vacant,
        leaders: leadersOf?.(index, this.quorum) ?? new RoundRobin(this.quorum, vacant),
        verifier: signatures,
        signerOf: (seat) => signatures.signerOf(seat),
      };
    };
    return new Engine(options, { application, benchOf, durable: disk.recovered() });
  }

  #sent(from: number, to: PeerId | 'all', message: Message): void {
    this.messagesSent++;
    this.dependencies.onSent?.(to, message);
    const node = this.node(from);
    if (message.kind === 'proposal' && this.dependencies.endsEpoch?.(message.block.entries)) {
      this.eras.endWith(message.block.entries);
    }
    this.tap.hear(message, (signed) => {
      if (!this.isHonest(from)) return;
      this.checker.sent(signed);
      if (signed.kind !== 'vote' || signed.phase !== 1) return;
      this.checker.cast(signed, node.disk.body(signed.block), node.nowMs + this.#driftMs);
    });
    if (to !== 'all') return this.send(from, indexOfPeer(to), message);
    for (const { index } of this.nodes) {
      // Its own message comes back to a node at once, whatever the weather.
      if (index === from) this.#queue.put(this.#nowMs, { kind: 'deliver', from, to: from, message });
      else this.send(from, index, message);
    }
  }

  get #driftMs(): number {
    return this.options.driftMs ?? DRIFT_MS;
  }

  #committed(index: number, blocks: readonly CommittedBlock[]): void {
    const node = this.node(index);
    this.trace?.add(this.#nowMs, `node ${index} commits height ${blocks.at(-1)?.block.header.height}`);
    if (this.isHonest(index)) this.checker.committed(index, blocks);
    const last = blocks.at(-1)?.block;
    if (last !== undefined && this.eras.ends(last.digest)) this.eras.ended(last);
    this.dependencies.onCommitted?.(node, blocks);
  }
}
