import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Random } from '../../simulation/random.ts';
import { readVerdicts } from '../verdicts/read-verdicts.ts';
import {
  ABSTAIN,
  APPROVE,
  REJECT,
  tableOf,
  type VerdictTable,
  withVoters,
} from '../verdicts/verdict-table.ts';
import { attackSections } from './attack-sections.ts';
import type { AttackPoint } from './attack-sums.ts';
import { type Attack, mostTypical } from './attackers.ts';
import { attackCases, type CaseRule, drawCases } from './criterion-cases.ts';
import { attackItems, halvesOf, type ItemRule } from './item-attacks.ts';
import { runAttacks } from './run-attacks.ts';

const CRUX = join(import.meta.dirname, '../../../../shared/verdicts/zeroeval-crux-verify.jsonl.gz');

/** Of every item the first so many seats are wrong, the others right. Items to be approved and rejected take turns. */
function council(items: number, wrongAt: (item: number) => number = () => 0, seats = 33): VerdictTable {
  const labels = Uint8Array.from({ length: items }, (_, item) => (item % 2 === 0 ? APPROVE : REJECT));
  return tableOf({
    voters: Array.from({ length: seats }, (_, seat) => ({ name: `s${seat}`, domains: {} })),
    items: {
      names: Array.from(labels, (_, item) => `i${item}`),
      labels,
      clusters: Uint32Array.from(labels.keys()),
      clusterCount: items,
    },
    verdicts: Array.from({ length: seats }, (_, seat) =>
      labels.map((label, item) => (seat < wrongAt(item) ? APPROVE + REJECT - label : label)),
    ),
  });
}

/** Attackers are taken from the last seat on. */
function attacked(table: VerdictTable, attack: Attack, rule: ItemRule, attackers: number): AttackPoint {
  const halves = halvesOf(table, new Random(1));
  const order = table.voters.map((_, seat) => table.voters.length - 1 - seat);
  return attackItems({ table, halves, attack, rule, copied: 0 }, [order], attackers);
}

const shares = ({ wrongApprovals, blocked }: AttackPoint): readonly number[] => [
  wrongApprovals.value,
  blocked.value,
];

describe('colluders in a council that is otherwise always right', () => {
  const table = council(40);

  it('approve what they like with 22 of 33, and not with 21', () => {
    expect(shares(attacked(table, 'colluders', 'quorum', 21))).toEqual([0, 1]);
    expect(shares(attacked(table, 'colluders', 'quorum', 22))).toEqual([1, 1]);
  });

  it('block everything with 12, and nothing with 11', () => {
    expect(shares(attacked(table, 'colluders', 'quorum', 11))).toEqual([0, 0]);
    const twelve = attacked(table, 'colluders', 'quorum', 12);
    expect(shares(twelve)).toEqual([0, 1]);
    expect(twelve.wrongRejections.value).toBe(1);
    expect(twelve.blocked.n).toBe(20);
  });

  it('own a plain majority with 17, where 16 do nothing', () => {
    expect(shares(attacked(table, 'colluders', 'majority', 16))).toEqual([0, 0]);
    expect(shares(attacked(table, 'colluders', 'majority', 17))).toEqual([1, 1]);
  });

  it('never hold a third of capped weights with f seats, even pivotal ones who earned all they could', () => {
    for (const attack of ['colluders', 'pivotal'] as const) {
      expect(shares(attacked(table, attack, 'weighted', 10))).toEqual([0, 0]);
    }
  });
});

