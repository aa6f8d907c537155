// Silence is an opinion: q seats that share it make a seat suspected, f liars or q−1 seats nothing; and it changes how
// long a case waits, never whose vote counts (protocol 4.5, 5.3).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Chamber, COMMIT_MS, type Vote } from '../../test/rigs/chamber.ts';
import { chairOf, chamberOf, endEpoch, newcomer, suspicion } from '../../test/rigs/epochs.ts';
import type { Decision } from './records.ts';
import { opinionOf } from './state.ts';
import { MAX_CHANGES_OF_MIND } from './suspicion.ts';

/** `seats` all say that `silent` are. */
function say(chamber: Chamber, seats: readonly number[], silent: readonly number[]) {
  const records = chamber.block(seats.map((seat) => suspicion(chamber, seat, silent)));
  if (records === undefined) throw new Error('they may not say that');
  return records;
}

describe('a seat', () => {
  it('is suspected once q seats call it silent, and no longer once one of them does not', () => {
    const chamber = chamberOf(7);
    expect(say(chamber, [1, 2, 3, 4], [7])).toEqual([]);
    const { height, timeMs } = chamber;
    expect(chamber.state.suspected).toEqual([]);
    const at = { height: height + 1, timeMs: timeMs + 1 };
    expect(say(chamber, [5], [7])).toEqual([{ kind: 'seat.suspected', seat: 7, suspected: true, ...at }]);
    expect(chamber.state.suspected).toEqual([7]);
    expect(say(chamber, [6], [7])).toEqual([]);
    expect(say(chamber, [6], [])).toEqual([]);
    expect(say(chamber, [1], [])).toMatchObject([{ seat: 7, suspected: false }]);
    expect(chamber.state.suspected).toEqual([]);
  });

  it('replaces its opinion by its next one, and cannot say the same again', () => {
    const chamber = chamberOf(7);
    say(chamber, [1], [6, 7]);
    expect(opinionOf(chamber.state, chairOf(chamber, 1).seat)).toEqual([6, 7]);
    expect(chamber.admits(suspicion(chamber, 1, [6, 7]))).toBe('never');
    say(chamber, [1], [5]);
    expect(opinionOf(chamber.state, chairOf(chamber, 1).seat)).toEqual([5]);
    expect(opinionOf(chamber.state, chairOf(chamber, 2).seat)).toEqual([]);
    expect(chamber.admits(suspicion(chamber, 2, []))).toBe('never'); // it never said anything else
  });

  it('says nothing of itself, of a chair that is not there, or in another epoch', () => {
    const chamber = chamberOf(7);
    endEpoch(chamber, [newcomer(2)]);
    expect(chamber.admits(suspicion(chamber, 1, [1]))).toBe('never');
    expect(chamber.admits(suspicion(chamber, 1, [8]))).toBe('never');
    expect(chamber.admits(suspicion(chamber, 1, [7, 6]))).toBe('never');
    expect(chamber.admits(suspicion(chamber, 1, [6, 6]))).toBe('never');
    expect(chamber.admits(suspicion(chamber, 1, [7], chamber.founding.roster.epoch))).toBe('never');
    expect(chamber.admits(suspicion(chamber, 8, [7]))).toBe('never');
    expect(chamber.admits(suspicion(chamber, 1, [7]))).toBe('now');
  });

  it('changes its mind only so often until a case is decided, so that nobody fills the ledger with it', () => {
    const chamber = chamberOf(4);
    for (let i = 0; i < MAX_CHANGES_OF_MIND; i++) say(chamber, [1], i % 2 === 0 ? [2] : []);
    expect(chamber.admits(suspicion(chamber, 1, [3]))).toBe('later');
    expect(chamber.block([suspicion(chamber, 1, [3])])).toBeUndefined();
    expect(chamber.admits(suspicion(chamber, 2, [3]))).toBe('now');
    chamber.judge(chamber.open(), ['approve', 'approve', 'approve', 'approve']);
    expect(chamber.admits(suspicion(chamber, 1, [3]))).toBe('now');
  });
});

describe('the next epoch', () => {
  it('forgets what is said by and of those who do not stay, and keeps the rest', () => {
    const chamber = chamberOf(7);
    say(chamber, [1, 2, 3, 4, 5], [6, 7]);
    expect(chamber.state.suspected).toEqual([6, 7]);
    const records = endEpoch(chamber, [newcomer(7)]);
    expect(records.slice(1)).toMatchObject([{ kind: 'seat.suspected', seat: 7, suspected: false }]);
    expect(chamber.state.suspected).toEqual([6]);
    const gone = endEpoch(chamber, [{ ...chairOf(chamber, 1), vacant: true }]);
    expect(gone.slice(1)).toMatchObject([{ kind: 'seat.suspected', seat: 6, suspected: false }]);
    expect(opinionOf(chamber.state, chairOf(chamber, 2).seat)).toEqual([6]);
  });
});

