// One node of a council: one engine, the seats it hosts, a store, and what follows from commits. It starts from what
// the store holds, the first time and after every crash alike, and looks at the state to see what is to be done;
// there is no second way in (protocol 8.2).

import { type Entry, GENESIS_VIEW, type Header } from '../consensus/block.ts';
import type { CommittedBlock, Input } from '../consensus/effects.ts';
import { Engine } from '../consensus/engine.ts';
import type { Evidence } from '../consensus/evidence.ts';
import { NO_EXCLUSIONS, RoundRobin } from '../consensus/leaders.ts';
import type { Message, PeerId } from '../consensus/messages.ts';
import type { Pace } from '../consensus/pacemaker.ts';
import { type Quorum, quorumOf } from '../consensus/quorum.ts';
import { type Signature, statementBytes } from '../consensus/statements.ts';
import type { CaseDocument, CaseId } from '../council/case.ts';
import type { CaseSource } from '../council/case-file.ts';
import type { Policy } from '../council/charter.ts';
import { Council } from '../council/council.ts';
import { type Dossier, isDossierOf } from '../council/dossier.ts';
import { type Receipt, receiptMessage, sealEntry } from '../council/entry.ts';
import type { Founding } from '../council/genesis.ts';
import { statementVerifier } from '../council/misbehaviour.ts';
import { recordBytes } from '../council/records.ts';
import { FIRST_EPOCH } from '../council/roster.ts';
import type { CouncilState } from '../council/state.ts';
import { badInput, ConclaveError, invariant } from '../errors.ts';
import { InProcessJobs } from '../jobs/in-process.ts';
import { isDecision } from '../ledger/decision-statement.ts';
import { LedgerApplication, type LedgerState } from '../ledger/executor.ts';
import { toBase64 } from '../signing/bytes.ts';
import type { Digest } from '../signing/digest.ts';
import { nodeEd25519, verifyMany } from '../signing/ed25519-node.ts';
import type { KeyPair } from '../signing/key-holder.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { CouncilBatch } from '../storage/council-batch.ts';
import { CouncilStore } from '../storage/council-store.ts';
import type { Folder } from '../storage/folder.ts';
import type { Store } from '../storage/store.ts';
import type { Transport } from '../transport/transport.ts';
import { Chancery } from './chancery.ts';
import { DossierShelf } from './dossier-shelf.ts';
import { EngineLoop } from './engine-loop.ts';
import { LedgerPublisher } from './ledger-publisher.ts';
import { eventsOf, type NodeEvent, recordsOf, type Watcher } from './node-events.ts';
import { type NodeStatus, statusOf } from './node-status.ts';
import type { Notary } from './notary.ts';
import { decodePeerMessage, encodeEndorsements, encodeOrdering } from './peer-message.ts';
import { type Judged, SeatDuties } from './seat-duties.ts';
import { SignatureClaims } from './signature-claims.ts';
import { inspectStore } from './store-inspection.ts';
import { VerifiedSignatures } from './verified-signatures.ts';

/** Addresses that are remembered as heard of; anyone can make them up. */
const MAX_PEERS_HEARD = 1_024;

export interface CouncilNodeOptions {
  readonly founding: Founding;
  readonly self: PeerId;
  /** the seats this node hosts, with the secrets they order and vote by */
  readonly seats: ReadonlyMap<SeatId, Uint8Array>;
  readonly pace: Pace;
  /** evaluations at the same time */
  readonly concurrency: number;
  /** how long the publication of a block may wait for others */
  readonly publishDelayMs: number;
}

export interface Sitting {
  readonly caseId: CaseId;
  readonly seat: SeatId;
  readonly source: CaseSource;
  readonly policy: Policy;
}

/** Judges a case for a seat; never throws for what a model does. */
export type SeatJudge = (sitting: Sitting, signal: AbortSignal) => Promise<Judged | undefined>;

