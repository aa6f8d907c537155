// One node of a council: one engine, the seats it hosts, a store, and what follows from commits. It starts from what
// the store holds, the first time and after every crash alike, and looks at the state to see what is to be done;
// there is no second way in (protocol 8.2).
import { type Entry, GENESIS_VIEW, type Header } from '../consensus/block.ts';
import type { CommittedBlock, Input } from '../consensus/effects.ts';
import type { Engine } from '../consensus/engine.ts';
import type { Evidence } from '../consensus/evidence.ts';
import { NO_EXCLUSIONS, RoundRobin } from '../consensus/leaders.ts';
import type { PeerId } from '../consensus/messages.ts';
import type { Pace } from '../consensus/pacemaker.ts';
import { type Quorum, quorumOf } from '../consensus/quorum.ts';
import type { CaseDocument, CaseId } from '../council/case.ts';
import { type Dossier, isDossierOf } from '../council/dossier.ts';
import { type Receipt, receiptMessage, sealEntry } from '../council/entry.ts';
import { FIRST_EPOCH } from '../council/roster.ts';
import type { CouncilState } from '../council/state.ts';
import { badInput, ConclaveError, invariant } from '../errors.ts';
import type { LedgerState } from '../ledger/executor.ts';
import { toBase64 } from '../signing/bytes.ts';
import { fastestEd25519 } from '../signing/ed25519-fastest.ts';
import type { SeatId } from '../signing/seat-id.ts';
import { CouncilStore } from '../storage/council-store.ts';
import type { Folder } from '../storage/folder.ts';
import type { Store } from '../storage/store.ts';
import type { Transport } from '../transport/transport.ts';
import { Aftermath, type AftermathDependencies, type AftermathOptions } from './aftermath.ts';
import { DossierShelf } from './dossier-shelf.ts';
import { EngineLoop, type Patience } from './engine-loop.ts';
import type { NodeEvent, Watcher } from './node-events.ts';
import { type NodeStatus, statusOf } from './node-status.ts';
import { decodePeerMessage, encodeEndorsements, encodeOrdering } from './peer-message.ts';
import { seatEngine } from './seated-engine.ts';
import { VerifiedSignatures, type VerifyMany } from './verified-signatures.ts';

/** Addresses that are remembered as heard of; anyone can make them up. */
const MAX_PEERS_HEARD = 1_024;

export interface CouncilNodeOptions extends AftermathOptions {
  readonly self: PeerId;
  readonly pace: Pace;
  /** how long entries may wait for company while more than one case is under way (engine-loop.ts) */
  readonly patience?: Patience;
}

export interface CouncilNodeDependencies
  extends Pick<
    AftermathDependencies,
    'ledger' | 'certificates' | 'notary' | 'judge' | 'logKey' | 'fetchDossier' | 'makeJobs'
  > {
  readonly store: Store;
  readonly dossiers: Folder;
  /** checks signatures off this thread, where it can */
  readonly verifyMany: VerifyMany;
  /** none where one node hosts every seat */
  readonly transport?: Transport;
  readonly nowMs?: () => number;
}

export class CouncilNode {
  readonly quorum: Quorum;
  readonly store: CouncilStore;
  readonly shelf: DossierShelf;
  readonly #options: CouncilNodeOptions;
  readonly #transport: Transport | undefined;
  readonly #nowMs: () => number;
  readonly #checkAhead: (inputs: readonly Input[]) => Promise<void>;
  readonly #engine: Engine<LedgerState>;
  readonly #loop: EngineLoop<LedgerState>;
  readonly #aftermath: Aftermath;
  readonly #watchers = new Set<Watcher>();
  readonly #peers = new Map<PeerId, number>();
  readonly #leaders: RoundRobin;
  #exclusions = NO_EXCLUSIONS;
  #tip: Header | undefined;
  #reminder: NodeJS.Timeout | undefined;
  #stopped: { readonly error: unknown } | undefined;
  #closed = false;

  /** Refuses a store that lost something, and then starts nothing (protocol 8.2). */
  static async open(
    options: CouncilNodeOptions,
    dependencies: CouncilNodeDependencies,
  ): Promise<CouncilNode> {
    const node = new CouncilNode(options, dependencies);
    await node.#start();
    return node;
  }

