// Moments of block time, the same words on every machine.
import { type Html, html } from '../../evals/report/html.ts';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** "21 November 2026, 10:36:07 UTC" */
export function moment(timeMs: number): Html {
  const date = new Date(timeMs);
  const iso = date.toISOString();
  const clock = iso.slice(iso.indexOf('T') + 1, -5);
  return html`<time datetime="${iso}">${day(date)}, ${clock} UTC</time>`;
}

/** "21 November 2026" */
export function dayOf(timeMs: number): Html {
  const date = new Date(timeMs);
  return html`<time datetime="${date.toISOString()}">${day(date)}</time>`;
}

function day(date: Date): string {
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}
