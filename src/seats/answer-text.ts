// Finds the one JSON object in what a model sent: alone, in a code fence, or amid prose. Two different objects
// are no answer, and neither is one in which a key stands twice: which of the two was meant?

/** A page of reasoning for each of forty criteria fits; what is longer is not an answer. */
export const MAX_ANSWER_CHARS = 200_000;
const MAX_CANDIDATES = 64;

export type FoundObject =
  | {
      readonly kind: 'object';
      readonly value: Readonly<Record<string, unknown>>;
      /** whether something else stood around it */
      readonly wrapped: boolean;
    }
  | { readonly kind: 'none'; readonly why: string };

export function findObject(raw: string, isAnswer: (value: object) => boolean): FoundObject {
  if (raw.length > MAX_ANSWER_CHARS) return { kind: 'none', why: 'longer than any answer' };
  const text = raw.replace(/^\uFEFF/, '').trim();
  const whole = parsed(text);
  const candidates = whole === undefined ? objectsIn(text) : [{ text, value: whole }];
  const answers = new Map(
    candidates.filter(({ value }) => isAnswer(value)).map((one) => [JSON.stringify(one.value), one]),
  );
  const [answer, another] = answers.values();
  if (answer === undefined) return { kind: 'none', why: 'no JSON object that answers' };
  if (another !== undefined) return { kind: 'none', why: 'more than one answer' };
  if (hasDoubledKey(answer.text)) return { kind: 'none', why: 'a key stands twice' };
  return { kind: 'object', value: answer.value, wrapped: whole === undefined };
}

interface Candidate {
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Every outermost `{…}` that parses. */
function objectsIn(text: string): readonly Candidate[] {
  const found: Candidate[] = [];
  let at = text.indexOf('{');
  for (let tries = 0; at >= 0 && tries < MAX_CANDIDATES; tries++) {
    const end = endOfObject(text, at);
    const slice = end === undefined ? undefined : text.slice(at, end);
    const value = slice === undefined ? undefined : parsed(slice);
    if (slice !== undefined && value !== undefined) found.push({ text: slice, value });
    at = text.indexOf('{', value === undefined ? at + 1 : (end ?? at + 1));
  }
  return found;
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

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
