// The attacks as sections of a result: curves by number of attackers, with the quorum's own limits marked, the numbers at those
// limits, and the one certain seat.
import { quorumOf } from '../../consensus/quorum.ts';
import type { Figure } from '../measures/figure.ts';
import { written } from '../report/written-numbers.ts';
import type { CurvesSection, Section, TableSection } from '../results/eval-result.ts';
import { cell, figuresSection, point } from '../results/figure-rows.ts';
import type { AttackPoint } from './attack-sums.ts';
import { ATTACKS, type Attack } from './attackers.ts';
import type { CertaintyRule } from './certain-seat.ts';
import type { CaseRule } from './criterion-cases.ts';
import { ITEM_RULES, type ItemRule } from './item-attacks.ts';
import type { AttackCurve, AttackReport, Rule } from './run-attacks.ts';
import type { Placement } from './seat-choices.ts';

const ATTACK_WORDS: Readonly<Record<Attack, { readonly title: string; readonly about: string }>> = {
  colluders: { title: 'colluders', about: 'Attackers know the truth and always vote against it.' },
  pivotal: {
    title: 'attackers who lie only where it counts',
    about:
      'Attackers vote against the truth only where all of them together turn a right outcome into a wrong one, and right everywhere else. Under the same count they do what colluders do, and few of them look better than most honest seats. For weights they are sleepers: right on everything that they are weighed by.',
  },
  copycats: { title: 'copycats', about: 'So many seats repeat the verdicts of one popular model.' },
};

const PLACEMENT_WORDS: Readonly<Record<Placement, string>> = {
  random: 'seats by lot',
  strongest: 'the best seats',
};

const HARMS = {
  wrongApprovals: { id: 'wrong-approvals', title: 'Wrong approvals', of: 'of what should be rejected' },
  blocked: { id: 'blocked', title: 'Not approved, and should be', of: 'of what should be approved' },
} as const;
type Harm = keyof typeof HARMS;

type Words = (rule: Rule | CertaintyRule) => string;

export function attackSections(report: AttackReport): readonly Section[] {
  const { n, q } = quorumOf(report.seats);
  const words: Words = (rule) => ruleWords(rule, `${q} of ${n}`);
  return [
    atTolerance(report, words),
    ...ATTACKS.flatMap((attack) => {
      const curves = report.curves.filter((curve) => curve.attack === attack);
      return [
        ...(['wrongApprovals', 'blocked'] as const).map((harm) =>
          harmCurves(report, attack, harm, curves, words),
        ),
        // Copycats look as right as whom they copy, however many they are: nothing to draw.
        ...(attack === 'pivotal' ? [looks(report, attack, curves, words)] : []),
      ];
    }),
    limits(report, words),
    certain(report, words),
  ];
}

/** At f attackers, by lot, under each way of counting one verdict an item. */
function atTolerance({ curves, seats }: AttackReport, words: Words): Section {
  const { f } = quorumOf(seats);
  return figuresSection(
    {
      id: 'at-f',
      title: `With ${f} of ${seats} seats in attackers’ hands, by lot`,
      about:
        'As many as agreement survives; judgement has no such promise. Wrong approvals are of the items to be rejected, what is not approved of those to be approved.',
    },
    curves
      .filter(({ placement, rule }) => placement === 'random' && ITEM_RULES.some((one) => one === rule))
      .flatMap(({ attack, rule, points }) =>
        (['wrongApprovals', 'blocked'] as const).map((harm) => ({
          id: `${attack}-${rule}-${HARMS[harm].id}`,
          label: `${attack}, ${words(rule)}: ${harm === 'blocked' ? 'not approved' : 'wrong approvals'}`,
          figure: points.find(({ attackers }) => attackers === f)?.[harm],
          better: 'lower' as const,
        })),
      ),
  );
}

function ruleWords(rule: Rule | CertaintyRule, quorum: string): string {
  const all: Readonly<Record<ItemRule | CaseRule | CertaintyRule, string>> = {
    majority: 'plain majority',
    quorum,
    weighted: 'weighted under a cap',
    verdicts: `cases, verdicts by ${quorum}`,
    criteria: `cases, each criterion by ${quorum}`,
    confidence: 'summed confidence',
    odds: 'odds of confidence',
  };
  return all[rule];
}

