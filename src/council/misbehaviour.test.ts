// Evidence of ordering faults as entries: what convicts, once, and what proves nothing (protocol 5.1).
import { describe, expect, it } from 'vitest';
import { Chamber, standInSignature } from '../../test/rigs/chamber.ts';
import { chairOf, chamberOf, endEpoch, newcomer } from '../../test/rigs/epochs.ts';
import type { Height, View } from '../consensus/block.ts';
import { digestOfHeader } from '../consensus/digests.ts';
import type { Evidence, SignedProposal, SignedTimeout, SignedVote } from '../consensus/evidence.ts';
import { type Signature, type Statement, statementBytes } from '../consensus/statements.ts';
import { type Digest, digestOf } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { FIRST_EPOCH } from './roster.ts';

const chamber = new Chamber(4);
const { councilId } = chamber.founding;
const A = digestOf('block a');
const B = digestOf('block b');

function sign(seat: number, statement: Statement, council: Digest = councilId): Signature {
  return standInSignature(chamber.keyOf(seat), statementBytes(council, statement)) as Signature;
}

function vote(seat: number, phase: 1 | 2, view: number, block: Digest, council?: Digest): SignedVote {
  const body = { epoch: FIRST_EPOCH, view: view as View, height: 5 as Height, block };
  const signature = sign(seat, { kind: phase === 1 ? 'vote-1' : 'vote-2', ...body }, council);
  return { seat: asSeatId(seat), phase, ...body, signature };
}

function timeout(seat: number, view: number, prepareView: number): SignedTimeout {
  const body = { epoch: FIRST_EPOCH, view: view as View, prepareView: prepareView as View };
  return { seat: asSeatId(seat), ...body, signature: sign(seat, { kind: 'timeout', ...body }) };
}

function proposal(seat: number, view: number, block: Digest): SignedProposal {
  const body = { epoch: FIRST_EPOCH, view: view as View, block };
  return { seat: asSeatId(seat), ...body, signature: sign(seat, { kind: 'proposal', ...body }) };
}

const header = (view: number, parent: Digest) => ({
  epoch: FIRST_EPOCH,
  view: view as View,
  height: 5 as Height,
  parent,
  proposer: asSeatId(1),
  timeMs: 7,
  payloadRoot: A,
  ledgerSize: 0,
  ledgerRoot: B,
});
const parent = header(6, A);
const child = header(7, digestOfHeader(parent));

const found = (evidence: unknown, by = 1) =>
  chamber.seal({ kind: 'evidence.found', by: `seat/${by}`, epoch: FIRST_EPOCH, evidence });

const genuine: Evidence[] = [
  { kind: 'two-proposals', first: proposal(3, 4, A), second: proposal(3, 4, B) },
  { kind: 'two-votes', first: vote(3, 1, 4, A), second: vote(3, 1, 4, B) },
  { kind: 'two-timeouts', first: timeout(3, 4, 1), second: timeout(3, 4, 2) },
  { kind: 'timeout-below-vote-2', timeout: timeout(3, 8, 1), vote: vote(3, 2, 4, A) },
  {
    kind: 'timeout-below-vote-1',
    timeout: timeout(3, 8, 5),
    vote: vote(3, 1, 7, digestOfHeader(child)),
    header: child,
    parent,
  },
];

