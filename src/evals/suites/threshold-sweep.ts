// What other thresholds than the quorum would do on these verdicts.
import { quorumOf } from '../../consensus/quorum.ts';
import { councilFigures, countsOf } from '../measures/council-outcomes.ts';
import { thresholdSweep } from '../measures/threshold-sweep.ts';
import type { Section } from '../results/eval-result.ts';
import { COUNCIL_RULE, cell, councilRows, figuresSection, point } from '../results/figure-rows.ts';
import type { VerdictTable } from '../verdicts/verdict-table.ts';

export function thresholdSweepSections(table: VerdictTable): readonly Section[] {
  const { n, f, q } = quorumOf(table.voters.length);
  const sweep = thresholdSweep(table);
  const majority = Math.floor(n / 2) + 1;
  return [
    figuresSection(
      { id: 'council', title: `At ${q} of ${n}`, about: COUNCIL_RULE },
      councilRows(councilFigures(table.items, countsOf(table), quorumOf(n))),
    ),
    {
      kind: 'curves',
      id: 'sweep',
      title: 'Wrong approvals and blocks against the threshold',
      about: `Fewer than ${q} approvals would not be safe to order by (protocol 1.2), whatever they did here; more than ${n - f} could be blocked by ${f} silent seats alone.`,
      x: { label: 'approvals asked for', unit: 'count' },
      y: { label: 'share of items', unit: 'share' },
      series: [
        {
          name: 'approved, and should not be',
          points: sweep.map(({ threshold, wrongApprovals }) => point(threshold, wrongApprovals)),
        },
        {
          name: 'not approved, and should be',
          points: sweep.map(({ threshold, blocked }) => point(threshold, blocked)),
        },
      ],
      marks: [
        { x: majority, label: 'majority' },
        { x: q, label: `q = ${q}` },
      ],
    },
    {
      kind: 'table',
      id: 'thresholds',
      title: 'Threshold by threshold',
      about: 'The same in figures.',
      columns: [
        { label: 'approvals', unit: 'count' },
        { label: 'approved, and should not be', unit: 'share' },
        { label: 'not approved, and should be', unit: 'share' },
      ],
      rows: sweep.map(({ threshold, wrongApprovals, blocked }) => [
        threshold,
        cell(wrongApprovals),
        cell(blocked),
      ]),
    },
  ];
}