function harmCurves(
  report: AttackReport,
  attack: Attack,
  harm: Harm,
  curves: readonly AttackCurve[],
  words: Words,
): CurvesSection {
  const { id, title, of } = HARMS[harm];
  return {
    kind: 'curves',
    id: `${attack}-${id}`,
    title: `${title}: ${ATTACK_WORDS[attack].title}`,
    about: `${ATTACK_WORDS[attack].about} ${howMade(report, attack)}`,
    x: { label: attack === 'copycats' ? 'seats that copy' : 'seats attackers hold', unit: 'count' },
    y: { label: of, unit: 'share' },
    series: curves.filter(isShown).map((curve) => series(curve, words, ({ [harm]: figure }) => figure)),
    marks: marks(report),
  };
}

function looks(
  report: AttackReport,
  attack: Attack,
  curves: readonly AttackCurve[],
  words: Words,
): CurvesSection {
  return {
    kind: 'curves',
    id: `${attack}-look-right`,
    title: `How accurate they look: ${ATTACK_WORDS[attack].title}`,
    about: `The share of questions on which these seats give the right verdict. Honest seats are right on ${written(report.honest.mean, 'share')} of items on average, the best on ${written(report.honest.best, 'share')}: a filter on accuracy would keep whoever is above.`,
    x: { label: 'seats attackers hold', unit: 'count' },
    y: { label: 'right verdicts', unit: 'share' },
    series: curves.filter(isShown).map((curve) => series(curve, words, ({ looksRight }) => looksRight)),
    marks: marks(report),
  };
}

/** The best seats only under the council's own rule: a chart of ten lines shows nothing. */
function isShown({ rule, placement }: AttackCurve): boolean {
  return placement === 'random' || rule === 'quorum';
}

function series(
  curve: AttackCurve,
  words: Words,
  of: (at: AttackPoint) => Figure | undefined,
): CurvesSection['series'][number] {
  const { rule, placement, points } = curve;
  return {
    name: placement === 'random' ? words(rule) : `${words(rule)}, ${PLACEMENT_WORDS[placement]}`,
    points: points.flatMap((at) => {
      const figure = of(at);
      return figure === undefined ? [] : [point(at.attackers, figure)];
    }),
  };
}

function howMade({ choices, criteria, copied }: AttackReport, attack: Attack): string {
  const whom = attack === 'copycats' ? `The model copied is ${copied}. ` : '';
  return `${whom}The mean over ${choices} choices of seats by lot; beside it the most accurate seats taken. Cases are ${criteria} items of different clusters, approved where all should be; of those to be rejected at least one should not. Weights are earned on other items, the attackers at work there too.`;
}

function marks({ seats }: AttackReport): CurvesSection['marks'] {
  const { n, f, q } = quorumOf(seats);
  return [
    { x: f, label: 'f' },
    { x: n - q + 1, label: 'blocks alone' },
  ];
}

function limits(report: AttackReport, words: Words): TableSection {
  const { n, f, q } = quorumOf(report.seats);
  const last = (report.curves[0]?.points.length ?? 1) - 1;
  const shown = [...new Set([0, 1, f, n - q + 1, last])].filter((k) => k <= last).sort((a, b) => a - b);
  return {
    kind: 'table',
    id: 'attack-limits',
    title: 'Under attack, at the limits',
    about: `With no attacker, one, f = ${f}, the ${n - q + 1} that block alone, and ${last}.`,
    columns: [
      { label: 'attack' },
      { label: 'seats taken' },
      { label: 'counted by' },
      { label: 'outcome' },
      ...shown.map((k) => ({ label: `${k}`, unit: 'share' as const })),
    ],
    rows: report.curves.flatMap(({ attack, rule, placement, points }) =>
      (['wrongApprovals', 'blocked'] as const).map((harm) => [
        attack,
        PLACEMENT_WORDS[placement],
        words(rule),
        HARMS[harm].title,
        ...shown.map((k) => cell(points[k]?.[harm])),
      ]),
    ),
  };
}

function certain({ certain: rows }: AttackReport, words: Words): TableSection {
  return {
    kind: 'table',
    id: 'certain-seat',
    title: 'One seat that is always certain and always wrong',
    about:
      'The mean over which seat it is; it states a confidence of 1.0. Stated confidence is never a weight in this council: the last two rows show what it would do. Where a recording has no confidences, an honest seat states how often it is right on other items, give or take 5 points.',
    columns: [
      { label: 'counted by' },
      { label: 'wrong approvals, all honest', unit: 'share' },
      { label: 'with the liar', unit: 'share' },
      { label: 'not approved and should be, all honest', unit: 'share' },
      { label: 'with the liar', unit: 'share' },
    ],
    rows: rows.map(({ rule, honest, oneLiar }) => [
      words(rule),
      cell(honest.wrongApprovals),
      cell(oneLiar.wrongApprovals),
      cell(honest.blocked),
      cell(oneLiar.blocked),
    ]),
  };
}
