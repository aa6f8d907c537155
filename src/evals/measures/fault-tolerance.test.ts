import { describe, expect, it } from 'vitest';
import { spelledTable } from '../../../test/evals/spelled-table.ts';
import { quorumOf } from '../../consensus/quorum.ts';
import { Random } from '../../simulation/random.ts';
import { councilFigures, councilOutcome, countsOf } from './council-outcomes.ts';
import { domainFaults, worstFault } from './domain-faults.ts';
import { type Aim, type Ownership, toleranceFigures } from './fault-tolerance.ts';
import { thresholdSweep } from './threshold-sweep.ts';
import { voterFigures } from './voters.ts';

const council33 = quorumOf(33);

describe('the council of 33', () => {
  it('approves at 22, is opposed by 12, and is undecided in between', () => {
    expect(councilOutcome(22, 11, council33)).toBe('approved');
    expect(councilOutcome(21, 12, council33)).toBe('rejected');
    expect(councilOutcome(21, 11, council33)).toBe('undecided');
  });
});

describe('seats an adversary must own', () => {
  const toleranceOf = (honest: readonly string[], labels: string, aim: Aim, ownership: Ownership) => {
    const table = spelledTable({ labels, voters: honest.map((verdicts) => [verdicts] as const) });
    const found = toleranceFigures(table, quorumOf(honest.length)).find(
      (one) => one.aim === aim && one.ownership === ownership,
    );
    return {
      needed: found?.seatsNeeded.map(({ value }) => value),
      success: found?.success.map(({ value }) => value),
    };
  };
  const right33 = Array<string>(33).fill('AAARRR');

  it('are 22 for a wrong approval and 12 for a block where all honest seats are right', () => {
    for (const ownership of ['by-lot', 'most-careful-first'] as const) {
      expect(toleranceOf(right33, 'AAARRR', 'wrong-approval', ownership).needed).toEqual([22, 22, 22]);
      expect(toleranceOf(right33, 'AAARRR', 'block', ownership).needed).toEqual([12, 12, 12]);
    }
  });

  it('are none where honest seats do it by themselves', () => {
    const wrong33 = Array<string>(33).fill('RRRAAA');
    expect(toleranceOf(wrong33, 'AAARRR', 'wrong-approval', 'by-lot').needed).toEqual([0, 0, 0]);
  });

  it('are 12 beside ten that err anyway, if the others are the ones owned (protocol 1.4)', () => {
    const council = [...Array<string>(10).fill('AAAAAA'), ...Array<string>(23).fill('AAARRR')];
    expect(toleranceOf(council, 'AAARRR', 'wrong-approval', 'most-careful-first').needed).toEqual([
      12, 12, 12,
    ]);
  });

  it('by lot, worked by hand: of four seats one errs; two owned of four suffice for 3 when it is not among them', () => {
    const { success } = toleranceOf(['A', 'R', 'R', 'R'], 'R', 'wrong-approval', 'by-lot');
    // C(1,0)·C(3,2) / C(4,2) = 1/2; three owned always suffice
    [0, 0, 0.5, 1, 1].forEach((chance, owned) => {
      expect(success?.[owned]).toBeCloseTo(chance, 12);
    });
  });

  it('by lot is what drawing the lot gives', () => {
    const random = new Random(3);
    const honest = Array.from({ length: 10 }, (_, seat) => (seat < 4 ? 'A' : 'R'));
    const { success } = toleranceOf(honest, 'R', 'wrong-approval', 'by-lot');
    const draws = 20_000;
    let reached = 0;
    for (let draw = 0; draw < draws; draw++) {
      const owned = new Set(random.sample([...honest.keys()], 5));
      const approvals = honest.filter((verdict, seat) => owned.has(seat) || verdict === 'A').length;
      if (approvals >= quorumOf(10).q) reached++;
    }
    // three standard errors of 20,000 draws
    expect(Math.abs((success?.[5] ?? 0) - reached / draws)).toBeLessThan(0.011);
  });
});

describe('a domain that fails at once', () => {
  // q is 3 of 4; two makers with two seats each
  const table = spelledTable({
    labels: 'ARAR',
    voters: [
      ['ARAR', { developer: 'one' }],
      ['ARAR', { developer: 'one' }],
      ['ARAA', { developer: 'two' }],
      ['ARRA', { developer: 'two' }],
    ],
  });

  it('that votes wrong gets through what its other seats err on, and blocks everything', () => {
    const faults = domainFaults(table, quorumOf(4), { domain: 'developer', fault: 'wrong', many: 1 });
    expect(faults.map(({ names, seats }) => [names, seats])).toEqual([
      [['one'], 2],
      [['two'], 2],
    ]);
    const [one, two] = faults;
    expect(one?.figures.wrongApprovals.value).toBe(0.5);
    expect(two?.figures.wrongApprovals.value).toBe(0);
    expect(two?.figures.blocked.value).toBe(1);
    expect(worstFault(faults, 'wrongApprovals')).toBe(one);
  });

  it('that falls silent lets nothing through, and leaves undecided what it does not oppose', () => {
    const [fault] = domainFaults(table, quorumOf(4), { domain: 'developer', fault: 'silent', many: 2 });
    expect(fault?.seats).toBe(4);
    expect(fault?.figures.wrongApprovals.value).toBe(0);
    expect(fault?.figures.undecided.value).toBe(1);
    expect(fault?.figures.wrongRejections.value).toBe(0);
    expect(fault?.figures.blocked.value).toBe(1);
  });
});

describe('shares', () => {
  const table = spelledTable({
    labels: 'AAARRR',
    voters: [['AR-RRA'], ['AARRAA'], ['ARRRA.'], ['AAARRR']],
  });

  it('of a voter tell the two ways of being wrong apart, over what it answered', () => {
    const [first, , third] = voterFigures(table);
    expect(first?.accuracy.value).toBe(0.5);
    expect([first?.wrongApprovals.value, first?.wrongApprovals.n]).toEqual([1 / 3, 3]);
    expect([first?.wrongRejections.value, first?.abstentions.value]).toEqual([1 / 3, 1 / 6]);
    expect([third?.wrongApprovals.value, third?.wrongApprovals.n]).toEqual([0.5, 2]);
  });

  it('of the council count opposition and absence apart', () => {
    // q = 3, so two rejections oppose: approved, 2:2, 1 approval and 2 rejections, rejected, 2:2, 2 approvals and one missing
    const figures = councilFigures(table.items, countsOf(table), quorumOf(4));
    expect(figures.wrongApprovals.value).toBe(0);
    expect(figures.wrongRejections.value).toBe(2 / 3);
    expect(figures.blocked.value).toBe(2 / 3);
    expect(figures.undecided.value).toBe(1 / 6);
  });

  it('move against each other as the threshold goes up', () => {
    const sweep = thresholdSweep(table);
    expect(sweep.map(({ wrongApprovals }) => wrongApprovals.value)).toEqual([2 / 3, 2 / 3, 0, 0]);
    expect(sweep.map(({ blocked }) => blocked.value)).toEqual([0, 1 / 3, 2 / 3, 2 / 3]);
  });
});
