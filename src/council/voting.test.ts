// Commitments and reveals: what counts, what waits, what is refused and what is evidence (protocol 4.4, 4.6, 5.1).
import { describe, expect, it } from 'vitest';
import {
  ballotOfVote,
  Chamber,
  COMMIT_MS,
  REVEAL_MS,
  saltOf,
  signerOf,
  testFounding,
  votes,
} from '../../test/rigs/chamber.ts';
import { digestOf } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { openEntry, sealEntry } from './entry.ts';
import { markKey } from './state.ts';

/** A case in the reveal phase, all four seats having committed to an approval. */
function committed(): { chamber: Chamber; caseId: ReturnType<Chamber['open']> } {
  const chamber = new Chamber(4);
  const caseId = chamber.open();
  chamber.block([1, 2, 3, 4].map((seat) => chamber.commit(caseId, seat, 'approve')));
  return { chamber, caseId };
}

describe('a commitment', () => {
  it('counts once: the same again changes nothing and is refused', () => {
    const chamber = new Chamber(4);
    const caseId = chamber.open();
    const entry = chamber.commit(caseId, 1, 'approve');
    expect(chamber.block([entry, entry])).toBeUndefined();
    expect(chamber.block([entry])).toEqual([]);
    expect(chamber.admits(entry)).toBe('never');
    expect(chamber.block([entry])).toBeUndefined();
  });

  it('that differs from the first is evidence: the seat is marked once and its first one stands', () => {
    const chamber = new Chamber(4);
    const caseId = chamber.open();
    chamber.block([chamber.commit(caseId, 1, 'approve')]);
    const second = chamber.commit(caseId, 1, 'reject');
    expect(chamber.admits(second)).toBe('now');
    const records = chamber.block([second]);
    const { height, timeMs } = chamber;
    expect(records).toEqual([
      { kind: 'seat.marked', seat: 1, fault: 'two-commitments', caseId, height, timeMs },
    ]);
    expect(chamber.state.marks.has(markKey(asSeatId(1), 'two-commitments'))).toBe(true);
    expect(chamber.admits(chamber.commit(caseId, 1, 'abstain'))).toBe('never');
    expect(chamber.state.open.get(caseId)?.seats[0]).toEqual({
      kind: 'committed',
      commitment: chamber.commitment(caseId, 1, 'approve'),
    });
    chamber.block([2, 3, 4].map((seat) => chamber.commit(caseId, seat, 'approve')));
    chamber.block([1, 2, 3, 4].map((seat) => chamber.reveal(caseId, seat, 'approve')));
    expect(chamber.decision(caseId).tally.approve).toBe(4);
  });

  it('that differs is evidence after the close as well', () => {
    const { chamber, caseId } = committed();
    expect(chamber.block([chamber.commit(caseId, 2, 'reject')])?.[0]).toMatchObject({
      kind: 'seat.marked',
      seat: 2,
    });
  });

  it('waits for a case that is not open yet, and is refused once the case is decided', () => {
    const chamber = new Chamber(4);
    const early = chamber.document();
    const opened = chamber.opened(early);
    const caseId = digestOf(early);
    const entry = chamber.commit(caseId, 1, 'approve');
    expect(chamber.admits(entry)).toBe('later');
    expect(chamber.block([entry])).toBeUndefined();
    expect(chamber.block([opened, entry])).toEqual([]);
    chamber.judge(caseId, votes([1, undefined], [3, 'approve']));
    chamber.passDeadline(REVEAL_MS);
    expect(chamber.decision(caseId)).toBeDefined();
    expect(chamber.admits(chamber.commit(caseId, 1, 'reject'))).toBe('never');
    expect(chamber.admits(chamber.reveal(caseId, 1, 'approve'))).toBe('never');
  });

  it('is refused from a seat the roster does not have, under another key, council or epoch', () => {
    const chamber = new Chamber(4);
    const caseId = chamber.open();
    expect(chamber.admits(chamber.commit(caseId, 5, 'approve'))).toBe('never');
    const { fields } = openEntry(chamber.commit(caseId, 1, 'approve').bytes);
    const { councilId } = chamber.founding;
    expect(chamber.admits(sealEntry(fields, councilId, signerOf(chamber.keyOf(1))))).toBe('now');
    expect(chamber.admits(sealEntry(fields, councilId, signerOf(chamber.keyOf(2))))).toBe('never');
    expect(chamber.block([sealEntry(fields, councilId, signerOf(chamber.keyOf(2)))])).toBeUndefined();
    const foreign = sealEntry(fields, testFounding(7).councilId, signerOf(chamber.keyOf(1)));
    expect(chamber.admits(foreign)).toBe('never');
    expect(chamber.admits(chamber.seal({ ...fields, epoch: 2 as Epoch }))).toBe('never');
  });

  it('copied from another seat cannot be opened by the copier', () => {
    const chamber = new Chamber(4);
    const caseId = chamber.open();
    const copied = chamber.commitment(caseId, 1, 'approve');
    chamber.block([
      ...[1, 2, 3].map((seat) => chamber.commit(caseId, seat, 'approve')),
      chamber.commitAs(caseId, 4, copied),
    ]);
    chamber.block([chamber.reveal(caseId, 1, 'approve')]);
    expect(chamber.block([chamber.reveal(caseId, 4, 'approve', saltOf(1))])?.[0]).toMatchObject({
      kind: 'seat.marked',
      seat: 4,
      fault: 'false-reveal',
    });
  });
});

