// The one way text gets into a report. Titles, names, reasons and evidence ids come from strangers and models, so a
// plain string is always escaped; only what `html` built is markup. Whoever writes a section cannot forget it.
import { visible } from './visible-text.ts';

/** Markup that `html` built. */
export class Html {
  readonly markup: string;

  private constructor(markup: string) {
    this.markup = markup;
  }

  /** Parts are what is written in our own source; values are anybody's. Attributes are always in double quotes. */
  static of(parts: readonly string[], values: readonly Content[]): Html {
    return new Html(parts.map((part, i) => part + (i < values.length ? markupOf(values[i]) : '')).join(''));
  }
}

export type Content = Html | string | number | undefined | readonly Content[];

/** @example html`<td title="${name}">${count}</td>` */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return Html.of(parts, values);
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
  ['`', '&#96;'],
]);

/** Safe as text and in a quoted attribute; on one line, with controls and bidi marks spelled out. */
export function escaped(text: string): string {
  return visible(text).replace(/[&<>"'`]/g, (char) => ENTITIES.get(char) ?? '');
}

function markupOf(value: Content): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.markup;
  if (typeof value === 'number') return escaped(String(value));
  return typeof value === 'string' ? escaped(value) : value.map(markupOf).join('');
}

/** The words of others within our own: their direction must not turn what stands beside them. */
export function quoted(text: string): Html {
  return html`<bdi>${text}</bdi>`;
}

/** What is longer stays whole where it is kept; here it is cut, and the cut is told. */
export const MAX_PROSE_CHARS = 6_000;

/** A text of several lines, as paragraphs. */
export function prose(text: string): Html {
  const cut = text.length > MAX_PROSE_CHARS;
  // Half of a surrogate pair would be spelled out as if the text had held it.
  const kept = cut ? text.slice(0, MAX_PROSE_CHARS).replace(/[\ud800-\udbff]$/, '') : text;
  const paragraphs = kept
    .replace(/\r\n?/g, '\n')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.split('\n').filter((line) => line.trim() !== ''))
    .filter((lines) => lines.length > 0);
  const left = (text.length - kept.length).toLocaleString('en-US');
  return html`${paragraphs.map(
    (lines) => html`<p dir="auto">${lines.map((line, i) => (i === 0 ? line : html`<br>${line}`))}</p>`,
  )}${cut ? html`<p class="note">… cut here; ${left} more characters are in the dossier.</p>` : undefined}`;
}
