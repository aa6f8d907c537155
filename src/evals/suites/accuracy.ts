// How often the council is right, and its seats: the baseline that every attack is held against.
import { quorumOf } from '../../consensus/quorum.ts';
import { Random } from '../../simulation/random.ts';
import { councilFigures, councilOutcome, countsOf } from '../measures/council-outcomes.ts';
import { majorityFigures } from '../measures/majority.ts';
import { type VoterFigures, voterFigures } from '../measures/voters.ts';
import type { OutcomesSection, Section, TableSection } from '../results/eval-result.ts';
import { COUNCIL_RULE, cell, councilRows, figuresSection } from '../results/figure-rows.ts';
import { APPROVE, errorsOf, REJECT, type VerdictTable } from '../verdicts/verdict-table.ts';

export function accuracySections(table: VerdictTable, seed: number): readonly Section[] {
  const { n, q } = quorumOf(table.voters.length);
  const majority = majorityFigures(table, new Random(seed, 3));
  const best = table.voters[majority.best]?.name ?? '';
  return [
    figuresSection(
      {
        id: 'council',
        title: `What ${q} of ${n} makes of it`,
        about: `${q} approvals of ${n} seats approve; ${n - q + 1} rejections oppose. ${COUNCIL_RULE}`,
      },
      councilRows(councilFigures(table.items, countsOf(table), quorumOf(n))),
    ),
    figuresSection(
      {
        id: 'voters-and-majority',
        title: 'Seats and plain majority',
        about:
          'A seat that abstains counts as wrong; a tie of the majority counts half. The best seat was picked on these very items, which flatters it.',
      },
      [
        {
          id: 'mean-accuracy',
          label: 'right, over all seats',
          figure: majority.meanAccuracy,
          better: 'higher',
        },
        {
          id: 'best-accuracy',
          label: `right, the best seat (${best})`,
          figure: majority.bestAccuracy,
          better: 'higher',
        },
        { id: 'majority', label: 'right, the plain majority', figure: majority.majority, better: 'higher' },
      ],
    ),
    seatTable(voterFigures(table)),
    outcomesSection(table),
  ];
}

export function seatTable(voters: readonly VoterFigures[]): TableSection {
  return {
    kind: 'table',
    id: 'seats',
    title: 'Seat by seat',
    about:
      'Over the items each answered. Wrong approvals are of the items to be rejected, wrong rejections of those to be approved.',
    columns: [
      { label: 'seat' },
      { label: 'developer' },
      { label: 'right', unit: 'share' },
      { label: 'wrong approvals', unit: 'share' },
      { label: 'wrong rejections', unit: 'share' },
      { label: 'abstentions', unit: 'share' },
    ],
    rows: voters.map(({ voter, accuracy, wrongApprovals, wrongRejections, abstentions }) => [
      voter.name,
      voter.domains.developer ?? '',
      cell(accuracy),
      cell(wrongApprovals),
      cell(wrongRejections),
      cell(abstentions),
    ]),
  };
}

/** Beyond this many items a result says which are worst in its figures only. */
const MOST_ITEMS = 20_000;

function letterOf(label: number | undefined): string {
  return label === APPROVE ? 'A' : label === REJECT ? 'R' : '-';
}

const LETTERS = { approved: 'A', rejected: 'R', undecided: 'U' } as const;

export function outcomesSection(table: VerdictTable): OutcomesSection {
  const { items } = table;
  const quorum = quorumOf(table.voters.length);
  const counts = countsOf(table);
  const errors = errorsOf(table);
  const shown = items.names.slice(0, MOST_ITEMS).map((_, item) => item);
  return {
    kind: 'outcomes',
    id: 'outcomes',
    title: 'What was decided, and the cases that everyone gets wrong',
    about:
      shown.length < items.names.length
        ? `The first ${shown.length} of ${items.names.length} items.`
        : 'Every item by what the council makes of it, and how many seats gave the right verdict.',
    items: shown.map((item) => items.names[item] ?? ''),
    clusters: shown.map((item) => items.clusters[item] ?? 0),
    labels: shown.map((item) => letterOf(items.labels[item])).join(''),
    outcomes: shown
      .map(
        (item) => LETTERS[councilOutcome(counts.approvals[item] ?? 0, counts.rejections[item] ?? 0, quorum)],
      )
      .join(''),
    right: shown.map((item) => errors.reduce((sum, row) => sum + (row[item] === 0 ? 1 : 0), 0)),
    seats: table.voters.length,
  };
}