export interface CouncilNodeDependencies {
  readonly store: Store;
  readonly ledger: Folder;
  readonly certificates: Folder;
  readonly dossiers: Folder;
  readonly notary: Notary;
  readonly judge: SeatJudge;
  readonly logKey: KeyPair;
  /** none where one node hosts every seat */
  readonly transport?: Transport;
  readonly nowMs?: () => number;
}

export class CouncilNode {
  readonly founding: Founding;
  readonly quorum: Quorum;
  readonly store: CouncilStore;
  readonly shelf: DossierShelf;
  readonly #options: CouncilNodeOptions;
  readonly #dependencies: CouncilNodeDependencies;
  readonly #nowMs: () => number;
  readonly #signatures = new VerifiedSignatures({ ed25519: nodeEd25519, verifyMany });
  readonly #claims: SignatureClaims;
  readonly #application: LedgerApplication;
  readonly #engine: Engine<LedgerState>;
  readonly #loop: EngineLoop<LedgerState>;
  readonly #publisher: LedgerPublisher;
  readonly #chancery: Chancery;
  readonly #duties: SeatDuties;
  readonly #watchers = new Set<Watcher>();
  readonly #filed = new Map<Digest, { readonly caseId: CaseId; readonly entry: Entry }>();
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
    const { councilId, roster, charter } = founding;
    this.#options = options;
    this.#dependencies = dependencies;
    this.founding = founding;
    this.quorum = quorumOf(roster.seats.length);
    this.#nowMs = dependencies.nowMs ?? Date.now;
    this.store = new CouncilStore(dependencies.store);
    this.shelf = new DossierShelf(dependencies.dossiers);
    this.#leaders = new RoundRobin(this.quorum);

