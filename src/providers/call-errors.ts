// One mapping from what can go wrong with a call (HTTP status, headers, the makers' own words, the SDKs' errors, a dead
// line) to a ProviderError: its code decides what the runner does, and its message is safe to show (safe-message.ts).
// SDK errors are told by what they carry, not by class, so that no SDK is loaded to read one.
import { isRecord } from '../council/field-rules.ts';
import { ProviderError, type ProviderErrorCode, type Question } from './contract.ts';
import { AnswerTooLarge } from './patient-fetch.ts';
import { safeMessage } from './safe-message.ts';

/** Whose call it was, and what must not be told of it. */
export interface Call {
  readonly question: Pick<Question, 'backing' | 'prompt'>;
  readonly secrets: readonly string[];
  /** milliseconds since 1970, for a Retry-After that is a date */
  readonly nowMs: number;
}

/** An HTTP failure of an adapter that reads its own responses. */
export class HttpFailure extends Error {
  readonly status: number;
  readonly headers: Headers;
  /** the body, parsed where it is JSON */
  readonly error: unknown;

  constructor(status: number, headers: Headers, error: unknown) {
    super(`HTTP ${status}`);
    this.name = 'HttpFailure';
    this.status = status;
    this.headers = headers;
    this.error = error;
  }
}

/** What came back is no answer of this API. */
export class UnreadableAnswer extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'UnreadableAnswer';
  }
}

const MAX_CAUSES = 5;

export function callError(error: unknown, call: Call): ProviderError {
  if (error instanceof ProviderError) return error;
  const facts = factsOf(error);
  const code = codeOf(facts);
  const retryAfterMs = code === 'rate-limit' || code === 'server' ? waitOf(facts, call.nowMs) : undefined;
  const { said, why } = facts;
  const message = safeMessage({ code, why, said }, call);
  // The cause is left behind on purpose: SDK errors carry requests, headers and answers.
  return new ProviderError(code, message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

interface Facts {
  readonly status: number | undefined;
  readonly headers: Headers | undefined;
  /** the maker's own `type`, `code`, `status` and the like, in lower case */
  readonly marks: readonly string[];
  /** the maker's own words */
  readonly said: string;
  /** in ours: the status, the system's code, or what was wrong with the answer */
  readonly why: string | undefined;
  /** names and system codes of the error and its causes */
  readonly names: readonly string[];
  /** Google's, which come as a list */
  readonly details: readonly unknown[];
}

function factsOf(error: unknown): Facts {
  const chain: Readonly<Record<string, unknown>>[] = [];
  for (let next: unknown = error; isRecord(next) && chain.length < MAX_CAUSES; next = next.cause)
    chain.push(next);
  const top = chain[0] ?? {};
  const status = [top.status, top.status_code].find((value) => typeof value === 'number');
  const body = bodyOf(top.error);
  const details = Array.isArray(top.errorDetails) ? top.errorDetails : [];
  const reasons = details.map((detail) => (isRecord(detail) ? detail.reason : undefined));
  const metadata = isRecord(body.metadata) ? Object.keys(body.metadata) : [];
  return {
    status,
    why: status === undefined ? whyOf(chain) : `HTTP ${status}`,
    headers: top.headers instanceof Headers ? top.headers : undefined,
    marks: [body.type, body.code, body.status, ...reasons, ...metadata]
      .filter((mark) => typeof mark === 'string')
      .map((mark) => mark.toLowerCase()),
    said:
      typeof body.message === 'string' ? body.message : status === undefined ? '' : googleSaid(top.message),
    names: chain.flatMap(({ name, code, message }) =>
      [name, code, message].filter((part) => typeof part === 'string'),
    ),
    details,
  };
}

const SYSTEM_CODE = /^[A-Z][A-Z0-9_]{2,40}$/;

function whyOf(chain: readonly Readonly<Record<string, unknown>>[]): string | undefined {
  const own = chain.find((error) => error instanceof UnreadableAnswer || error instanceof AnswerTooLarge);
  if (own instanceof Error) return own.message;
  return chain
    .map(({ code }) => code)
    .find((code) => typeof code === 'string' && SYSTEM_CODE.test(code))
    ?.toString();
}

/** The part of an error body that speaks: `{error: {message}}`, `{error: text}`, `{message}`, or bare text. */
function bodyOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'string') return { message: value };
  if (!isRecord(value)) return {};
  if (isRecord(value.error)) return value.error;
  if (typeof value.error === 'string') return { message: value.error };
  return value;
}

