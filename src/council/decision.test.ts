import { describe, expect, it } from 'vitest';
import {
  ballotOfVote,
  Chamber,
  COMMIT_MS,
  testCharter,
  testFounding,
  testRoster,
  votes,
} from '../../test/rigs/chamber.ts';
import { digestOf } from '../signing/digest.ts';
import { ballotDigest } from './ballot.ts';
import { policyDigest } from './charter.ts';
import { rosterDigest } from './roster.ts';

/** n, q, n−q+1: written out, so that a wrong formula cannot agree with itself. */
const COUNCILS = [
  [4, 3, 2],
  [7, 5, 3],
  [10, 7, 4],
  [33, 22, 12],
  [100, 67, 34],
] as const;

function decide(n: number, ballots: ReturnType<typeof votes>) {
  const chamber = new Chamber(n);
  return chamber.judge(chamber.open(), ballots);
}

describe.each(COUNCILS)('of %i seats', (n, q, opposed) => {
  it(`${q} approvals approve`, () => {
    const decision = decide(n, votes([q, 'approve'], [n - q, 'reject']));
    expect(decision).toMatchObject({
      outcome: 'approved',
      basis: 'quorum',
      threshold: q,
      seats: n,
      flags: [],
    });
    expect(decision.tally).toEqual({ approve: q, reject: n - q, abstain: 0, missing: 0 });
  });

  it(`${q - 1} approvals reject`, () => {
    const decision = decide(n, votes([q - 1, 'approve'], [n - q + 1, 'reject']));
    expect(decision).toMatchObject({ outcome: 'rejected', basis: 'opposed' });
    expect(decision.tally.approve).toBe(q - 1);
    expect(decision.validUntilMs).toBeNull();
  });

  it(`${opposed} rejections are opposed, one fewer with an abstention is no quorum`, () => {
    const against = decide(n, votes([opposed, 'reject'], [n - opposed, 'abstain']));
    expect(against).toMatchObject({ outcome: 'rejected', basis: 'opposed', flags: [] });
    const short = decide(n, votes([opposed - 1, 'reject'], [q - 1, 'approve'], [1, 'abstain']));
    expect(short).toMatchObject({ outcome: 'rejected', basis: 'no-quorum', flags: ['human-review'] });
  });

  it(`${q} approvals approve with the other ${n - q} seats dead`, () => {
    const decision = decide(n, votes([q, 'approve'], [n - q, undefined]));
    expect(decision).toMatchObject({ outcome: 'approved', basis: 'quorum' });
    expect(decision.tally).toEqual({ approve: q, reject: 0, abstain: 0, missing: n - q });
  });

  it(`${n - Math.floor((n - 1) / 3)} seats alive decide, whatever they say`, () => {
    const f = Math.floor((n - 1) / 3);
    expect(decide(n, votes([n - f, 'approve'], [f, undefined])).outcome).toBe('approved');
    expect(decide(n, votes([n - f, 'reject'], [f, undefined])).basis).toBe('opposed');
  });

  it(`${opposed} seats that never judge give no quorum, at the deadline`, () => {
    const chamber = new Chamber(n);
    const caseId = chamber.open();
    chamber.block(chamber.firstSeats(n - opposed).map((seat) => chamber.commit(caseId, seat, 'approve')));
    expect(chamber.state.open.get(caseId)?.phase).toBe('commit');
    chamber.passDeadline(COMMIT_MS);
    chamber.block(chamber.firstSeats(n - opposed).map((seat) => chamber.reveal(caseId, seat, 'approve')));
    expect(chamber.decision(caseId)).toMatchObject({
      outcome: 'rejected',
      basis: 'no-quorum',
      flags: ['human-review'],
      tally: { approve: n - opposed, missing: opposed },
    });
  });

  it('nobody judging at all is decided too', () => {
    const decision = decide(n, votes([n, undefined]));
    expect(decision).toMatchObject({ outcome: 'rejected', basis: 'no-quorum', ballots: [], withheld: [] });
  });
});

