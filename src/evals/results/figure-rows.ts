// How what was measured becomes rows of a result. What is not defined (a correlation with a voter that is never wrong, a share of
// nothing) is left out instead of written as a number that it is not.
import type { CouncilFigures } from '../measures/council-outcomes.ts';
import type { Figure } from '../measures/figure.ts';
import type { FigureRow, FiguresSection, Unit } from './eval-result.ts';

export type Better = NonNullable<FigureRow['better']>;

export interface Row {
  readonly id: string;
  readonly label: string;
  readonly figure: Figure | undefined;
  readonly unit?: Unit;
  readonly better?: Better;
}

export function isDefined(figure: Figure | undefined): figure is Figure {
  return (
    figure !== undefined && figure.n > 0 && [figure.value, figure.low, figure.high].every(Number.isFinite)
  );
}

export function figuresSection(
  heading: Pick<FiguresSection, 'id' | 'title' | 'about'>,
  rows: readonly Row[],
): FiguresSection {
  return { kind: 'figures', ...heading, rows: rows.flatMap(figureRow) };
}

function figureRow({ id, label, figure, unit = 'share', better }: Row): readonly FigureRow[] {
  if (!isDefined(figure)) return [];
  return [{ id, label, unit, figure, ...(better === undefined ? {} : { better }) }];
}

/** The point of a curve. */
export function point(
  x: number,
  figure: Figure,
): {
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
} {
  return { x, y: figure.value, low: figure.low, high: figure.high, n: figure.n };
}

/** The cell of a table: what is not defined is shown as nothing. */
export function cell(figure: Figure | undefined): Figure | null {
  return isDefined(figure) ? figure : null;
}

/** The three ways a council is wrong or helpless, never added up (protocol 1.4). */
export function councilRows({ wrongApprovals, wrongRejections, blocked, undecided }: CouncilFigures): Row[] {
  return [
    { id: 'wrong-approvals', label: 'approved, and should not be', figure: wrongApprovals, better: 'lower' },
    {
      id: 'wrong-rejections',
      label: 'opposed on the merits, and should be approved',
      figure: wrongRejections,
      better: 'lower',
    },
    { id: 'blocked', label: 'not approved, and should be', figure: blocked, better: 'lower' },
    { id: 'undecided', label: 'undecided: neither approved nor opposed', figure: undecided, better: 'lower' },
  ];
}

export const COUNCIL_RULE =
  'A wrong approval is counted among the items to be rejected, a wrong rejection and a block among those to be approved, what is undecided among all.';
