// A world with a director: either its network is dead and nothing arrives but what the script brings, or it is
// calm and the script only gives the cues.
import type { Entry, View } from '../../consensus/block.ts';
import type { LeaderSchedule } from '../../consensus/leaders.ts';
import type { Message } from '../../consensus/messages.ts';
import type { Pace } from '../../consensus/pacemaker.ts';
import type { Quorum } from '../../consensus/quorum.ts';
import { allSeats } from '../../signing/seat-id.ts';
import { Adversary } from '../adversary.ts';
import { CounterApplication, type CounterState } from '../counter-application.ts';
import { SignatureTable } from '../signature-table.ts';
import { peerId, type SimulatedNode } from '../simulated-node.ts';
import { World } from '../world.ts';

export interface Scenario {
  readonly name: string;
  /** what holds, in words */
  readonly claim: string;
  /** are more seats bribed than any protocol tolerates, so that a violation is what must be found? */
  readonly mustBreak?: boolean;
  readonly run: (tracing: boolean) => Stage;
}

export interface StageOptions {
  readonly seats: number;
  readonly byzantine: readonly number[];
  readonly network: 'dead' | 'calm';
  readonly tracing: boolean;
  readonly pace?: Pace;
  readonly skewMs?: (node: number) => number;
  readonly leadersOf?: (node: number, quorum: Quorum) => LeaderSchedule;
}

/** Longer than any honest leader's turn, even at the cap of the timers. */
export const LONG_MS = 60_000;

export class Stage {
  readonly world: World<CounterState>;
  readonly adversary: Adversary<CounterState>;
  readonly #application = new CounterApplication();
  #invented = 0;

  constructor({ seats, byzantine, network, ...options }: StageOptions) {
    const all = allSeats(seats);
    const liars = new Set(all.filter((seat) => byzantine.includes(seat)));
    this.world = new World<CounterState>(
      { seed: 1, seats, byzantine: liars, nodes: all.map((seat) => [seat]), ...options },
      { application: this.#application, signatures: new SignatureTable() },
    );
    this.adversary = new Adversary(this.world, () => this.#application.entry(`z${this.#invented++}`));
    if (network === 'dead') this.world.network.filter = () => false;
    this.world.start();
    this.settle();
  }

  get honest(): readonly SimulatedNode<CounterState>[] {
    return this.world.honest;
  }

  entry(text: string): Entry {
    return this.#application.entry(text);
  }

  /** The node that hosts a seat. */
  of(seat: number): SimulatedNode<CounterState> {
    return this.world.node(seat - 1);
  }

  give(seat: number, ...texts: readonly string[]): void {
    this.world.submit(
      this.of(seat),
      texts.map((text) => this.entry(text)),
    );
    this.settle();
  }

  show(seat: number, message: Message, from = this.adversary.chairs[0] ?? 0): void {
    const node = this.of(seat);
    this.world.trace?.show(this.world.nowMs, from, node.index, message);
    node.handle({ kind: 'message', from: peerId(from), message });
    this.settle();
  }

  runOut(seat: number): void {
    this.of(seat).handle({ kind: 'timer', timer: 'view' });
    this.settle();
  }

  /** Lets a node's messages to itself arrive. */
  settle(): void {
    this.world.run(this.world.nowMs);
  }

  has(seat: number, name: string): boolean {
    return this.of(seat).engine?.state.done.has(name) ?? false;
  }

  allHave(name: string): boolean {
    return this.honest.every((node) => node.engine?.state.done.has(name) ?? false);
  }

  view(seat: number): number {
    return this.of(seat).engine?.status().view ?? 0;
  }

  /** Votes and timeouts of a view that honest seats have sent, to everybody. */
  passOnVotes(view: number): void {
    const { tap } = this.world;
    for (const phase of [1, 2] as const) {
      for (const { vote, signatures } of tap.votes(phase, view as View).values()) {
        for (const [seat, signature] of signatures) {
          for (const { seats } of this.honest)
            for (const to of seats) this.show(to, { ...vote, seat, signature });
        }
      }
    }
  }

  /** Says what was promised and did not happen. */
  expect(holds: boolean, promise: string): void {
    if (!holds && this.world.violations.length === 0) this.world.violate('stall', promise);
  }

  /** Runs until it holds, at most so long. */
  await(withinMs: number, holds: () => boolean, promise: string): void {
    const { world } = this;
    if (world.violations.length === 0 && !world.run(world.nowMs + withinMs, holds))
      this.expect(false, promise);
  }

  runFor(ms: number): void {
    if (this.world.violations.length === 0) this.world.run(this.world.nowMs + ms);
  }
}
