// A node's end of the line `desk`: answers what clients ask, and takes in the entries they hand over. It tells what is
// committed here and what this node thinks of itself; it promises nothing, above all not that an entry will be ordered
// (protocol 8.3: before it is committed the answer is "not yet"). Anybody may ask, so every answer is bounded, those
// that cost something are counted against a rate, and what is malformed is dropped and counted.
import type { Entry } from '../../consensus/block.ts';
import type { PeerId } from '../../consensus/messages.ts';
import type { CaseId } from '../../council/case.ts';
import { earlierCases } from '../../council/council.ts';
import type { Founding } from '../../council/genesis.ts';
import type { CouncilState } from '../../council/state.ts';
import { ConclaveError, unreachable } from '../../errors.ts';
import { formatRosters } from '../../ledger/certificate.ts';
import type { RosterLink } from '../../ledger/roster-links.ts';
import { toBase64, utf8 } from '../../signing/bytes.ts';
import type { CouncilStore } from '../../storage/council-store.ts';
import type { Folder } from '../../storage/folder.ts';
import type { Transport } from '../../transport/transport.ts';
import { certificatePath, proofPath } from '../chancery.ts';
import type { Watcher } from '../node-events.ts';
import type { NodeStatus } from '../node-status.ts';
import { type Rate, RateLimit } from '../rate-limit.ts';
import { epochInForce } from '../roster/roster-in-force.ts';
import { CaseChronicle } from './case-chronicle.ts';
import {
  type Answer,
  type Asked,
  decodeAsked,
  encodeAnswered,
  MAX_ANSWER_BYTES,
  MAX_LEAF_BYTES_TOLD,
  MAX_LEAVES_TOLD,
  MAX_WHY_CHARS,
  type Question,
  statusText,
} from './desk-message.ts';
import { EntryCounter } from './entry-counter.ts';
import { Followers } from './followers.ts';

/** Of one address, and of all together: whoever makes up addresses gets no more than the second. */
const QUESTIONS: Rate = { aSecond: 50, atOnce: 100 };
const QUESTIONS_OF_ALL: Rate = { aSecond: 500, atOnce: 1_000 };
/** Proofs and certificates are read from disk and may be large. */
const DEAR: Rate = { aSecond: 150, atOnce: 300 };
/** Each has the signatures of a quorum checked. */
const ENTRIES: Rate = { aSecond: 200, atOnce: 500 };

/** As much of a node as is needed here. */
export interface DeskNode {
  readonly state: CouncilState;
  readonly store: CouncilStore;
  readonly filed: readonly CaseId[];
  readonly uncertified: readonly CaseId[];
  status(): NodeStatus;
  watch(watcher: Watcher): () => void;
  file(caseId: CaseId, entry: Entry): Promise<void>;
  submit(entries: readonly Entry[]): void;
  proofOf(leaf: number, height: number): Promise<Uint8Array>;
  rosterLinks(): Promise<readonly RosterLink[]>;
}

export interface DeskOptions {
  readonly founding: Founding;
}

export interface DeskDependencies {
  /** the line `desk` */
  readonly transport: Transport;
  readonly node: DeskNode;
  readonly certificates: Folder;
  /** what else the node wants to say of itself: its servers, its version; JSON */
  readonly about?: () => Readonly<Record<string, unknown>>;
  readonly nowMs?: () => number;
  readonly onFailed: (error: unknown) => void;
}

export type DeskDropReason = 'malformed' | 'too-many';

export class Desk {
  readonly #options: DeskOptions;
  readonly #dependencies: DeskDependencies;
  readonly #chronicle = new CaseChronicle();
  readonly #followers: Followers;
  readonly #entries: EntryCounter;
  readonly #limit: RateLimit;
  readonly #limitOfAll: RateLimit;
  readonly #dear: RateLimit;
  readonly #filing: RateLimit;
  readonly #dropped = new Map<DeskDropReason, number>();
  readonly #unwatch: () => void;
  #closed = false;

