// Laying text out in columns, as wide as a terminal shows it. What is laid out is mostly the text of strangers, so what makes
// that safe is at hand here too.
import { widthOf } from '../evals/report/visible-text.ts';

export { clip, visible, widthOf } from '../evals/report/visible-text.ts';

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - widthOf(text))) + text;
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
