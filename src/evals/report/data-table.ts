// A table of a result: names to the left, numbers to the right in the unit of their column, figures with their intervals. Long ones
// scroll within the page, so that what follows is found.
import type { Figure } from '../measures/figure.ts';
import type { TableSection, Unit } from '../results/eval-result.ts';
import { valueWithInterval } from './figure-cell.ts';
import { type Content, type Html, html, quoted } from './html.ts';
import { METHOD_WORDS, written } from './written-numbers.ts';

type CellValue = TableSection['rows'][number][number];

/** Longer tables scroll in a frame of their own. */
const TALL_ROWS = 30;
const DIGEST = /^[0-9a-f]{64}$/;

export function dataTable({ title, columns, rows }: TableSection): Html {
  if (rows.length === 0) return html`<p class="note">There are no rows in this section.</p>`;
  const kinds = columns.map((column, i) =>
    columnKind(
      rows.map((row) => row[i] ?? null),
      column.unit ?? 'number',
    ),
  );
  return tableFrame(
    title,
    rows.length,
    html`<table><caption class="hidden">${title}</caption>
<thead><tr>${columns.map(({ label }, i) => html`<th scope="col"${kinds[i]?.numeric === true ? right : undefined}>${quoted(label)}${kinds[i]?.basis}</th>`)}</tr></thead>
<tbody>${rows.map(
      (row) =>
        html`<tr>${columns.map((_, i) => cellOf(row[i] ?? null, kinds[i] ?? TEXT, i === 0))}</tr>
`,
    )}</tbody></table>`,
  );
}

/** What is wider or longer than its place scrolls within it, also by keyboard. */
export function tableFrame(label: string, rows: number, table: Html): Html {
  return html`<div class="${rows > TALL_ROWS ? 'wide tall' : 'wide'}" tabindex="0" role="region" aria-label="${label}">${table}</div>`;
}

interface ColumnKind {
  readonly unit: Unit;
  readonly numeric: boolean;
  /** over how many and by what method, where all figures of the column share it */
  readonly basis: Html | undefined;
}

const TEXT: ColumnKind = { unit: 'number', numeric: false, basis: undefined };
const right = html` class="n"`;
const anywhere = html` class="loose"`;
/** Longer words are broken anywhere, or the table would be as wide as they. */
const LONG_WORD = /\S{36}/;

function columnKind(cells: readonly CellValue[], unit: Unit): ColumnKind {
  const figures = cells.filter(isFigure);
  const [first] = figures;
  const numeric = cells.some((cell) => typeof cell === 'number') || first !== undefined;
  const shared =
    first !== undefined && figures.every(({ n, method }) => n === first.n && method === first.method);
  return { unit, numeric, basis: shared ? basisOf(first) : undefined };
}

function basisOf({ n, method }: Figure): Html {
  return html` <span class="ci">n${'\u00a0'}${written(n, 'count')}, ${METHOD_WORDS[method]}</span>`;
}

function isFigure(cell: CellValue): cell is Figure {
  return typeof cell === 'object' && cell !== null;
}

function cellOf(cell: CellValue, { unit, numeric, basis }: ColumnKind, first: boolean): Html {
  const content = contentOf(cell, unit, basis === undefined);
  const loose = typeof cell === 'string' && LONG_WORD.test(cell) ? anywhere : undefined;
  if (first) return html`<th scope="row"${numeric ? right : loose}>${content}</th>`;
  return numeric ? html`<td class="n">${content}</td>` : html`<td${loose}>${content}</td>`;
}

function contentOf(cell: CellValue, unit: Unit, withBasis: boolean): Content {
  if (cell === null) return html`<span class="quiet">–</span>`;
  if (typeof cell === 'number') return written(cell, unit);
  if (typeof cell === 'string')
    return DIGEST.test(cell) ? html`<span class="digest">${cell}</span>` : quoted(cell);
  return html`${valueWithInterval(cell, unit)}${withBasis ? basisOf(cell) : undefined}`;
}
