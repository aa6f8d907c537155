// What the offline reviewer looks for: for each criterion a few aspects, each with the words that speak for it
// and the words that speak against it. Checklists are data (prompts/criteria/*.yaml); for a criterion without
// one, its own text serves.
//
// A term is a few words in a row. `*` ends a word stem ("train*"), `#` is any number, `…` a gap of up to four words.
import * as z from 'zod';
import type { CaseType } from '../council/case-kind.ts';
import type { Criterion } from '../council/charter.ts';
import { LENSES, type Lens, STANCES, type Stance } from './contract.ts';

const term = z
  .string()
  .regex(/^[\p{L}\p{N}#][\p{L}\p{N} '.#%*/…-]*$/u, 'expected a term of a few plain words')
  .max(80);
const terms = z.array(term).max(60).readonly();

export const aspectSchema = z
  .strictObject({
    aspect: z.string().min(1).max(120),
    for: terms.refine((list) => list.length > 0, 'expected at least one term'),
    against: z.exactOptional(terms),
    /** the lenses and stances that read this aspect closely */
    closely: z.exactOptional(z.array(z.enum([...LENSES, ...STANCES])).readonly()),
  })
  .readonly();

export type WrittenAspect = z.infer<typeof aspectSchema>;

/** By case type and criterion id, what the offline reviewer looks for. */
export type Checklists = Readonly<Partial<Record<CaseType, ReadonlyMap<string, readonly Aspect[]>>>>;

export interface Aspect {
  readonly name: string;
  readonly for: RegExp;
  readonly against: RegExp | undefined;
  readonly closely: ReadonlySet<Lens | Stance>;
}

export function aspectOf({ aspect, for: speaksFor, against = [], closely = [] }: WrittenAspect): Aspect {
  return {
    name: aspect,
    for: patternOf(speaksFor),
    against: against.length === 0 ? undefined : patternOf(against),
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

function patternOf(list: readonly string[]): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${list.map(source).join('|')})(?![\\p{L}\\p{N}])`, 'giu');
}

function source(written: string): string {
  return written
    .trim()
    .split(/\s+/)
    .map((word, i) => {
      if (word === '…') return '(?:\\s+\\S+){0,4}?';
      return (i === 0 ? '' : '\\s+') + wordSource(word);
    })
    .join('');
}

function wordSource(word: string): string {
  return word
    .split(/([*#])/)
    .map((piece) => {
      if (piece === '*') return '[\\p{L}\\p{N}]*';
      if (piece === '#') return '[\\d.,]*\\d';
      return piece.replace(/[.'%…-]/g, (sign) => (sign === '-' ? '[- ]' : `\\${sign}`));
    })
    .join('');
}
