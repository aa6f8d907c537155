// The adversary: owns the keys of some seats, hears every signature ever made, and may put anything on the
// network at any time. This is its toolbox; what it does with it is in liars/.
import type { Application } from '../consensus/application.ts';
import type { Block, Entry, Header, Height, View } from '../consensus/block.ts';
import { GENESIS_HEIGHT, GENESIS_VIEW } from '../consensus/block.ts';
import type { Certificate, TimeoutCertificate } from '../consensus/certificates.ts';
import { type Exclusions, NO_EXCLUSIONS } from '../consensus/leaders.ts';
import type { Message, Proposal, Timeout, Vote } from '../consensus/messages.ts';
import type { Phase, Statement } from '../consensus/statements.ts';
import { invariant } from '../errors.ts';
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';
import { Random } from './random.ts';
import type { World } from './world.ts';

/** Where a block stands, as an engine would know it. */
export interface Standing<State> {
  /** of the block; genesis is of none */
  readonly epoch: Epoch | undefined;
  readonly view: View;
  readonly height: Height;
  readonly timeMs: number;
  readonly state: State;
  readonly exclusions: Exclusions;
}

export class Adversary<State> {
  readonly world: World<State>;
  readonly random: Random;
  readonly seats: readonly SeatId[];
  /** nodes from which it speaks, and nodes it wants to fool */
  readonly chairs: readonly number[];
  readonly victims: readonly number[];
  /** makes an entry that no honest node has submitted */
  readonly inventEntry: () => Entry;
  /** false: it has fallen silent for good */
  active = true;
  readonly #application: Application<State>;
  readonly #standings = new Map<Digest, Standing<State>>();

  constructor(world: World<State>, inventEntry: () => Entry) {
    this.world = world;
    this.random = new Random(world.options.seed, 4);
    this.seats = [...world.options.byzantine];
    this.chairs = world.nodes.filter(({ index }) => !world.isHonest(index)).map(({ index }) => index);
    this.victims = world.honest.map(({ index }) => index);
    this.inventEntry = inventEntry;
    this.#application = world.dependencies.application;
  }

  /** It speaks in the latest epoch that any honest node has come to. */
  get epoch(): Epoch {
    return this.world.eras.epoch;
  }

  /** What that epoch starts from. */
  get genesis(): Certificate {
    return this.world.eras.start;
  }

  owns(seat: SeatId): boolean {
    return this.world.options.byzantine.has(seat);
  }

  // --- saying things

  /** To some of the honest nodes, or to those named. */
  say(message: Message, to: readonly number[] = this.someVictims()): void {
    const from = this.random.pick(this.chairs);
    if (message.kind === 'proposal') this.world.tap.blocks.set(message.block.digest, message.block);
    for (const victim of to) this.world.send(from, victim, message);
  }

  someVictims(): readonly number[] {
    return this.random.sample(this.victims, this.random.between(1, this.victims.length));
  }

  vote(seat: SeatId, phase: Phase, view: View, height: Height, block: Digest): Vote {
    const kind = phase === 1 ? 'vote-1' : 'vote-2';
    const epoch = this.world.dependencies.signatures.headerOf(block)?.epoch ?? this.epoch;
    const signature = this.#sign(seat, { kind, epoch, view, height, block });
    return { kind: 'vote', phase, seat, epoch, view, height, block, signature };
  }

  timeout(seat: SeatId, view: View, prepareView: View, prepare: Certificate): Timeout {
    const { epoch } = this;
    const signature = this.#sign(seat, { kind: 'timeout', epoch, view, prepareView });
    return { kind: 'timeout', seat, epoch, view, prepareView, prepare, signature };
  }

  proposal(seat: SeatId, block: Block, justify: Certificate, timeouts: TimeoutCertificate | null): Proposal {
    const { epoch, view } = block.header;
    const signature = this.#sign(seat, { kind: 'proposal', epoch, view, block: block.digest });
    return { kind: 'proposal', seat, block, justify, timeoutCertificate: timeouts, signature };
  }

  // --- what can be formed

  /** The certificate of a block, from honest votes heard and its own; undefined when they are too few. */
  certificate(phase: Phase, view: View, block: Digest): Certificate | undefined {
    const backing = this.world.tap.votes(phase, view).get(block);
    if (backing === undefined || backing.signatures.size + this.seats.length < this.world.quorum.q)
      return undefined;
    const { epoch, height } = backing.vote;
    const own = this.seats.map((seat) => ({
      seat,
      signature: this.vote(seat, phase, view, height, block).signature,
    }));
    const honest = [...backing.signatures]
      .filter(([seat]) => !this.owns(seat))
      .map(([seat, signature]) => ({ seat, signature }));
    const signatures = [...own, ...honest].sort((a, b) => a.seat - b.seat);
    return { kind: phase === 1 ? 'prepare' : 'commit', epoch, view, height, block, signatures };
  }