  constructor(options: DeskOptions, dependencies: DeskDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    const { transport, node } = dependencies;
    const nowMs = dependencies.nowMs ?? Date.now;
    this.#limit = new RateLimit(QUESTIONS, nowMs);
    this.#limitOfAll = new RateLimit(QUESTIONS_OF_ALL, nowMs);
    this.#dear = new RateLimit(DEAR, nowMs);
    this.#filing = new RateLimit(ENTRIES, nowMs);
    this.#followers = new Followers((caseId, after) => this.#followed(caseId, after));
    this.#entries = new EntryCounter(node);
    this.#unwatch = node.watch((event) => {
      if ('caseId' in event) this.#followers.wake(event.caseId);
    });
    transport.onMessage((from, bytes) => this.#receive(from, bytes));
  }

  /** By reason. */
  get dropped(): ReadonlyMap<DeskDropReason, number> {
    return this.#dropped;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#unwatch();
    this.#followers.close();
    await this.#dependencies.transport.close();
  }

  #receive(from: PeerId, bytes: Uint8Array): void {
    if (this.#closed) return;
    if (!this.#limit.allows(from) || !this.#limitOfAll.allows('all')) return this.#drop('too-many');
    let asked: Asked;
    try {
      asked = decodeAsked(bytes);
    } catch (error) {
      if (error instanceof ConclaveError && error.code === 'bad-input') return this.#drop('malformed');
      throw error;
    }
    const { id, ask } = asked;
    this.#answer(from, ask).then(
      (answer) => {
        if (this.#closed || answer === undefined) return;
        const spelled = encodeAnswered({ id, answer });
        const sent = spelled.length <= MAX_ANSWER_BYTES ? spelled : encodeAnswered({ id, answer: TOO_LARGE });
        this.#dependencies.transport.send(from, sent);
      },
      (error: unknown) => {
        if (!this.#closed) this.#dependencies.onFailed(error);
      },
    );
  }

  /** Undefined where nothing is answered. */
  async #answer(from: PeerId, ask: Question): Promise<Answer | undefined> {
    const { node, about } = this.#dependencies;
    const { state } = node;
    switch (ask.kind) {
      case 'status': {
        const status = { ...node.status(), epoch: epochInForce(state), ...about?.() };
        return { kind: 'status', status: statusText(status) };
      }
      case 'rosters':
        return this.#isDear(from) ?? this.#rosters();
      case 'attempts':
        return {
          kind: 'attempts',
          caseIds: [...earlierCases(state, ask)],
          epoch: epochInForce(state),
          height: node.store.height,
        };
      case 'case':
        return this.#stands(ask.caseId);
      case 'committed':
        return this.#isDear(from) ?? this.#committed(ask.caseId);
      case 'certificate':
        return this.#isDear(from) ?? this.#certificate(ask.caseId);
      case 'follow':
        return this.#followers.follow(from, ask);
      case 'file':
        return this.#filing.allows('all') ? this.#entries.file(ask.entry) : TOO_MANY;
      default:
        return unreachable(ask);
    }
  }

  #isDear(from: PeerId): Answer | undefined {
    return this.#dear.allows('all') && this.#dear.allows(from) ? undefined : TOO_MANY;
  }

  async #rosters(): Promise<Answer> {
    const { genesis, roster } = this.#options.founding;
    const { state, store } = this.#dependencies.node;
    const links = await this.#dependencies.node.rosterLinks();
    const rosters = toBase64(utf8(formatRosters([{ admittedBy: { genesis }, roster }, ...links])));
    return { kind: 'rosters', rosters, epoch: epochInForce(state), height: store.height };
  }

  #stands(caseId: CaseId): Answer {
    const { node } = this.#dependencies;
    const { state } = node;
    const { height } = node.store;
    const known = { kind: 'case', done: 0, of: 0, outcome: null, basis: null, height } as const;
    const decided = state.decided.get(caseId);
    if (decided !== undefined) {
      const { outcome, basis } = decided;
      return {
        ...known,
        stands: node.uncertified.includes(caseId) ? 'decided' : 'certified',
        outcome,
        basis,
      };
    }
    const open = node.status().cases.find((status) => status.caseId === caseId);
    if (open !== undefined) return { ...known, stands: open.phase, done: open.done, of: open.of };
    return { ...known, stands: node.filed.includes(caseId) ? 'filed' : 'unknown' };
  }

  async #committed(caseId: CaseId): Promise<Answer> {
    const { node } = this.#dependencies;
    const opening = this.#chronicle.opening(node, caseId);
    if (opening === undefined) return none('not yet: the case is not on the ledger here');
    try {
      const proof = await node.proofOf(opening.index, opening.height);
      return { kind: 'committed', leaf: toBase64(opening.bytes), proof: toBase64(proof) };
    } catch (error) {
      // A block that a descendant's certificate commits, and that one is not there yet.
      if (error instanceof ConclaveError && error.code === 'bad-input')
        return none(`not yet: ${error.message}`);
      throw error;
    }
  }

  #certificate(caseId: CaseId): Answer {
    const { certificates } = this.#dependencies;
    const certificate = certificates.read(certificatePath(caseId));
    const proof = certificates.read(proofPath(caseId));
    if (certificate === undefined || proof === undefined)
      return none('not yet: there is no certificate here');
    return { kind: 'certificate', certificate: toBase64(certificate), proof: toBase64(proof) };
  }

  #followed(caseId: CaseId, after: number): Extract<Answer, { kind: 'followed' }> {
    const { node } = this.#dependencies;
    let bytes = 0;
    const leaves = this.#chronicle
      .leaves(node, caseId, after, MAX_LEAVES_TOLD)
      .filter((leaf) => {
        bytes += leaf.bytes.length;
        return bytes <= MAX_LEAF_BYTES_TOLD;
      })
      .map(({ height, timeMs, bytes: leaf }) => ({ height, timeMs, leaf: toBase64(leaf) }));
    const certified = node.state.decided.has(caseId) && !node.uncertified.includes(caseId);
    return { kind: 'followed', leaves, certified };
  }

  #drop(why: DeskDropReason): void {
    this.#dropped.set(why, (this.#dropped.get(why) ?? 0) + 1);
  }
}

const TOO_MANY: Answer = { kind: 'none', why: 'too many questions: ask again' };
const TOO_LARGE: Answer = { kind: 'none', why: 'the answer is larger than a message may be' };

export function none(why: string): Answer {
  return { kind: 'none', why: why.slice(0, MAX_WHY_CHARS) };
}
