// A composition as sections of a result: what the roster does on items it never saw, beside its rivals; who sits; and, in whole
// sentences, what the caps and the council itself cost here. Diversity is for the day a whole domain fails, and on the days it
// does not it may cost something: that is said, not hidden.
import { written, writtenInterval } from '../report/written-numbers.ts';
import type { Section, TableSection, Unit } from '../results/eval-result.ts';
import { cell, figuresSection } from '../results/figure-rows.ts';
import { DOMAINS, type VerdictTable } from '../verdicts/verdict-table.ts';
import type { SplitMean } from './cluster-splits.ts';
import { type Composition, STRATEGIES, type Strategy, type StrategyScore } from './cross-validate.ts';

export const STRATEGY_WORDS: Readonly<Record<Strategy, string>> = {
  composed: 'composed under the caps',
  weighted: 'the same seats, tally weighted under a cap',
  uncapped: 'composed without caps',
  greedy: 'the most accurate, without caps',
  'random-best': 'the best of many by lot under the caps',
  'random-mean': 'by lot under the caps, on average',
  single: 'the best single voter',
  all: 'all candidates together',
};

const SPLITS_OVERLAP =
  'Splits share most of their items, so intervals of differences are corrected for that (Nadeau and Bengio 2003).';

export function composeSections(table: VerdictTable, composition: Composition): readonly Section[] {
  const { scores, options } = composition;
  const { seats, quorum, figures } = scores.composed;
  const { wrongApproval, wrongRejection } = options.weights;
  return [
    figuresSection(
      {
        id: 'composed',
        title: `What ${quorum} of ${seats} does on items it never saw`,
        about: `Rosters were chosen on ${Math.round(100 * options.trainingShare)} of 100 clusters and scored on the others, ${options.splits} times. A wrong approval weighs ${wrongApproval}, a wrong rejection ${wrongRejection}, what should be approved and is left undecided ${options.weights.undecided}. Wrong approvals are of the items that should be rejected, wrong rejections of those that should be approved. ${composeWords(composition).join(' ')}`,
      },
      [
        { id: 'loss', label: 'loss of an item', figure: figures.loss, unit: 'number', better: 'lower' },
        { id: 'right', label: 'approved or not, as it should be', figure: figures.right, better: 'higher' },
        {
          id: 'wrong-approvals',
          label: 'approved, and should not be',
          figure: figures.wrongApprovals,
          better: 'lower',
        },
        {
          id: 'wrong-rejections',
          label: 'opposed on the merits, and should be approved',
          figure: figures.wrongRejections,
          better: 'lower',
        },
        {
          id: 'undecided',
          label: 'undecided, and should be approved',
          figure: figures.undecided,
          better: 'lower',
        },
        {
          id: 'undecided-to-reject',
          label: 'undecided, and should be rejected: no error',
          figure: figures.undecidedToReject,
        },
      ],
    ),
    rivals(composition),
    roster(table, composition),
  ];
}

function rivals({ scores, options }: Composition): TableSection {
  return {
    kind: 'table',
    id: 'rivals',
    title: 'Composed, and what one would do without it',
    about: `Each was chosen on the same training items and scored on the same held-out ones; the lottery held ${options.randomRosters} rosters. The difference is the loss of the composed roster less that of the row, a mean over ${options.splits} splits, in brackets its 95 % interval: below 0, composing is better. ${SPLITS_OVERLAP}`,
    columns: [
      { label: 'roster' },
      { label: 'approves with' },
      { label: 'loss', unit: 'number' },
      { label: 'difference' },
      { label: 'right', unit: 'share' },
      { label: 'wrong approvals', unit: 'share' },
      { label: 'wrong rejections', unit: 'share' },
      { label: 'undecided', unit: 'share' },
    ],
    rows: STRATEGIES.map((strategy) => {
      const { seats, quorum, figures, composedLess } = scores[strategy];
      return [
        STRATEGY_WORDS[strategy],
        `${quorum} of ${seats}`,
        cell(figures.loss),
        strategy === 'composed' ? null : differenceWords(composedLess),
        cell(figures.right),
        cell(figures.wrongApprovals),
        cell(figures.wrongRejections),
        cell(figures.undecided),
      ];
    }),
  };
}

/** The interval is what the table is for, so it stands with its difference. */
function differenceWords(mean: SplitMean): string {
  const interval = reach(mean, 'number').replaceAll(' ', '\u00a0');
  return `${written(mean.value, 'number', mean.high - mean.low)} (${interval})`;
}

function roster(table: VerdictTable, { roster: seated, seated: times, options }: Composition): TableSection {
  const known = DOMAINS.filter((kind) => table.voters.some(({ domains }) => domains[kind] !== undefined));
  return {
    kind: 'table',
    id: 'roster',
    title: `The ${options.seats} to seat`,
    about:
      'Chosen on all items. A seat that was chosen in few of the splits too could as well be held by another.',
    columns: [
      { label: 'seat' },
      ...known.map((label) => ({ label })),
      { label: 'seated in splits', unit: 'share' },
    ],
    rows: seated.map((voter) => [
      table.voters[voter]?.name ?? '',
      ...known.map((kind) => table.voters[voter]?.domains[kind] ?? null),
      (times[voter] ?? 0) / options.splits,
    ]),
  };
}

/** What was found, in whole sentences; in brackets the 95 % interval of the difference. */
export function composeWords({ scores, capsBind }: Composition): readonly string[] {
  const against = (strategy: Strategy, what: string): string =>
    `Against ${what} it ${difference(scores[strategy])}.`;
  return [
    capsBind
      ? `The caps ${capsCost(scores.uncapped)}.`
      : 'No domain of the pool has more members than its cap, so the caps cost nothing here.',
    against('random-best', 'the best of the lottery'),
    against('greedy', 'the most accurate candidates without caps'),
    against('single', 'the best single voter alone'),
    against('weighted', 'its own tally weighted under a cap'),
  ];
}

function capsCost({ composedLess, composedRightMore }: StrategyScore): string {
  const points = 100 * Math.abs(composedRightMore.value);
  const fewer = composedRightMore.value <= 0 ? 'fewer' : 'more';
  const rights = `${written(points, 'number', 1)} points ${fewer} approved or not as they should be (${reach(composedRightMore, 'share')})`;
  if (composedLess.value <= 0) return `cost nothing here: ${change(composedLess)}; ${rights}`;
  return `cost something here: ${change(composedLess)}; ${rights}`;
}

function difference({ composedLess }: StrategyScore): string {
  return `loses ${change(composedLess)}`;
}

function change(mean: SplitMean): string {
  const { value, low, high } = mean;
  const noise = low <= 0 && high >= 0 ? ', within noise' : '';
  return `${written(Math.abs(value), 'number', high - low)} an item ${value <= 0 ? 'less' : 'more'} (${reach(mean, 'number')}${noise})`;
}

function reach(mean: SplitMean, unit: Unit): string {
  return writtenInterval(mean, unit).replace('–', ' to ');
}
