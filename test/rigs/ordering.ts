// A small council of engines wired to each other by hand, for unit tests of consensus/: every message is in a
// list until the test delivers it. Signatures are readable stand-ins; the simulator has the hostile world.
import type { Admission, Application, BlockContext, Execution } from '../../src/consensus/application.ts';
import { type Bench, NOBODY } from '../../src/consensus/bench.ts';
import type { Block, Entry, Header, View } from '../../src/consensus/block.ts';
import {
  type Certificate,
  genesisCertificate,
  type TimeoutCertificate,
  votedStatement,
} from '../../src/consensus/certificates.ts';
import { digestOfHeader, payloadRoot } from '../../src/consensus/digests.ts';
import type {
  CommittedBlock,
  DurableRecord,
  DurableState,
  Effect,
  TimerName,
} from '../../src/consensus/effects.ts';
import { NOTHING_DURABLE } from '../../src/consensus/effects.ts';
import { Engine } from '../../src/consensus/engine.ts';
import { RoundRobin } from '../../src/consensus/leaders.ts';
import type { Message, PeerId, Proposal, Vote } from '../../src/consensus/messages.ts';
import { type Quorum, quorumOf } from '../../src/consensus/quorum.ts';
import type {
  Signature,
  Statement,
  StatementSigner,
  StatementVerifier,
} from '../../src/consensus/statements.ts';
import { textOf, utf8 } from '../../src/signing/bytes.ts';
import { canonicalText } from '../../src/signing/canonical.ts';
import { digestOf, digestOfBytes } from '../../src/signing/digest.ts';
import type { Epoch } from '../../src/signing/purpose.ts';
import { allSeats, asSeatId, type SeatId } from '../../src/signing/seat-id.ts';

export const EPOCH = 1 as Epoch;
export const GENESIS = digestOf('genesis');
export const PACE = { viewMs: 100, maxViewMs: 1_600, resendMs: 40, heartbeatMs: 500 };

export const view = (value: number) => value as View;
export const seat = (value: number) => asSeatId(value);

export function signerOf(owner: SeatId): StatementSigner {
  return { sign: (statement) => signatureOf(owner, statement) };
}

export function signatureOf(owner: SeatId, statement: Statement): Signature {
  return `${owner} says ${canonicalText(statement)}` as Signature;
}

export const verifier: StatementVerifier = {
  verify: (owner, statement, signature) => signature === signatureOf(owner, statement),
  digestOfHeader,
  payloadRoot,
};

export function entry(text: string): Entry {
  const bytes = utf8(text);
  return { bytes, digest: digestOfBytes(bytes) };
}

/**
 * An application that lists what it executed: `bad…` never executes, `due:N` asks for a block at time N, and of
 * several `key=…` with one key only the first does. `end` ends the epoch, `end-3` so that chair 3 is vacant in the next.
 */
export interface Listed {
  readonly epoch: Epoch;
  readonly vacant: ReadonlySet<SeatId>;
  readonly done: readonly string[];
  readonly dueAtMs: number | undefined;
}

const keyOf = (text: string) => text.split('=', 1)[0] ?? text;

