// A table of a result: names to the left, numbers to the right in the unit of their column, figures with their intervals. What many
// rows share is said once above them. Long ones scroll within the page, and say so.
import type { Figure } from '../measures/figure.ts';
import type { TableSection, Unit } from '../results/eval-result.ts';
import { valueWithInterval } from './figure-cell.ts';
import { type Content, type Html, html, quoted } from './html.ts';
import { METHOD_WORDS, written } from './written-numbers.ts';

type CellValue = TableSection['rows'][number][number];

/** Longer tables scroll in a frame of their own. */
const TALL_ROWS = 60;
/** More columns stand closer together. */
const MANY_COLUMNS = 7;
const DIGEST = /^[0-9a-f]{64}$/;

export function dataTable(section: TableSection): Html {
  const { title, columns, rows } = section;
  if (rows.length === 0) return html`<p class="note">There are no rows in this section.</p>`;
  const kinds = columns.map((column, i) =>
    columnKind(
      rows.map((row) => row[i] ?? null),
      column.unit ?? 'number',
    ),
  );
  const groups = groupsOf(section);
  const first = groups === undefined ? 0 : 1;
  return tableFrame(
    title,
    rows.length,
    html`<table${columns.length - first > MANY_COLUMNS ? html` class="dense"` : undefined}><caption class="hidden">${title}</caption>
<thead><tr>${columns.slice(first).map(({ label }, i) => html`<th scope="col"${kinds[first + i]?.numeric === true ? right : undefined}>${quoted(label)}${kinds[first + i]?.basis}</th>`)}</tr></thead>
${(groups ?? [{ name: undefined, rows }]).map(
  (group) =>
    html`<tbody>${group.name === undefined ? undefined : html`<tr class="group"><th scope="rowgroup" colspan="${columns.length - 1}"><div><span class="quiet">${quoted(columns[0]?.label ?? '')}:</span> ${quoted(group.name)}</div></th></tr>\n`}${group.rows.map(
      (row) =>
        html`<tr>${columns.slice(first).map((_, i) => cellOf(row[first + i] ?? null, kinds[first + i] ?? TEXT, i === 0))}</tr>
`,
    )}</tbody>`,
)}</table>`,
  );
}

interface Group {
  readonly name: string | undefined;
  readonly rows: TableSection['rows'];
}

/** Rows that begin alike and stand together: what they share is said once above them, and leaves its room to the rest. */
function groupsOf({ columns, rows }: TableSection): readonly Group[] | undefined {
  if (columns.length < 3) return undefined;
  const groups = new Map<string, TableSection['rows'][number][]>();
  let last: string | undefined;
  for (const row of rows) {
    const [name] = row;
    if (typeof name !== 'string' || (name !== last && groups.has(name))) return undefined;
    groups.set(name, [...(groups.get(name) ?? []), row]);
    last = name;
  }
  return groups.size > rows.length / 2 ? undefined : [...groups].map(([name, own]) => ({ name, rows: own }));
}

/** What is wider or longer than its place scrolls within it, also by keyboard. */
export function tableFrame(label: string, rows: number, table: Html): Html {
  const tall = rows > TALL_ROWS;
  return html`${tall ? html`<p class="note screen">${written(rows, 'count')} rows: scroll within the frame.</p>` : undefined}<div class="${tall ? 'wide tall' : 'wide'}" tabindex="0" role="region" aria-label="${label}">${table}</div>`;
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
