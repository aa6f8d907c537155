// The untimed adversary: it leads every view, hears every signature, adds its own to anything, and chooses every
// order, every loss and every power cut. Nothing here waits: honest seats do what the rules make them do with
// whatever they are shown, by the engine's own code. It finds what timed schedules never reach, such as a lock or
// a last vote lost in a restart (protocol 3.11).
import type { Block, View } from '../consensus/block.ts';
import type { Certificate, TimeoutCertificate } from '../consensus/certificates.ts';
import { type LeaderSchedule, NO_EXCLUSIONS } from '../consensus/leaders.ts';
import type { Message } from '../consensus/messages.ts';
import { allSeats } from '../signing/seat-id.ts';
import { Adversary } from './adversary.ts';
import { CounterApplication, type CounterState } from './counter-application.ts';
import { statusOf } from './liars/showing.ts';
import { Random } from './random.ts';
import { SignatureTable } from './signature-table.ts';
import { peerId, type SimulatedNode } from './simulated-node.ts';
import { World } from './world.ts';

export interface UntimedOptions {
  readonly seed: number;
  readonly seats: number;
  readonly byzantine?: number;
  readonly views?: number;
  readonly steps?: number;
  readonly tracing?: boolean;
}

type Step = (node: SimulatedNode<CounterState>) => void;

export function runUntimed(options: UntimedOptions): World<CounterState> {
  return new UntimedWalk(options).run();
}

class UntimedWalk {
  readonly #steps: number;
  readonly #views: number;
  readonly #random: Random;
  readonly #application = new CounterApplication();
  readonly #world: World<CounterState>;
  readonly #adversary: Adversary<CounterState>;
  readonly #blocks = new Map<number, Block[]>();
  readonly #blocksAView: number;
  #entries = 0;

  constructor({ seed, seats, byzantine: count, views, steps, tracing = false }: UntimedOptions) {
    this.#random = new Random(seed, 7);
    const byzantine = new Set(allSeats(count ?? Math.floor((seats - 1) / 3)));
    const first = allSeats(1)[0];
    const leaders: LeaderSchedule = { leads: (seat) => seat === first, after: () => NO_EXCLUSIONS };
    this.#views = views ?? 5;
    this.#steps = steps ?? (seats <= 4 ? 90 : 30 * seats);
    this.#blocksAView = this.#random.pick([1, 2, 2, 3]);
    this.#world = new World<CounterState>(
      {
        seed,
        seats,
        byzantine,
        tracing,
        nodes: allSeats(seats).map((seat) => [seat]),
        syncEach: this.#random.chance(0.5),
        leadersOf: () => leaders,
      },
      { application: this.#application, signatures: new SignatureTable() },
    );
    this.#world.network.filter = () => false; // whatever arrives, the adversary brings
    this.#world.darkMs = [0, 0];
    this.#adversary = new Adversary(this.#world, () => this.#application.entry(`z${this.#entries++}`));
  }

