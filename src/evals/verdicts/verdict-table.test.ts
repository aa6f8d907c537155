import { describe, expect, it } from 'vitest';
import {
  ABSTAIN,
  APPROVE,
  completeItems,
  errorsOf,
  MISSING,
  NO_CONFIDENCE,
  REJECT,
  tableOf,
  type VerdictTable,
  withItems,
  withVoters,
} from './verdict-table.ts';

const names = (table: VerdictTable): readonly string[] => table.voters.map(({ name }) => name);
const rows = (table: VerdictTable): number[][] => table.verdicts.map((row) => [...row]);

/** Three voters, four items, the first and the third of one question. */
function aTable(): VerdictTable {
  return tableOf({
    voters: ['a', 'b', 'c'].map((name) => ({ name, domains: { developer: name } })),
    items: {
      names: ['w', 'x', 'y', 'z'],
      labels: Uint8Array.of(APPROVE, REJECT, ABSTAIN, APPROVE),
      clusters: Uint32Array.of(0, 1, 0, 2),
      clusterCount: 3,
    },
    verdicts: [
      Uint8Array.of(APPROVE, APPROVE, ABSTAIN, MISSING),
      Uint8Array.of(REJECT, REJECT, APPROVE, ABSTAIN),
      Uint8Array.of(APPROVE, MISSING, REJECT, APPROVE),
    ],
    confidences: [
      Uint8Array.of(90, 80, NO_CONFIDENCE, NO_CONFIDENCE),
      Uint8Array.of(1, 2, 3, 4),
      Uint8Array.of(100, NO_CONFIDENCE, 0, 50),
    ],
  });
}

describe('a table of verdicts', () => {
  it('holds a row a voter and a verdict an item, or is refused', () => {
    const { verdicts, ...rest } = aTable();
    expect(() => tableOf({ ...rest, verdicts: verdicts.slice(1) })).toThrow(
      'a row of verdicts for each voter',
    );
    expect(() => tableOf({ ...rest, verdicts: verdicts.map((row) => row.slice(1)) })).toThrow(
      'a verdict for each item',
    );
    const short = { ...rest.items, labels: rest.items.labels.slice(1) };
    expect(() => tableOf({ ...rest, verdicts, items: short })).toThrow('a label and a cluster an item');
  });

  it('an item is complete when all gave a verdict, abstentions included', () => {
    expect(completeItems(aTable())).toEqual([0, 2]);
    expect(completeItems(withVoters(aTable(), [0, 1]))).toEqual([0, 1, 2]);
    expect(completeItems(withVoters(aTable(), []))).toEqual([0, 1, 2, 3]);
  });

  it('voters are taken in the order asked for, with their confidences, on all items', () => {
    const some = withVoters(aTable(), [2, 0]);
    expect(names(some)).toEqual(['c', 'a']);
    expect(rows(some)).toEqual([
      [APPROVE, MISSING, REJECT, APPROVE],
      [APPROVE, APPROVE, ABSTAIN, MISSING],
    ]);
    expect(some.confidences?.map((row) => row[0])).toEqual([100, 90]);
    expect(some.items).toEqual(aTable().items);
  });

  it('a voter may be taken twice, one that is not there not at all', () => {
    expect(names(withVoters(aTable(), [1, 1]))).toEqual(['b', 'b']);
    expect(() => withVoters(aTable(), [3])).toThrow('voter 3 of 3');
  });

  it('items are taken with their labels and clusters, which are numbered anew', () => {
    const some = withItems(aTable(), [3, 2, 0]);
    expect(some.items).toEqual({
      names: ['z', 'y', 'w'],
      labels: Uint8Array.of(APPROVE, ABSTAIN, APPROVE),
      clusters: Uint32Array.of(0, 1, 1),
      clusterCount: 2,
    });
    expect(rows(some)).toEqual([
      [MISSING, ABSTAIN, APPROVE],
      [ABSTAIN, APPROVE, REJECT],
      [APPROVE, REJECT, APPROVE],
    ]);
    expect(some.confidences?.map((row) => [...row])).toEqual([
      [NO_CONFIDENCE, NO_CONFIDENCE, 90],
      [4, 3, 1],
      [50, 0, 100],
    ]);
  });

  it('an error is any verdict but the right one: abstentions and missing ones too, unless abstaining is right', () => {
    expect(errorsOf(aTable()).map((row) => [...row])).toEqual([
      [0, 1, 0, 1],
      [1, 0, 1, 1],
      [0, 1, 1, 0],
    ]);
  });

  it('nothing that is taken out changes the table', () => {
    const table = aTable();
    withItems(table, [1]).verdicts[0]?.fill(ABSTAIN);
    expect(rows(table)).toEqual(rows(aTable()));
  });
});
