// Timed schedules: a stormy world with liars in it, then calm, then idleness. In the storm nothing may go wrong;
// in the calm everything that was asked for must be decided within a bound; idle, nothing may move but laggards
// that catch up; and after idleness there must be life (protocol 3.9, 3.11).
import type { CommittedBlock } from '../consensus/effects.ts';
import type { Message } from '../consensus/messages.ts';
import { allSeats, type SeatId } from '../signing/seat-id.ts';
import { Adversary } from './adversary.ts';
import { CounterApplication, type CounterState } from './counter-application.ts';
import { type ConsensusBehaviour, movesOf, unleash } from './liars/behaviours.ts';
import { calm } from './network.ts';
import { Random } from './random.ts';
import { RosterChanges } from './roster-changes.ts';
import { SignatureTable, type WorldSignatures } from './signature-table.ts';
import type { SimulatedNode } from './simulated-node.ts';
import { Storm } from './storm.ts';
import { World } from './world.ts';

export interface TimedOptions {
  readonly seed: number;
  readonly seats: number;
  /** how many seats lie; as many as are tolerated when it is not said */
  readonly byzantine?: number;
  readonly behaviour?: ConsensusBehaviour | 'twins';
  readonly seatsPerNode?: number;
  readonly stormMs?: number;
  readonly tracing?: boolean;
  /** does the roster change now and then, each time ending an epoch (protocol 6.1)? */
  readonly epochs?: boolean;
  readonly signatures?: WorldSignatures;
  readonly carry?: (message: Message) => Message | undefined;
}

const STORM_MS = 1_500;
/** Within this, in the calm, all that is open must be decided: many bad leaders one after another, at the cap. */
const DECIDED_WITHIN_MS = 40_000;
const DECIDED_WITHIN_MS_PER_SEAT = 3_000;
const CATCHES_UP_WITHIN_MS = 6_000;
/** The last liar's block that is held for being ahead of time gets its turn, and so do deadlines. */
const SETTLING_MS = 1_300;
/** Whoever is a little behind hears of it. */
const HEARTBEATS_MS = 400;
const IDLE_MS = 1_500;

/** What goes on after the storm: does the adversary still lie, do clients fall silent, is the network still bad? */
type Tail = 'active' | 'quiet' | 'lossy';

export function runTimed(options: TimedOptions): World<CounterState> {
  return new TimedSchedule(options).run();
}

class TimedSchedule {
  readonly #options: TimedOptions;
  readonly #random: Random;
  readonly #application = new CounterApplication();
  readonly #world: World<CounterState>;
  readonly #adversary: Adversary<CounterState>;
  readonly #tail: Tail;
  readonly #isolated: SimulatedNode<CounterState> | undefined;
  readonly #changes: RosterChanges<CounterState> | undefined;
  readonly #ordered = new Set<string>();
  #submitted: string[] = [];
  #entries = 0;

  constructor(options: TimedOptions) {
    const { seed, seats, behaviour = 'any', tracing = false, seatsPerNode = 1 } = options;
    this.#options = options;
    const random = new Random(seed, 5);
    this.#random = random;
    const nodes = inGroups(allSeats(seats), seatsPerNode);
    const count = options.byzantine ?? Math.floor((seats - 1) / 3);
    const byzantine = new Set<SeatId>();
    for (const group of random.shuffled(nodes)) {
      if (byzantine.size + group.length <= count) for (const seat of group) byzantine.add(seat);
    }
    // A twin is a second node with the same seats, which equivocates without being told how.
    const twins = behaviour === 'twins';
    const doubled = twins ? nodes.filter((group) => group.some((seat) => byzantine.has(seat))) : [];
    const skews = nodes.map(() => random.between(0, random.pick([0, 40])));
    this.#world = new World<CounterState>(
      {
        seed,
        nodes: [...nodes, ...doubled],
        seats,
        byzantine,
        twins,
        tracing,
        syncEach: random.chance(0.5),
        skewMs: (node) => skews[node] ?? 0,
      },
      {
        application: this.#application,
        signatures: options.signatures ?? new SignatureTable(),
        ...(options.carry === undefined ? {} : { carry: options.carry }),
        endsEpoch: (entries) => this.#application.endsEpoch(entries),
        vacantIn: ({ vacant }) => vacant,
        onCommitted: (_, blocks) => this.#noteOrdered(blocks),
      },
    );
    this.#adversary = new Adversary(this.#world, () => this.#application.entry(this.#inventedText()));
    if (behaviour !== 'twins') unleash(this.#adversary, movesOf(behaviour, this.#adversary.random));
    this.#tail = random.pick(['active', 'active', 'quiet', 'lossy'] as const);
    this.#isolated = random.chance(0.15) ? random.pick(this.#world.honest) : undefined;
    this.#changes = options.epochs === true ? new RosterChanges(this.#world, seed) : undefined;
  }