describe('pivotal attackers', () => {
  // On every fifth pair of items 18 honest seats err as well, so that 4 attackers make up a quorum of 22 there.
  const table = council(40, (item) => (item % 10 < 2 ? 18 : 0));

  it('do exactly the harm that colluders do under the same count', () => {
    for (const rule of ['majority', 'quorum'] as const) {
      for (const attackers of [0, 1, 3, 4, 11, 12, 15]) {
        const [open, hidden] = (['colluders', 'pivotal'] as const).map((attack) =>
          attacked(table, attack, rule, attackers),
        );
        expect(hidden?.wrongApprovals).toEqual(open?.wrongApprovals);
        expect(hidden?.blocked).toEqual(open?.blocked);
      }
    }
  });

  it('look accurate: four of them turn a fifth of the wrong approvals and are right on nine items of ten', () => {
    const hidden = attacked(table, 'pivotal', 'quorum', 4);
    expect(shares(hidden)).toEqual([0.2, 0.2]);
    // Of 40 items they lie on the 4 to be rejected; the 4 to be approved are lost without them.
    expect(hidden.looksRight?.value).toBe(0.9);
    expect(attacked(table, 'colluders', 'quorum', 4).looksRight?.value).toBe(0);
    expect(attacked(table, 'pivotal', 'quorum', 0).looksRight).toBeUndefined();
  });

  it('weigh more than honest seats where colluders are noticed and weigh less', () => {
    // The 23 others err 12 at a time, by turns, on a fifth of the items, and so earn much the same. With 10 more, that is a
    // quorum of seats; of the weight it mostly is too, once the 10 have earned theirs,
    // and it never is where they were noticed.
    const turns = council(40);
    turns.verdicts.forEach((row, seat) => {
      row.forEach((verdict, item) => {
        if (item % 10 < 2 && seat < 23 && (seat + 5 * item) % 23 < 12) row[item] = APPROVE + REJECT - verdict;
      });
    });
    const wrong = (attack: Attack, rule: ItemRule) => attacked(turns, attack, rule, 10).wrongApprovals.value;
    expect(wrong('colluders', 'quorum')).toBe(0.2);
    expect(wrong('colluders', 'weighted')).toBe(0);
    expect(wrong('pivotal', 'weighted')).toBeGreaterThan(0.1);
  });
});

describe('copycats', () => {
  it('decide as the one they copy once they are enough', () => {
    const table = council(40, (item) => (item % 10 < 2 ? 1 : 0));
    const share = (copies: number) => shares(attacked(table, 'copycats', 'quorum', copies));
    expect(share(10)).toEqual([0, 0]);
    expect(share(11)).toEqual([0, 0.2]);
    expect(share(21)).toEqual([0.2, 0.2]);
    expect(attacked(table, 'copycats', 'quorum', 11).looksRight?.value).toBe(0.8);
  });

  it('copy the seat that the others agree with most', () => {
    const rows = [
      [REJECT, REJECT, REJECT, REJECT],
      [APPROVE, APPROVE, REJECT, REJECT],
      [APPROVE, APPROVE, APPROVE, APPROVE],
      [APPROVE, APPROVE, APPROVE, REJECT],
    ];
    const table = { ...council(4, undefined, 4), verdicts: rows.map((row) => Uint8Array.from(row)) };
    // Agreements with the others: 0 + 2 + 1, 2 + 2 + 3, 0 + 2 + 3, 1 + 3 + 3.
    expect(mostTypical(table)).toBe(1);
  });
});

