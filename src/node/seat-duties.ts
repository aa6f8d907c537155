// What the seats of this node owe to open cases: to judge, to seal a ballot and send its commitment, and to open it
// after the close (protocol 4.2, 4.4, 4.6). It looks at the state and does what is missing, the same after every
// commit and after a restart, so there is nothing to remember but the sealed ballots, and those are in the store.
import { randomBytes } from 'node:crypto';
import type { Entry } from '../consensus/block.ts';
import type { Ballot } from '../council/ballot.ts';
import type { CaseId } from '../council/case.ts';
import { type EntryFields, sealEntry } from '../council/entry.ts';
import type { Roster } from '../council/roster.ts';
import { type CouncilState, type OpenCase, rosterOf, type Standing } from '../council/state.ts';
import { ConclaveError, invariant } from '../errors.ts';
import { JobAborted, type Jobs } from '../jobs/jobs.ts';
import { toHex } from '../signing/bytes.ts';
import { commitmentOf, SALT_BYTES } from '../signing/commitment.ts';
import type { Digest } from '../signing/digest.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { SealedBallot } from '../storage/council-records.ts';
import type { CouncilStore } from '../storage/council-store.ts';
import type { DossierShelf } from './dossiers/dossier-shelf.ts';
import type { OwnSeats } from './own-seats.ts';

/** What judging a case for a seat brings. `undefined` where the seat keeps silent. */
export interface Judged {
  readonly ballot: Ballot;
  /** how the seat came to it, as a JSON text: confidential, kept off the ledger */
  readonly record: Uint8Array;
}

export interface SeatDutiesOptions {
  readonly councilId: Digest;
}

export interface SeatDutiesDependencies {
  readonly store: CouncilStore;
  readonly shelf: DossierShelf;
  readonly jobs: Jobs<Judged | undefined>;
  /** the seats of this node on each panel, and what they sign with: a case keeps the panel it opened with (protocol 6.1) */
  readonly own: Pick<OwnSeats, 'in' | 'sign'>;
  readonly submit: (entries: readonly Entry[]) => void;
  readonly onFailed: (error: unknown) => void;
}

interface Sealing {
  readonly open: OpenCase;
  readonly seat: SeatId;
  readonly judged: Judged;
}

type Committed = Extract<Standing, { kind: 'committed' }>;

/** What was said for a case in this run of the process; said again at a slow pace until it is on the ledger. */
interface Doing {
  readonly panel: Roster;
  phase: OpenCase['phase'];
  /** seats at work */
  readonly begun: Set<SeatId>;
  readonly entries: Map<SeatId, Entry>;
  /** what the seats committed to, as far as it was worked out in this run of the process */
  readonly commitments: Map<SeatId, Digest>;
}

export class SeatDuties {
  readonly #options: SeatDutiesOptions;
  readonly #dependencies: SeatDutiesDependencies;
  readonly #doing = new Map<CaseId, Doing>();
  #sealings: Sealing[] = [];
  #closed = false;

  constructor(options: SeatDutiesOptions, dependencies: SeatDutiesDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  /** Before anything is said: a ballot that a seat committed to and the store lost stops the node (protocol 8.2). */
  requireBallots(state: CouncilState): void {
    const { store, own } = this.#dependencies;
    for (const open of state.open.values()) {
      const { caseId, seats } = open;
      for (const seat of own.in(panelOf(open, state)).keys()) {
        if (seats[seat - 1]?.kind !== 'committed' || store.sealed(caseId, seat) !== undefined) continue;
        if (!store.isAbandoned(caseId, seat)) throw lostBallot(caseId, seat);
      }
    }
  }

  /** Called after every commit, and once at the start. */
  react(state: CouncilState): void {
    const { open } = state;
    const entries: Entry[] = [];
    for (const caseId of this.#doing.keys()) {
      if (open.has(caseId)) continue;
      this.#doing.delete(caseId);
      this.#dependencies.jobs.drop(caseId);
    }
    for (const current of open.values()) this.#attend(current, state, entries);
    if (entries.length > 0) this.#dependencies.submit(entries);
  }

  /** Says again what is not on the ledger yet: a full mempool may have dropped it. */
  remind({ open }: CouncilState): void {
    const entries: Entry[] = [];
    for (const [caseId, { phase, entries: said }] of this.#doing) {
      const current = open.get(caseId);
      if (current === undefined || current.phase !== phase) continue;
      const awaited = phase === 'commit' ? 'waiting' : 'committed';
      for (const [seat, entry] of said) if (current.seats[seat - 1]?.kind === awaited) entries.push(entry);
    }
    if (entries.length > 0) this.#dependencies.submit(entries);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#dependencies.jobs.close();
  }

  #attend(open: OpenCase, state: CouncilState, entries: Entry[]): void {
    const { caseId, phase } = open;
    let doing = this.#doing.get(caseId);
    if (doing === undefined || doing.phase !== phase) {
      // A ballot that is not sealed when the phase closes comes too late for good.
      if (doing !== undefined) this.#dependencies.jobs.drop(caseId);
      const panel = panelOf(open, state);
      const commitments = doing?.commitments ?? new Map();
      doing = { panel, phase, begun: new Set(), entries: new Map(), commitments };
      this.#doing.set(caseId, doing);
    }
    for (const seat of this.#dependencies.own.in(doing.panel).keys()) {
      const standing = open.seats[seat - 1];
      if (standing === undefined || doing.begun.has(seat)) continue;
      if (phase === 'commit' && standing.kind === 'waiting')
        this.#beginCommitment(open, seat, doing, entries);
      if (phase === 'reveal' && standing.kind === 'committed') {
        doing.begun.add(seat);
        if (this.#dependencies.store.isAbandoned(caseId, seat)) continue;
        const entry = this.#revealed(open, seat, standing, doing);
        doing.entries.set(seat, entry);
        entries.push(entry);
      }
    }
  }

  #beginCommitment(open: OpenCase, seat: SeatId, doing: Doing, entries: Entry[]): void {
    const { caseId } = open;
    doing.begun.add(seat);
    const sealed = this.#dependencies.store.sealed(caseId, seat);
    if (sealed !== undefined) {
      // Sealed before a crash, sent or not: the same commitment goes out, never a second one (protocol 4.4).
      const entry = this.#committed(caseId, seat, sealed, doing);
      doing.entries.set(seat, entry);
      entries.push(entry);
      return;
    }
    this.#dependencies.jobs.run({ caseId, seat }).then(
      (judged) => {
        if (judged !== undefined) this.#seal({ open, seat, judged });
      },
      (error: unknown) => {
        if (!(error instanceof JobAborted) && !this.#closed) this.#dependencies.onFailed(error);
      },
    );
  }

