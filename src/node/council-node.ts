// One node of a council: one engine, the seats it hosts, a store, and what follows from commits. It starts from what
// the store holds, the first time and after every crash alike, and looks at the state to see what is to be done;
// there is no second way in (protocol 8.2).
import type { Entry } from '../consensus/block.ts';
import type { CommittedBlock, Input } from '../consensus/effects.ts';
import type { Engine } from '../consensus/engine.ts';
import { type Evidence, epochOfEvidence } from '../consensus/evidence.ts';
import type { EngineStatus } from '../consensus/hearing.ts';
import type { PeerId } from '../consensus/messages.ts';
import type { Pace } from '../consensus/pacemaker.ts';
import { type Quorum, quorumOf } from '../consensus/quorum.ts';
import type { CaseDocument, CaseId } from '../council/case.ts';
import { type Dossier, isDossierOf } from '../council/dossier.ts';
import { type Receipt, receiptMessage, sealEntry } from '../council/entry.ts';
import { type CouncilState, rosterInForce, rosterOf } from '../council/state.ts';
import { badInput } from '../errors.ts';
import type { LedgerState } from '../ledger/executor.ts';
import type { RosterLink } from '../ledger/roster-links.ts';
import type { Bls } from '../signing/bls.ts';
import { fastestEd25519 } from '../signing/ed25519-fastest.ts';
import { CouncilStore } from '../storage/council-store.ts';
import type { Folder } from '../storage/folder.ts';
import type { Store } from '../storage/store.ts';
import type { Transport } from '../transport/transport.ts';
import { Aftermath, type AftermathDependencies, type AftermathOptions } from './aftermath.ts';
import { DossierShelf } from './dossiers/dossier-shelf.ts';
import { EngineLoop, type Patience } from './engine-loop.ts';
import type { NodeEvent, Watcher } from './node-events.ts';
import { type NodeStatus, statusOf } from './node-status.ts';
import { OwnSeats } from './own-seats.ts';
import { PeerPost } from './peer-post.ts';
import { seatEngine } from './seated-engine.ts';
import { fastestBls } from './signing/notary.ts';
import { VerifiedSignatures, type VerifyMany } from './signing/verified-signatures.ts';

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
  readonly #nowMs: () => number;
  readonly #checkAhead: (inputs: readonly Input[]) => Promise<void>;
  readonly #engine: Engine<LedgerState>;
  readonly #own: OwnSeats;
  readonly #post: PeerPost;
  readonly #loop: EngineLoop<LedgerState>;
  readonly #aftermath: Aftermath;
  readonly #watchers = new Set<Watcher>();
  readonly #evidence = new Map<Evidence['kind'], number>();
  #reminder: NodeJS.Timeout | undefined;
  #stopped: { readonly error: unknown } | undefined;
  #closed = false;

  /** Refuses a store that lost something, and then starts nothing (protocol 8.2). */
  static async open(
    options: CouncilNodeOptions,
    dependencies: CouncilNodeDependencies,
  ): Promise<CouncilNode> {
    const node = new CouncilNode(options, dependencies, await fastestBls());
    await node.#start();
    return node;
  }

  private constructor(options: CouncilNodeOptions, dependencies: CouncilNodeDependencies, bls: Bls) {
    const { founding, self, pace } = options;
    this.#options = options;
    this.#nowMs = dependencies.nowMs ?? Date.now;
    this.quorum = quorumOf(founding.roster.seats.length);
    this.store = new CouncilStore(dependencies.store);
    this.shelf = new DossierShelf(dependencies.dossiers);
    const { verifyMany } = dependencies;
    const signatures = new VerifiedSignatures({ ed25519: fastestEd25519, verifyMany });
    this.#own = new OwnSeats(options, { onSigned: signatures.vouchFor });
    const { engine, application, claims } = seatEngine(
      { founding, quorum: this.quorum, self, pace },
      { store: this.store, ledger: dependencies.ledger, signatures, own: this.#own, bls },
    );
    this.#engine = engine;
    this.#checkAhead = (inputs) => signatures.checkAhead(claims.of(inputs));
    this.#post = new PeerPost({
      transport: dependencies.transport,
      nowMs: this.#nowMs,
      onOrdering: (from, message) => this.#loop.push({ kind: 'message', from, message }),
      onEndorsements: (from, message) => this.#aftermath.chancery.receive(from, message, this.state),
      onFailed: (error) => this.#stop(error),
    });
    this.#loop = new EngineLoop(self, {
      engine,
      store: this.store,
      nowMs: this.#nowMs,
      patience: () => this.#patience(),
      send: (to, message) => this.#post.order(to, message),
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
      own: this.#own,
      admits: (entry) => application.admits(engine.state, entry),
      submit: (entries) => this.submit(entries),
      send: (to, message) => this.#post.endorse(to, message),
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

  /** Contradictions that this node saw seats sign, by kind; each is an entry for the ledger as well (protocol 5.1). */
  get evidenceFound(): ReadonlyMap<Evidence['kind'], number> {
    return this.#evidence;
  }

  /** Views entered since the start of the process, by what brought the node there (protocol 3.7). */
  get viewChanges(): EngineStatus['viewChanges'] {
    return this.#engine.status().viewChanges;
  }

  /** Messages and entries that wait for the engine. */
  get inputs(): number {
    return this.#loop.waiting;
  }

  /** Keeps a dossier, and then says for the seats of this node that it does (protocol 4.1). */
  async receiptsFor(
    document: CaseDocument,
    dossier: Dossier,
    most = Number.POSITIVE_INFINITY,
  ): Promise<readonly Receipt[]> {
    if (!isDossierOf(document, dossier)) throw badInput('the dossier is not the one the case commits to');
    await this.shelf.keep(dossier);
    // Crash here: a dossier that no case names. It is kept, and may be erased like any other.
    const { councilId } = this.founding;
    const roster = rosterInForce(this.state);
    const message = receiptMessage(dossier.caseId, { councilId, epoch: roster.epoch });
    const seats = [...this.#own.in(roster).keys()].slice(0, most);
    return seats.map((seat) => ({ seat, sig: this.#own.sign(roster, seat, message) }));
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

  /** How each roster after the first came to be. */
  rosterLinks(): Promise<readonly RosterLink[]> {
    return this.#aftermath.chancery.rosterLinks();
  }

  status(): NodeStatus {
    const engine = this.#engine.status();
    return statusOf(engine, {
      founding: this.founding,
      quorum: this.quorum,
      self: this.#options.self,
      seats: [...this.#own.in(rosterInForce(this.state)).keys()],
      pace: this.#options.pace,
      nowMs: this.#nowMs(),
      state: this.state,
      peers: this.#post.heardAtMs,
      refused: new Map([...this.#post.refused, ...this.#aftermath.chancery.refused]),
      leader: this.#engine.leader,
      tip: this.store.tip?.header,
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
    this.#post.shut();
    await this.#loop.stop();
    await this.#aftermath.close();
    await this.#post.close();
    await this.store.close();
  }

  async #start(): Promise<void> {
    await this.#aftermath.open();
    this.#post.open();
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
    this.#aftermath.committed(blocks, this.#watchers.size > 0);
  }

  /** Any seat may bring evidence; one of this node's is enough, the others would only repeat it (protocol 5.2). */
  #report(evidence: Evidence): void {
    const { kind } = evidence;
    this.#evidence.set(kind, (this.#evidence.get(kind) ?? 0) + 1);
    const epoch = epochOfEvidence(evidence);
    const roster = rosterOf(this.state, epoch);
    const [seat] = roster === undefined ? [] : this.#own.in(roster).keys();
    if (roster === undefined || seat === undefined) return;
    const fields = { kind: 'evidence.found', by: `seat/${seat}`, epoch, evidence } as const;
    const sign = (message: Uint8Array): string => this.#own.sign(roster, seat, message);
    this.submit([sealEntry(fields, this.founding.councilId, sign)]);
  }

  #tell(event: NodeEvent): void {
    for (const watcher of this.#watchers) watcher(event);
  }

  #stop(error: unknown): void {
    if (this.#stopped !== undefined || this.#closed) return;
    this.#stopped = { error };
    clearInterval(this.#reminder);
    this.#post.shut();
    void this.#loop.stop();
    this.#tell({ kind: 'stopped', error });
  }
}