  run(): World<CounterState> {
    const world = this.#world;
    world.start();
    const storm = new Storm(world, this.#isolated?.index);
    storm.begin();
    this.#submitNowAndThen();
    const stormMs = this.#options.stormMs ?? STORM_MS;
    this.#changes?.begin(stormMs, (text) => this.#submit(world.honest, text));
    if (!world.run(stormMs)) return world;
    storm.end();
    this.#calmDown();
    for (const phase of [
      () => this.#decides(),
      () => this.#settles(),
      () => this.#catchesUp(),
      () => this.#revives(),
    ]) {
      phase();
      if (world.violations.length > 0) break;
    }
    return world;
  }

  /** Honest nodes that can talk to each other. */
  get #together(): readonly SimulatedNode<CounterState>[] {
    return this.#world.network.weather.groups === null
      ? this.#world.honest
      : this.#world.honest.filter((node) => node !== this.#isolated);
  }

  #calmDown(): void {
    const { network, honest, quorum, nodes } = this.#world;
    const everyone = new Set(nodes.map(({ index }) => index));
    const alone = this.#isolated;
    network.weather = { ...calm(), loss: this.#tail === 'lossy' ? 0.25 : 0 };
    // Cut off, it may be one too many: then it is let back in now.
    const seatsTogether = honest.reduce((sum, node) => sum + (node === alone ? 0 : node.seats.length), 0);
    if (alone !== undefined && seatsTogether >= quorum.q) {
      everyone.delete(alone.index);
      network.weather.groups = [everyone, new Set([alone.index])];
    }
    for (const node of honest) this.#world.power(node);
  }

