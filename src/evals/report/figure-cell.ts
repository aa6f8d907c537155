// A figure as a reader meets it: the value, under it the interval, and how many it was counted over and by what method. Its
// picture is a dot with whiskers on a line that all figures of the same unit share.
import type { Figure } from '../measures/figure.ts';
import type { FigureRow, Unit } from '../results/eval-result.ts';
import { type Html, html, quoted } from './html.ts';
import { METHOD_WORDS, niceTicks, tickWords, written, writtenInterval } from './written-numbers.ts';

export function valueWithInterval(figure: Figure, unit: Unit): Html {
  const width = figure.high - figure.low;
  const interval =
    figure.method === 'exact' ? undefined : html`<span class="ci">${writtenInterval(figure, unit)}</span>`;
  return html`<b>${written(figure.value, unit, width)}</b>${interval}`;
}

export function basis({ n, method }: Figure): Html {
  return html`<span class="ci">n${'\u00a0'}${written(n, 'count')}</span><span class="ci">${METHOD_WORDS[method]}</span>`;
}

/** The line that figures are drawn on, from the first tick to the last. */
export interface Track {
  readonly ticks: readonly number[];
  readonly unit: Unit;
}

const TICKS = 4;

/** From 0 unless that would press everything into a corner, and shares never beyond what a share can be. */
export function trackFor(figures: readonly Figure[], unit: Unit): Track {
  const lows = figures.map(({ low, value }) => Math.min(low, value));
  const highs = figures.map(({ high, value }) => Math.max(high, value));
  const low = Math.min(...lows);
  const high = Math.max(...highs);
  const from = low > 0 && (low < 0.7 * high || low === high) ? 0 : low;
  const to = high < 0 && high > 0.7 * low ? 0 : high;
  return { ticks: niceTicks(from, to, TICKS, unit === 'count' ? 1 : 0), unit };
}

export function trackAxis({ ticks, unit }: Track): Html {
  return html`<div class="ticks" aria-hidden="true">${ticks.map(
    (tick, i) => html`<span style="left:${percent(i, ticks.length - 1)}%">${tickWords(tick, unit)}</span>`,
  )}</div>`;
}

export function whisker({ value, low, high, method }: Figure, { ticks }: Track): Html {
  const [first = 0, last = 1] = [ticks[0], ticks.at(-1)];
  const at = (place: number): string => percent(place - first, last - first);
  const grid = ticks.map(
    (tick) =>
      html`<line class="${tick === 0 ? 'origin' : 'grid'}" x1="${at(tick)}" x2="${at(tick)}" y1="0" y2="14"/>`,
  );
  const reach =
    method === 'exact'
      ? undefined
      : html`<path class="reach" d="M${at(low)} 7H${at(high)}M${at(low)} 3.5V10.5M${at(high)} 3.5V10.5"/>`;
  // A line of no length with a round end is a dot that stays round however wide the picture is drawn.
  return html`<svg class="whisker" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true">${grid}${reach}<path class="${method === 'exact' ? 'dot counted' : 'dot'}" d="M${at(value)} 7h0.0001"/></svg>`;
}

function percent(part: number, whole: number): string {
  return Math.max(0, Math.min(100, (100 * part) / whole)).toFixed(2);
}

const BETTER = { higher: 'higher is better', lower: 'lower is better' } as const;

/** Rows of one unit stand together under an axis of their own. */
export function figureRows(caption: string, rows: readonly FigureRow[]): Html {
  if (rows.length === 0) return html`<p class="note">There are no figures in this section.</p>`;
  const runs: FigureRow[][] = [];
  for (const row of rows) {
    const run = runs.at(-1);
    if (run?.[0]?.unit === row.unit) run.push(row);
    else runs.push([row]);
  }
  return html`<table class="figures"><caption class="hidden">${caption}</caption>
<thead><tr><th scope="col">Figure</th><th scope="col" class="n">Value, 95${'\u00a0'}% interval</th><th scope="col" class="n">Over, by</th></tr></thead>
${runs.map(runBody)}</table>`;
}

function runBody(rows: readonly FigureRow[]): Html {
  const unit = rows[0]?.unit ?? 'number';
  const track = trackFor(
    rows.map(({ figure }) => figure),
    unit,
  );
  return html`<tbody><tr class="axis" aria-hidden="true"><td>${trackAxis(track)}</td><td></td><td></td></tr>
${rows.map(
  ({ label, figure, better }) =>
    html`<tr><th scope="row">${quoted(label)}${better === undefined ? undefined : html` <span class="way">${BETTER[better]}</span>`}${whisker(figure, track)}</th><td class="n">${valueWithInterval(figure, unit)}</td><td class="n">${basis(figure)}</td></tr>
`,
)}</tbody>`;
}
