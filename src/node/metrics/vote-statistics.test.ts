import { describe, expect, it } from 'vitest';
import type { Height } from '../../consensus/block.ts';
import { type CouncilRecord, recordBytes } from '../../council/records.ts';
import { FIRST_EPOCH } from '../../council/roster.ts';
import { digestOf } from '../../signing/digest.ts';
import type { Epoch } from '../../signing/purpose.ts';
import { asSeatId } from '../../signing/seat-id.ts';
import { alertsOf, LATE_BALLOTS, type Sitting, type VoteAlert, VoteStatistics } from './vote-statistics.ts';

type Kind = VoteAlert['kind'];

/** Mulberry32: the same figures for the same seed. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Enough to tell a rate from twice as much. */
const SEATS = 1_500;

interface Manner {
  readonly approvals?: number;
  /** with which it says what most others say */
  readonly agrees?: number;
  readonly misses?: number;
  readonly withholds?: number;
  readonly certain?: number;
}

function sit(random: () => number, { approvals = 0.7, ...manner }: Manner): Sitting {
  const othersApprove = random() < approvals;
  const approves = random() < (manner.agrees ?? 0.9) ? othersApprove : !othersApprove;
  const did =
    random() < (manner.misses ?? 0)
      ? 'absent'
      : random() < (manner.withholds ?? 0)
        ? 'withheld'
        : approves
          ? 'approve'
          : 'reject';
  return { did, othersApprove, confidence: random() < (manner.certain ?? 0.2) ? 100 : 80 };
}

function sittings(seed: number, count: number, manner: Manner): readonly Sitting[] {
  const random = chance(seed);
  return Array.from({ length: count }, () => sit(random, manner));
}

const kinds = (of: readonly Sitting[], falseAlarm?: number): readonly Kind[] =>
  alertsOf(of, falseAlarm).map(({ kind }) => kind);

/** How often each alert stands over many seats of one manner, each looked at once. */
function rateOf(kind: Kind, manner: Manner, falseAlarm: number, seats = SEATS, cases = 128): number {
  let alarms = 0;
  for (let seed = 0; seed < seats; seed++) {
    if (kinds(sittings(seed, cases, manner), falseAlarm).includes(kind)) alarms++;
  }
  return alarms / seats;
}

/** What a rate of `level` may look like in so many seats, four standard deviations up. */
const noMoreThan = (level: number, seats = SEATS): number =>
  level + 4 * Math.sqrt((level * (1 - level)) / seats);

describe('the false alarms of each alert are as rare as it says, at the edge of its hypothesis', () => {
  const level = 0.02;

  it.each([
    ['missing', { misses: 0.05 }],
    ['withholding', { withholds: 0.01 }],
    ['drift', { agrees: 0.8 }],
    ['drift', { agrees: 0.95, approvals: 0.5 }],
    ['drift', { agrees: 0.5, approvals: 0.9 }],
  ] as const)('%s %o', (kind, manner) => {
    expect(rateOf(kind, manner, level)).toBeLessThanOrEqual(noMoreThan(level));
  });

  it('one-answer, of a seat that follows the others in every second case at most', () => {
    // Few cases, so that the answer is the same by chance often enough to be counted.
    const rate = rateOf('one-answer', { agrees: 0.5, approvals: 0.5 }, 0.25, SEATS, 4);
    expect(rate).toBeGreaterThan(0);
    expect(rate).toBeLessThanOrEqual(noMoreThan(0.25));
  });

  it('certain, of a seat that is certain in four cases of five', () => {
    const rate = rateOf('certain', { certain: 0.8 }, level, SEATS, 18);
    expect(rate).toBeGreaterThan(level / 4);
    expect(rate).toBeLessThanOrEqual(noMoreThan(level));
  });

  it('and a test that claims ten times the rarity is caught by this very count', () => {
    const claimed = level / 10;
    expect(rateOf('certain', { certain: 0.8 }, level, SEATS, 18)).toBeGreaterThan(noMoreThan(claimed));
  });
});