describe('evidence', () => {
  it.each(genuine)('of $kind marks the seat, once, whoever brings it', (evidence) => {
    const court = new Chamber(4);
    expect(court.admits(found(evidence))).toBe('now');
    const records = court.block([found(evidence)]);
    const { height, timeMs } = court;
    expect(records).toEqual([
      { kind: 'seat.marked', seat: 3, fault: evidence.kind, caseId: null, height, timeMs },
    ]);
    expect(court.admits(found(evidence))).toBe('never');
    expect(court.admits(found(evidence, 2))).toBe('never');
    expect(court.block([found(evidence, 2)])).toBeUndefined();
  });

  it('of another kind against the same seat is another mark', () => {
    const court = new Chamber(4);
    for (const evidence of genuine) expect(court.block([found(evidence)])).toHaveLength(1);
    expect(court.state.marks.size).toBe(genuine.length);
  });

  it('that proves nothing is refused', () => {
    const court = new Chamber(4);
    const good = vote(3, 1, 4, A);
    const nothing: unknown[] = [
      { kind: 'two-votes', first: good, second: good },
      { kind: 'two-votes', first: good, second: vote(3, 1, 5, B) },
      { kind: 'two-votes', first: good, second: vote(3, 2, 4, B) },
      { kind: 'two-votes', first: good, second: vote(2, 1, 4, B) },
      { kind: 'two-votes', first: good, second: { ...vote(2, 1, 4, B), seat: 3 } },
      { kind: 'two-votes', first: good, second: vote(3, 1, 4, B, digestOf('another council')) },
      { kind: 'two-votes', first: good, second: { ...vote(3, 1, 4, B), epoch: 2 as Epoch } },
      { kind: 'two-votes', first: good, second: vote(3, 1, 4, B), note: 'x' },
      { kind: 'two-votes', first: good, second: { ...vote(3, 1, 4, B), note: 'x' } },
      { kind: 'timeout-below-vote-2', timeout: timeout(3, 8, 4), vote: vote(3, 2, 4, A) },
      { kind: 'vote-beside-timeout', timeout: timeout(3, 4, 1), vote: good },
      { kind: 'two-timeouts', first: timeout(3, 4, 1), second: timeout(3, 5, 1) },
      null,
      [],
      'guilty',
    ];
    for (const evidence of nothing) {
      expect(court.admits(found(evidence)), JSON.stringify(evidence)).toBe('never');
      expect(court.block([found(evidence)])).toBeUndefined();
    }
  });

  it('needs a finder who sits in the council', () => {
    expect(new Chamber(4).admits(found(genuine[1], 5))).toBe('never');
  });
});

describe('evidence across epochs', () => {
  /** Two votes of a seat in an epoch, by the key it has in the chamber then unless said. */
  const twoVotes = (court: Chamber, seat: number, epoch: Epoch, key = court.keyOf(seat, epoch)): Evidence => {
    const voted = (block: Digest): SignedVote => {
      const body = { epoch, view: 4 as View, height: 5 as Height, block };
      const bytes = statementBytes(court.founding.councilId, { kind: 'vote-1', ...body });
      return {
        seat: asSeatId(seat),
        phase: 1,
        ...body,
        signature: standInSignature(key, bytes) as Signature,
      };
    };
    return { kind: 'two-votes', first: voted(A), second: voted(B) };
  };
  const brought = (court: Chamber, evidence: Evidence, by = 1, epoch = court.state.epoch) =>
    court.admits(court.seal({ kind: 'evidence.found', by: `seat/${by}`, epoch, evidence }));
  const SECOND = 2 as Epoch;

  it('marks whoever did it and still sits, whichever epoch it was', () => {
    const court = chamberOf(7);
    endEpoch(court, [newcomer(2)]);
    expect(brought(court, twoVotes(court, 3, FIRST_EPOCH))).toBe('now');
    expect(brought(court, twoVotes(court, 3, SECOND))).toBe('now');
    expect(brought(court, twoVotes(court, 2, SECOND))).toBe('now');
  });

  it('marks nobody in the place of one who has left', () => {
    const court = chamberOf(7);
    endEpoch(court, [newcomer(2)]);
    expect(brought(court, twoVotes(court, 2, FIRST_EPOCH))).toBe('never');
  });

  it('proves nothing by the key of another epoch, of an epoch to come, or of a chair left vacant', () => {
    const court = chamberOf(7);
    endEpoch(court, [newcomer(2), { ...chairOf(court, 3), vacant: true }]);
    expect(brought(court, twoVotes(court, 2, SECOND, court.keyOf(2, FIRST_EPOCH)))).toBe('never');
    expect(brought(court, twoVotes(court, 2, FIRST_EPOCH, court.keyOf(2, SECOND)))).toBe('never');
    expect(brought(court, twoVotes(court, 4, 3 as Epoch, court.keyOf(4)))).toBe('never');
    expect(brought(court, twoVotes(court, 3, SECOND))).toBe('never');
    expect(brought(court, twoVotes(court, 3, FIRST_EPOCH))).toBe('now'); // it keeps the seat from coming back
  });

  it('is brought by who sat in the epoch that the entry names, and by nobody else', () => {
    const court = chamberOf(7);
    endEpoch(court, [newcomer(2), { ...chairOf(court, 3), vacant: true }]);
    const evidence = twoVotes(court, 4, FIRST_EPOCH);
    expect(brought(court, evidence, 2, FIRST_EPOCH)).toBe('now');
    expect(brought(court, evidence, 3, FIRST_EPOCH)).toBe('now');
    expect(brought(court, evidence, 3, SECOND)).toBe('never');
    expect(brought(court, evidence, 4, 3 as Epoch)).toBe('never');
  });
});
