// A count as a row of marks, one a seat, against the number it takes. Each kind has a form of its own: full, hollow, half,
// a line; the words beside it say the same.
import { type Html, html } from '../../evals/report/html.ts';

export interface BarCounts {
  readonly yes: number;
  readonly no: number;
  readonly unsure: number;
  readonly none: number;
}

export function unitBar({ yes, no, unsure, none }: BarCounts, threshold: number): Html {
  const all = yes + no + unsure + none;
  const marks = Array.from({ length: all }, (_, i) => {
    if (i < yes) return html`<rect class="a" x="${i + 0.08}" y="0" width="0.84" height="10"/>`;
    if (i < yes + unsure) return html`<rect class="u" x="${i + 0.08}" y="3.4" width="0.84" height="3.2"/>`;
    if (i < yes + unsure + none)
      return html`<rect class="m" x="${i + 0.08}" y="4.5" width="0.84" height="1"/>`;
    return html`<rect class="r" x="${i + 0.14}" y="0.6" width="0.72" height="8.8"/>`;
  });
  return html`<svg class="bar" viewBox="0 0 ${all} 10" preserveAspectRatio="none" aria-hidden="true">${marks}<line class="q" x1="${threshold}" x2="${threshold}" y1="0" y2="10"/></svg>`;
}

/** The count of the case, with the mark it must reach. */
export function tallyBar(counts: BarCounts, threshold: number): Html {
  const all = counts.yes + counts.no + counts.unsure + counts.none;
  const at = ((100 * threshold) / Math.max(1, all)).toFixed(2);
  return html`<div class="tally"><div class="tick"><span style="left:${at}%">${threshold} must approve</span></div>${unitBar(counts, threshold)}</div>`;
}