describe('what the alerts find, at the level they are used with', () => {
  it('an honest seat raises none in three thousand cases, looked at after each', () => {
    const random = chance(7);
    let window: readonly Sitting[] = [];
    const raised: Kind[] = [];
    for (let i = 0; i < 3_000; i++) {
      window = [...window, sit(random, { misses: 0.01 })].slice(-256);
      raised.push(...kinds(window));
    }
    expect(raised).toEqual([]);
  });

  it('a seat that always approves is found once the others have rejected 21 cases without it', () => {
    const always = (rejected: number): readonly Sitting[] =>
      Array.from({ length: 100 }, (_, i) => ({
        did: 'approve',
        othersApprove: i >= rejected,
        confidence: 80,
      }));
    expect(kinds(always(20))).toEqual([]);
    expect(kinds(always(21))).toEqual(['one-answer']);
  });

  it('a seat that always approves where all others do too is as right as they are', () => {
    expect(kinds(sittings(1, 256, { approvals: 1, agrees: 1 }))).toEqual([]);
  });

  it(`a seat that turns against the others is found within ${LATE_BALLOTS} cases`, () => {
    const before = sittings(3, 200, { agrees: 0.9 });
    expect(kinds(before)).toEqual([]);
    expect(kinds([...before, ...sittings(4, LATE_BALLOTS, { agrees: 0.1 })])).toEqual(['drift']);
  });

  it('a seat that begins to approve what it would have rejected is found, and so is the other way', () => {
    const hard = { approvals: 0.5, agrees: 0.9 };
    const approves = (one: Sitting): Sitting => ({ ...one, did: 'approve' });
    const rejects = (one: Sitting): Sitting => ({ ...one, did: 'reject' });
    const before = sittings(11, 224, hard);
    const late = sittings(12, LATE_BALLOTS, hard).map((one, i): Sitting => {
      return { ...one, othersApprove: i % 2 === 0, did: i % 2 === 0 ? 'approve' : 'reject' };
    });
    expect(kinds([...before, ...late])).toEqual([]);
    expect(kinds([...before, ...late.map(approves)])).toEqual(['drift']);
    expect(kinds([...before, ...late.map(rejects)])).toEqual(['drift']);
  });

  it('cases that become worse for everybody are no drift of anybody', () => {
    const before = sittings(5, 200, { approvals: 0.95, agrees: 0.95 });
    expect(kinds([...before, ...sittings(6, LATE_BALLOTS, { approvals: 0.05, agrees: 0.95 })])).toEqual([]);
  });

  it('five misses in a row are beyond what is borne, four are not', () => {
    const absent: Sitting = { did: 'absent', othersApprove: true, confidence: undefined };
    expect(kinds([absent, absent, absent, absent])).toEqual([]);
    expect(kinds([absent, absent, absent, absent, absent])).toEqual(['missing']);
  });

  it('commitments that are never opened are found, and absence is not taken for them', () => {
    const withheld: Sitting = { did: 'withheld', othersApprove: true, confidence: undefined };
    expect(kinds([withheld, withheld])).toEqual([]);
    expect(kinds([withheld, withheld, withheld, withheld])).toEqual(['withholding']);
    expect(kinds(sittings(8, 64, { misses: 1 }))).toEqual(['missing']);
  });

  it('a seat that is always wholly certain is found, one that doubts once is not', () => {
    const certain = sittings(9, 64, { certain: 1 });
    expect(kinds(certain)).toEqual(['certain']);
    expect(kinds(certain.map((one, i) => (i === 40 ? { ...one, confidence: 99 } : one)))).toEqual([]);
  });

  it('nobody is alerted to before there is anything to go by', () => {
    expect(new VoteStatistics().alerts()).toEqual([]);
    expect(kinds([])).toEqual([]);
  });
});

describe('what is read from the ledger', () => {
  const seats = 4;
  const digest = (what: string | number) => digestOf({ what });

  /** Seat 3 commits and does not open, seat 4 is not there; the others approve. */
  function decided(number: number): readonly CouncilRecord[] {
    const moment = { caseId: digest(number), height: (number + 1) as Height, timeMs: number };
    const approving = [1, 2].map(asSeatId);
    return [
      { kind: 'case.closed', by: 'deadline', committed: 3, absent: [asSeatId(4)], ...moment },
      {
        kind: 'case.decided',
        ...moment,
        type: 'certification',
        subject: 'something',
        attempt: 1,
        outcome: 'rejected',
        basis: 'no-quorum',
        tally: { approve: 2, reject: 0, abstain: 0, missing: 2 },
        threshold: 3,
        seats,
        byCriterion: {},
        flags: [],
        provenance: { live: 2, recorded: 0, replay: 0, offline: 0 },
        ballots: approving.map((seat) => ({ seat, verdict: 'approve', ballot: digest('ballot') })),
        withheld: [asSeatId(3)],
        panel: digest('roster'),
        roster: digest('roster'),
        policy: digest('policy'),
        epoch: FIRST_EPOCH,
        validUntilMs: null,
      },
    ];
  }

  const told = (statistics: VoteStatistics) => statistics.alerts().map(({ seat, kind }) => [seat, kind]);
  const CASES = Array.from({ length: 6 }, (_, i) => decided(i));

  it('who was absent and who withheld, and the same whether it was followed or is read back', () => {
    const followed = new VoteStatistics();
    for (const records of CASES) followed.follow([], records);
    expect(told(followed)).toEqual([
      [3, 'withholding'],
      [4, 'missing'],
    ]);
    const stored = CASES.map((records) => ({ block: { entries: [] }, derived: records.map(recordBytes) }));
    const readBack = new VoteStatistics();
    readBack.readBack({ height: stored.length, at: (height) => stored[height - 1] });
    expect(readBack.alerts()).toEqual(followed.alerts());
  });

  it('a chair that is given to another key begins anew', () => {
    const followed = new VoteStatistics();
    for (const records of CASES) followed.follow([], records);
    const moment = { height: 9 as Height, timeMs: 9 };
    const change = {
      epoch: 2 as Epoch,
      roster: digest('next'),
      changed: [asSeatId(4)],
      vacated: [asSeatId(3)],
    };
    followed.follow([], [{ kind: 'roster.admitted', ...change, ...moment }]);
    expect(followed.alerts()).toEqual([]);
  });
});