  run(): World<CounterState> {
    const world = this.#world;
    const random = this.#random;
    world.start();
    // Something is always pending, so that every seat may give up on any view.
    for (const node of world.honest) world.submit(node, [this.#application.entry('waiting')]);
    const moves = this.#moves();
    for (let i = 0; i < this.#steps && world.violations.length === 0; i++) {
      const node = random.pick(world.honest);
      random.pick(moves)(node);
      world.run(world.nowMs);
    }
    return world;
  }

  /** Every walk likes some moves better than others. */
  #moves(): Step[] {
    const random = this.#random;
    const liked: [Step, readonly number[]][] = [
      [(node) => this.#propose(node), [6, 20, 60]],
      [(node) => this.#showPrepare(node), [2, 10, 40]],
      [(node) => node.handle({ kind: 'timer', timer: 'view' }), [1, 4, 16]],
      [(node) => this.#showTimeouts(node), [0, 1, 6]],
      [(node) => this.#passOn(node), [0, 1, 4]],
      [(node) => this.#restart(node), [0, 1, 6]],
    ];
    return liked.flatMap(([step, shares]) => new Array<Step>(random.pick(shares)).fill(step));
  }

  #show(node: SimulatedNode<CounterState>, message: Message): void {
    if (!node.up) return;
    const from = this.#adversary.chairs[0] ?? 0;
    this.#world.trace?.show(this.#world.nowMs, from, node.index, message);
    node.handle({ kind: 'message', from: peerId(from), message });
  }

  #propose(node: SimulatedNode<CounterState>): void {
    const random = this.#random;
    const adversary = this.#adversary;
    const own = node.engine?.status().view ?? 1;
    const view = (random.chance(0.6) ? own : random.between(1, this.#views)) as View;
    if (view > this.#views || view < own) return;
    const [seat] = adversary.seats;
    const made = this.#blocks.get(view) ?? [];
    const old = random.chance(0.6) || made.length >= this.#blocksAView ? random.pickMaybe(made) : undefined;
    const justify = this.#standing(old);
    if (seat === undefined || justify === undefined || justify.view >= view) return;
    let timeouts: TimeoutCertificate | null = null;
    if (justify.view !== view - 1) {
      timeouts = adversary.timeoutCertificate((view - 1) as View) ?? null;
      if (timeouts === null) return;
    }
    // Now and then it stands on one block and shows the certificate of another.
    const beside = random.chance(0.08) ? random.pickMaybe([...this.#blocks.values()].flat()) : undefined;
    const footing = beside === undefined ? justify : { ...justify, block: beside.digest };
    const block = old ?? adversary.block(seat, view, footing, [adversary.inventEntry()]);
    if (block === undefined) return;
    if (old === undefined) this.#blocks.set(view, [...made, block]);
    this.#world.tap.blocks.set(block.digest, block);
    this.#show(node, adversary.proposal(seat, block, justify, timeouts));
  }

  /** The certificate of a block's parent, or one to build on: mostly a late one. */
  #standing(block: Block | undefined): Certificate | undefined {
    const adversary = this.#adversary;
    const formable = [...adversary.certificates(1, 1), adversary.genesis];
    if (block !== undefined) {
      const fitting = formable.filter(({ height }) => height === block.header.height - 1);
      const own = fitting.find((certificate) => certificate.block === block.header.parent);
      return own ?? this.#random.pickMaybe(fitting);
    }
    return this.#random.pickMaybe(this.#random.chance(0.7) ? formable.slice(0, 3) : formable);
  }

  #showPrepare(node: SimulatedNode<CounterState>): void {
    const prepare = this.#random.pickMaybe(this.#adversary.certificates(1, 1).slice(0, 4));
    if (prepare !== undefined) this.#show(node, statusOf(this.#adversary, { prepare }));
  }

  #showTimeouts(node: SimulatedNode<CounterState>): void {
    const view = this.#random.between(1, this.#views) as View;
    const timeoutCertificate = this.#adversary.timeoutCertificate(view);
    if (timeoutCertificate !== undefined) this.#show(node, statusOf(this.#adversary, { timeoutCertificate }));
  }

  /** What honest seats said, and what it says beside them. */
  #passOn(node: SimulatedNode<CounterState>): void {
    const { tap } = this.#world;
    const random = this.#random;
    const view = random.between(1, this.#views) as View;
    if (random.chance(0.5)) {
      for (const timeout of tap.timeouts.get(view)?.values() ?? []) this.#show(node, timeout);
      return;
    }
    const phase = random.pick([1, 2] as const);
    for (const [block, { vote, signatures }] of tap.votes(phase, view)) {
      for (const [seat, signature] of signatures) this.#show(node, { ...vote, seat, signature });
      for (const seat of this.#adversary.seats) {
        this.#show(node, this.#adversary.vote(seat, phase, view, vote.height, block));
      }
    }
  }

  /** The power goes between two steps, or at the next write. */
  #restart(node: SimulatedNode<CounterState>): void {
    if (this.#random.chance(0.5)) return this.#world.powerCut(node, 0);
    this.#world.powerCutChance = 1;
    this.#random.pick([() => this.#propose(node), () => this.#showPrepare(node)])();
    this.#world.powerCutChance = 0;
  }
}
