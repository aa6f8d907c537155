// Fidelity as sections of a result: a table of what was recorded beside what was simulated, and the tails as curves.
import type { CurvesSection, TableSection } from '../results/eval-result.ts';
import { APPROVE } from '../verdicts/verdict-table.ts';
import type { Fidelity, FidelityFigure, TailCurve } from './fidelity.ts';

export function fidelitySections(fidelity: Fidelity): readonly [TableSection, CurvesSection] {
  const { voters, items, runs, figures, tails } = fidelity;
  const outside = figures.filter(({ within }) => !within).length;
  return [
    {
      kind: 'table',
      id: 'fidelity',
      title: 'Simulated voters beside the recorded ones',
      about: `The same ${figures.length} figures of ${voters} voters on ${items} items, as recorded and as ${runs} tables drawn from the model show them: their mean, and the interval that holds 95 % of them. ${outside} recorded ${outside === 1 ? 'value lies' : 'values lie'} outside; of so many, a model that is exactly right would miss one in twenty. The model was fitted to recorded verdicts, so this shows that its form is rich enough, not that it foretells other items.`,
      columns: [{ label: 'figure' }, { label: 'recorded' }, { label: 'simulated' }, { label: 'within' }],
      rows: figures.map(rowOf),
    },
    {
      kind: 'curves',
      id: 'fidelity-tail',
      title: 'How many voters are wrong at once',
      about: `For every number of voters, the share of items that at least so many of the ${voters} get wrong, abstentions included: as recorded, and as simulated with the interval that holds 95 % of ${runs} tables.`,
      x: { label: 'voters wrong at once, at least', unit: 'count' },
      y: { label: 'items', unit: 'share' },
      series: tails.flatMap(seriesOf),
      marks: [
        { x: Math.ceil(voters / 3), label: 'a third' },
        { x: Math.ceil((2 * voters) / 3), label: 'two thirds' },
      ],
    },
  ];
}

function rowOf({ label, observed, simulated, within }: FidelityFigure): TableSection['rows'][number] {
  const defined = [simulated.value, simulated.low, simulated.high].every(Number.isFinite);
  return [
    label,
    Number.isFinite(observed) ? observed : null,
    defined ? simulated : null,
    within ? 'yes' : 'no',
  ];
}

function seriesOf({ right, observed, simulated }: TailCurve): CurvesSection['series'] {
  const kind = right === APPROVE ? 'to be approved' : 'to be rejected';
  return [
    { name: `recorded, ${kind}`, points: observed.map((y, x) => ({ x, y })) },
    {
      name: `simulated, ${kind}`,
      points: simulated.map(({ value, low, high, n }, x) => ({ x, y: value, low, high, n })),
    },
  ].map(({ name, points }) => ({ name, points: points.filter(({ y }) => Number.isFinite(y)) }));
}
