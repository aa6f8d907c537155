// What may be told of a failed call. Messages end up in logs, ballots' rationales and reports, and a maker's words may
// hold anything that was sent: parts of a key, of the prompt, of the evidence. So they are cut, scrubbed and short.
import type { Call } from './call-errors.ts';
import type { ProviderErrorCode } from './contract.ts';

export const MAX_SAID_CHARS = 200;
/** Where so many characters of a maker's words stand in the prompt too, they are an echo of it. */
const ECHO_CHARS = 12;
/** No more of a maker's words is even looked at; a key at the end of it is cut, and past what is told. */
const MAX_READ_CHARS = 10_000;
/** In so much of it echoes are looked for: a long prompt is searched once a character. */
const MAX_SEARCHED_CHARS = 600;

const WORDS: Readonly<Record<ProviderErrorCode, string>> = {
  timeout: 'no answer in time',
  cancelled: 'the question was withdrawn',
  refusal: 'the model declined',
  'content-filter': 'stopped by the content filter',
  truncated: 'the answer ended at the token limit',
  malformed: 'what came back is no answer',
  'rate-limit': 'asked too often',
  quota: 'nothing more is paid for',
  auth: 'the key was not accepted',
  rejected: 'the question was not accepted',
  server: 'failed or out of reach',
  'over-budget': 'over budget',
  'too-long': 'the question is longer than the model takes',
  silent: 'keeps silent',
};

/** What looks like a key, whoever gave it out, also with its middle starred out; and addresses, which may hold one. */
const KEY_LIKE: readonly RegExp[] = [
  /\bhttps?:\/\/\S+/gi,
  /\b(?:bearer|basic)\s+\S+/gi,
  /\b(?:sk|pk|rk|gsk|xai|key|tok|token|tgp|hf|csk|fw|nvapi|pplx)[-_][\w*.\-/+=]{4,}/gi,
  /\bAIza[\w*-]{6,}/g,
  /(?=[\w*\-/+=]*\d)(?=[\w*\-/+=]*[a-z])[\w*\-/+=]{24,}/gi,
];

export function safeMessage(
  {
    code,
    why,
    said,
  }: { readonly code: ProviderErrorCode; readonly why?: string | undefined; readonly said?: string },
  { question: { backing, prompt }, secrets }: Pick<Call, 'question' | 'secrets'>,
): string {
  const words = safeWords(said ?? '', `${prompt.system}\n${prompt.user}`, secrets);
  return `${backing.host}, ${backing.model}: ${WORDS[code]}${why === undefined ? '' : ` (${why})`}${words === '' ? '' : `; it says: ${words}`}`;
}

function safeWords(said: string, prompt: string, secrets: readonly string[]): string {
  let words = plain(said.slice(0, MAX_READ_CHARS));
  for (const secret of secrets) words = words.replaceAll(secret, '…');
  for (const pattern of KEY_LIKE) words = words.replace(pattern, '…');
  words = withoutEchoes(words.slice(0, MAX_SEARCHED_CHARS), plain(prompt))
    .replace(/(?:…[\s"'`.,:;]*){2,}/g, '… ')
    .trim();
  return words.length <= MAX_SAID_CHARS ? words : `${words.slice(0, MAX_SAID_CHARS - 1)}…`;
}

function withoutEchoes(words: string, prompt: string): string {
  let kept = '';
  for (let at = 0; at < words.length; ) {
    let end = at + ECHO_CHARS;
    if (end > words.length || !prompt.includes(words.slice(at, end))) {
      kept += words[at++];
      continue;
    }
    while (end < words.length && prompt.includes(words.slice(at, end + 1))) end++;
    kept += '…';
    at = end;
  }
  return kept;
}

/** One line without control or invisible characters. */
function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
    .trim();
}
