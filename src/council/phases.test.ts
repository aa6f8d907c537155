import { describe, expect, it } from 'vitest';
import { Chamber, COMMIT_MS, REVEAL_MS, votes } from '../../test/rigs/chamber.ts';

describe('the commit phase', () => {
  it('closes in the block that brings the last commitment, and not before', () => {
    const chamber = new Chamber(4);
    const caseId = chamber.open();
    chamber.block([1, 2, 3].map((seat) => chamber.commit(caseId, seat, 'approve')));
    expect(chamber.records).toEqual([]);
    const records = chamber.block([chamber.commit(caseId, 4, 'approve')]);
    const { height, timeMs } = chamber;
    expect(records).toEqual([
      { kind: 'case.closed', caseId, by: 'all', committed: 4, absent: [], height, timeMs },
    ]);
  });

  it('is not closed by the deadline alone: a block of one leader closes nothing', () => {
    const chamber = new Chamber(4);
    const caseId = chamber.open();
    expect(chamber.block([], COMMIT_MS, 2)).toEqual([]);
    expect(chamber.block([], 1, 2)).toEqual([]);
    expect(chamber.block([], 1, 2)).toEqual([]);
    expect(chamber.state.open.get(caseId)?.phase).toBe('commit');
    const records = chamber.block([], 1, 3);
    expect(records?.[0]).toMatchObject({
      kind: 'case.closed',
      by: 'deadline',
      committed: 0,
      absent: [1, 2, 3, 4],
    });
  });

  it('needs 11 distinct leaders at n = 33, none of them from before the deadline', () => {
    const chamber = new Chamber(33);
    chamber.open();
    for (let leader = 20; leader <= 33; leader++) chamber.block([], 1, leader);
    expect(chamber.passDeadline(COMMIT_MS)).toBe(11);
  });

  it('counts a leader whose block is at the deadline to the millisecond, and not one before', () => {
    const chamber = new Chamber(4);
    const caseId = chamber.open();
    const deadlineMs = chamber.state.open.get(caseId)?.deadlineMs ?? 0;
    expect(deadlineMs).toBe(chamber.timeMs + COMMIT_MS);
    chamber.block([], COMMIT_MS - 1, 1);
    expect(chamber.state.open.get(caseId)?.lateLeaders).toEqual([]);
    chamber.block([], 1, 2);
    expect(chamber.state.open.get(caseId)?.lateLeaders).toEqual([2]);
  });

  it('still takes commitments after the deadline while it is open', () => {
    const chamber = new Chamber(4);
    const caseId = chamber.open();
    chamber.block([], COMMIT_MS, 1);
    expect(chamber.block([chamber.commit(caseId, 3, 'approve')], 1, 2)?.[0]).toMatchObject({
      kind: 'case.closed',
      committed: 1,
      absent: [1, 2, 4],
    });
    expect(chamber.admits(chamber.commit(caseId, 1, 'approve'))).toBe('never');
  });

  it('of most seats stays open: quick liars do not shut out the slow', () => {
    const chamber = new Chamber(33);
    const caseId = chamber.open();
    chamber.block(chamber.firstSeats(32).map((seat) => chamber.commit(caseId, seat, 'approve')));
    for (let i = 0; i < 40; i++) chamber.block([]);
    expect(chamber.state.open.get(caseId)?.phase).toBe('commit');
  });
});

describe('the reveal phase', () => {
  it('closes when every commitment is opened, though not every seat committed', () => {
    const chamber = new Chamber(4);
    const caseId = chamber.open();
    chamber.block([1, 2, 3].map((seat) => chamber.commit(caseId, seat, 'approve')));
    chamber.passDeadline(COMMIT_MS);
    chamber.block([1, 2].map((seat) => chamber.reveal(caseId, seat, 'approve')));
    expect(chamber.state.open.has(caseId)).toBe(true);
    chamber.block([chamber.reveal(caseId, 3, 'approve')]);
    expect(chamber.decision(caseId)).toMatchObject({ outcome: 'approved', withheld: [] });
  });

  it('has its own deadline, counted from the close, and its own leaders', () => {
    const chamber = new Chamber(4);
    const caseId = chamber.open();
    chamber.block([1, 2, 3, 4].map((seat) => chamber.commit(caseId, seat, 'approve')));
    const closedMs = chamber.timeMs;
    expect(chamber.council.dueAtMs(chamber.state)).toBe(closedMs + REVEAL_MS);
    chamber.block([1, 2].map((seat) => chamber.reveal(caseId, seat, 'approve')));
    expect(chamber.block([], REVEAL_MS, 1)).toEqual([]);
    expect(chamber.block([], 1, 2)?.[0]).toMatchObject({ kind: 'case.decided', withheld: [3, 4] });
  });

  it('that could have gone the other way is flagged: the unopened were pivotal', () => {
    const withWithheld = (opened: number, unopened: number, rest: number) => {
      const chamber = new Chamber(33);
      const caseId = chamber.open();
      const votesOf = votes([opened, 'approve'], [unopened, 'approve'], [rest, 'reject']);
      chamber.block(votesOf.map((vote, i) => chamber.commit(caseId, i + 1, vote ?? 'reject')));
      const openers = votesOf.map((vote, i) => ({ vote, seat: i + 1 }));
      chamber.block(
        openers
          .filter(({ seat }) => seat <= opened || seat > opened + unopened)
          .map(({ vote, seat }) => chamber.reveal(caseId, seat, vote ?? 'reject')),
      );
      chamber.passDeadline(REVEAL_MS);
      return chamber.decision(caseId);
    };
    const pivotal = withWithheld(20, 2, 11);
    expect(pivotal.withheld).toEqual([21, 22]);
    expect(pivotal.flags).toEqual(['human-review', 'pivotal-withholding']);
    expect(withWithheld(20, 1, 12).flags).toEqual([]);
    expect(withWithheld(22, 5, 6).flags).toEqual([]);
  });
});

describe('time', () => {
  it('goes strictly forward: a block of the same time or an earlier one does not execute', () => {
    const chamber = new Chamber(4);
    chamber.open();
    expect(chamber.block([], 0)).toBeUndefined();
    expect(chamber.block([], -1)).toBeUndefined();
    expect(chamber.block([], 1)).toEqual([]);
  });

  it('is due at the earliest deadline of the open cases, and never when nothing is open', () => {
    const chamber = new Chamber(4);
    expect(chamber.council.dueAtMs(chamber.state)).toBeUndefined();
    const first = chamber.open();
    const dueMs = chamber.timeMs + COMMIT_MS;
    chamber.block([], 100);
    chamber.open({ subject: 'urn:test:other' });
    expect(chamber.council.dueAtMs(chamber.state)).toBe(dueMs);
    chamber.judge(first, votes([4, 'approve']));
    expect(chamber.council.dueAtMs(chamber.state)).toBeGreaterThan(dueMs);
  });
});