describe('cases of three criteria', () => {
  it('take each cluster once, and should be approved where all their items should', () => {
    const { items } = council(60);
    const cases = drawCases(items, 3, new Random(3));
    expect(cases.length).toBeGreaterThan(10);
    const used = cases.flatMap((one) => one.items.map((item) => items.clusters[item]));
    expect(new Set(used).size).toBe(used.length);
    for (const { items: of, label } of cases) {
      expect(label === APPROVE).toBe(of.every((item) => items.labels[item] === APPROVE));
    }
  });

  const point = (table: VerdictTable, rule: CaseRule, items: readonly number[], label: number) =>
    attackCases(
      { table, attack: 'colluders', rule, copied: 0 },
      [
        {
          cases:
            label === APPROVE
              ? [{ items, label }]
              : [
                  { items: [0, 2, 4], label: APPROVE },
                  { items, label },
                ],
          order: table.voters.map((_, seat) => seat),
        },
      ],
      0,
    );

  it('show the discursive dilemma: each criterion met by 22, and yet 0 of 33 approve', () => {
    // Each third of the council misses another of three criteria, all of which should be met (protocol 4.8).
    const table = council(6);
    table.verdicts.forEach((row, seat) => {
      row[2 * Math.floor(seat / 11)] = REJECT;
    });
    expect(point(table, 'criteria', [0, 2, 4], APPROVE).blocked.value).toBe(0);
    const verdicts = point(table, 'verdicts', [0, 2, 4], APPROVE);
    expect([verdicts.blocked.value, verdicts.wrongRejections.value]).toEqual([1, 1]);
  });

  it('leave undecided what too many abstain from', () => {
    const table = council(6);
    table.verdicts.forEach((row, seat) => {
      if (seat < 12) row[2] = ABSTAIN;
    });
    for (const rule of ['verdicts', 'criteria'] as const) {
      const { blocked, wrongRejections } = point(table, rule, [0, 2, 4], APPROVE);
      expect([blocked.value, wrongRejections.value]).toEqual([1, 0]);
    }
  });

  it('approve wrongly where the failed criterion is held met by 22, whichever way is counted', () => {
    const table = council(6, (item) => (item === 1 ? 22 : 0));
    expect(point(table, 'verdicts', [0, 1, 4], REJECT).wrongApprovals.value).toBe(1);
    expect(point(table, 'criteria', [0, 1, 4], REJECT).wrongApprovals.value).toBe(1);
  });
});

describe('the whole run', () => {
  it('shows one certain liar decide everything by odds, and nothing by counting', () => {
    const report = runAttacks(
      council(40, (item) => item % 5),
      { seed: 1, mostAttackers: 2, choices: 2 },
    );
    const by = new Map(report.certain.map((one) => [one.rule, one]));
    expect(by.get('odds')?.honest.wrongApprovals.value).toBe(0);
    expect(shares(by.get('odds')?.oneLiar ?? expect.fail('no odds'))).toEqual([1, 1]);
    for (const rule of ['majority', 'quorum', 'weighted'] as const) {
      expect(shares(by.get(rule)?.oneLiar ?? expect.fail(`no ${rule}`))).toEqual([0, 0]);
    }
  });

  it('is the same for the same seed, has a curve for each attack, rule and choice of seats, and tells it in sections', () => {
    const table = council(40, (item) => (7 * item) % 23);
    const run = () => runAttacks(table, { seed: 2, mostAttackers: 3, choices: 2 });
    const report = run();
    expect(run()).toEqual(report);
    expect(report.curves).toHaveLength(3 * 5 * 2);
    const sections = attackSections(report);
    expect(new Set(sections.map(({ id }) => id)).size).toBe(sections.length);
    expect(sections.map(({ kind }) => kind)).toContain('curves');
    expect(() => runAttacks(table, { seed: 2, mostAttackers: 33 })).toThrow(/expected fewer attackers/);
  });

  it.skipIf(!existsSync(CRUX))(
    'on recorded verdicts: harm grows with the attackers, and 12 block everything',
    async () => {
      const { table } = await readVerdicts([CRUX]);
      const seats = withVoters(table, [...new Random(1).sample([...table.voters.keys()], 33)]);
      for (const rule of ['majority', 'quorum'] as const) {
        const harm = [0, 6, 12].map((attackers) => attacked(seats, 'colluders', rule, attackers));
        const approved = harm.map(({ wrongApprovals }) => wrongApprovals.value);
        expect(approved).toEqual([...approved].sort((a, b) => a - b));
        if (rule === 'quorum')
          expect(harm.map(({ blocked }) => blocked.value === 1)).toEqual([false, false, true]);
      }
    },
  );
});
