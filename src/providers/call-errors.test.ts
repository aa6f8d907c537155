import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aQuestion } from '../../test/rigs/question.ts';
import { type Call, callError, HttpFailure, UnreadableAnswer } from './call-errors.ts';
import { ProviderError, type ProviderErrorCode } from './contract.ts';
import { MAX_SAID_CHARS } from './safe-message.ts';

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);
const SECRET = 'hunter2hunter2';
const CALL: Call = {
  question: aQuestion({
    prompt: { system: 'You judge.', user: 'The pump failed twice in May.', schema: {} },
  }),
  secrets: [SECRET],
  nowMs: NOW,
};
const http = (status: number, error: unknown = {}, headers: Record<string, string> = {}): HttpFailure =>
  new HttpFailure(status, new Headers(headers), error);
const code = (error: unknown): ProviderErrorCode => callError(error, CALL).code;
const message = (error: unknown): string => callError(error, CALL).message;

describe('what went wrong', () => {
  it.each<[string, unknown, ProviderErrorCode]>([
    ['a key that OpenAI does not know', http(401, { code: 'invalid_api_key' }), 'auth'],
    [
      'a key that Google does not know, which it calls a bad request',
      {
        status: 400,
        message: 'Error fetching: [400 Bad Request] API key not valid. Please pass a valid one.',
      },
      'auth',
    ],
    ['the same by its reason', { status: 400, errorDetails: [{ reason: 'API_KEY_INVALID' }] }, 'auth'],
    ['OpenAI unpaid, which it calls too many requests', http(429, { code: 'insufficient_quota' }), 'quota'],
    [
      'Anthropic unpaid, which it calls a bad request',
      http(400, { error: { message: 'Your credit balance is too low to access the API.' } }),
      'quota',
    ],
    ['Anthropic unpaid, by its type', http(403, { error: { type: 'billing_error' } }), 'quota'],
    ['too many requests', http(429, { code: 'rate_limit_exceeded' }), 'rate-limit'],
    ['a filter before the model', http(400, { code: 'content_filter' }), 'content-filter'],
    [
      'OpenRouter’s moderation, which it calls forbidden',
      http(403, { metadata: { flagged_input: 'x' } }),
      'content-filter',
    ],
    ['a prompt too long for OpenAI', http(400, { code: 'context_length_exceeded' }), 'too-long'],
    [
      'a prompt too long for Anthropic',
      http(400, { error: { message: 'prompt is too long: 9 > 8' } }),
      'too-long',
    ],
    [
      'a prompt too long for Ollama',
      http(400, { error: 'request (351 tokens) exceeds the available context size (256 tokens)' }),
      'too-long',
    ],
    ['a model that is not there', http(404, { error: 'model "x" not found' }), 'rejected'],
    ['a model that wrote no JSON for Groq', http(400, { code: 'json_validate_failed' }), 'malformed'],
    ['Groq without capacity', http(498), 'server'],
    ['a redirect', http(307), 'rejected'],
    ['a conflict', http(409), 'rejected'],
    ['a failure that speaks of the quota of another', http(500, { code: 'insufficient_quota' }), 'server'],
    ['an overload in the midst of a stream', { error: { error: { type: 'overloaded_error' } } }, 'server'],
    ['a limit in the midst of a stream', { error: { error: { type: 'rate_limit_error' } } }, 'rate-limit'],
    [
      'a refused connection, deep inside',
      { name: 'A', cause: { name: 'B', cause: { code: 'ECONNREFUSED' } } },
      'server',
    ],
    ['a name that is not found', { code: 'ENOTFOUND' }, 'server'],
    ['a certificate that is none', { code: 'CERT_HAS_EXPIRED' }, 'server'],
    ['a slow connection', { cause: { code: 'ETIMEDOUT' } }, 'timeout'],
    ['headers that took too long', { cause: { code: 'UND_ERR_HEADERS_TIMEOUT' } }, 'timeout'],
    ['an SDK that ran out of time', { name: 'APIConnectionTimeoutError' }, 'timeout'],
    ['no JSON', new SyntaxError('Unexpected token'), 'malformed'],
    ['another form', new UnreadableAnswer('what?'), 'malformed'],
    ['something thrown that is no error', 'oops', 'server'],
    ['nothing at all', undefined, 'server'],
  ])('%s', (_, error, expected) => {
    expect(code(error)).toBe(expected);
  });

  it('is ours already, and stays as it is', () => {
    const own = new ProviderError('over-budget', 'enough');
    expect(callError(own, CALL)).toBe(own);
  });

  it('ends, even where causes go round in a circle', () => {
    const circle: { name: string; cause?: unknown } = { name: 'Round' };
    circle.cause = circle;
    expect(code(circle)).toBe('server');
  });
});

