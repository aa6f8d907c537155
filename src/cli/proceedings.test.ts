import { describe, expect, it } from 'vitest';
import { type Ballot, ballotFrom } from '../council/ballot.ts';
import type { Decision } from '../council/records.ts';
import { FIRST_EPOCH, type Roster } from '../council/roster.ts';
import type { NodeEvent } from '../node/node-events.ts';
import { digestOf } from '../signing/digest.ts';
import { allSeats, asSeatId } from '../signing/seat-id.ts';
import { Proceedings } from './proceedings.ts';

const caseId = digestOf('case');
const nothing = digestOf('nothing');

const roster = (developerOf: (seat: number) => string): Roster => ({
  epoch: FIRST_EPOCH,
  trial: true,
  seats: allSeats(4).map((seat) => ({
    seat,
    name: `Seat ${seat}`,
    node: 'here',
    developer: developerOf(seat),
    family: 'f',
    host: 'h',
    model: nothing,
    ed25519: '',
    bls: '',
    possession: '',
  })),
});

const lensOf = (seat: number): string => `lens ${seat}`;
const policy = { criteria: [{ id: 'safe', title: 'Safe', text: 'Safe?', mandatory: true }] };

function ballot(finding: 'met' | 'not-met'): Ballot {
  const mark = { model: nothing, prompt: nothing, rationale: nothing, provenance: 'offline' } as const;
  return ballotFrom({ safe: finding }, policy, { ...mark, confidence: 80 });
}

const committed = (seat: number): NodeEvent => ({ kind: 'committed', caseId, seat: asSeatId(seat) });
const revealed = (seat: number, finding: 'met' | 'not-met' = 'met'): NodeEvent => ({
  kind: 'revealed',
  caseId,
  seat: asSeatId(seat),
  ballot: ballot(finding),
});

/** Only what is read of a decision. */
function decided(counted: readonly number[]): NodeEvent {
  const ballots = counted.map((seat) => ({
    seat: asSeatId(seat),
    verdict: 'approve' as const,
    ballot: nothing,
  }));
  const decision: Pick<Decision, 'ballots'> = { ballots };
  return { kind: 'decided', caseId, decision: Object.assign(Object.create(null), decision) };
}

function sitting(...events: readonly NodeEvent[]): Proceedings {
  const proceedings = new Proceedings(
    caseId,
    roster(() => 'conclave'),
    lensOf,
  );
  for (const event of events) proceedings.hear(event);
  return proceedings;
}

const statesOf = (proceedings: Proceedings): string =>
  proceedings
    .seats()
    .map(({ state }) => state)
    .join(' ');

describe('proceedings', () => {
  it('ballots that are opened early stay sealed in the picture until all is counted', () => {
    const all = [1, 2, 3, 4].map(committed);
    const before = sitting(...all, revealed(1), revealed(2, 'not-met'));
    expect(statesOf(before)).toBe('sealed sealed sealed sealed');
    before.hear(decided([1, 2]));
    expect(statesOf(before)).toBe('approve reject missing missing');
  });

  it('who sealed and did not open has withheld; who never sealed is absent', () => {
    const votes = sitting(committed(1), committed(2), revealed(1), decided([1])).votes();
    expect(votes.map(({ state }) => state)).toEqual(['opened', 'withheld', 'absent', 'absent']);
    expect(votes[0]).toMatchObject({ verdict: 'approve', confidence: 80, provenance: 'offline' });
    expect(votes[1]).toMatchObject({ verdict: null, confidence: null });
  });

  it('a ballot that was opened falsely does not count as opened', () => {
    const votes = sitting(committed(1), committed(2), revealed(1), revealed(2), decided([1])).votes();
    expect(votes.map(({ state }) => state)).toEqual(['opened', 'withheld', 'absent', 'absent']);
  });

  it('events of other cases are not its affair', () => {
    const proceedings = sitting({ kind: 'committed', caseId: digestOf('another'), seat: asSeatId(1) });
    expect(statesOf(proceedings)).toBe('judging judging judging judging');
    expect(proceedings.progress).toBe('0 of 4 sealed');
  });

  it('seats stand by maker; by lens where one maker is behind all of them', () => {
    const makers = new Proceedings(
      caseId,
      roster((seat) => (seat % 2 === 0 ? 'east' : 'west')),
      lensOf,
    );
    expect(makers.seats().map(({ group }) => group)).toEqual(['west', 'east', 'west', 'east']);
    expect(
      sitting()
        .seats()
        .map(({ group }) => group),
    ).toEqual(['lens 1', 'lens 2', 'lens 3', 'lens 4']);
  });
});