  #decides(): void {
    const world = this.#world;
    const group = this.#together;
    const tallest = Math.max(...group.map(heightOf));
    // A client asks again until it is told "committed"; an entry some node waits with must come without that.
    const wanted = this.#random.chance(0.5) ? [] : this.#submitted.filter((name) => !this.#ordered.has(name));
    for (const name of wanted) world.submit(this.#random.pick(group), [this.#application.entry(name)]);
    if (this.#tail !== 'quiet') wanted.push(this.#submit(group, `${this.#entries++}`));
    const names = wanted.map(nameOf);
    const withinMs = DECIDED_WITHIN_MS + DECIDED_WITHIN_MS_PER_SEAT * world.quorum.n;
    const done = (): boolean =>
      group.every((node) => heightOf(node) >= tallest && names.every((name) => this.#settled(node, name)));
    if (world.run(world.nowMs + withinMs, done) || world.violations.length > 0) return;
    world.violate('stall', `not decided after ${withinMs} calm ms: ${names.join(' ')}; ${this.#positions()}`);
  }

  #settles(): void {
    const world = this.#world;
    this.#adversary.active = false;
    const group = this.#together;
    const quiet = (): boolean => {
      const top = Math.max(...group.map(heightOf));
      return group.every((node) => heightOf(node) === top && node.engine?.status().pending === 'nothing');
    };
    // Twice: what was held or due when it first fell quiet may have stirred it once more.
    for (let i = 0; i < 2; i++) {
      if (!world.run(world.nowMs + DECIDED_WITHIN_MS, quiet)) {
        if (world.violations.length === 0) world.violate('no-quiescence', this.#positions());
        return;
      }
      if (i === 0) world.run(world.nowMs + SETTLING_MS);
    }
    world.run(world.nowMs + HEARTBEATS_MS);
    const views = group.map(viewOf).join();
    world.run(world.nowMs + IDLE_MS);
    if (world.violations.length > 0) return;
    if (group.map(viewOf).join() !== views)
      world.violate('idle-views', `${views}, then ${this.#positions()}`);
    else if (!quiet()) world.violate('no-quiescence', this.#positions());
    else if (new Set(group.map(viewOf)).size > 1) world.violate('laggard', this.#positions());
  }

  /** Nobody has anything to say but heartbeats, and they must do (protocol 3.9). */
  #catchesUp(): void {
    const world = this.#world;
    const alone = this.#isolated;
    if (alone === undefined || world.network.weather.groups === null) return;
    world.network.weather.groups = null;
    world.network.weather.loss = 0;
    const [other] = world.honest.filter((node) => node !== alone);
    if (other === undefined) return;
    const caughtUp = (): boolean => heightOf(alone) === heightOf(other);
    if (world.run(world.nowMs + CATCHES_UP_WITHIN_MS, caughtUp) || world.violations.length > 0) return;
    world.violate('laggard', `node ${alone.index} never catches up: ${this.#positions()}`);
  }

  #revives(): void {
    const world = this.#world;
    const change = this.#changes?.text();
    const texts = [`${this.#entries++}`, ...(change === undefined ? [] : [change])];
    const names = texts.map((text) => nameOf(this.#submit(world.honest, text)));
    const withinMs = DECIDED_WITHIN_MS + DECIDED_WITHIN_MS_PER_SEAT * world.quorum.n;
    const done = (): boolean =>
      world.honest.every((node) => names.every((wanted) => this.#settled(node, wanted)));
    if (world.run(world.nowMs + withinMs, done) || world.violations.length > 0) return;
    world.violate('stall', `no life after idleness: ${names.join(' ')}; ${this.#positions()}`);
  }

  // --- clients

  #submitNowAndThen(): void {
    const untilMs = (this.#options.stormMs ?? STORM_MS) * (this.#tail === 'quiet' ? 0.55 : 1);
    const submit = (): void => {
      if (this.#world.nowMs >= untilMs) return;
      const up = this.#world.honest.filter((node) => node.up && node !== this.#isolated);
      if (up.length > 0) this.#submit(up, this.#text(`${this.#entries++}`));
      this.#world.after(this.#random.between(10, 250), submit);
    };
    submit();
  }

  #submit(nodes: readonly SimulatedNode<CounterState>[], text: string): string {
    this.#submitted.push(text);
    this.#world.submit(this.#random.pick(nodes), [this.#application.entry(text)]);
    return text;
  }

  #text(name: string): string {
    const draw = this.#random.fraction();
    const earlier = this.#submitted.at(-1);
    if (draw < 0.1 && earlier !== undefined) return `${name}<${nameOf(earlier)}`;
    if (draw < 0.2) return `${name}@${this.#random.between(5, 300)}`;
    return name;
  }

  #inventedText(): string {
    const { random } = this.#adversary;
    const name = `z${this.#entries++}`;
    return random.pick([
      name,
      name,
      `${name}|key${random.between(1, 3)}`,
      `${name}@${random.between(1, 50)}`,
      `!${name}`,
    ]);
  }

  #settled(node: SimulatedNode<CounterState>, name: string): boolean {
    return node.engine?.state.done.has(name) ?? false;
  }

  #noteOrdered(blocks: readonly CommittedBlock[]): void {
    for (const { block } of blocks) {
      for (const text of this.#submitted) {
        const { digest } = this.#application.entry(text);
        if (block.entries.some((entry) => entry.digest === digest)) this.#ordered.add(text);
      }
    }
  }

  #positions(): string {
    return this.#world.honest
      .map((node) => {
        const status = node.engine?.status();
        return status
          ? `node ${node.index} view ${status.view} height ${status.height} ${status.pending}`
          : 'down';
      })
      .join(', ');
  }
}

function nameOf(text: string): string {
  return /^\w+/.exec(text)?.[0] ?? text;
}

function heightOf(node: SimulatedNode<CounterState>): number {
  return node.disk.committed.length;
}

function viewOf(node: SimulatedNode<CounterState>): number {
  return node.engine?.status().view ?? 0;
}

/** Seats spread over nodes, a few each. */
export function inGroups(seats: readonly SeatId[], size: number): SeatId[][] {
  const groups: SeatId[][] = [];
  for (let i = 0; i < seats.length; i += size) groups.push(seats.slice(i, i + size));
  return groups;
}
