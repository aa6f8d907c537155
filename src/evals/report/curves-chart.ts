// Lines with their 95 % bands. Every line has a colour, a dash and a mark of its own, and the numbers behind it stand below in a
// table. A chart is drawn twice, for a wide and for a narrow screen, since letters that shrink with the picture cannot be read.
import type { Markish, PlotOptions } from '@observablehq/plot';
import type { CurvesSection } from '../results/eval-result.ts';
import { type Axis, axisFor, axisTitle, placedMarks, snug } from './chart-axes.ts';
import { type LineStyle, lineStyle } from './chart-colours.ts';
import { tableFrame } from './data-table.ts';
import { type Html, html, quoted } from './html.ts';
import type { Pen } from './pen.ts';
import { clip, visible } from './visible-text.ts';
import { written, writtenInterval } from './written-numbers.ts';

type Point = CurvesSection['series'][number]['points'][number];

interface Line {
  readonly name: string;
  readonly points: readonly Point[];
  readonly style: LineStyle;
}

const BROAD = 940;
const SLIM = 356;
const LEFT = 58;
const RIGHT = 26;
const LETTER = 8;
const MARK_ROW = 17;
const NAME_COLUMNS = 80;
/** More marks than this on a line hide it. */
const MOST_SYMBOLS = 24;

export function curvesChart(section: CurvesSection, pen: Pen): Html {
  const lines = section.series.map(({ name, points }, i) => ({
    name: clip(visible(name), NAME_COLUMNS),
    points: [...points].sort((a, b) => a.x - b.x),
    style: lineStyle(i),
  }));
  if (lines.every(({ points }) => points.length === 0)) {
    return html`<p class="note">There is nothing to draw in this section.</p>`;
  }
  const drawing = (width: number): Html =>
    pen.drawn(labelOf(section), optionsFor(section, lines, pen, width));
  return html`<figure class="curves"><div class="broad">${drawing(BROAD)}</div><div class="slim">${drawing(SLIM)}</div>
${legend(section, lines, pen)}</figure>
${numbersBehind(section)}`;
}

function labelOf({ title, x, y, series }: CurvesSection): string {
  const names = series.map(({ name }) => visible(name)).join('; ');
  return `${title}. ${y.label} against ${x.label}: ${clip(names, 300)}. The numbers are in the table below.`;
}

function optionsFor(section: CurvesSection, lines: readonly Line[], pen: Pen, width: number): PlotOptions {
  const { plot } = pen;
  const points = lines.flatMap((line) => line.points);
  const xs = [...points, ...section.marks].map(({ x }) => x);
  const ys = points.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]);
  const level = isComparable(section) ? [...ys, ...xs] : ys;
  const x = snug(axisFor(xs, section.x.unit, width / 100), xs);
  const y = axisFor(level, section.y.unit, 5);
  const marks = placedMarks(section.marks, x, width - LEFT - RIGHT);
  const rows = Math.max(0, ...marks.map(({ row }) => row + 1));
  const top = 34 + rows * MARK_ROW;
  return {
    width,
    height: Math.round(Math.min(380, width * 0.8)) + rows * MARK_ROW,
    marginTop: top,
    marginLeft: LEFT,
    marginRight: RIGHT,
    marginBottom: 46,
    x: scale(x, axisTitle(section.x, x, Math.floor((width - LEFT) / LETTER)), 'center'),
    y: { ...scale(y, axisTitle(section.y, y, Math.floor(width / LETTER)), 'top'), grid: true },
    marks: [
      diagonal(section, x, y, pen),
      ...marks.flatMap(({ x: at, text, anchor, row }) => [
        plot.ruleX([at], { insetTop: -8 - row * MARK_ROW, stroke: 'var(--ink)', strokeDasharray: '1 3' }),
        plot.text([text], {
          x: [at],
          text: [text],
          frameAnchor: 'top',
          lineAnchor: 'bottom',
          textAnchor: anchor,
          dx: anchor === 'start' ? 5 : -5,
          dy: -8 - row * MARK_ROW,
          fill: 'var(--quiet)',
          stroke: 'var(--paper)',
          strokeWidth: 4,
        }),
      ]),
      ...lines.flatMap((line) => [band(line, pen), stroke(line, pen)]),
      ...lines.map((line) => symbols(line, section, pen)),
    ],
  };
}

function scale(axis: Axis, label: string, labelAnchor: 'center' | 'top'): NonNullable<PlotOptions['x']> {
  const { type, domain, ticks, tickFormat } = axis;
  return { type, domain: [...domain], ticks: [...ticks], tickFormat, label, labelAnchor, labelArrow: 'none' };
}

/** Only what is counted in the same unit can be the same. */
function isComparable({ diagonal: wanted, x, y }: CurvesSection): boolean {
  return wanted === true && x.unit === y.unit;
}

