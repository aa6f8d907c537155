// What follows from commits at one node: cases that were filed are opened, seats judge and open their ballots, the
// ledger is published, decisions are certified. None of it is remembered anywhere but in the store and the state, so
// doing it after a commit and taking it up again after a crash are the same thing (protocol 8.2).
import type { Admission } from '../consensus/application.ts';
import type { Entry } from '../consensus/block.ts';
import type { CommittedBlock } from '../consensus/effects.ts';
import type { PeerId } from '../consensus/messages.ts';
import { quorumOf } from '../consensus/quorum.ts';
import type { CaseDocument, CaseId } from '../council/case.ts';
import type { CaseSource } from '../council/case-file.ts';
import type { Policy } from '../council/charter.ts';
import type { Founding } from '../council/genesis.ts';
import { recordBytes } from '../council/records.ts';
import { type RosterSeat, sitterOf } from '../council/roster.ts';
import { type CouncilState, rosterOf } from '../council/state.ts';
import { InProcessJobs } from '../jobs/in-process.ts';
import type { Job, Jobs, Worker } from '../jobs/jobs.ts';
import { isDecision } from '../ledger/decision-statement.ts';
import { fastestEd25519 } from '../signing/ed25519-fastest.ts';
import type { KeyPair } from '../signing/key-holder.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { CouncilBatch } from '../storage/council-batch.ts';
import type { CouncilStore } from '../storage/council-store.ts';
import type { Folder } from '../storage/folder.ts';
import { CaseFiling } from './case-filing.ts';
import { Chancery } from './chancery.ts';
import type { DossierShelf } from './dossiers/dossier-shelf.ts';
import { LedgerPublisher } from './ledger-publisher.ts';
import { eventsOf, type NodeEvent, recordsOf } from './node-events.ts';
import type { OwnSeats, SecretsOf } from './own-seats.ts';
import type { Endorsements } from './peer-message.ts';
import { type Judged, SeatDuties } from './seat-duties.ts';
import type { Notary } from './signing/notary.ts';

export interface Sitting {
  readonly caseId: CaseId;
  readonly seat: SeatId;
  readonly source: CaseSource;
  readonly policy: Policy;
  /** who sits there on the panel of the case: which model it is that is asked (protocol 6.1) */
  readonly chair: RosterSeat;
}

/** Judges a case for a seat; never throws for what a model does. */
export type SeatJudge = (sitting: Sitting, signal: AbortSignal) => Promise<Judged | undefined>;

export interface AftermathOptions {
  readonly founding: Founding;
  /** the seats of this node, with the secrets they sign entries with; of a council whose keys never change that is all */
  readonly seats: ReadonlyMap<SeatId, Uint8Array>;
  /** where keys are rotated */
  readonly secretsOf?: SecretsOf;
  /** evaluations at the same time */
  readonly concurrency: number;
  /** how long the publication of a block may wait for others */
  readonly publishDelayMs: number;
}

export interface AftermathDependencies {
  readonly store: CouncilStore;
  readonly shelf: DossierShelf;
  readonly ledger: Folder;
  readonly certificates: Folder;
  readonly notary: Notary;
  readonly judge: SeatJudge;
  readonly logKey: KeyPair;
  /** brings the dossier of an open case to the shelf, from whoever holds it (protocol 8.4) */
  readonly fetchDossier?: (caseId: CaseId, document: CaseDocument, signal: AbortSignal) => Promise<void>;
  /** in this process, where it is not told otherwise */
  readonly makeJobs?: (worker: Worker<Judged | undefined>) => Jobs<Judged | undefined>;
  /** the council after the last committed block */
  readonly state: () => CouncilState;
  readonly own: OwnSeats;
  readonly admits: (entry: Entry) => Admission;
  readonly submit: (entries: readonly Entry[]) => void;
  readonly send: (to: PeerId | 'all', message: Endorsements) => void;
  readonly tell: (event: NodeEvent) => void;
  readonly onFailed: (error: unknown) => void;
}

export class Aftermath {
  readonly filing: CaseFiling;
  readonly publisher: LedgerPublisher;
  readonly chancery: Chancery;
  readonly #duties: SeatDuties;
  readonly #dependencies: AftermathDependencies;

