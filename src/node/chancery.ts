// From a decision to its certificate on disk (protocol 7.2, 7.3): the seats of this node sign, what the seats of
// other nodes signed is gathered, and certificate and proof are written once the ledger they point into is
// published. What is owed stands in the store from the very write that committed the decision, so that a node
// that stops anywhere in here takes it up again; signatures come out the same, and the files may be written twice.
import type { PeerId } from '../consensus/messages.ts';
import type { Quorum } from '../consensus/quorum.ts';
import type { Decision } from '../council/records.ts';
import { openRecord } from '../council/records.ts';
import { type Roster, sitterOf } from '../council/roster.ts';
import type { CouncilState } from '../council/state.ts';
import { invariant } from '../errors.ts';
import type { SeatEndorsement } from '../ledger/certify.ts';
import { certifiedBytes, isDecision, statementPayload } from '../ledger/decision-statement.ts';
import type { RosterLink } from '../ledger/roster-links.ts';
import { equalBytes, fromBase64 } from '../signing/bytes.ts';
import type { Digest } from '../signing/digest.ts';
import type { Ed25519 } from '../signing/ed25519.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { CouncilBatch } from '../storage/council-batch.ts';
import type { CouncilStore } from '../storage/council-store.ts';
import type { Folder } from '../storage/folder.ts';
import type { LedgerPublisher } from './ledger-publisher.ts';
import type { OwnSeats } from './own-seats.ts';
import type { Endorsements } from './peer-message.ts';
import type { Notary } from './signing/notary.ts';
import { NotaryTerms } from './signing/notary-terms.ts';

/** Endorsements of decisions that have not been made here yet, kept for when they are. */
const MAX_EARLY_CASES = 256;

/** Certificates asked for at once. */
const MAX_REMINDED = 256;

export interface ChanceryOptions {
  readonly councilId: Digest;
  readonly quorum: Quorum;
}

export interface ChanceryDependencies {
  readonly store: CouncilStore;
  /** of every epoch so far: the seats of the one in which it is decided sign a decision (protocol 6.1) */
  readonly rosters: () => ReadonlyMap<Epoch, Roster>;
  readonly own: Pick<OwnSeats, 'endorsing'>;
  readonly notary: Notary;
  readonly publisher: LedgerPublisher;
  readonly certificates: Folder;
  readonly ed25519: Pick<Ed25519, 'verify'>;
  readonly send: (to: PeerId | 'all', message: Endorsements) => void;
  readonly onCertified: (decision: Decision) => void;
  readonly onFailed: (error: unknown) => void;
}

interface Owed {
  readonly decision: Decision;
  /** the leaf's place in the log */
  readonly leaf: number;
  readonly payload: Uint8Array;
  readonly message: Uint8Array;
  readonly signed: Map<SeatId, SeatEndorsement>;
  working: boolean;
  /** since before the last time anybody was reminded */
  late: boolean;
}

const FORGED = 'forged endorsement';

export function certificatePath(caseId: Digest): string {
  return `${caseId}.intoto.jsonl`;
}

export function proofPath(caseId: Digest): string {
  return `${caseId}.tlog-proof`;
}

export class Chancery {
  /** signatures that are not the seat's, by what they were put to */
  readonly refused = new Map<string, number>();
  readonly #options: ChanceryOptions;
  readonly #dependencies: ChanceryDependencies;
  readonly #owed = new Map<Digest, Owed>();
  readonly #early = new Map<Digest, SeatEndorsement[]>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #terms: NotaryTerms;
  /** certified, and still owed in the store */
  #written: Digest[] = [];
  #closed = false;

  constructor(options: ChanceryOptions, dependencies: ChanceryDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#terms = new NotaryTerms(options, dependencies);
  }

