// Text of strangers made safe to show, on a terminal and on a page: a case, a roster or a model may hold terminal escapes,
// bidi marks or newlines, and none of them may reach a reader as themselves.

/** Controls, bidi marks, zero-width and other invisible characters, lone surrogates. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text of others, on one line, with everything invisible spelled out. */
export function visible(text: string): string {
  return text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(INVISIBLE, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}
