// What a published ledger tells of its cases, read as anyone may read it: no key, no lock, nothing opened for writing, so
// a report can be made while the council runs. What is found here is believed no further than the certificate vouches
// for it (certified-decision.ts).
import { Buffer } from 'node:buffer';
import type { Header } from '../../consensus/block.ts';
import { type Ballot, ballotDigest } from '../../council/ballot.ts';
import { type CaseDocument, type CaseId, caseIdOf } from '../../council/case.ts';
import { openEntry } from '../../council/entry.ts';
import { type CaseClosed, type Decision, isRecordLeaf, openRecord } from '../../council/records.ts';
import { badInput } from '../../errors.ts';
import { openPublished } from '../../ledger/prove.ts';
import { publishedBlocks } from '../../ledger/published-blocks.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import { inLedger, type PublishedLedger } from '../council-folder.ts';

export interface DocketCase {
  readonly caseId: CaseId;
  readonly document: CaseDocument;
  readonly openedMs: number;
  readonly decision: Decision | undefined;
}

/** How a decided case came about. */
export interface Course {
  readonly closed: CaseClosed | undefined;
  /** the ballots that were counted, and no others */
  readonly ballots: ReadonlyMap<SeatId, Ballot>;
}

/** Every case on the ledger, in the order in which they were opened. */
export function docketOf(ledger: PublishedLedger): ReadonlyMap<CaseId, DocketCase> {
  return inLedger(
    ledger.folder,
    () => {
      const docket = new Map<CaseId, DocketCase>();
      for (const { header, bytes } of leavesOf(ledger)) {
        if (mentions(bytes, '"kind":"case.opened"') && !isRecordLeaf(bytes)) {
          const { fields } = openEntry(bytes);
          if (fields.kind !== 'case.opened') continue;
          const caseId = caseIdOf(fields.case);
          docket.set(caseId, { caseId, document: fields.case, openedMs: header.timeMs, decision: undefined });
        } else if (mentions(bytes, '"kind":"case.decided"') && isRecordLeaf(bytes)) {
          const record = openRecord(bytes);
          const found = record.kind === 'case.decided' ? docket.get(record.caseId) : undefined;
          if (found !== undefined && record.kind === 'case.decided')
            docket.set(found.caseId, { ...found, decision: record });
        }
      }
      return docket;
    },
    READS,
  );
}

export function courseOf(ledger: PublishedLedger, decision: Decision): Course {
  return inLedger(
    ledger.folder,
    () => {
      const counted = new Map(decision.ballots.map(({ seat, ballot }) => [seat, ballot]));
      const ballots = new Map<SeatId, Ballot>();
      let closed: CaseClosed | undefined;
      for (const { bytes } of leavesOf(ledger)) {
        if (!mentions(bytes, decision.caseId)) continue;
        if (isRecordLeaf(bytes)) {
          const record = openRecord(bytes);
          if (record.kind === 'case.closed' && record.caseId === decision.caseId) closed = record;
          continue;
        }
        const { fields } = openEntry(bytes);
        if (fields.kind !== 'ballot.revealed' || fields.caseId !== decision.caseId) continue;
        // What was opened falsely, or a second time, is on the ledger too; the decision names what it counted.
        if (ballotDigest(fields.ballot) === counted.get(fields.seat)) ballots.set(fields.seat, fields.ballot);
      }
      const lost = decision.ballots.filter(({ seat }) => !ballots.has(seat));
      if (lost.length > 0)
        throw badInput(`the ballot of seat ${lost[0]?.seat}, which was counted, is not on the ledger`);
      return { closed, ballots };
    },
    READS,
  );
}

/** A council that publishes meanwhile takes away what is outdated; what is amiss three times over is amiss. */
const READS = 3;

interface Leaf {
  /** of the block it came with */
  readonly header: Header;
  readonly bytes: Uint8Array;
}

function* leavesOf({ read }: PublishedLedger): Generator<Leaf> {
  const { log, checkpoint } = openPublished(read);
  const leaves = log.entries();
  let size = 0;
  for (const { header } of publishedBlocks(read)) {
    // A crash between blocks and checkpoint leaves blocks that the checkpoint does not cover yet.
    if (header.ledgerSize > checkpoint.size) return;
    for (; size < header.ledgerSize; size++) {
      const leaf = leaves.next();
      if (leaf.done === true) return;
      yield { header, bytes: leaf.value };
    }
  }
}

/** Spares taking apart what is of other cases; what it lets pass is taken apart all the same. */
function mentions(bytes: Uint8Array, words: string): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(words);
}