  /** Cases whose certificate is not written yet. */
  get owed(): readonly Digest[] {
    return [...this.#owed.keys()];
  }

  /** What is owed since before a restart. */
  resume(): void {
    for (const leaf of this.#dependencies.store.uncertified()) {
      const decision = openRecord(leaf);
      invariant(isDecision(decision), 'certificates are owed for decisions');
      this.owe(decision, this.#placeOf(decision, leaf), true);
    }
  }

  /** A decision that is durable in the store, and the place of its leaf in the log. */
  owe(decision: Decision, leaf: number, late = false): void {
    if (this.#closed || this.#owed.has(decision.caseId)) return;
    const payload = statementPayload({ councilId: this.#options.councilId, decision });
    const owed: Owed = {
      decision,
      leaf,
      payload,
      message: certifiedBytes(payload),
      signed: new Map(),
      working: false,
      late,
    };
    this.#owed.set(decision.caseId, owed);
    this.#inBackground(this.#endorse(owed));
  }

  /** How each roster since the genesis came to be, for whoever asks which is in force (protocol 6.3). */
  rosterLinks(): Promise<readonly RosterLink[]> {
    return this.#terms.rosterLinks();
  }

  /** Takes off what is owed, with a write that is made anyway. */
  settle(batch: CouncilBatch): void {
    for (const caseId of this.#written.splice(0)) batch.certified(caseId);
  }

  /** What another node's seats signed. Shares are checked together, when there are enough. */
  receive(from: PeerId, { caseId, wanted, endorsements }: Endorsements, state: CouncilState): void {
    const owed = this.#owed.get(caseId);
    if (owed !== undefined) {
      for (const endorsement of endorsements) this.#take(owed, endorsement);
      this.#inBackground(this.#tryCertify(owed));
    } else if (!state.decided.has(caseId)) {
      this.#keepEarly(caseId, endorsements);
    }
    if (wanted && state.decided.has(caseId)) this.#inBackground(this.#answer(from, caseId, state));
  }

  /** Says again what should be certified by now, and asks for what lacks; called at a slow fixed pace. */
  remind(): void {
    // In turn: who was away owes many, and asking for all of them at once would keep the others busy with nothing else.
    for (const owed of [...this.#owed.values()].slice(0, MAX_REMINDED)) {
      const { decision, signed } = owed;
      this.#owed.delete(decision.caseId);
      this.#owed.set(decision.caseId, owed);
      const endorsements = [...signed.values()];
      const wasLate = owed.late;
      owed.late = true;
      if (wasLate && signed.size > 0)
        this.#send('all', { caseId: decision.caseId, wanted: true, endorsements });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
    if (this.#written.length === 0) return;
    const batch = this.#dependencies.store.batch();
    this.settle(batch);
    this.#dependencies.store.write(batch);
  }

  async #endorse(owed: Owed): Promise<void> {
    const own = await this.#terms.endorse(owed.decision, owed.payload);
    // Crash before this is sent: the same signatures are made again at the next start.
    for (const endorsement of own) owed.signed.set(endorsement.seat, endorsement);
    for (const endorsement of this.#early.get(owed.decision.caseId) ?? []) this.#take(owed, endorsement);
    this.#early.delete(owed.decision.caseId);
    if (own.length > 0) {
      this.#send('all', { caseId: owed.decision.caseId, wanted: false, endorsements: own });
    }
    await this.#tryCertify(owed);
  }

  #take(owed: Owed, endorsement: SeatEndorsement): void {
    const key = sitterOf(this.#terms.rosterOf(owed.decision), endorsement.seat)?.ed25519;
    if (key === undefined || owed.signed.has(endorsement.seat)) return;
    // Checked at once, so that nobody can take the place of a seat's true signature with a false one.
    if (this.#dependencies.ed25519.verify(fromBase64(key), owed.message, endorsement.envelope)) {
      owed.signed.set(endorsement.seat, endorsement);
    } else this.refused.set(FORGED, (this.refused.get(FORGED) ?? 0) + 1);
  }

  async #tryCertify(owed: Owed): Promise<void> {
    const { caseId, height } = owed.decision;
    if (owed.working || owed.signed.size < this.#options.quorum.q) return;
    owed.working = true;
    const { notary, publisher, certificates } = this.#dependencies;
    const published = publisher.published(height);
    await this.#terms.beginCertifying(owed.decision);
    const { epoch } = owed.decision;
    const { certificate, refused } = await notary.certify(owed.payload, epoch, [...owed.signed.values()]);
    for (const seat of refused) owed.signed.delete(seat);
    await published;
    owed.working = false;
    if (certificate === undefined || this.#closed || !this.#owed.has(caseId)) return;
    this.#owed.delete(caseId);
    const proof = publisher.proof(owed.leaf, height);
    await certificates.write([
      { path: certificatePath(caseId), bytes: certificate },
      { path: proofPath(caseId), bytes: proof },
    ]);
    // Crash from here to the next write: the certificate is there and still owed; it is made again, and is as good.
    this.#written.push(caseId);
    this.#dependencies.onCertified(owed.decision);
  }

  async #answer(to: PeerId, caseId: Digest, state: CouncilState): Promise<void> {
    const height = state.decided.get(caseId)?.height;
    const leaves = height === undefined ? [] : (this.#dependencies.store.at(height)?.derived ?? []);
    const decision = leaves.map(openRecord).find((record) => isDecision(record) && record.caseId === caseId);
    if (decision === undefined || !isDecision(decision)) return;
    const payload = statementPayload({ councilId: this.#options.councilId, decision });
    const endorsements = await this.#terms.endorse(decision, payload);
    this.#send(to, { caseId, wanted: false, endorsements });
  }

  #keepEarly(caseId: Digest, endorsements: readonly SeatEndorsement[]): void {
    const kept = this.#early.get(caseId) ?? [];
    if (kept.length === 0 && this.#early.size >= MAX_EARLY_CASES) return;
    const seats = new Set(kept.map(({ seat }) => seat));
    const added = endorsements.filter(({ seat }) => !seats.has(seat));
    this.#early.set(caseId, [...kept, ...added].slice(0, this.#options.quorum.n));
  }

  #placeOf({ height }: Decision, leaf: Uint8Array): number {
    const stored = this.#dependencies.store.at(height);
    const at = stored?.derived.findIndex((derived) => equalBytes(derived, leaf)) ?? -1;
    invariant(stored !== undefined && at >= 0, 'a decision is a leaf of the block that decided it');
    return stored.block.header.ledgerSize - stored.derived.length + at;
  }

  #send(to: PeerId | 'all', message: Omit<Endorsements, 'kind'>): void {
    this.#dependencies.send(to, { kind: 'endorsements', ...message });
  }

  #inBackground(work: Promise<void>): void {
    const guarded = work.catch((error: unknown) => {
      if (!this.#closed) this.#dependencies.onFailed(error);
    });
    this.#underWay.add(guarded);
    void guarded.finally(() => this.#underWay.delete(guarded));
  }
}