    const verifySignature = this.#signatures.verify;
    const verifier = statementVerifier(founding, { verifySignature });
    const council = new Council(founding, { verifySignature, statements: verifier });
    this.#claims = new SignatureClaims(founding, council);
    this.#application = new LedgerApplication(council);
    const durable = inspectStore({
      councilId,
      quorum: this.quorum,
      seats: [...seats.keys()],
      store: this.store,
      ledger: dependencies.ledger,
      verifier,
    });
    this.#engine = this.#signatures.whileVouched(
      () =>
        new Engine(
          {
            self,
            epoch: FIRST_EPOCH,
            quorum: this.quorum,
            genesis: councilId,
            seats: [...seats.keys()],
            pace,
            driftMs: charter.driftMs,
          },
          {
            application: this.#application,
            verifier,
            signerOf: (seat) => ({
              sign: (statement) => toSignature(this.#signed(seat, statementBytes(councilId, statement))),
            }),
            leaders: this.#leaders,
            durable,
          },
        ),
    );
    this.#loop = new EngineLoop(self, {
      engine: this.#engine,
      store: this.store,
      nowMs: this.#nowMs,
      send: (to, message) => this.#send(to, message),
      checkAhead: (inputs) => this.#signatures.checkAhead(this.#claims.of(inputs)),
      onCommitting: (blocks, batch) => this.#onCommitting(blocks, batch),
      onCommitted: (blocks) => this.#onCommitted(blocks),
      onEvidence: (evidence) => this.#onEvidence(evidence),
      onStopped: (error) => this.#stop(error),
    });
    const onFailed = (error: unknown): void => this.#stop(error);
    this.#publisher = new LedgerPublisher(
      { councilId, quorum: this.quorum, delayMs: options.publishDelayMs },
      {
        store: this.store,
        folder: dependencies.ledger,
        logKey: dependencies.logKey,
        ed25519: nodeEd25519,
        onFailed,
      },
    );
    this.#chancery = new Chancery(
      { councilId, roster, quorum: this.quorum },
      {
        store: this.store,
        notary: dependencies.notary,
        publisher: this.#publisher,
        certificates: dependencies.certificates,
        ed25519: nodeEd25519,
        send: (to, message) => dependencies.transport?.send(to, encodeEndorsements(message)),
        onCertified: (decision) => this.#tell({ kind: 'certified', caseId: decision.caseId, decision }),
        onFailed,
      },
    );
    const jobs = new InProcessJobs<Judged | undefined>({ concurrency: options.concurrency }, (job, signal) =>
      this.#judge(job, signal),
    );
    const submit = (entries: readonly Entry[]): void => this.submit(entries);
    this.#duties = new SeatDuties(
      { councilId, seats },
      { store: this.store, jobs, ed25519: nodeEd25519, submit, onFailed },
    );
  }

  /** The council after the last committed block. */
  get state(): CouncilState {
    return this.#engine.state.council;
  }

  get certificates(): Folder {
    return this.#dependencies.certificates;
  }

  /** Cases of this node that wait to be opened. */
  get filed(): readonly CaseId[] {
    return [...this.#filed.values()].map(({ caseId }) => caseId);
  }

  /** Decisions without a certificate yet. */
  get uncertified(): readonly CaseId[] {
    return this.#chancery.owed;
  }

  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Entries that are ready to be ordered. Nobody promises that they will be: see what is committed. */
  submit(entries: readonly Entry[]): void {
    this.#loop.push({ kind: 'entries', entries });
  }

  /** Keeps a dossier, and then says for each seat of this node that it does (protocol 4.1). */
  async receiptsFor(document: CaseDocument, dossier: Dossier): Promise<readonly Receipt[]> {
    if (!isDossierOf(document, dossier)) throw badInput('the dossier is not the one the case commits to');
    await this.shelf.keep(dossier);
    const { councilId } = this.founding;
    const message = receiptMessage(dossier.caseId, { councilId, epoch: FIRST_EPOCH });
    return [...this.#options.seats.keys()].map((seat) => ({ seat, sig: this.#signed(seat, message) }));
  }

  /** Keeps an opening entry until it is on the ledger, across restarts, and submits it. */
  file(caseId: CaseId, entry: Entry): void {
    if (this.#admits(entry) === 'never') {
      throw badInput(
        `the council would never open case ${caseId}: attempt, submitter or receipts are not in order`,
      );
    }
    const batch = this.store.batch();
    batch.file(caseId, entry);
    // Crash before the write: the case was never submitted. After it: it is submitted again at the next start.
    this.store.write(batch);
    this.#filed.set(entry.digest, { caseId, entry });
    this.submit([entry]);
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
      publishedHeight: this.#publisher.publishedHeight,
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
    await this.#duties.close();
    await this.#publisher.close();
    await this.#chancery.close();
    await this.#dependencies.notary.close();
    await this.#dependencies.transport?.close();
    await this.store.close();
  }

  async #start(): Promise<void> {
    for (const { block } of this.store.chain(this.founding.councilId)) this.#follow(block.header);
    await this.#publisher.open();
    for (const [caseId, entry] of this.store.filed()) this.#filed.set(entry.digest, { caseId, entry });
    this.#dependencies.transport?.onMessage((from, bytes) => this.#receive(from, bytes));
    this.#loop.start();
    if (this.#filed.size > 0) this.submit([...this.#filed.values()].map(({ entry }) => entry));
    for (const leaf of this.store.uncertified()) this.#chancery.owe(leaf);
    this.#duties.react(this.state);
    this.#reminder = setInterval(() => this.#remind(), this.#options.pace.heartbeatMs);
  }

  #remind(): void {
    if (this.#stopped !== undefined) return;
    this.#duties.remind(this.state);
    this.#chancery.remind();
    const refused = [...this.#filed].filter(([, { entry }]) => this.#admits(entry) === 'never');
    if (refused.length > 0) {
      const batch = this.store.batch();
      for (const [digest, { caseId }] of refused) {
        this.#filed.delete(digest);
        batch.unfile(caseId);
      }
      this.store.write(batch);
    }
    if (this.#filed.size > 0) this.submit([...this.#filed.values()].map(({ entry }) => entry));
  }

  #admits(entry: Entry): ReturnType<LedgerApplication['admits']> {
    return this.#application.admits(this.#engine.state, entry);
  }

  #judge(
    { caseId, seat }: Pick<Sitting, 'caseId' | 'seat'>,
    signal: AbortSignal,
  ): Promise<Judged | undefined> {
    const open = this.state.open.get(caseId);
    const source = open && this.shelf.source(caseId, open.document);
    // A seat without the dossier cannot judge; its chair counts as missing.
    if (open === undefined || source === undefined) return Promise.resolve(undefined);
    return this.#dependencies.judge({ caseId, seat, source, policy: open.policy }, signal);
  }

  /** What must be durable together with a commit. */
  #onCommitting(blocks: readonly CommittedBlock[], batch: CouncilBatch): void {
    for (const block of blocks) {
      for (const { digest } of block.block.entries) {
        const filed = this.#filed.get(digest);
        if (filed === undefined) continue;
        this.#filed.delete(digest);
        batch.unfile(filed.caseId);
      }
      for (const record of recordsOf(block)) {
        if (!isDecision(record)) continue;
        batch.owesCertificate(record.caseId, recordBytes(record));
        batch.unseal(record.caseId);
      }
    }
  }

  /** Crash before any of this: it is found owed, unpublished or undone at the next start, and done then. */
  #onCommitted(blocks: readonly CommittedBlock[]): void {
    this.#publisher.committed(
      blocks.map(({ block, commit, leaves }) => ({
        block,
        commit,
        derived: leaves.slice(block.entries.length),
      })),
    );
    for (const block of blocks) {
      this.#follow(block.block.header);
      const records = recordsOf(block);
      for (const record of records) if (isDecision(record)) this.#chancery.owe(recordBytes(record));
      if (this.#watchers.size > 0) for (const event of eventsOf(block, records)) this.#tell(event);
    }
    this.#duties.react(this.state);
  }

  #follow(header: Header): void {
    this.#exclusions = this.#leaders.after(this.#exclusions, this.#tip?.view ?? GENESIS_VIEW, header);
    this.#tip = header;
  }

  /** Any seat may bring evidence; one of this node's is enough, the others would only repeat it (protocol 5.2). */
  #onEvidence(evidence: Evidence): void {
    const [seat] = this.#options.seats.keys();
    if (seat === undefined) return;
    const fields = { kind: 'evidence.found', by: `seat/${seat}`, epoch: FIRST_EPOCH, evidence } as const;
    this.submit([sealEntry(fields, this.founding.councilId, (message) => this.#signed(seat, message))]);
  }

  #send(to: PeerId | 'all', message: Message): void {
    // Spelling a message costs more than handing it over, so it is not spelled where nobody listens.
    this.#dependencies.transport?.send(to, encodeOrdering(message));
  }

  /** Whatever a peer sends that no honest node would is dropped; addresses prove nothing, so nobody is blamed. */
  #receive(from: PeerId, bytes: Uint8Array): void {
    if (this.#closed || this.#stopped !== undefined) return;
    if (this.#peers.has(from) || this.#peers.size < MAX_PEERS_HEARD) this.#peers.set(from, this.#nowMs());
    try {
      const received = decodePeerMessage(bytes);
      if (received.kind === 'endorsements') this.#chancery.receive(from, received, this.state);
      else this.#loop.push({ kind: 'message', from, message: received.message } satisfies Input);
    } catch (error) {
      if (!(error instanceof ConclaveError) || error.code !== 'bad-input') this.#stop(error);
    }
  }

  #signed(seat: SeatId, message: Uint8Array): string {
    const secret = this.#options.seats.get(seat);
    invariant(secret !== undefined, `seat ${seat} is hosted here`);
    return toBase64(nodeEd25519.sign(secret, message));
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

function toSignature(base64: string): Signature {
  return base64 as Signature;
}
