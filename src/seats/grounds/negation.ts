// Whether one reason denies what another says. Sentence embeddings put "X is documented" beside "X is not documented", so
// this is looked for in the words: which stems stand under a negator in one text and free of one in the other, opposite
// senses of a word, figures of one unit that differ. Cheap, explicit and fallible both ways; how fallible is measured
// on evals/grounds. It only ever keeps reasons apart: it never brings any together.
import { SENSES } from './opposite-senses.ts';
import { type Quantity, quantitiesOf } from './quantities.ts';
import { isIdle, stemOf, wordsOf } from './words.ts';

export interface Opposition {
  readonly kind: 'negation' | 'opposite-sense' | 'figure';
  /** what is said in one text and denied in the other, for people to check */
  readonly words: readonly string[];
}

/** What a text says, word by word; worked out once and compared often. */
export interface Reading {
  /** by stem, whether it is affirmed (1), denied (-1) or both (0), and the word as it stood */
  readonly said: ReadonlyMap<string, { readonly sign: number; readonly word: string }>;
  readonly quantities: readonly Quantity[];
  /** clauses that deny something */
  readonly denials: number;
}

/** What is longer is read this far; a reason is a few sentences. */
const MAX_READ_CHARS = 2_000;
/** How many words a negator reaches, not counting idle ones. */
const REACH = 5;
/** A stem that differs in sign counts when the texts share this much of the shorter one's words. */
const COMMON_SHARE = 0.25;
const COMMON_STEMS = 2;
/** Figures are of the same thing when the sentences around them are much the same. */
const COMMON_SHARE_OF_FIGURES = 0.45;

/** Negators that negate nothing. */
const IDIOMS =
  /\b(?:not only|not just|not merely|not least|not limited to|no later than|no more than|no longer than|no fewer than|no less than|no sooner than|whether or not|if not|without (?:delay|exception|giving a reason|notice|asking)|nothing less than|cannot but|no doubt)\b/g;
const NEGATORS: ReadonlySet<string> = new Set(
  (
    'no not never none nobody nothing nowhere without neither nor lack lacks lacked lacking hardly scarcely barely rarely ' +
    'seldom cannot fail fails failed refuse refuses refused absence unable nobody little few'
  ).split(' '),
);
/** After another negator these take it back. */
const UNDOES: ReadonlySet<string> = new Set(
  'without lack lacks lacking fail fails failed refuse refuses absence'.split(' '),
);
const FINITE: ReadonlySet<string> = new Set(
  'is are was were has have had does do did can could may might must will would shall should'.split(' '),
);
/** Said of what stands before them. */
const DENIED_BEFORE: ReadonlySet<string> = new Set(
  'missing absent lacking outstanding unknown unclear omitted dropped impossible ignored overdue'.split(' '),
);

export function readingOf(text: string): Reading {
  const plain = text
    .slice(0, MAX_READ_CHARS)
    .toLowerCase()
    .replace(/’/g, "'")
    .replace(/\b(\p{L}+)n't\b/gu, '$1 not')
    .replace(/\bcannot\b/g, 'can not')
    .replace(IDIOMS, ' ');
  const said = new Map<string, { sign: number; word: string }>();
  let denials = 0;
  for (const clause of plain.split(
    /[.;:!?()]\s+|,\s+|\s(?:but|although|while|whereas|because|since)\s|\s+[–—-]\s+/,
  )) {
    denials += readClause(clause, said) ? 1 : 0;
  }
  return { said, quantities: quantitiesOf(plain), denials };
}

/** Undefined where nothing speaks against both being true. */
export function oppositionOf(a: Reading, b: Reading): Opposition | undefined {
  const differing: string[] = [];
  let common = 0;
  for (const [stem, one] of a.said) {
    const other = b.said.get(stem);
    if (other === undefined) continue;
    common++;
    if (one.sign * other.sign < 0) differing.push(one.word);
  }
  const share = common / Math.max(1, Math.min(a.said.size, b.said.size));
  if (differing.length > 0 && common >= COMMON_STEMS && share >= COMMON_SHARE) {
    return { kind: 'negation', words: differing };
  }
  const figure = share >= COMMON_SHARE_OF_FIGURES ? differingFigure(a, b) : undefined;
  return figure === undefined ? undefined : { kind: 'figure', words: figure };
}

function readClause(clause: string, said: Map<string, { sign: number; word: string }>): boolean {
  const words = wordsOf(clause);
  let denied = false;
  let reach = 0;
  let from = 0;
  let narrow = false;
  const here: { stem: string; word: string; sign: number }[] = [];
  for (const word of words) {
    if (NEGATORS.has(word)) {
      if (reach > 0 && UNDOES.has(word)) {
        // "no case without", "never fails": both together affirm
        for (const one of here.slice(from)) one.sign = -one.sign;
        reach = 0;
        denied = false;
      } else {
        if (reach === 0) from = here.length;
        reach = REACH;
        narrow = word === 'not';
        denied = true;
      }
      continue;
    }
    if (DENIED_BEFORE.has(word)) {
      for (const one of here) one.sign = -one.sign;
      denied = true;
      continue;
    }
    // "who are not on the list are erased": what "not" denies ends before the next verb; what "no" denies does not
    if (narrow && reach < REACH && FINITE.has(word)) reach = 0;
    if (isIdle(word) || /^\p{N}/u.test(word)) continue;
    const sense = SENSES.get(word) ?? SENSES.get(stemOf(word));
    const own = sense?.sign ?? 1;
    here.push({ stem: sense?.concept ?? stemOf(word), word, sign: reach > 0 ? -own : own });
    if (reach > 0) reach--;
  }
  for (const { stem, word, sign } of here) {
    const known = said.get(stem);
    said.set(stem, known !== undefined && known.sign !== sign ? { word, sign: 0 } : { word, sign });
  }
  return denied;
}

function differingFigure(a: Reading, b: Reading): readonly string[] | undefined {
  for (const one of a.quantities) {
    const others = b.quantities.filter(({ unit }) => unit === one.unit);
    const same = a.quantities.filter(({ unit }) => unit === one.unit);
    if (others.length === 0) continue;
    const met = same.some(({ value }) => others.some((other) => near(value, other.value)));
    const [other] = others;
    if (!met && other !== undefined) return [one.text, other.text];
  }
  return undefined;
}

/** Rounding and paraphrase ("one in twelve" for 8.4 %) are no contradiction. */
function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 0.15 * Math.max(Math.abs(a), Math.abs(b));
}
