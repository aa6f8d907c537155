// Laying text out in columns, as wide as a terminal shows it; `visible` stands beside it, since what is laid out is mostly
// the text of strangers.
export { visible } from '../evals/report/visible-text.ts';

/** ESC[…m sets a colour and takes no room on the screen. */
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');
const WIDE =
  /\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u;
const COMBINING = /^\p{M}$/u;

/** How many columns a terminal gives it. */
export function widthOf(text: string): number {
  let width = 0;
  for (const char of text.replace(COLOUR, ''))
    width += COMBINING.test(char) ? 0 : WIDE.test(char) && char > '\u2fff' ? 2 : 1;
  return width;
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - widthOf(text))) + text;
}

/** Cuts uncoloured text to fit, and says that it was cut. */
export function clip(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = '';
  for (const char of text) {
    if (widthOf(kept + char) > columns - 1) break;
    kept += char;
  }
  return `${kept.trimEnd()}…`;
}

/** Breaks uncoloured text at spaces; a word longer than a line stays whole. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** Whole things with thin spaces of digits: 70,000. */
export const counted = (count: number): string => Math.round(count).toLocaleString('en-US');