describe('how long to wait', () => {
  const wait = (headers: Record<string, string>, status = 429): number | undefined =>
    callError(http(status, {}, headers), CALL).retryAfterMs;

  it.each<[Record<string, string>, number | undefined]>([
    [{ 'retry-after': '12' }, 12_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '1.5' }, 1_500],
    [{ 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Sat, 21 Nov 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
    [{ 'retry-after-ms': 'soon', 'retry-after': '9' }, 9_000],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{}, undefined],
  ])('%o is %s ms', (headers, ms) => {
    expect(wait(headers)).toBe(ms);
  });

  it('a server that is down may say so too; one that refuses may not', () => {
    expect(wait({ 'retry-after': '2' }, 503)).toBe(2_000);
    expect(wait({ 'retry-after': '2' }, 401)).toBeUndefined();
  });

  it('Google says it in the body', () => {
    const retryInfo = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '17.5s' };
    const error = callError({ status: 429, errorDetails: [{ reason: 'x' }, retryInfo] }, CALL);
    expect(error).toMatchObject({ code: 'rate-limit', retryAfterMs: 17_500 });
  });
});

describe('what is told of it', () => {
  it('names host and model, says what it means and what the maker said', () => {
    expect(message(http(404, { message: 'no such model' }))).toBe(
      'openai, a-model: the question was not accepted (HTTP 404); it says: no such model',
    );
    expect(message(http(500))).toBe('openai, a-model: failed or out of reach (HTTP 500)');
    expect(message({ name: 'A', cause: { code: 'ECONNREFUSED' } })).toBe(
      'openai, a-model: failed or out of reach (ECONNREFUSED)',
    );
    expect(message(new UnreadableAnswer('the stream broke off'))).toBe(
      'openai, a-model: what came back is no answer (the stream broke off)',
    );
  });

  it.each([
    `Incorrect API key provided: ${SECRET}.`,
    'Incorrect API key provided: sk-proj-********************wxYZ.',
    'key gsk_A1b2C3d4 is off',
    'key AIzaSyD-1234567890abcdef is off',
    'header Authorization: Bearer abc.def is off',
    'token 0123456789abcdefghijklmnop is off',
    'see https://user:pass@host.test/v1?key=abc',
  ])('%s loses its key', (said) => {
    expect(message(http(401, { message: said }))).not.toMatch(
      /hunter2|wxYZ|A1b2|AIza|abc|pass|cdefgh|sk-proj/,
    );
  });

  it('no part of the prompt comes back, also with its spaces changed', () => {
    const told = message(http(400, { message: 'Invalid value: "The pump   failed\ntwice in May." at 3' }));
    expect(told).toMatch(/it says: Invalid value: "….*at 3$/);
  });

  it('neither a secret nor twelve characters of the prompt come back, wherever they stand', () => {
    const some = fc.string({ unit: 'grapheme-ascii', maxLength: 60 });
    const prompt = fc.string({ unit: 'grapheme-ascii', minLength: 30, maxLength: 300 });
    fc.assert(
      fc.property(prompt, some, some, fc.nat(), fc.nat(), (user, before, after, from, length) => {
        const start = from % user.length;
        const echo = user.slice(start, start + 12 + (length % 40));
        const question = aQuestion({ prompt: { system: '', user, schema: {} } });
        const said = `${before} ${echo} ${SECRET} ${after}`;
        const told = callError(http(400, { message: said }), { ...CALL, question }).message;
        const words = told.slice(told.indexOf('says: ') + 6);
        const sent = user.replace(/\s+/g, ' ').trim();
        for (let at = 0; at + 12 <= words.length; at++) {
          expect(sent).not.toContain(words.slice(at, at + 12));
        }
        expect(words).not.toContain(SECRET);
      }),
    );
  });

  it('is one short line, whatever was said', () => {
    const told = message(http(500, { message: `a\u0000b\u202e\n${'word '.repeat(10_000)}` }));
    expect(told).toMatch(/it says: ab word word/);
    expect(told.length).toBeLessThan(MAX_SAID_CHARS + 100);
  });

  it('the words of an SDK about an answer are left out', () => {
    expect(message(new SyntaxError('Unexpected token "S" in "SECRET FINDINGS"'))).not.toContain('SECRET');
  });

  it('nothing of the SDK’s error hangs on it', () => {
    expect(callError(http(500, { message: 'x' }), CALL).cause).toBeUndefined();
  });
});