describe('a reveal', () => {
  it('before the close waits, and a block with it does not execute', () => {
    const chamber = new Chamber(4);
    const caseId = chamber.open();
    chamber.block([1, 2, 3].map((seat) => chamber.commit(caseId, seat, 'approve')));
    const early = chamber.reveal(caseId, 1, 'approve');
    expect(chamber.admits(early)).toBe('later');
    expect(chamber.block([early])).toBeUndefined();
    // the phase closes at the end of the block, so not even behind the last commitment
    expect(chamber.block([chamber.commit(caseId, 4, 'approve'), early])).toBeUndefined();
    chamber.block([chamber.commit(caseId, 4, 'approve')]);
    expect(chamber.block([early])).toEqual([]);
  });

  it('counts once', () => {
    const { chamber, caseId } = committed();
    const entry = chamber.reveal(caseId, 1, 'approve');
    expect(chamber.block([entry, entry])).toBeUndefined();
    chamber.block([entry]);
    expect(chamber.admits(entry)).toBe('never');
    expect(chamber.block([entry])).toBeUndefined();
  });

  it('without a commitment is refused', () => {
    const chamber = new Chamber(4);
    const caseId = chamber.open();
    chamber.block([1, 2, 3].map((seat) => chamber.commit(caseId, seat, 'approve')));
    chamber.passDeadline(COMMIT_MS);
    expect(chamber.admits(chamber.reveal(caseId, 4, 'approve'))).toBe('never');
  });

  it('that does not open the commitment makes the seat missing and marks it, for good', () => {
    const { chamber, caseId } = committed();
    const records = chamber.block([chamber.reveal(caseId, 4, 'reject')]);
    expect(records).toMatchObject([{ kind: 'seat.marked', seat: 4, fault: 'false-reveal', caseId }]);
    expect(chamber.admits(chamber.reveal(caseId, 4, 'approve'))).toBe('never');
    chamber.block([1, 2, 3].map((seat) => chamber.reveal(caseId, seat, 'approve')));
    expect(chamber.decision(caseId)).toMatchObject({
      outcome: 'approved',
      withheld: [4],
      tally: { approve: 3, reject: 0, abstain: 0, missing: 1 },
    });
  });

  it('with another salt does not open', () => {
    const { chamber, caseId } = committed();
    expect(chamber.block([chamber.reveal(caseId, 4, 'approve', saltOf(9))])).toMatchObject([
      { fault: 'false-reveal' },
    ]);
  });

  it('whose verdict does not follow from its findings is evidence and counts as missing', () => {
    const chamber = new Chamber(4);
    const caseId = chamber.open();
    const lies = { ...ballotOfVote('reject'), verdict: 'approve' } as const;
    chamber.block([1, 2, 3, 4].map((seat) => chamber.commit(caseId, seat, seat === 4 ? lies : 'approve')));
    expect(chamber.block([chamber.reveal(caseId, 4, lies)])).toMatchObject([
      { kind: 'seat.marked', seat: 4, fault: 'verdict-not-following' },
    ]);
    chamber.block([1, 2, 3].map((seat) => chamber.reveal(caseId, seat, 'approve')));
    expect(chamber.decision(caseId).tally).toEqual({ approve: 3, reject: 0, abstain: 0, missing: 1 });
  });

  it('that leaves a criterion out, or invents one, is no ballot', () => {
    for (const findings of [
      { safety: 'met', oversight: 'met' },
      { safety: 'met', oversight: 'met', clarity: 'met', charm: 'met' },
      { safety: 'met', oversight: 'met', charm: 'met' },
    ] as const) {
      const chamber = new Chamber(4);
      const caseId = chamber.open();
      const ballot = { ...ballotOfVote('approve'), findings };
      chamber.block(
        [1, 2, 3, 4].map((seat) => chamber.commit(caseId, seat, seat === 4 ? ballot : 'approve')),
      );
      expect(chamber.block([chamber.reveal(caseId, 4, ballot)])).toMatchObject([
        { fault: 'verdict-not-following' },
      ]);
    }
  });

  it('that is false after a true one leaves the counted ballot and marks the seat', () => {
    const { chamber, caseId } = committed();
    chamber.block([chamber.reveal(caseId, 1, 'approve')]);
    const contradicting = chamber.reveal(caseId, 1, 'reject');
    expect(chamber.block([contradicting])).toMatchObject([{ seat: 1, fault: 'false-reveal' }]);
    expect(chamber.admits(chamber.reveal(caseId, 1, 'abstain'))).toBe('never');
    chamber.block([2, 3, 4].map((seat) => chamber.reveal(caseId, seat, 'approve')));
    expect(chamber.decision(caseId).tally.approve).toBe(4);
  });

  it('is bound to its case: a ballot of one case opens no commitment of another', () => {
    const chamber = new Chamber(4);
    const first = chamber.open({ subject: 'one' });
    const second = chamber.open({ subject: 'two' });
    const ofFirst = chamber.commitment(first, 1, 'approve');
    chamber.block([
      chamber.commitAs(second, 1, ofFirst),
      ...[2, 3, 4].map((seat) => chamber.commit(second, seat, 'approve')),
    ]);
    expect(chamber.block([chamber.reveal(second, 1, 'approve')])).toMatchObject([{ fault: 'false-reveal' }]);
  });
});
