// Records: leaves that whoever replays the ledger derives again, and that a stranger reads strictly.
import { describe, expect, it } from 'vitest';
import { Chamber, votes } from '../../test/rigs/chamber.ts';
import { chamberOf, endEpoch, newcomer, suspicion } from '../../test/rigs/epochs.ts';
import { MAX_ENTRY_BYTES } from '../consensus/limits.ts';
import { textOf, utf8 } from '../signing/bytes.ts';
import { canonicalBytes } from '../signing/canonical.ts';
import { isRecordLeaf, openRecord, recordBytes } from './records.ts';

describe('records', () => {
  it('are read back as they were derived, every kind of them', () => {
    const chamber = chamberOf(4);
    const caseId = chamber.open();
    chamber.block([chamber.commit(caseId, 1, 'approve')]);
    chamber.block([chamber.commit(caseId, 1, 'reject')]);
    chamber.block([2, 3, 4].map((seat) => chamber.commit(caseId, seat, 'approve')));
    chamber.block([1, 2, 3, 4].map((seat) => chamber.reveal(caseId, seat, 'approve')));
    chamber.block([1, 2, 3].map((seat) => suspicion(chamber, seat, [4])));
    endEpoch(chamber, [newcomer(4)]);
    expect(chamber.records.map(({ kind }) => kind)).toEqual([
      'seat.marked',
      'case.closed',
      'case.decided',
      'seat.suspected',
      'roster.admitted',
      'seat.suspected',
    ]);
    for (const record of chamber.records) {
      expect(openRecord(recordBytes(record))).toEqual(record);
      expect(isRecordLeaf(recordBytes(record))).toBe(true);
    }
    for (const { entries } of chamber.blocks) {
      for (const { bytes } of entries) expect(isRecordLeaf(bytes)).toBe(false);
    }
  });

  it('with an unknown, missing or changed-in-kind field are refused, as is another spelling', () => {
    const chamber = new Chamber(4);
    const decision = chamber.judge(chamber.open(), votes([4, 'approve']));
    const refused = (record: object) =>
      expect(() => openRecord(canonicalBytes({ record }))).toThrow(/record/);
    refused({ ...decision, note: 1 });
    refused({ ...decision, outcome: 'maybe' });
    refused({ ...decision, tally: { ...decision.tally, approve: -1 } });
    refused({ ...decision, ballots: [{ seat: 201, verdict: 'approve', ballot: decision.policy }] });
    refused({ kind: 'case.reopened' });
    const { flags: _, ...short } = decision;
    refused(short);
    expect(() => openRecord(utf8(` ${textOf(recordBytes(decision))}`))).toThrow(/canonical/);
    expect(() => openRecord(new Uint8Array(0))).toThrow();
  });

  it('fit into the bundles of a log at 200 seats', () => {
    const chamber = new Chamber(200);
    const decision = chamber.judge(chamber.open(), votes([200, 'approve']));
    expect(recordBytes(decision).length).toBeLessThan(MAX_ENTRY_BYTES / 2);
  });
});