/** Google's SDK puts address, status and the maker's message into one text. */
function googleSaid(message: unknown): string {
  return typeof message === 'string' ? (/\[\d{3}[^\]]*\] ([\s\S]*)$/.exec(message)?.[1] ?? '') : '';
}

function codeOf(facts: Facts): ProviderErrorCode {
  return (
    byWords(facts) ??
    (facts.status === undefined ? (byMark(facts.marks) ?? byName(facts.names)) : byStatus(facts.status))
  );
}

/** Where one status stands for several things, the maker's words tell them apart. */
function byWords({ status, marks, said }: Facts): ProviderErrorCode | undefined {
  if (status !== undefined && status >= 500) return undefined;
  const has = (...wanted: readonly string[]): boolean => wanted.some((mark) => marks.includes(mark));
  if (has('insufficient_quota', 'billing_error', 'billing_hard_limit_reached')) return 'quota';
  if (has('api_key_invalid', 'invalid_api_key')) return 'auth';
  if (has('content_filter', 'content_policy_violation', 'flagged_input')) return 'content-filter';
  if (has('context_length_exceeded', 'exceed_context_size_error', 'request_too_large')) return 'too-long';
  // Groq's word for a model that wrote no JSON; asked again it may.
  if (has('json_validate_failed')) return 'malformed';
  if (status === 400 && /credit balance is too low/i.test(said)) return 'quota';
  if (status === 400 && /api key (?:not valid|expired)/i.test(said)) return 'auth';
  if (status === 400 && /prompt is too long|exceeds? the (?:available|maximum)? ?context/i.test(said))
    return 'too-long';
  return undefined;
}

function byStatus(status: number): ProviderErrorCode {
  if (status === 401 || status === 403) return 'auth';
  if (status === 402) return 'quota';
  if (status === 408) return 'timeout';
  if (status === 413) return 'too-long';
  if (status === 429) return 'rate-limit';
  // 498: Groq is out of capacity; 499: somebody in between hung up.
  return status >= 498 ? 'server' : 'rejected';
}

/** An error in the midst of a stream has no status but the maker's own name for it. */
function byMark(marks: readonly string[]): ProviderErrorCode | undefined {
  for (const mark of marks) {
    if (mark === 'overloaded_error' || mark === 'api_error' || mark === 'server_error') return 'server';
    if (mark === 'rate_limit_error' || mark === 'rate_limit_exceeded') return 'rate-limit';
    if (mark === 'authentication_error' || mark === 'permission_error') return 'auth';
    if (mark === 'invalid_request_error' || mark === 'not_found_error') return 'rejected';
    if (mark === 'timeout_error') return 'timeout';
  }
  return undefined;
}

const UNREADABLE =
  /^(?:SyntaxError|ZodError|UnreadableAnswer|AnswerTooLarge)$|parse stream|parsing JSON|Unterminated|into JSON/;
const TOO_SLOW = /^(?:ETIMEDOUT|ESOCKETTIMEDOUT|TimeoutError|APIConnectionTimeoutError|UND_ERR_\w*TIMEOUT)$/;

function byName(names: readonly string[]): ProviderErrorCode {
  if (names.some((name) => TOO_SLOW.test(name))) return 'timeout';
  if (names.some((name) => UNREADABLE.test(name))) return 'malformed';
  // Refused, reset, torn, not found, no certificate: whatever else it is, nobody answered.
  return 'server';
}

/** How long the maker asked to be left alone, in whichever of the ways they have to say it. */
function waitOf({ headers, details }: Facts, nowMs: number): number | undefined {
  const exact = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (Number.isFinite(exact)) return Math.max(0, Math.ceil(exact));
  const after = headers?.get('retry-after')?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(after)) return Math.ceil(1000 * Number(after));
  // Anything with a digit is a date to some parser; an HTTP date begins with its day.
  const date = /^[a-z]{3,9}, /i.test(after) ? Date.parse(after) : Number.NaN;
  if (!Number.isNaN(date)) return Math.max(0, date - nowMs);
  for (const detail of details) {
    if (!isRecord(detail) || typeof detail.retryDelay !== 'string') continue;
    const seconds = /^(\d+(?:\.\d+)?)s$/.exec(detail.retryDelay)?.[1];
    if (seconds !== undefined) return Math.ceil(1000 * Number(seconds));
  }
  return undefined;
}
