// Figures of a result as rows of a terminal: the value, its interval, and over how many. Curves, matrices and long tables are for the
// page; of a table the terminal shows nothing that a figure does not say.
import type { Figure } from '../../evals/measures/figure.ts';
import { written, writtenInterval } from '../../evals/report/written-numbers.ts';
import type { Section, Unit } from '../../evals/results/eval-result.ts';
import { counted, padEnd, padStart, plural, visible, wrap } from '../layout.ts';
import type { Terminal } from '../terminal.ts';

const LABEL_COLUMNS = 52;

export function sectionRows(sections: readonly Section[], { colors, columns }: Terminal): string[] {
  const drawn = sections.filter(({ kind }) => kind !== 'figures').length;
  const rows = sections.flatMap((section) => {
    if (section.kind !== 'figures' || section.rows.length === 0) return [];
    return [
      '',
      `  ${visible(section.title)}`,
      ...section.rows.flatMap(({ label, figure, unit }) => {
        const [first = '', ...more] = wrap(visible(label), LABEL_COLUMNS);
        return [
          `    ${padEnd(first, LABEL_COLUMNS)} ${padStart(written(figure.value, unit, figure.high - figure.low), 8)} ${colors.dim(between(figure, unit, columns))}`,
          ...more.map((line) => `      ${line}`),
        ];
      }),
    ];
  });
  return [
    ...rows,
    ...(drawn > 0
      ? [
          '',
          colors.dim(
            `  and ${plural(drawn, 'chart or table', 'charts and tables')} on the page (-o page.html)`,
          ),
        ]
      : []),
  ];
}

function between(figure: Figure, unit: Unit, columns: number): string {
  const interval = figure.method === 'exact' ? '' : writtenInterval(figure, unit);
  return columns < 90 ? interval : `${padEnd(interval, 16)} n ${counted(figure.n)}`;
}
