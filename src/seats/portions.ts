// What is too long for a model is divided, never cut silently: first by criterion, each with the whole evidence; and if
// even that does not fit, the evidence is divided at the borders of items, pages, paragraphs, lines, sentences or
// words, and every criterion is asked over every part. What code then makes of the answers is as strict as one
// answer would be: a shortcoming that any part shows counts, and silence of a part proves nothing.
import type { Criterion, Policy } from '../council/charter.ts';
import type { Finding } from '../council/quantise.ts';
import { invariant } from '../errors.ts';
import type { Backing, EvidenceItem, Sampling } from '../providers/contract.ts';
import { estimateTokens } from '../providers/cost.ts';
import { MAX_RATIONALE_CHARS, type ReadAnswer } from './answer.ts';
import type { AnswerFlag } from './answer-flag.ts';

/** Questions that one seat may put to its model for one case. */
export const MAX_PORTIONS = 64;
/** A part with less room than this beside its criteria shows too little to judge by. */
const MIN_PART_TOKENS = 1_000;
/** Sums of estimates may be this much below the estimate of a sum. */
const ROUNDING_TOKENS = 8;
/** Fencing makes some texts longer; parts are then made smaller, each time by half. */
const MAX_HALVINGS = 3;

export interface Portion {
  readonly criteria: readonly Criterion[];
  readonly evidence: readonly EvidenceItem[];
  /** only where the evidence is divided */
  readonly part?: { readonly number: number; readonly of: number };
}

export type Portions =
  | { readonly kind: 'portions'; readonly portions: readonly Portion[] }
  | { readonly kind: 'too-long'; readonly why: string };

export interface Room {
  readonly tokens: number;
  /** of the whole question for a portion, estimated and not too low: `estimatePromptTokens(promptFor(…))` */
  readonly measure: (portion: Portion) => number;
}

/** What a question may have: room for the longest answer is kept free in every model that may be asked. */
export function roomFor(
  backings: readonly Pick<Backing, 'contextTokens'>[],
  { maxTokens }: Pick<Sampling, 'maxTokens'>,
): number {
  return Math.min(...backings.map(({ contextTokens }) => contextTokens)) - maxTokens;
}

/** In the order in which they are asked; of one portion where everything fits. */
export function portionsOf(whole: Pick<Portion, 'criteria' | 'evidence'>, room: Room): Portions {
  const { criteria, evidence } = whole;
  const { tokens, measure } = room;
  if (measure(whole) <= tokens) return { kind: 'portions', portions: [{ criteria, evidence }] };
  const single = criteria.map((one) => [one]);
  const ofEvidence = measure({ criteria: [], evidence }) - measure({ criteria: [], evidence: [] });
  const base = (set: readonly Criterion[]): number =>
    measure({ criteria: set, evidence: [], part: { number: MAX_PORTIONS, of: MAX_PORTIONS } }) +
    ROUNDING_TOKENS;
  if (single.length > 1 && single.every((set) => base(set) + ofEvidence <= tokens)) {
    return bounded(single.map((set) => ({ criteria: set, evidence })));
  }
  // All criteria at once over each part cost least; one at a time only where they leave a part no room.
  const together = tokens - base(criteria);
  const apart = tokens - Math.max(...single.map(base));
  if (together >= MIN_PART_TOKENS) return inParts([criteria], evidence, together, room);
  if (apart >= MIN_PART_TOKENS) return inParts(single, evidence, apart, room);
  return tooLong('the question without any evidence leaves no room for it');
}

function inParts(
  sets: readonly (readonly Criterion[])[],
  evidence: readonly EvidenceItem[],
  roomTokens: number,
  { tokens, measure }: Room,
): Portions {
  const shell = measure({ criteria: [], evidence: [] });
  for (let halvings = 0, most = roomTokens; halvings <= MAX_HALVINGS; halvings++, most /= 2) {
    const parts = partsOf(evidence, most, (item) => measure({ criteria: [], evidence: [item] }) - shell);
    if (parts === undefined)
      return tooLong('the evidence has passages that cannot be divided so that they fit');
    const portions = parts.flatMap((part, i) =>
      sets.map((criteria) => ({ criteria, evidence: part, part: { number: i + 1, of: parts.length } })),
    );
    if (portions.length > MAX_PORTIONS || portions.every((one) => measure(one) <= tokens))
      return bounded(portions);
  }
  return tooLong('the evidence grows too much when it is fenced');
}

function bounded(portions: readonly Portion[]): Portions {
  return portions.length <= MAX_PORTIONS
    ? { kind: 'portions', portions }
    : tooLong(`it would take ${portions.length} questions, more than ${MAX_PORTIONS}`);
}

function tooLong(why: string): Portions {
  return { kind: 'too-long', why };
}

/** From the coarsest border to the finest; each stays with the text before it, or before a page with what follows. */
const BORDERS: readonly RegExp[] = [
  /(?=^\[page \d+\]$)/m,
  /(?<=\n\n)(?=\S)/,
  /(?<=\n)/,
  /(?<=[.!?]\s|[。！？；])/,
  /(?<=\s)(?=\S)/,
];

