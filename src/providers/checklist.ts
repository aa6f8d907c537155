// What the offline reviewer looks for: for each criterion a few aspects, each with the words that speak for it
// and the words that speak against it. Checklists are data (prompts/criteria/*.yaml); for a criterion without
// one, its own text serves.
//
// A term is a few words in a row. `*` ends a word stem ("train*"), `#` is any number, `…` a gap of up to four words.
import * as z from 'zod';
import type { CaseType } from '../council/case-kind.ts';
import type { Criterion } from '../council/charter.ts';
import { LENSES, type Lens, STANCES, type Stance } from './contract.ts';

const MAX_TERMS = 80;
const MAX_TERM_CHARS = 80;
const TERM = /^[\p{L}\p{N}#][\p{L}\p{N} '.#%*/…-]*$/u;

/** Terms as they are written: a list with commas. */
const terms = z
  .string()
  .max(MAX_TERMS * MAX_TERM_CHARS)
  .transform((list) => list.split(',').map((term) => term.trim().replace(/\s+/g, ' ')))
  .refine((list) => list.length <= MAX_TERMS, `expected at most ${MAX_TERMS} terms`)
  .refine(
    (list) => list.every((term) => term.length <= MAX_TERM_CHARS && TERM.test(term)),
    'expected terms of a few plain words, with commas between them',
  )
  .readonly();

export const aspectSchema = z
  .strictObject({
    aspect: z.string().min(1).max(120),
    for: terms,
    against: z.exactOptional(terms),
    /** that it is spoken of is what is asked; to speak of it in the negative is no denial */
    mention: z.exactOptional(z.boolean()),
    /** the lenses and stances that read this aspect closely */
    closely: z.exactOptional(z.array(z.enum([...LENSES, ...STANCES])).readonly()),
  })
  .readonly();

type WrittenAspect = z.infer<typeof aspectSchema>;

/** By case type and criterion id, what the offline reviewer looks for. */
export type Checklists = Readonly<Partial<Record<CaseType, ReadonlyMap<string, readonly Aspect[]>>>>;

export interface Aspect {
  readonly name: string;
  readonly for: RegExp;
  readonly against: RegExp | undefined;
  readonly mention: boolean;
  readonly closely: ReadonlySet<Lens | Stance>;
}

export function aspectOf(written: WrittenAspect): Aspect {
  const { aspect, against = [], mention = false, closely = [] } = written;
  return {
    name: aspect,
    for: patternOf(written.for),
    against: against.length === 0 ? undefined : patternOf(against),
    mention,
    closely: new Set(closely),
  };
}

/** The checklist of a criterion that brought none: each part of its text is an aspect, its longer words the terms. */
export function aspectsOfText({ title, text }: Criterion): readonly Aspect[] {
  const aspects: Aspect[] = [];
  for (const part of [title, ...text.split(/[.;,]\s/)]) {
    const stems = (part.toLowerCase().match(/\p{L}{5,}/gu) ?? [])
      .filter((word) => !EMPTY_WORDS.has(word))
      .map((word) => `${word.slice(0, Math.max(5, word.length - 3))}*`);
    if (stems.length > 0) aspects.push(aspectOf({ aspect: part.trim().slice(0, 120), for: stems }));
  }
  return aspects;
}

const EMPTY_WORDS: ReadonlySet<string> = new Set(
  'about above after again against being below between could during every other shall should there their these those through under until where which while whose would system evidence shows'.split(
    ' ',
  ),
);

/** Letters and digits as they occur in lower-cased text; patterns without the `u` flag compile ten times as fast. */
const WORD = 'a-z0-9\\u00df-\\u024f\\u0370-\\u1fff';

/** For lower-cased text. */
function patternOf(list: readonly string[]): RegExp {
  // The longest first: "not touched" must win over a shorter term that begins at the same place.
  const sources = list.toSorted((a, b) => b.length - a.length).map((term) => source(term.toLowerCase()));
  return new RegExp(`(?<![${WORD}])(?:${sources.join('|')})(?![${WORD}])`, 'g');
}

function source(written: string): string {
  return written
    .trim()
    .split(/\s+/)
    .map((word, i) => (word === '…' ? '(?:\\s\\S+){0,4}?' : (i === 0 ? '' : '\\s') + wordSource(word)))
    .join('');
}

function wordSource(word: string): string {
  return word
    .split(/([*#])/)
    .map((piece) => {
      if (piece === '*') return `[${WORD}]*`;
      if (piece === '#') return '[\\d.,]*\\d';
      return piece.replace(/[.%/-]/g, (sign) => (sign === '-' ? '[- ]' : `\\${sign}`));
    })
    .join('');
}