export const listing: Application<Listed> = {
  genesis: () => ({ epoch: EPOCH, vacant: NOBODY, done: [], dueAtMs: undefined }),
  epochOf: ({ epoch }) => epoch,
  admits: ({ done }, { bytes }): Admission => {
    const text = textOf(bytes);
    return text.startsWith('bad') || done.map(keyOf).includes(keyOf(text)) ? 'never' : 'now';
  },
  authorOf: ({ bytes }) => (textOf(bytes).startsWith('flood') ? 'a flooder' : 'a client'),
  dueAtMs: ({ dueAtMs }) => dueAtMs,
  execute: (state, { epoch, timeMs }: BlockContext, entries): Execution<Listed> | undefined => {
    const texts = entries.map(({ bytes }) => textOf(bytes));
    if (texts.some((text) => text.startsWith('bad'))) return undefined;
    const { done: before } = state;
    if (epoch !== state.epoch) {
      return { state, ledgerSize: before.length, ledgerRoot: digestOf(before), leaves: [] };
    }
    const end = texts.findIndex((text) => text.startsWith('end'));
    if (end >= 0 && end < texts.length - 1) return undefined;
    const keys = [...state.done, ...texts].map(keyOf);
    if (new Set(keys).size !== keys.length) return undefined;
    const asked = texts.find((text) => text.startsWith('due:'));
    const past = state.dueAtMs !== undefined && state.dueAtMs <= timeMs;
    const dueAtMs = asked !== undefined ? Number(asked.slice(4)) : past ? undefined : state.dueAtMs;
    const done = [...state.done, ...texts];
    const leaves = entries.map(({ bytes }) => bytes);
    const left = /^end\d*-(\d+)/.exec(texts[end] ?? '')?.[1];
    const vacant = left === undefined ? state.vacant : new Set([...state.vacant, asSeatId(Number(left))]);
    const next = { epoch: (end < 0 ? epoch : epoch + 1) as Epoch, vacant, done, dueAtMs };
    return { state: next, ledgerSize: done.length, ledgerRoot: digestOf(done), leaves };
  },
};

export const genesisPrepare = genesisCertificate('prepare', EPOCH, GENESIS);

export function blockOn(
  parent: Certificate,
  at: number,
  proposer: SeatId,
  done: readonly string[] = [],
  fresh: readonly string[] = [],
): Block {
  const entries = fresh.map(entry);
  const all = [...done, ...fresh];
  const header: Header = {
    epoch: EPOCH,
    view: view(at),
    height: (parent.height + 1) as Header['height'],
    parent: parent.block,
    proposer,
    timeMs: at,
    payloadRoot: payloadRoot(entries),
    ledgerSize: all.length,
    ledgerRoot: digestOf(all),
  };
  return { digest: digestOfHeader(header), header, entries };
}

export function certificateOf(
  kind: Certificate['kind'],
  { digest: block, header }: Block,
  signers: readonly SeatId[],
): Certificate {
  const bare = { kind, epoch: EPOCH, view: header.view, height: header.height, block };
  const statement = votedStatement(bare);
  return { ...bare, signatures: signers.map((s) => ({ seat: s, signature: signatureOf(s, statement) })) };
}

export function timeoutCertificateOf(
  at: number,
  reported: ReadonlyMap<SeatId, number>,
  high: Certificate,
): TimeoutCertificate {
  const reports = [...reported].map(([owner, prepare]) => {
    const prepareView = view(prepare);
    const statement = { kind: 'timeout', epoch: EPOCH, view: view(at), prepareView } as const;
    return { seat: owner, prepareView, signature: signatureOf(owner, statement) };
  });
  return { epoch: EPOCH, view: view(at), reports, high };
}

export const peer = (index: number) => `node-${index}` as PeerId;

/** One node of the rig: an engine, what it has on disk, and what it wants to say. */
export class RigNode {
  readonly self: PeerId;
  readonly seats: readonly SeatId[];
  readonly records = new Map<string, DurableRecord>();
  readonly committed: CommittedBlock[] = [];
  readonly effects: Effect[] = [];
  readonly outgoing: { to: PeerId | 'all'; message: Message }[] = [];
  readonly timers = new Map<TimerName, number>();
  engine: Engine<Listed>;

  constructor(index: number, seats: readonly SeatId[], n: number, durable: DurableState = NOTHING_DURABLE) {
    this.self = peer(index);
    this.seats = seats;
    this.engine = this.boot(n, durable);
  }

  boot(n: number, durable: DurableState = this.durable()): Engine<Listed> {
    const quorum = quorumOf(n);
    this.engine = new Engine<Listed>(
      { self: this.self, quorum, genesis: GENESIS, pace: PACE, driftMs: 50 },
      { application: listing, benchOf: ({ vacant }) => this.#bench(quorum, vacant), durable },
    );
    return this.engine;
  }

  #bench(quorum: Quorum, vacant: ReadonlySet<SeatId>): Bench {
    const seats = this.seats.filter((own) => !vacant.has(own));
    return { seats, vacant, leaders: new RoundRobin(quorum, vacant), verifier, signerOf };
  }