/** Pieces that together are the text, each of which fits; undefined where something in it cannot be divided. */
function piecesOf(text: string, fits: (text: string) => boolean, level = 0): readonly string[] | undefined {
  if (fits(text)) return [text];
  const border = BORDERS[level];
  if (border === undefined) return undefined;
  const pieces: string[] = [];
  for (const piece of text.split(border)) {
    const smaller = piecesOf(piece, fits, level + 1);
    if (smaller === undefined) return undefined;
    for (const one of smaller) pieces.push(one);
  }
  return pieces;
}

interface Chunk {
  readonly item: EvidenceItem;
  text: string;
}

function partsOf(
  evidence: readonly EvidenceItem[],
  most: number,
  tokensOf: (item: EvidenceItem) => number,
): readonly (readonly EvidenceItem[])[] | undefined {
  const parts: Chunk[][] = [];
  let used = Number.POSITIVE_INFINITY; // of the last part
  for (const item of evidence) {
    // What stands around a text: its fence, and that it is one piece of several.
    const frame = tokensOf({ ...item, title: pieceTitle(item, MAX_PORTIONS, MAX_PORTIONS), text: '' }) + 1;
    const pieces = piecesOf(item.text, (text) => frame + estimateTokens(text) + 1 <= most);
    if (pieces === undefined) return undefined;
    let chunk: Chunk | undefined;
    for (const text of pieces) {
      const tokens = estimateTokens(text) + 1;
      if (used + (chunk === undefined ? frame : 0) + tokens > most) {
        parts.push([]);
        used = 0;
        chunk = undefined;
      }
      used += tokens + (chunk === undefined ? frame : 0);
      if (chunk === undefined) {
        chunk = { item, text };
        parts.at(-1)?.push(chunk);
      } else chunk.text += text;
    }
  }
  const all = parts.flat();
  return parts.map((part) => part.map((chunk) => titled(chunk, all)));
}

function titled(chunk: Chunk, all: readonly Chunk[]): EvidenceItem {
  const { item, text } = chunk;
  const siblings = all.filter((one) => one.item === item);
  if (siblings.length === 1) return item;
  return { id: item.id, title: pieceTitle(item, siblings.indexOf(chunk) + 1, siblings.length), text };
}

function pieceTitle({ title }: EvidenceItem, number: number, of: number): string {
  return `${title} (piece ${number} of ${of})`;
}

type GivenAnswer = Extract<ReadAnswer, { kind: 'findings' }>;

/** One answer for the seat. Where any portion has none, the seat has none: half a case is not judged. */
export function mergeAnswers(
  portions: readonly Portion[],
  answers: readonly ReadAnswer[],
  { criteria }: Policy,
): ReadAnswer {
  invariant(portions.length === answers.length && portions.length > 0, 'every portion has its answer');
  const [only] = answers;
  if (portions.length === 1 && only !== undefined) return only;
  const given: GivenAnswer[] = [];
  for (const [i, answer] of answers.entries()) {
    if (answer.kind === 'none') {
      return { ...answer, why: `question ${i + 1} of ${answers.length}: ${answer.why}` };
    }
    given.push(answer);
  }
  const flags = new Set<AnswerFlag>(given.flatMap((answer) => answer.flags));
  if (portions.some(({ part }) => part !== undefined)) flags.add('evidence-divided');
  const share = Math.floor(MAX_RATIONALE_CHARS / portions.length);
  const rationales = given.map(({ rationale }, i) => {
    const text = `${headOf(portions[i])}\n${rationale}`;
    if (text.length >= share) flags.add('rationale-cut');
    return text.slice(0, share - 1);
  });
  return {
    kind: 'findings',
    findings: Object.fromEntries(
      criteria.map(({ id }) => [
        id,
        joined(given.map(({ findings }) => findings[id]).filter((one) => one !== undefined)),
      ]),
    ),
    confidence: Math.min(...given.map(({ confidence }) => confidence)),
    rationale: rationales.join('\n'),
    reasons: new Map(criteria.flatMap(({ id }) => reasonFor(id, portions, given))),
    flags: [...flags].sort(),
  };
}

function joined(findings: readonly Finding[]): Finding {
  if (findings.includes('not-met')) return 'not-met';
  return findings.includes('met') ? 'met' : 'insufficient';
}

/** Every reason that was given for a criterion, part by part. */
function reasonFor(
  criterion: string,
  portions: readonly Portion[],
  given: readonly GivenAnswer[],
): readonly (readonly [string, string])[] {
  const told = given.flatMap(({ reasons }, i) => {
    const reason = reasons.get(criterion);
    const part = portions[i]?.part;
    if (reason === undefined) return [];
    return [part === undefined ? reason : `Part ${part.number} of ${part.of}: ${reason}`];
  });
  return told.length === 0 ? [] : [[criterion, told.join('\n')]];
}

function headOf(portion: Portion | undefined): string {
  const about = portion?.criteria.map(({ id }) => id).join(', ') ?? '';
  const part = portion?.part;
  return part === undefined ? `On ${about}:` : `On ${about}, part ${part.number} of ${part.of}:`;
}
