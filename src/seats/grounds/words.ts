// The words of a reason, as far as they bear on what it says: what the lexical embedder counts and what the search for
// denials compares. English, like the prompts.

/** Words that say nothing by themselves. Negators are not among them. */
const IDLE: ReadonlySet<string> = new Set(
  (
    'a an the this that these those it its he she they them their his her we our you your i is are was were be been ' +
    'being am do does did done doing has have had having will would shall should can could may might must of in on at ' +
    'to for from by with as into onto over under about per between among during through and or but so than then if ' +
    'when while where which who whom whose what how why also too very much many more most such only just even still ' +
    'yet there here each every any some all both other others own same one two because since though although after ' +
    'before until up down out off again once'
  ).split(' '),
);

export function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’.-][\p{L}\p{N}]+)*/gu) ?? [];
}

export function isIdle(word: string): boolean {
  return IDLE.has(word);
}

const STEM_CHARS = 6;

/** Rough and short: `documents`, `documented` and `documentation` are one word here. */
export function stemOf(word: string): string {
  const bare = word.replace(/['’]s$/, '').replace(/-/g, '');
  const root = bare.length > 4 ? bare.replace(/(?:ies|ied|ing|ed|es|ly|s)$/, '') : bare;
  return (root.length > 2 ? root : bare).slice(0, STEM_CHARS);
}