describe('a decision', () => {
  it('names every counted ballot by digest and every rule by digest', () => {
    const chamber = new Chamber(4);
    const caseId = chamber.open();
    const decision = chamber.judge(caseId, ['approve', 'reject', 'abstain', undefined]);
    expect(decision.ballots).toEqual([
      { seat: 1, verdict: 'approve', ballot: ballotDigest(ballotOfVote('approve')) },
      { seat: 2, verdict: 'reject', ballot: ballotDigest(ballotOfVote('reject')) },
      { seat: 3, verdict: 'abstain', ballot: ballotDigest(ballotOfVote('abstain')) },
    ]);
    expect(decision.ballots[0]?.ballot).toBe(digestOf(ballotOfVote('approve')));
    const { charter, roster } = chamber.founding;
    expect(decision.panel).toBe(rosterDigest(roster));
    expect(decision.roster).toBe(rosterDigest(roster));
    expect(decision.policy).toBe(digestOf(charter.policies.certification));
    expect(decision).toMatchObject({
      caseId,
      attempt: 1,
      epoch: 1,
      type: 'certification',
      height: chamber.height,
    });
    expect(decision.timeMs).toBe(chamber.timeMs);
  });

  it('counts findings by criterion', () => {
    const decision = decide(4, [
      { safety: 'met', oversight: 'met', clarity: 'insufficient' },
      { safety: 'met', oversight: 'not-met', clarity: 'met' },
      { safety: 'insufficient', oversight: 'met', clarity: 'met' },
      'abstain',
    ]);
    expect(decision.byCriterion).toEqual({
      safety: { met: 2, notMet: 0, insufficient: 1 },
      oversight: { met: 2, notMet: 1, insufficient: 0 },
      clarity: { met: 2, notMet: 0, insufficient: 1 },
    });
  });

  it('of 33 where each mandatory criterion has its quorum and the case has not is a discursive dilemma', () => {
    const noSafety = { safety: 'not-met', oversight: 'met', clarity: 'met' } as const;
    const noOversight = { safety: 'met', oversight: 'insufficient', clarity: 'met' } as const;
    const torn = decide(33, votes([21, 'approve'], [6, noSafety], [6, noOversight]));
    expect(torn).toMatchObject({ outcome: 'rejected', basis: 'opposed' });
    expect(torn.flags).toEqual(['discursive-dilemma', 'human-review']);
    expect(torn.byCriterion.safety?.met).toBe(27);
    // with one criterion below its quorum there is no dilemma: the case fails on that ground
    const plain = decide(33, votes([21, 'approve'], [12, noSafety]));
    expect(plain.flags).toEqual([]);
  });

  it('is valid for as long as the charter says when it approves', () => {
    const decision = decide(4, votes([4, 'approve']));
    expect(decision.validUntilMs).toBe(decision.timeMs + testCharter().validityMs);
  });

  it('counts by the policy of the case type, which it names', () => {
    const lenient = {
      criteria: [{ id: 'urgency', title: 'Urgency', text: 'Is it urgent?', mandatory: true }],
    };
    const charter = testCharter({ policies: { ...testCharter().policies, emergency: lenient } });
    const chamber = new Chamber(4, testFounding(4, charter));
    const judged = (type: 'emergency' | 'certification') => {
      const caseId = chamber.open({ type });
      const ballot = ballotOfVote({ urgency: 'met' }, lenient);
      chamber.block([1, 2, 3, 4].map((seat) => chamber.commit(caseId, seat, ballot)));
      chamber.block([1, 2, 3, 4].map((seat) => chamber.reveal(caseId, seat, ballot)));
      return chamber.decision(caseId);
    };
    expect(judged('emergency')).toMatchObject({ outcome: 'approved', policy: policyDigest(lenient) });
    // the same findings do not answer the criteria of a certification, so they count as no ballots at all
    expect(judged('certification')).toMatchObject({ outcome: 'rejected', tally: { missing: 4 } });
  });

  it('of a trial roster, or with one answer that is not live, says trial', () => {
    const chamber = new Chamber(4);
    const caseId = chamber.open();
    const offline = { ...ballotOfVote('approve'), provenance: 'offline' } as const;
    chamber.block([1, 2, 3, 4].map((seat) => chamber.commit(caseId, seat, seat === 4 ? offline : 'approve')));
    chamber.block([1, 2, 3, 4].map((seat) => chamber.reveal(caseId, seat, seat === 4 ? offline : 'approve')));
    expect(chamber.decision(caseId).flags).toEqual(['trial']);
    expect(chamber.decision(caseId).provenance).toEqual({ live: 3, recorded: 0, replay: 0, offline: 1 });

    const roster = { ...testRoster(4), trial: true };
    const trial = new Chamber(4, testFounding(4, testCharter(), roster));
    expect(trial.judge(trial.open(), votes([4, 'approve'])).flags).toEqual(['trial']);
  });

  it('of a council on one machine says embedded', () => {
    const base = testRoster(4);
    const roster = { ...base, trial: true, seats: base.seats.map((seat) => ({ ...seat, node: 'here' })) };
    const chamber = new Chamber(4, testFounding(4, testCharter(), roster));
    expect(chamber.judge(chamber.open(), votes([4, 'approve'])).flags).toEqual(['embedded', 'trial']);
  });
});