  durable(): DurableState {
    const records = [...this.records.values()];
    return {
      votes: records.flatMap((r) => (r.kind === 'votes' ? [r.votes] : [])),
      certificates: records.find((r) => r.kind === 'certificates'),
      blocks: records.flatMap((r) => (r.kind === 'block' ? [r.block] : [])),
      committed: [...this.committed],
    };
  }

  take(effects: readonly Effect[]): void {
    this.effects.push(...effects);
    for (const effect of effects) {
      if (effect.kind === 'persist') this.records.set(effect.record.key, effect.record);
      else if (effect.kind === 'forget') this.records.delete(effect.key);
      else if (effect.kind === 'commit') this.committed.push(...effect.blocks);
      else if (effect.kind === 'send') this.outgoing.push(effect);
      else if (effect.kind === 'set-timer') this.timers.set(effect.timer, effect.delayMs);
      else if (effect.kind === 'cancel-timer') this.timers.delete(effect.timer);
    }
  }

  get heights(): number[] {
    return this.committed.map(({ block }) => block.header.height);
  }

  get done(): readonly string[] {
    return this.engine.state.done;
  }
}

export class Rig {
  readonly n: number;
  readonly nodes: RigNode[];
  nowMs = 1_000;
  /** nodes that neither hear nor speak */
  readonly cut = new Set<number>();

  constructor(n: number, groups: readonly (readonly SeatId[])[] = allSeats(n).map((s) => [s])) {
    this.n = n;
    this.nodes = groups.map((seats, index) => new RigNode(index, seats, n));
  }

  node(index: number): RigNode {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`no node ${index}`);
    return node;
  }

  start(): void {
    for (const node of this.nodes) node.take(node.engine.start(this.nowMs));
    this.settle();
  }

  submit(index: number, ...texts: string[]): void {
    const node = this.node(index);
    node.take(node.engine.handle({ kind: 'entries', entries: texts.map(entry) }, this.nowMs));
  }

  fire(index: number, timer: TimerName): void {
    const node = this.node(index);
    node.take(node.engine.handle({ kind: 'timer', timer }, this.nowMs));
  }

  deliver(index: number, message: Message, from: PeerId = peer(99)): void {
    const node = this.node(index);
    node.take(node.engine.handle({ kind: 'message', from, message }, this.nowMs));
  }

  /** Delivers everything that is under way, in order, until nobody has anything to say. */
  settle(keep: (message: Message, to: number) => boolean = () => true): void {
    for (let rounds = 0; rounds < 1_000; rounds++) {
      const sent = this.nodes.flatMap((node, from) =>
        node.outgoing.splice(0).map(({ to, message }) => ({ from, to, message })),
      );
      if (sent.length === 0) return;
      for (const { from, to, message } of sent) {
        if (this.cut.has(from)) continue;
        for (const [index, node] of this.nodes.entries()) {
          if (this.cut.has(index) || (to !== 'all' && to !== node.self) || !keep(message, index)) continue;
          this.deliver(index, message, peer(from));
        }
      }
    }
    throw new Error('the rig does not come to rest');
  }
}

export const proposalOf = (block: Block, extra: Partial<Proposal> = {}): Proposal => {
  const { epoch, view: v, proposer } = block.header;
  const signature = signatureOf(proposer, { kind: 'proposal', epoch, view: v, block: block.digest });
  const bare = {
    kind: 'proposal',
    seat: proposer,
    block,
    justify: genesisPrepare,
    timeoutCertificate: null,
  } as const;
  return { ...bare, signature, ...extra };
};

export const voteOf = (phase: 1 | 2, owner: number, block: Block): Vote => {
  const { epoch, view: v, height } = block.header;
  const kind = phase === 1 ? 'vote-1' : 'vote-2';
  const signature = signatureOf(seat(owner), { kind, epoch, view: v, height, block: block.digest });
  return { kind: 'vote', phase, seat: seat(owner), epoch, view: v, height, block: block.digest, signature };
};