  /** Ballots that are ready in the same turn share a durable write. */
  #seal(sealing: Sealing): void {
    this.#sealings.push(sealing);
    if (this.#sealings.length > 1) return;
    setImmediate(() => {
      this.#sealAll(this.#sealings.splice(0)).catch((error: unknown) => {
        if (!this.#closed) this.#dependencies.onFailed(error);
      });
    });
  }

  async #sealAll(sealings: readonly Sealing[]): Promise<void> {
    const { store, shelf } = this.#dependencies;
    for (const [caseId, judgements] of recordsByCase(sealings))
      await shelf.keepJudgements(caseId, judgements);
    if (this.#closed) return;
    const batch = store.batch();
    const fresh = sealings.flatMap(({ open: { caseId }, seat, judged: { ballot } }) => {
      const doing = this.#doing.get(caseId);
      if (doing?.phase !== 'commit') return [];
      const sealed = { ballot, salt: toHex(randomBytes(SALT_BYTES)) };
      batch.seal(caseId, seat, sealed);
      return [{ caseId, seat, sealed, doing }];
    });
    // Crash before the write: the ballot was never cast. The seat judges again, and nobody has seen the first.
    store.write(batch);
    // Crash after it: at the next start the commitment is made from what is sealed, and sent.
    const entries = fresh.map(({ caseId, seat, sealed, doing }) => {
      const entry = this.#committed(caseId, seat, sealed, doing);
      doing.entries.set(seat, entry);
      return entry;
    });
    if (entries.length > 0) this.#dependencies.submit(entries);
  }

  #committed(caseId: CaseId, seat: SeatId, { ballot, salt }: SealedBallot, doing: Doing): Entry {
    const { councilId } = this.#options;
    const { epoch } = doing.panel;
    const commitment = commitmentOf({ councilId, epoch, caseId, seat, salt, ballot });
    doing.commitments.set(seat, commitment);
    const by = `seat/${seat}` as const;
    return this.#signed(doing, seat, { kind: 'ballot.committed', by, epoch, caseId, seat, commitment });
  }

  #revealed({ caseId }: OpenCase, seat: SeatId, standing: Committed, doing: Doing): Entry {
    const { councilId } = this.#options;
    const { epoch } = doing.panel;
    const sealed = this.#dependencies.store.sealed(caseId, seat);
    if (sealed === undefined) throw lostBallot(caseId, seat);
    const known = doing.commitments.get(seat) ?? commitmentOf({ councilId, epoch, caseId, seat, ...sealed });
    if (known !== standing.commitment) throw lostBallot(caseId, seat);
    const by = `seat/${seat}` as const;
    return this.#signed(doing, seat, { kind: 'ballot.revealed', by, epoch, caseId, seat, ...sealed });
  }

  #signed({ panel }: Doing, seat: SeatId, fields: EntryFields): Entry {
    const { own } = this.#dependencies;
    return sealEntry(fields, this.#options.councilId, (message) => own.sign(panel, seat, message));
  }
}

function panelOf({ panel }: OpenCase, state: CouncilState): Roster {
  const roster = rosterOf(state, panel);
  invariant(roster !== undefined, 'a case is judged by a roster that is known');
  return roster;
}

function recordsByCase(sealings: readonly Sealing[]): ReadonlyMap<CaseId, ReadonlyMap<SeatId, Uint8Array>> {
  const byCase = new Map<CaseId, Map<SeatId, Uint8Array>>();
  for (const { open, seat, judged } of sealings) {
    const records = byCase.get(open.caseId) ?? new Map<SeatId, Uint8Array>();
    byCase.set(open.caseId, records.set(seat, judged.record));
  }
  return byCase;
}

/** To open another ballot than the one committed to would be evidence against the seat. */
export function lostBallot(caseId: CaseId, seat: SeatId): ConclaveError {
  return new ConclaveError(
    'storage',
    `the store has lost something: seat ${seat} committed to a ballot in case ${caseId}, and that ballot is gone`,
  );
}