  constructor(options: AftermathOptions, dependencies: AftermathDependencies) {
    const { councilId, roster } = options.founding;
    const { store, own, notary, ledger, certificates, logKey, admits, submit, send, tell, onFailed } =
      dependencies;
    const quorum = quorumOf(roster.seats.length);
    const ed25519 = fastestEd25519;
    this.#dependencies = dependencies;
    const onRefused = (caseId: CaseId): void => tell({ kind: 'refused', caseId });
    this.filing = new CaseFiling({ store, admits, submit, onRefused });
    this.publisher = new LedgerPublisher(
      { councilId, quorum, delayMs: options.publishDelayMs },
      { store, folder: ledger, logKey, ed25519, onFailed },
    );
    this.chancery = new Chancery(
      { councilId, quorum },
      {
        store,
        rosters: () => dependencies.state().rosters,
        own,
        notary,
        publisher: this.publisher,
        certificates,
        ed25519,
        send,
        onCertified: (decision) => tell({ kind: 'certified', caseId: decision.caseId, decision }),
        onFailed,
      },
    );
    const { concurrency } = options;
    const worker: Worker<Judged | undefined> = (job, signal) => this.#judge(job, signal);
    const jobs = dependencies.makeJobs?.(worker) ?? new InProcessJobs({ concurrency }, worker);
    this.#duties = new SeatDuties(
      { councilId },
      { store, shelf: dependencies.shelf, jobs, own, submit, onFailed },
    );
  }

  /** Brings the published ledger up to the store, before anything more is committed. */
  async open(): Promise<void> {
    this.#duties.requireBallots(this.#dependencies.state());
    await this.publisher.open();
  }

  /** Takes up whatever a crash or a stop left undone. */
  resume(): void {
    this.filing.remind();
    this.chancery.resume();
    this.#duties.react(this.#dependencies.state());
  }

  /** Adds what must become durable with the very write that commits these blocks. */
  committing(blocks: readonly CommittedBlock[], batch: CouncilBatch): void {
    this.filing.committing(blocks, batch);
    this.chancery.settle(batch);
    for (const record of blocks.flatMap(recordsOf)) {
      if (!isDecision(record)) continue;
      batch.owesCertificate(record.caseId, recordBytes(record));
      batch.unseal(record.caseId);
    }
  }

  /** After that write. Crash before any of this: it is found undone at the next start, and done then. */
  committed(blocks: readonly CommittedBlock[], isWatched: boolean): void {
    this.publisher.committed(
      blocks.map(({ block, commit, leaves, suffix }) => ({
        block,
        commit,
        suffix,
        derived: leaves.slice(block.entries.length),
      })),
    );
    for (const block of blocks) {
      const records = recordsOf(block);
      const first = block.block.header.ledgerSize - records.length;
      records.forEach((record, i) => {
        if (isDecision(record)) this.chancery.owe(record, first + i);
      });
      if (isWatched) for (const event of eventsOf(block, records)) this.#dependencies.tell(event);
    }
    this.#duties.react(this.#dependencies.state());
  }

  /** At a slow fixed pace: says again what was said in vain. */
  remind(): void {
    this.#duties.remind(this.#dependencies.state());
    this.filing.remind();
    this.chancery.remind();
  }

  async close(): Promise<void> {
    await this.#duties.close();
    await this.publisher.close();
    await this.chancery.close();
    await this.#dependencies.notary.close();
  }

  async #judge({ caseId, seat }: Job, signal: AbortSignal): Promise<Judged | undefined> {
    const { state, shelf, fetchDossier, judge } = this.#dependencies;
    const open = state().open.get(caseId);
    const panel = open && rosterOf(state(), open.panel);
    const chair = panel && sitterOf(panel, seat);
    if (open === undefined || chair === undefined) return undefined;
    const { document } = open;
    if (shelf.source(caseId, document) === undefined) await fetchDossier?.(caseId, document, signal);
    const source = shelf.source(caseId, document);
    // A seat without the dossier cannot judge; its chair counts as missing.
    if (source === undefined) return undefined;
    return judge({ caseId, seat, source, policy: open.policy, chair }, signal);
  }
}
