// The figures in a reason, in one unit each, so that "six months" and "half a year" agree and "8.4 %" and "0.1 %" do not.
// Numbers without a unit (standards, articles, years) are names more often than measurements and are left out.

export interface Quantity {
  readonly unit: string;
  readonly value: number;
  /** as it stood */
  readonly text: string;
}

const MAX_QUANTITIES = 40;

const NUMBER_WORDS: ReadonlyMap<string, number> = new Map([
  ['a', 1],
  ['an', 1],
  ['one', 1],
  ['two', 2],
  ['three', 3],
  ['four', 4],
  ['five', 5],
  ['six', 6],
  ['seven', 7],
  ['eight', 8],
  ['nine', 9],
  ['ten', 10],
  ['eleven', 11],
  ['twelve', 12],
  ['twenty', 20],
  ['thirty', 30],
  ['sixty', 60],
  ['ninety', 90],
  ['hundred', 100],
]);

const SECONDS: ReadonlyMap<string, number> = new Map([
  ['second', 1],
  ['minute', 60],
  ['hour', 3_600],
  ['day', 86_400],
  ['week', 7 * 86_400],
  ['month', 30.4 * 86_400],
  ['year', 365 * 86_400],
]);

const NUMBER = String.raw`(\d[\d,.]*|${[...NUMBER_WORDS.keys()].join('|')})`;
const PERCENT = new RegExp(`${NUMBER} ?(?:%|per ?cent\\b|percent\\b)`, 'g');
const RATIO = new RegExp(
  `(?:\\b|^)${NUMBER} (?:[a-z]+ )?(?:in|of|out of) (?:[a-z]+ )?(\\d[\\d,.]*|${[...NUMBER_WORDS.keys()].slice(2).join('|')})\\b`,
  'g',
);
const TIME = new RegExp(`\\b(half )?${NUMBER} (second|minute|hour|day|week|month|year)s?\\b`, 'g');
const VERSION = /\b(?:version|release) v?(\d+(?:\.\d+)?)/g;

/** What reviewers say of their own reading ("83 % of what is asked is shown", "90 % sure") is no claim about the case. */
const OWN_MEASURE =
  /\d[\d.,]* ?(?:%|percent|per cent) (?:of what is asked|of (?:the )?(?:criteri\p{L}+|requirements?)|confiden\p{L}+|certain\p{L}*|sure)/gu;

/** `written` is lower-case. */
export function quantitiesOf(written: string): readonly Quantity[] {
  const text = written.replace(OWN_MEASURE, ' ');
  const found: Quantity[] = [];
  const add = (unit: string, value: number, quoted: string) => {
    if (Number.isFinite(value) && found.length < MAX_QUANTITIES)
      found.push({ unit, value, text: quoted.trim() });
  };
  for (const [quoted, number] of text.matchAll(PERCENT)) add('share', amountOf(number) / 100, quoted);
  for (const [quoted, part, whole] of text.matchAll(RATIO)) {
    const share = amountOf(part) / amountOf(whole);
    if (share > 0 && share <= 1 && !isYear(whole)) add('share', share, quoted);
  }
  for (const [quoted, half, number, unit] of text.matchAll(TIME)) {
    const seconds = amountOf(number) * (SECONDS.get(unit ?? '') ?? Number.NaN);
    add('time', half === undefined ? seconds : seconds / 2, quoted);
  }
  for (const [quoted, number] of text.matchAll(VERSION)) add('version', amountOf(number), quoted);
  return found;
}

/** "in 2024" is no denominator. */
function isYear(number: string | undefined): boolean {
  return number !== undefined && /^(?:19|20)\d\d$/.test(number);
}

function amountOf(number: string | undefined): number {
  if (number === undefined) return Number.NaN;
  return NUMBER_WORDS.get(number) ?? Number(number.replace(/,(?=\d{3})/g, '').replace(/[.,]+$/, ''));
}
