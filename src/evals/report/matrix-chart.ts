// A matrix as a heat map, in the order given: rows are named, columns bear the numbers of the rows, and brackets say what belongs
// together. Strength is lightness, the sign is hue and, below 0, a dot. What a picture of thousands of cells cannot say to whoever
// does not see it stands in a table: the mean within and across groups.
import type { Markish } from '@observablehq/plot';
import type { MatrixSection } from '../results/eval-result.ts';
import { divergingColour, divergingStep } from './chart-colours.ts';
import { groupMeans } from './group-means.ts';
import { type Html, html } from './html.ts';
import type { Pen } from './pen.ts';
import { clip, clipMiddle, visible, widthOf } from './visible-text.ts';
import { written } from './written-numbers.ts';

interface Cell {
  readonly row: number;
  readonly column: number;
  readonly value: number | null;
}

interface Span {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Up to here every cell bears its number. */
const MOST_NUMBERED = 14;
/** Up to here every cell says on pointing at it what it is; beyond, that would make the page heavy. */
const MOST_TITLED = 64;
const NAME_COLUMNS = 26;
const GROUP_COLUMNS = 18;
/** The width of a page. */
const ROOM = 940;
const LARGEST = 22;
/** Beneath this, names of rows are for whoever zooms in, and columns are numbered by fives. */
const READABLE = 8;
const SMALLEST = 3;
const GROUP_LETTER = 10;
const NUMBERED_SIZE = 38;
/** In widths of the font. */
const LETTER_WIDTH = 0.64;
const numberRoom = (count: number): number => (count < 100 ? 2.6 : 3.2);
/** A sign this weak is none to speak of. */
const DOTTED = -2;

export function matrixChart(section: MatrixSection, pen: Pen): Html {
  const { names, title } = section;
  const count = names.length;
  if (count === 0) return html`<p class="note">There is nothing to draw in this section.</p>`;
  const shown = names.map((name) => clipMiddle(visible(name), NAME_COLUMNS));
  const spans = spansOf(section.groups.slice(0, count)).map((span) => ({
    ...span,
    name: clip(visible(span.name), GROUP_COLUMNS),
  }));
  const { size, letter, left, right } = layoutFor(shown, spans);
  const upright = size >= 16 || size < READABLE || count <= 9;
  const top = upright ? 22 : 28;
  const label = `${title}: a heat map of ${count} by ${count}. The means within and across groups are in the table below.`;
  const chart = pen.drawn(label, {
    width: left + count * size + right,
    height: top + count * size + 8,
    marginLeft: left,
    marginRight: right,
    marginTop: top,
    marginBottom: 8,
    axis: null,
    x: { domain: [0, count] },
    y: { domain: [0, count], reverse: true },
    marks: [
      ...cellMarks(section, size, pen),
      ...groupMarks(spans, count, { letter, size }, pen),
      ...nameMarks(shown, { letter, size, upright }, pen),
    ],
  });
  return html`<figure><p class="note sideways screen">Where the map is wider than the screen, it scrolls sideways.</p><div class="wide heat" tabindex="0" role="region" aria-label="${title}">${chart}</div>
${scaleLegend()}</figure>
${groupMeans(section)}`;
}

interface Layout {
  /** of a cell */
  readonly size: number;
  readonly letter: number;
  readonly left: number;
  readonly right: number;
}

/** The largest cells with which the whole still fits the page; beneath the least it scrolls. */
function layoutFor(names: readonly string[], spans: readonly Span[]): Layout {
  const columns = (texts: readonly string[]): number => Math.max(0, ...texts.map(widthOf));
  const groups = columns(spans.map(({ name }) => name));
  const widest = columns(names);
  const layoutOf = (size: number): Layout => {
    const letter = Math.min(12, size <= 9 ? size - 0.5 : size - 2);
    const left = Math.ceil((widest * LETTER_WIDTH + numberRoom(names.length)) * letter);
    const outside = Math.max(letter, GROUP_LETTER);
    const right = spans.length < 2 ? 8 : Math.ceil(groups * LETTER_WIDTH * outside) + 18;
    return { size, letter, left, right };
  };
  const fits = ({ size, left, right }: Layout): boolean => left + names.length * size + right <= ROOM;
  const most = names.length <= MOST_NUMBERED ? NUMBERED_SIZE : LARGEST;
  for (let size = most; size > SMALLEST; size -= size > READABLE ? 1 : 0.5)
    if (fits(layoutOf(size))) return layoutOf(size);
  return layoutOf(SMALLEST);
}

interface NameStyle {
  readonly letter: number;
  readonly size: number;
  /** numbers of columns, where there is room for it */
  readonly upright: boolean;
}

/** The numbers stand apart from the names, so that a name written from right to left does not take its number along. */
function nameMarks(
  names: readonly string[],
  { letter, size, upright }: NameStyle,
  { plot }: Pen,
): readonly Markish[] {
  const number = (_: string, i: number): string => String(i + 1);
  const side = { x: () => 0, y: middle, textAnchor: 'end', fontSize: letter } as const;
  return [
    plot.text(names, { ...side, dx: -numberRoom(names.length) * letter, text: (name: string) => name }),
    plot.text(names, { ...side, dx: -5, text: number, fill: 'var(--quiet)' }),
    plot.text(names, {
      x: middle,
      y: () => 0,
      dy: -5,
      text: (_: string, i: number) => (size >= READABLE || (i + 1) % 5 === 0 ? String(i + 1) : ''),
      fontSize: size < READABLE ? 9 : upright ? Math.min(letter, 0.58 * size) : letter,
      fill: 'var(--quiet)',
      ...(upright ? { lineAnchor: 'bottom' } : { rotate: -90, textAnchor: 'start' }),
    }),
  ];
}

const middle = (_: string, i: number): number => i + 0.5;

function cellMarks({ names, values }: MatrixSection, size: number, { plot }: Pen): readonly Markish[] {
  const cells = names.flatMap((_, row) =>
    names.map((__, column): Cell => ({ row, column, value: values[row]?.[column] ?? null })),
  );
  const titled = names.length <= MOST_TITLED;
  const nameOf = (i: number): string => clip(visible(names[i] ?? ''), 60);
  const bounds = {
    x1: ({ column }: Cell) => column,
    x2: ({ column }: Cell) => column + 1,
    y1: ({ row }: Cell) => row,
    y2: ({ row }: Cell) => row + 1,
    inset: size < READABLE ? 0 : size < 12 ? 0.25 : 0.5,
    ...(titled
      ? {
          title: ({ row, column, value }: Cell) =>
            `${nameOf(row)} × ${nameOf(column)}: ${value === null ? 'not defined' : written(value, 'number')}`,
        }
      : {}),
  };
  const others = cells.filter(({ row, column }) => row !== column);
  const steps = new Map<number, Cell[]>();
  for (const cell of others) {
    if (cell.value === null) continue;
    const step = divergingStep(cell.value);
    steps.set(step, [...(steps.get(step) ?? []), cell]);
  }
  const centre = { x: ({ column }: Cell) => column + 0.5, y: ({ row }: Cell) => row + 0.5 };
  const below = others.filter(({ value }) => value !== null && divergingStep(value) <= DOTTED);
  const known = others.filter(({ value }) => value !== null);
  const isPale = ({ value }: Cell): boolean => Math.abs(divergingStep(value ?? 0)) < 5;
  const numbers = (own: readonly Cell[], fill: string): Markish =>
    plot.text(own, {
      ...centre,
      text: ({ value }: Cell) => written(value ?? 0, 'number', 0.1),
      fontSize: 11.5,
      fill,
    });
  return [
    // Each with itself is 1 by definition, and says nothing.
    plot.rect(
      cells.filter(({ row, column }) => row === column),
      { ...bounds, fill: 'var(--line)' },
    ),
    ...[...steps].map(([step, own]) => plot.rect(own, { ...bounds, fill: divergingColour(step) })),
    plot.dot(
      others.filter(({ value }) => value === null),
      { ...centre, symbol: 'times', r: size / 6, stroke: 'var(--quiet)' },
    ),
    ...(names.length <= MOST_NUMBERED
      ? [
          numbers(known.filter(isPale), 'var(--ink)'),
          numbers(
            known.filter((cell) => !isPale(cell)),
            'var(--paper)',
          ),
        ]
      : [
          plot.dot(below, {
            ...centre,
            r: size / 7,
            fill: 'var(--paper)',
            stroke: 'var(--ink)',
            strokeWidth: 0.5,
          }),
        ]),
  ];
}

function groupMarks(
  spans: readonly Span[],
  count: number,
  { letter, size }: Pick<Layout, 'letter' | 'size'>,
  { plot }: Pen,
): readonly Markish[] {
  if (spans.length < 2) return [];
  const gap = 0.18;
  return [
    plot.ruleY(spans.slice(1), {
      y: ({ from }: Span) => from,
      x1: 0,
      x2: count,
      stroke: 'var(--ink)',
      strokeWidth: 0.8,
    }),
    plot.ruleX(spans.slice(1), {
      x: ({ from }: Span) => from,
      y1: 0,
      y2: count,
      stroke: 'var(--ink)',
      strokeWidth: 0.8,
    }),
    plot.ruleX(spans, {
      x: count,
      dx: 6,
      y1: ({ from }: Span) => from + gap,
      y2: ({ to }: Span) => to - gap,
      stroke: 'var(--ink)',
      strokeWidth: 1.4,
    }),
    plot.text(spans, {
      x: count,
      y: ({ from, to }: Span) => (from + to) / 2,
      dx: 12,
      text: ({ name }: Span) => name,
      textAnchor: 'start',
      // Only as large as its group is high, or neighbours would lie on each other.
      fontSize: ({ from, to }: Span) =>
        Math.min(Math.max(letter, GROUP_LETTER), Math.max(letter, (to - from) * size - 0.5)),
    }),
  ];
}

/** Neighbours of one group. */
export function spansOf(groups: readonly string[]): readonly Span[] {
  const spans: Span[] = [];
  for (const [i, name] of groups.entries()) {
    const last = spans.at(-1);
    if (last?.name === name) spans[spans.length - 1] = { ...last, to: i + 1 };
    else spans.push({ name, from: i, to: i + 1 });
  }
  return spans;
}

function scaleLegend(): Html {
  const steps = Array.from({ length: 21 }, (_, i) => i - 10);
  return html`<figcaption class="scale"><span class="steps" aria-hidden="true">${steps.map(
    (step) =>
      html`<i style="background:${divergingColour(step)}">${step % 5 === 0 ? html`<span>${(step / 10).toFixed(1).replace('-', '−')}</span>` : undefined}</i>`,
  )}</span><span class="note">Well below 0 a cell bears a dot; × where it is not defined; each with itself is left grey.</span></figcaption>`;
}