  private constructor(options: CouncilNodeOptions, dependencies: CouncilNodeDependencies) {
    const { founding, self, seats, pace } = options;
    this.#options = options;
    this.#transport = dependencies.transport;
    this.#nowMs = dependencies.nowMs ?? Date.now;
    this.quorum = quorumOf(founding.roster.seats.length);
    this.store = new CouncilStore(dependencies.store);
    this.shelf = new DossierShelf(dependencies.dossiers);
    this.#leaders = new RoundRobin(this.quorum);
    const { verifyMany } = dependencies;
    const signatures = new VerifiedSignatures({ ed25519: fastestEd25519, verifyMany });
    const { engine, application, claims } = seatEngine(
      { founding, quorum: this.quorum, self, seats: [...seats.keys()], pace },
      {
        store: this.store,
        ledger: dependencies.ledger,
        signatures,
        leaders: this.#leaders,
        sign: (seat, message) => this.#signed(seat, message),
      },
    );
    this.#engine = engine;
    this.#checkAhead = (inputs) => signatures.checkAhead(claims.of(inputs));
    this.#loop = new EngineLoop(self, {
      engine,
      store: this.store,
      nowMs: this.#nowMs,
      patience: () => this.#patience(),
      // Spelling a message costs more than handing it over, so it is not spelled where nobody listens.
      send: (to, message) => this.#transport?.send(to, encodeOrdering(message)),
      checkAhead: this.#checkAhead,
      onCommitting: (blocks, batch) => this.#aftermath.committing(blocks, batch),
      onCommitted: (blocks) => this.#committed(blocks),
      onEvidence: (evidence) => this.#report(evidence),
      onStopped: (error) => this.#stop(error),
    });
    this.#aftermath = new Aftermath(options, {
      ...dependencies,
      store: this.store,
      shelf: this.shelf,
      state: () => this.state,
      admits: (entry) => application.admits(engine.state, entry),
      submit: (entries) => this.submit(entries),
      send: (to, message) => this.#transport?.send(to, encodeEndorsements(message)),
      tell: (event) => this.#tell(event),
      onFailed: (error) => this.#stop(error),
    });
  }

  get founding(): CouncilNodeOptions['founding'] {
    return this.#options.founding;
  }

  /** The council after the last committed block. */
  get state(): CouncilState {
    return this.#engine.state.council;
  }

  /** Decisions without a certificate yet. */
  get uncertified(): readonly CaseId[] {
    return this.#aftermath.chancery.owed;
  }

  /** Cases of this node that wait to be opened. */
  get filed(): readonly CaseId[] {
    return this.#aftermath.filing.caseIds;
  }

  /** Why it has stopped for good, if it has. */
  get stopped(): { readonly error: unknown } | undefined {
    return this.#stopped;
  }

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Entries that are ready to be ordered. Nobody promises that they will be: see what is committed. */
  submit(entries: readonly Entry[]): void {
    this.#loop.push({ kind: 'entries', entries });
  }

  /** Keeps a dossier, and then says for the seats of this node that it does (protocol 4.1). */
  async receiptsFor(
    document: CaseDocument,
    dossier: Dossier,
    most = this.#options.seats.size,
  ): Promise<readonly Receipt[]> {
    if (!isDossierOf(document, dossier)) throw badInput('the dossier is not the one the case commits to');
    await this.shelf.keep(dossier);
    // Crash here: a dossier that no case names. It is kept, and may be erased like any other.
    const { councilId } = this.founding;
    const message = receiptMessage(dossier.caseId, { councilId, epoch: FIRST_EPOCH });
    const seats = [...this.#options.seats.keys()].slice(0, most);
    return seats.map((seat) => ({ seat, sig: this.#signed(seat, message) }));
  }

  /** Keeps an opening entry until it is on the ledger, across restarts, and submits it. */
  async file(caseId: CaseId, entry: Entry): Promise<void> {
    await this.#checkAhead([{ kind: 'entries', entries: [entry] }]);
    this.#aftermath.filing.file(caseId, entry);
  }

  /** A `.tlog-proof` of a leaf of a committed block, as soon as that is published. */
  async proofOf(leaf: number, height: number): Promise<Uint8Array> {
    await this.#aftermath.publisher.published(height);
    return this.#aftermath.publisher.proof(leaf, height);
  }

  status(): NodeStatus {
    const engine = this.#engine.status();
    return statusOf(engine, {
      founding: this.founding,
      quorum: this.quorum,
      self: this.#options.self,
      seats: [...this.#options.seats.keys()],
      pace: this.#options.pace,
      nowMs: this.#nowMs(),
      state: this.state,
      peers: this.#peers,
      leader: this.#leaders.leader(engine.view, this.#exclusions),
      tip: this.#tip,
      publishedHeight: this.#aftermath.publisher.publishedHeight,
      uncertified: this.uncertified,
      filed: this.filed,
      dropped: this.#loop.dropped,
      stopped: this.#stopped?.error,
    });
  }

  /** Everything that was said is durable already; this only ends it in order. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#reminder);
    await this.#loop.stop();
    await this.#aftermath.close();
    await this.#transport?.close();
    await this.store.close();
  }

  async #start(): Promise<void> {
    for (const { block } of this.store.chain(this.founding.councilId)) this.#follow(block.header);
    await this.#aftermath.open();
    this.#transport?.onMessage((from, bytes) => this.#receive(from, bytes));
    this.#loop.start();
    this.#aftermath.resume();
    this.#reminder = setInterval(() => {
      if (this.#stopped === undefined) this.#aftermath.remind();
    }, this.#options.pace.heartbeatMs);
  }

  /** One case alone waits for nobody. */
  #patience(): Patience {
    const { forBlockMs, forOthersMs } = this.#options.patience ?? { forBlockMs: 0, forOthersMs: 0 };
    const others = this.state.open.size + this.filed.length > 1;
    return { forBlockMs, forOthersMs: others ? forOthersMs : 0 };
  }

  #committed(blocks: readonly CommittedBlock[]): void {
    for (const { block } of blocks) this.#follow(block.header);
    this.#aftermath.committed(blocks, this.#watchers.size > 0);
  }

  #follow(header: Header): void {
    this.#exclusions = this.#leaders.after(this.#exclusions, this.#tip?.view ?? GENESIS_VIEW, header);
    this.#tip = header;
  }

  /** Any seat may bring evidence; one of this node's is enough, the others would only repeat it (protocol 5.2). */
  #report(evidence: Evidence): void {
    const [seat] = this.#options.seats.keys();
    if (seat === undefined) return;
    const fields = { kind: 'evidence.found', by: `seat/${seat}`, epoch: FIRST_EPOCH, evidence } as const;
    this.submit([sealEntry(fields, this.founding.councilId, (message) => this.#signed(seat, message))]);
  }

  /** Whatever a peer sends that no honest node would is dropped; addresses prove nothing, so nobody is blamed. */
  #receive(from: PeerId, bytes: Uint8Array): void {
    if (this.#closed || this.#stopped !== undefined) return;
    if (this.#peers.has(from) || this.#peers.size < MAX_PEERS_HEARD) this.#peers.set(from, this.#nowMs());
    try {
      const received = decodePeerMessage(bytes);
      if (received.kind === 'endorsements') this.#aftermath.chancery.receive(from, received, this.state);
      else this.#loop.push({ kind: 'message', from, message: received.message });
    } catch (error) {
      if (!(error instanceof ConclaveError) || error.code !== 'bad-input') this.#stop(error);
    }
  }

  #signed(seat: SeatId, message: Uint8Array): string {
    const secret = this.#options.seats.get(seat);
    invariant(secret !== undefined, `seat ${seat} is hosted here`);
    return toBase64(fastestEd25519.sign(secret, message));
  }

  #tell(event: NodeEvent): void {
    for (const watcher of this.#watchers) watcher(event);
  }

  #stop(error: unknown): void {
    if (this.#stopped !== undefined || this.#closed) return;
    this.#stopped = { error };
    clearInterval(this.#reminder);
    void this.#loop.stop();
    this.#tell({ kind: 'stopped', error });
  }
}