function diagonal(section: CurvesSection, x: Axis, y: Axis, { plot }: Pen): Markish {
  if (!isComparable(section)) return null;
  const from = Math.max(x.domain[0], y.domain[0]);
  const to = Math.min(x.domain[1], y.domain[1]);
  const ends = [from, to].map((at) => ({ x: at, y: at }));
  return plot.line(ends, {
    x: 'x',
    y: 'y',
    stroke: 'var(--quiet)',
    strokeWidth: 1.2,
    strokeDasharray: '5 4',
  });
}

function band({ points, style }: Line, { plot }: Pen): Markish {
  const known = points.filter(({ low, high }) => low !== undefined && high !== undefined);
  const ends = { x: 'x', y1: 'low', y2: 'high' };
  return known.length > 1
    ? plot.areaY(known, { ...ends, fill: style.colour, fillOpacity: 0.2 })
    : plot.ruleX(known, { ...ends, stroke: style.colour, strokeWidth: 1.5 });
}

function stroke({ points, style }: Line, { plot }: Pen): Markish {
  return plot.line(points, {
    x: 'x',
    y: 'y',
    stroke: style.colour,
    strokeWidth: 2.2,
    strokeLinejoin: 'round',
    ...(style.dash === 'none' ? {} : { strokeDasharray: style.dash }),
  });
}

/** Each says its numbers to whoever points at it. */
function symbols({ name, points, style }: Line, { x, y }: CurvesSection, { plot }: Pen): Markish {
  const every = Math.ceil(points.length / MOST_SYMBOLS);
  return plot.dot(
    points.filter((_, i) => i % every === 0),
    {
      x: 'x',
      y: 'y',
      symbol: style.symbol,
      r: 3.6,
      fill: 'var(--paper)',
      stroke: style.colour,
      strokeWidth: 1.8,
      title: (point: Point) =>
        `${name}: ${x.label} ${written(point.x, x.unit)}, ${y.label} ${written(point.y, y.unit, widthOf95(point))}${interval(point, y.unit)}`,
    },
  );
}

function widthOf95({ low, high }: Point): number {
  return low === undefined || high === undefined ? 0 : high - low;
}

function interval({ low, high }: Point, unit: CurvesSection['y']['unit']): string {
  return low === undefined || high === undefined ? '' : ` (${writtenInterval({ low, high }, unit)})`;
}

/** A sample of each line, drawn by the same means. */
function legend(section: CurvesSection, lines: readonly Line[], pen: Pen): Html {
  const { plot } = pen;
  const sample = ({ name, style }: Line): Html => {
    const ends = [0, 2].map((x) => ({ x, y: 0 }));
    const line: Line = { name, points: ends, style };
    const middle = plot.dot([{ x: 1, y: 0 }], {
      x: 'x',
      y: 'y',
      symbol: style.symbol,
      r: 3.6,
      fill: 'var(--paper)',
      stroke: style.colour,
      strokeWidth: 1.8,
    });
    return pen.drawn(`The line of ${name}`, {
      width: 46,
      height: 14,
      margin: 1,
      axis: null,
      x: { domain: [0, 2] },
      y: { domain: [-1, 1] },
      marks: [stroke(line, pen), middle],
    });
  };
  const banded = section.series.some(({ points }) => points.some(({ low }) => low !== undefined));
  const notes = [
    ...(banded ? [`Shaded: 95${'\u00a0'}% intervals.`] : []),
    ...(isComparable(section) ? ['Dashed: where both axes say the same.'] : []),
  ];
  return html`<figcaption><ul class="lines">${lines.map((line) => html`<li>${sample(line)}<span>${quoted(line.name)}</span></li>`)}</ul>${notes.length > 0 ? html`<p class="note">${notes.join(' ')}</p>` : undefined}</figcaption>`;
}

function numbersBehind({ title, x, y, series }: CurvesSection): Html {
  const rows = series.flatMap(({ name, points }) =>
    points.map(
      (point) =>
        html`<tr><th scope="row">${quoted(name)}</th><td class="n">${written(point.x, x.unit)}</td><td class="n">${written(point.y, y.unit, widthOf95(point))}</td><td class="n">${interval(point, y.unit).replace(/[ (]*([^)]*)\)?/, '$1')}</td><td class="n">${point.n === undefined ? '' : written(point.n, 'count')}</td></tr>
`,
    ),
  );
  return html`<details><summary>The numbers behind it</summary>
${tableFrame(
  `The numbers behind ${title}`,
  rows.length,
  html`<table><caption class="hidden">${title}</caption>
<thead><tr><th scope="col">Line</th><th scope="col" class="n">${quoted(x.label)}</th><th scope="col" class="n">${quoted(y.label)}</th><th scope="col" class="n">95${'\u00a0'}%</th><th scope="col" class="n">n</th></tr></thead>
<tbody>${rows}</tbody></table>`,
)}</details>`;
}