describe('a case', () => {
  it('closes without those who were suspected when it opened, and says so', () => {
    const chamber = chamberOf(7);
    say(chamber, [1, 2, 3, 4, 5], [6, 7]);
    const caseId = chamber.open();
    const records = chamber.block([1, 2, 3, 4, 5].map((seat) => chamber.commit(caseId, seat, 'approve')));
    expect(records).toMatchObject([
      { kind: 'case.closed', by: 'all-but-suspected', committed: 5, absent: [6, 7] },
    ]);
    expect(chamber.admits(chamber.commit(caseId, 6, 'reject'))).toBe('never'); // too late
  });

  it('waits for those who are suspected only after it opened', () => {
    const chamber = chamberOf(7);
    const caseId = chamber.open();
    say(chamber, [1, 2, 3, 4, 5], [6, 7]);
    chamber.block([1, 2, 3, 4, 5].map((seat) => chamber.commit(caseId, seat, 'approve')));
    expect(chamber.state.open.get(caseId)?.phase).toBe('commit');
  });

  it('waits for everybody when q−1 seats suspect, or f liars suspect every honest seat', () => {
    for (const [liars, silent] of [
      [
        [1, 2, 3, 4],
        [6, 7],
      ],
      [
        [1, 2],
        [3, 4, 5, 6, 7],
      ],
    ] as const) {
      const chamber = chamberOf(7);
      say(chamber, liars, silent);
      const caseId = chamber.open();
      chamber.block([1, 2, 3, 4, 5, 6].map((seat) => chamber.commit(caseId, seat, 'approve')));
      expect(chamber.state.open.get(caseId)?.phase).toBe('commit');
    }
  });

  it('counts a suspected seat that commits in time, and waits until it opens', () => {
    const chamber = chamberOf(7);
    say(chamber, [1, 2, 3, 4, 5], [6, 7]);
    const caseId = chamber.open();
    chamber.block([6].map((seat) => chamber.commit(caseId, seat, 'reject')));
    chamber.block([1, 2, 3, 4, 5].map((seat) => chamber.commit(caseId, seat, 'approve')));
    expect(chamber.state.open.get(caseId)?.phase).toBe('reveal');
    chamber.block([1, 2, 3, 4, 5].map((seat) => chamber.reveal(caseId, seat, 'approve')));
    expect(chamber.state.open.has(caseId)).toBe(true);
    chamber.block([chamber.reveal(caseId, 6, 'reject')]);
    expect(chamber.decision(caseId)).toMatchObject({ tally: { approve: 5, reject: 1, missing: 1 } });
  });

  it('never closes early with fewer than q commitments, though all suspect all', () => {
    const chamber = chamberOf(7);
    for (const seat of [1, 2, 3, 4, 5, 6, 7])
      say(
        chamber,
        [seat],
        [1, 2, 3, 4, 5, 6, 7].filter((s) => s !== seat),
      );
    expect(chamber.state.suspected).toHaveLength(7);
    const caseId = chamber.open();
    chamber.block([1, 2, 3, 4].map((seat) => chamber.commit(caseId, seat, 'approve')));
    expect(chamber.state.open.get(caseId)?.phase).toBe('commit');
    chamber.block([chamber.commit(caseId, 5, 'approve')]);
    expect(chamber.state.open.get(caseId)?.phase).toBe('reveal');
  });

  it('comes to the same decision whoever is suspected, as long as the same ballots come in time', () => {
    const vote = fc.option(fc.constantFrom<Vote>('approve', 'reject', 'abstain'), {
      nil: undefined,
      freq: 4,
    });
    const opinions = fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 7 })), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(fc.array(vote, { minLength: 7, maxLength: 7 }), opinions, (votes, silent) => {
        const told = substance(decided(votes, silent));
        expect(told).toEqual(substance(decided(votes, [])));
      }),
      { numRuns: 25 },
    );
  });
});

/** All commitments come in one block, the reveals in the next; what is missing is waited for or not. */
function decided(votes: readonly (Vote | undefined)[], opinions: readonly (readonly number[])[]): Decision {
  const chamber = chamberOf(7);
  for (const [i, silent] of opinions.entries()) {
    const others = silent.filter((seat) => seat !== i + 1).sort((a, b) => a - b);
    if (others.length > 0) say(chamber, [i + 1], others);
  }
  const caseId = chamber.open();
  const cast = votes.flatMap((vote, i) => (vote === undefined ? [] : [{ seat: i + 1, vote }]));
  chamber.block(cast.map(({ seat, vote }) => chamber.commit(caseId, seat, vote)));
  if (chamber.state.open.get(caseId)?.phase === 'commit') chamber.passDeadline(COMMIT_MS);
  chamber.block(cast.map(({ seat, vote }) => chamber.reveal(caseId, seat, vote)));
  return chamber.decision(caseId);
}

function substance({ height: _, timeMs: __, validUntilMs: ___, ...rest }: Decision): unknown {
  return rest;
}

describe('a council of 33', () => {
  it('of which 10 or 11 are dead closes as soon as all others have committed, and still approves', () => {
    for (const dead of [10, 11]) {
      const chamber = chamberOf(33);
      const silent = Array.from({ length: dead }, (_, i) => 33 - dead + 1 + i);
      const alive = Array.from({ length: 33 - dead }, (_, i) => i + 1);
      say(chamber, alive, silent);
      expect(chamber.state.suspected).toEqual(silent);
      const caseId = chamber.open();
      const records = chamber.block(alive.map((seat) => chamber.commit(caseId, seat, 'approve')));
      expect(records).toMatchObject([{ by: 'all-but-suspected', committed: 33 - dead }]);
      chamber.block(alive.map((seat) => chamber.reveal(caseId, seat, 'approve')));
      expect(chamber.decision(caseId).outcome).toBe('approved');
    }
  });
});
