// What happened in one case, gathered from the committed chain: every commitment and reveal, the close, the decision.
// For people who want to see how it came about; nothing of the protocol depends on it.
import type { Ballot } from '../council/ballot.ts';
import { type CaseDocument, type CaseId, caseIdOf } from '../council/case.ts';
import { type EntryFields, openEntry } from '../council/entry.ts';
import { type CaseClosed, type Decision, openRecord } from '../council/records.ts';
import type { CouncilState } from '../council/state.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { CouncilStore } from '../storage/council-store.ts';
import type { DossierShelf } from './dossiers/dossier-shelf.ts';

export interface SeatHistory {
  readonly committedMs: number;
  /** undefined while it is sealed, and for ever where it was never opened */
  readonly ballot: Ballot | undefined;
}

export interface CaseHistory {
  readonly document: CaseDocument;
  readonly openedMs: number;
  /** by seat, those that committed */
  readonly seats: ReadonlyMap<SeatId, SeatHistory>;
  readonly closed: CaseClosed | undefined;
  readonly decision: Decision | undefined;
  /** how each seat came to its ballot, as it was kept; without those that were erased */
  readonly judgements: ReadonlyMap<SeatId, Uint8Array>;
}

export interface HistorySource {
  readonly store: CouncilStore;
  readonly shelf: DossierShelf;
  readonly state: CouncilState;
}

/** Walks back from the decision, or the tip, to the opening: as many blocks as the case took. */
export function caseHistory({ store, shelf, state }: HistorySource, caseId: CaseId): CaseHistory | undefined {
  const decidedAt = state.decided.get(caseId)?.height;
  if (decidedAt === undefined && !state.open.has(caseId)) return undefined;
  const seats = new Map<SeatId, SeatHistory>();
  const ballots = new Map<SeatId, Ballot>();
  let closed: CaseClosed | undefined;
  let decision: Decision | undefined;
  for (let height = decidedAt ?? store.height; height > 0; height--) {
    const stored = store.at(height);
    if (stored === undefined) return undefined;
    const { timeMs } = stored.block.header;
    for (const record of stored.derived.map(openRecord)) {
      if (record.kind === 'case.closed' && record.caseId === caseId) closed = record;
      if (record.kind === 'case.decided' && record.caseId === caseId) decision = record;
    }
    for (const { bytes } of stored.block.entries.toReversed()) {
      const { fields } = openEntry(bytes);
      if (!isOf(fields, caseId)) continue;
      if (fields.kind === 'ballot.revealed') ballots.set(fields.seat, fields.ballot);
      if (fields.kind === 'ballot.committed') {
        seats.set(fields.seat, { committedMs: timeMs, ballot: ballots.get(fields.seat) });
      }
      if (fields.kind === 'case.opened') {
        const judgements = shelf.judgements(caseId);
        return { document: fields.case, openedMs: timeMs, seats, closed, decision, judgements };
      }
    }
  }
  return undefined;
}

function isOf(fields: EntryFields, caseId: CaseId): boolean {
  switch (fields.kind) {
    case 'case.opened':
      return caseIdOf(fields.case) === caseId;
    case 'ballot.committed':
    case 'ballot.revealed':
      return fields.caseId === caseId;
    case 'evidence.found':
    case 'roster.changed':
    case 'seats.suspected':
      return false;
    default:
      return fields satisfies never;
  }
}
