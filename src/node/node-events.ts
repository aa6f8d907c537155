// What a node tells those who watch it: cases on their way, told from what is committed, never before.
import type { CommittedBlock } from '../consensus/effects.ts';
import type { Ballot } from '../council/ballot.ts';
import { type CaseDocument, type CaseId, caseIdOf } from '../council/case.ts';
import { openEntry } from '../council/entry.ts';
import {
  type CaseClosed,
  type CouncilRecord,
  type Decision,
  openRecord,
  type RosterAdmitted,
  type SeatMarked,
  type SeatSuspected,
} from '../council/records.ts';
import type { SeatId } from '../signing/seat-id.ts';

export type NodeEvent =
  /** before what its entries and records tell; for those who count rather than follow a case */
  | {
      readonly kind: 'block';
      readonly committed: CommittedBlock;
      readonly records: readonly CouncilRecord[];
    }
  | { readonly kind: 'opened'; readonly caseId: CaseId; readonly document: CaseDocument }
  | { readonly kind: 'committed'; readonly caseId: CaseId; readonly seat: SeatId }
  | { readonly kind: 'revealed'; readonly caseId: CaseId; readonly seat: SeatId; readonly ballot: Ballot }
  | { readonly kind: 'closed'; readonly caseId: CaseId; readonly record: CaseClosed }
  | { readonly kind: 'decided'; readonly caseId: CaseId; readonly decision: Decision }
  | { readonly kind: 'marked'; readonly record: SeatMarked }
  /** its block ended an epoch (protocol 6.1) */
  | { readonly kind: 'admitted'; readonly record: RosterAdmitted }
  | { readonly kind: 'suspected'; readonly record: SeatSuspected }
  /** certificate and proof are on disk */
  | { readonly kind: 'certified'; readonly caseId: CaseId; readonly decision: Decision }
  /** filed here, and given up: another attempt at the question took its place */
  | { readonly kind: 'refused'; readonly caseId: CaseId }
  /** the node has stopped for good: a write failed, or an invariant is broken */
  | { readonly kind: 'stopped'; readonly error: unknown };

export type Watcher = (event: NodeEvent) => void;

/** What the entries and records of a committed block tell, in their order. */
export function eventsOf(committed: CommittedBlock, records: readonly CouncilRecord[]): NodeEvent[] {
  const entries = committed.block.entries.flatMap(({ bytes }): NodeEvent[] => {
    const { fields } = openEntry(bytes);
    switch (fields.kind) {
      case 'case.opened':
        return [{ kind: 'opened', caseId: caseIdOf(fields.case), document: fields.case }];
      case 'ballot.committed':
        return [{ kind: 'committed', caseId: fields.caseId, seat: fields.seat }];
      case 'ballot.revealed':
        return [{ kind: 'revealed', caseId: fields.caseId, seat: fields.seat, ballot: fields.ballot }];
      case 'evidence.found':
      case 'roster.changed':
      case 'seats.suspected':
        return [];
      default:
        return fields satisfies never;
    }
  });
  return [{ kind: 'block', committed, records }, ...entries, ...records.map(eventOf)];
}

function eventOf(record: CouncilRecord): NodeEvent {
  switch (record.kind) {
    case 'case.closed':
      return { kind: 'closed', caseId: record.caseId, record };
    case 'case.decided':
      return { kind: 'decided', caseId: record.caseId, decision: record };
    case 'seat.marked':
      return { kind: 'marked', record };
    case 'roster.admitted':
      return { kind: 'admitted', record };
    case 'seat.suspected':
      return { kind: 'suspected', record };
    default:
      return record satisfies never;
  }
}

/** A block's leaves are read before its commit is written and again after it. */
const known = new WeakMap<readonly Uint8Array[], readonly CouncilRecord[]>();

/** The records among a block's leaves. */
export function recordsOf({
  block,
  leaves,
}: Pick<CommittedBlock, 'block' | 'leaves'>): readonly CouncilRecord[] {
  const read = known.get(leaves) ?? leaves.slice(block.entries.length).map(openRecord);
  known.set(leaves, read);
  return read;
}
