// Finds the one JSON object in what a model sent: alone, in a code fence, amid prose, after a block of thinking, or
// inside a wrapper such as `{"answer": …}`. Two different objects are no answer, and neither is one in which a key
// stands twice: which of the two was meant? What is only badly spelled is mended if that leaves no doubt.
import { isRecord } from '../council/field-rules.ts';
import { mended, tooDeep } from './answer-mending.ts';

/** A page of reasoning for each of forty criteria fits; what is longer is not an answer. */
export const MAX_ANSWER_CHARS = 200_000;
/** Braces in prose and in thinking are tried one by one. */
const MAX_CANDIDATES = 200;
const MAX_WRAPPERS = 3;

export type FoundObject =
  | {
      readonly kind: 'object';
      readonly value: Readonly<Record<string, unknown>>;
      /** whether something else stood around it */
      readonly wrapped: boolean;
      /** whether it stood inside another object or in a string */
      readonly nested: boolean;
      /** whether it is JSON only once it is mended */
      readonly mended: boolean;
    }
  | { readonly kind: 'none'; readonly why: string };

export function findObject(
  raw: string,
  isAnswer: (value: Readonly<Record<string, unknown>>) => boolean,
): FoundObject {
  if (raw.length > MAX_ANSWER_CHARS) return none('longer than any answer');
  const text = raw.replace(/^\uFEFF/, '').trim();
  const whole = wholeOf(text);
  let candidates = whole === undefined ? objectsIn(text) : [whole];
  if (whole === undefined) {
    const thinking = endOfThinking(text, candidates);
    if (thinking === undefined) return none('thinking that never ends');
    candidates = candidates.filter(({ start }) => start >= thinking);
  }
  const answers = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const answer = unwrapped(candidate, isAnswer);
    if (answer === undefined) continue;
    if (hasDoubledKey(candidate.text) || hasDoubledKey(answer.text)) return none('a key stands twice');
    answers.set(JSON.stringify(answer.value), answer);
  }
  const [answer, another] = answers.values();
  if (answer === undefined) return none('no JSON object that answers');
  if (another !== undefined) return none('more than one answer');
  const { value, nested, mended } = answer;
  return { kind: 'object', value, wrapped: whole === undefined, nested, mended };
}

/** What is left to read once a block of thinking at the beginning is passed over. */
export function afterThinking(raw: string): string {
  const text = raw.trim();
  return text.slice(endOfThinking(text, []) ?? 0).trim();
}

interface Candidate {
  readonly start: number;
  readonly end: number;
  /** JSON, mended where it had to be */
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly nested: boolean;
  readonly mended: boolean;
}

function none(why: string): FoundObject {
  return { kind: 'none', why };
}

/** The whole text as one object, or as a JSON string that holds one. */
function wholeOf(text: string): Candidate | undefined {
  if (!text.startsWith('"')) return candidateAt(text, 0);
  const inner = parsedJson(text);
  const found = typeof inner === 'string' ? candidateAt(inner.trim(), 0) : undefined;
  return found && { ...found, nested: true };
}

/** Every outermost `{…}` that can be read. */
function objectsIn(text: string): readonly Candidate[] {
  const found: Candidate[] = [];
  let at = text.indexOf('{');
  for (let tries = 0; at >= 0 && tries < MAX_CANDIDATES; tries++) {
    const end = endOfObject(text, at);
    const candidate = end === undefined ? undefined : candidateAt(text.slice(at, end), at);
    if (candidate !== undefined) found.push(candidate);
    at = text.indexOf('{', candidate === undefined ? at + 1 : candidate.end);
  }
  return found;
}

function candidateAt(text: string, start: number): Candidate | undefined {
  if (!text.startsWith('{') || tooDeep(text)) return undefined;
  const place = { start, end: start + text.length, nested: false };
  const value = parsedJson(text);
  if (value !== undefined) return isRecord(value) ? { ...place, text, value, mended: false } : undefined;
  const better = mended(text);
  const repaired = better === undefined ? undefined : parsedJson(better);
  if (better === undefined || !isRecord(repaired)) return undefined;
  return { ...place, text: better, value: repaired, mended: true };
}

function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{') depth++;
    else if (char === '}' && --depth === 0) return at + 1;
  }
  return undefined;
}

/** Keys under which makers, tools and models put the answer itself; under any other it is a quotation. */
const WRAPPERS: ReadonlySet<string> = new Set([
  'answer',
  'arguments',
  'content',
  'final',
  'final_answer',
  'function',
  'input',
  'json',
  'message',
  'output',
  'parameters',
  'response',
  'result',
]);

/** The answer itself, or the only one that a wrapper holds, as an object or spelled as a string. */
function unwrapped(
  outer: Candidate,
  isAnswer: (value: Readonly<Record<string, unknown>>) => boolean,
): Candidate | undefined {
  let level = [outer];
  for (let depth = 0; depth <= MAX_WRAPPERS; depth++) {
    const [answer, another] = level.filter(({ value }) => isAnswer(value));
    if (answer !== undefined) return another === undefined ? answer : undefined;
    level = level.flatMap(({ value }) =>
      Object.entries(value)
        .filter(([key]) => WRAPPERS.has(key.toLowerCase()))
        .map(([, inner]) => candidateIn(inner))
        .filter((inner) => inner !== undefined),
    );
  }
  return undefined;
}

function candidateIn(value: unknown): Candidate | undefined {
  const text = typeof value === 'string' ? withoutFence(value.trim()) : JSON.stringify(value);
  const found = text === undefined ? undefined : candidateAt(text, 0);
  return found && { ...found, nested: true };
}

function withoutFence(text: string): string {
  return /^```\w*\s([\s\S]*)```$/.exec(text)?.[1]?.trim() ?? text;
}

const THINKING = 'think|thinking|thoughts?|reasoning|reflection|scratchpad';
const THINKING_OPENS = new RegExp(`^(?:<(?:${THINKING})>|\u25c1think\u25b7|<\\|channel\\|>analysis)`, 'i');
const THINKING_CLOSES = new RegExp(
  `</(?:${THINKING})>|\u25c1/think\u25b7|<\\|channel\\|>final<\\|message\\|>`,
  'gi',
);

/**
 * Where thinking ends: drafts in it are no answers. Some models' templates open the block themselves, so that only its
 * end is sent. A mark of its end that is quoted inside an object is none. Undefined when the block never ends.
 */
function endOfThinking(text: string, objects: readonly Candidate[]): number | undefined {
  const closing = [...text.matchAll(THINKING_CLOSES)]
    .filter(({ index }) => !objects.some(({ start, end }) => start < index && index < end))
    .at(-1);
  if (closing !== undefined) return closing.index + closing[0].length;
  return THINKING_OPENS.test(text) ? undefined : 0;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** For text that is JSON. A string is a key when a colon follows it. */
function hasDoubledKey(json: string): boolean {
  const keys: Set<string>[] = [];
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[{}]/g)) {
    if (token === '{') keys.push(new Set());
    else if (token === '}') keys.pop();
    else if (token.endsWith(':')) {
      const key = String(JSON.parse(token.slice(0, -1).trim()));
      const seen = keys.at(-1);
      if (seen?.has(key) === true) return true;
      seen?.add(key);
    }
  }
  return false;
}
