// Text of strangers made safe to show, on a terminal and on a page: a case, a roster or a model may hold terminal escapes,
// bidi marks or newlines, and none of them may reach a reader as themselves; nor may a name take more room than there is.

/** Controls, bidi marks, zero-width and other invisible characters, lone surrogates. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text of others, on one line, with everything invisible spelled out. */
export function visible(text: string): string {
  return text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(INVISIBLE, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}

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

/** Cuts uncoloured text in its middle to fit: names of one family differ at their ends. */
export function clipMiddle(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const chars = [...text];
  const head = clip(text, Math.ceil(columns / 2)).slice(0, -1);
  let tail = '';
  for (const char of chars.reverse()) {
    if (widthOf(`${head}…${char}${tail}`) > columns) break;
    tail = char + tail;
  }
  return `${head}…${tail.replace(/^[\p{M}\s]+/u, '')}`;
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