  /** Every certificate of a phase that can be formed in its epoch in views from `lowest` on, the highest view first. */
  certificates(phase: Phase, lowest: number): Certificate[] {
    const out: Certificate[] = [];
    for (let view = this.world.tap.maxView; view >= Math.max(1, lowest); view--) {
      for (const block of this.world.tap.votes(phase, view as View).keys()) {
        const certificate = this.certificate(phase, view as View, block);
        if (certificate?.epoch === this.epoch) out.push(certificate);
      }
    }
    return out;
  }

  /** Of the timeouts heard it takes as few as it must and, mostly, those that report the least. */
  timeoutCertificate(view: View): TimeoutCertificate | undefined {
    const heard = [...(this.world.tap.timeouts.get(view)?.values() ?? [])].filter(
      ({ seat, epoch }) => epoch === this.epoch && !this.owns(seat),
    );
    const { q } = this.world.quorum;
    if (heard.length + this.seats.length < q) return undefined;
    const order = this.random.shuffled(heard);
    if (this.random.chance(0.8)) order.sort((a, b) => a.prepareView - b.prepareView);
    const chosen = order.slice(0, Math.max(0, q - this.seats.length));
    const high = chosen.reduce((max, { prepare }) => (prepare.view > max.view ? prepare : max), this.genesis);
    const own = this.seats.map((seat) => this.timeout(seat, view, this.genesis.view, this.genesis));
    const reports = [...chosen, ...own]
      .sort((a, b) => a.seat - b.seat)
      .map(({ seat, prepareView, signature }) => ({ seat, prepareView, signature }));
    return { epoch: this.epoch, view, reports, high };
  }

  // --- the chain

  standing(block: Digest): Standing<State> | undefined {
    const known = this.#standings.get(block);
    if (known !== undefined) return known;
    const standing = this.#findStanding(block);
    if (standing !== undefined) this.#standings.set(block, standing);
    return standing;
  }

  leader(view: View, parent: Digest): SeatId | undefined {
    const standing = this.standing(parent);
    if (standing === undefined) return undefined;
    const exclusions = standing.epoch === this.epoch ? standing.exclusions : NO_EXCLUSIONS;
    return this.world.eras.leadersIn(this.epoch).leader(view, exclusions);
  }

  /** A well-formed block, if its entries execute on what it stands on. */
  block(
    proposer: SeatId,
    view: View,
    justify: Certificate,
    entries: readonly Entry[],
    laterMs = 1,
  ): Block | undefined {
    const parent = this.standing(justify.block);
    if (parent === undefined) return undefined;
    const timeMs = Math.max(parent.timeMs + laterMs, this.world.nowMs);
    const context = { epoch: this.epoch, view, height: (parent.height + 1) as Height, proposer, timeMs };
    const execution = this.#application.execute(parent.state, context, entries);
    if (execution === undefined) return undefined;
    const { signatures } = this.world.dependencies;
    const { ledgerSize, ledgerRoot } = execution;
    const payloadRoot = signatures.payloadRoot(entries);
    const header: Header = {
      ...context,
      parent: justify.block,
      payloadRoot,
      ledgerSize,
      ledgerRoot,
    };
    return { digest: signatures.digestOfHeader(header), header, entries };
  }

  /** A block that claims a ledger of its choice, whatever its entries do. */
  falseBlock(
    proposer: SeatId,
    view: View,
    justify: Certificate,
    entries: readonly Entry[],
  ): Block | undefined {
    const sound = this.block(proposer, view, justify, []);
    if (sound === undefined) return undefined;
    const { signatures } = this.world.dependencies;
    const ledgerSize = sound.header.ledgerSize + entries.length;
    const payloadRoot = signatures.payloadRoot(entries);
    const ledgerRoot = this.random.chance(0.5) ? sound.header.ledgerRoot : payloadRoot;
    const header: Header = { ...sound.header, payloadRoot, ledgerSize, ledgerRoot };
    return { digest: signatures.digestOfHeader(header), header, entries };
  }

  #findStanding(digest: Digest): Standing<State> | undefined {
    const { tap } = this.world;
    if (digest === this.world.eras.genesis) {
      const state = this.#application.genesis();
      const start = { view: GENESIS_VIEW, height: GENESIS_HEIGHT, timeMs: 0 };
      return { ...start, epoch: undefined, state, exclusions: NO_EXCLUSIONS };
    }
    const block = tap.blocks.get(digest);
    const parent = block && this.standing(block.header.parent);
    if (block === undefined || parent === undefined) return undefined;
    const { epoch, view, height, timeMs } = block.header;
    const execution = this.#application.execute(parent.state, block.header, block.entries);
    if (execution === undefined) return undefined;
    const before = parent.epoch === epoch ? parent.exclusions : NO_EXCLUSIONS;
    const exclusions = this.world.eras.leadersIn(epoch).after(before, parent.view, block.header);
    return { epoch, view, height, timeMs, state: execution.state, exclusions };
  }

  #sign(seat: SeatId, statement: Statement): Vote['signature'] {
    invariant(this.owns(seat), `seat ${seat} is not the adversary's to sign for`);
    return this.world.dependencies.signatures.signerOf(seat).sign(statement);
  }
}
