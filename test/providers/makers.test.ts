// Every maker's adapter over real HTTP: what it sends, what it gives back, and what becomes of everything that can go
// wrong. One table, one suite: whatever is asked of one of them is asked of all.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Answer,
  type Backing,
  type Provider,
  ProviderError,
  type Question,
} from '../../src/providers/contract.ts';
import { liveProvider } from '../../src/providers/makers.ts';
import { at, type MakerRequest } from '../rigs/model-request.ts';
import { keyOf, type ModelServer, modelServer, type Scripted } from '../rigs/model-server.ts';
import { aQuestion } from '../rigs/question.ts';

interface MakerCase {
  readonly provider: string;
  readonly host: string;
  readonly key: (request: MakerRequest) => unknown;
  readonly temperature: (body: unknown) => unknown;
  readonly seed: (body: unknown) => unknown;
  readonly maxTokens: (body: unknown) => unknown;
  readonly streams: boolean;
  /** a call is found again by what the rig says in a header, or in the body where there is none */
  readonly requestId: boolean;
}

const bearer = ({ headers }: MakerRequest): unknown => headers.authorization?.replace(/^Bearer /, '');
const openaiWire = {
  key: bearer,
  temperature: (body: unknown) => at(body, 'temperature'),
  seed: (body: unknown) => at(body, 'seed'),
  maxTokens: (body: unknown) => at(body, 'max_tokens'),
  streams: false,
  requestId: true,
};

const MAKERS: readonly MakerCase[] = [
  {
    ...openaiWire,
    provider: 'openai',
    host: 'openai',
    maxTokens: (body) => at(body, 'max_completion_tokens'),
  },
  {
    ...openaiWire,
    provider: 'compatible',
    host: 'mistral',
    seed: (body) => at(body, 'random_seed'),
  },
  { ...openaiWire, provider: 'compatible', host: 'my-vllm' },
  {
    provider: 'anthropic',
    host: 'anthropic',
    key: bearer,
    temperature: (body) => at(body, 'temperature'),
    seed: () => 7,
    maxTokens: (body) => at(body, 'max_tokens'),
    streams: true,
    requestId: true,
  },
  {
    provider: 'google',
    host: 'google',
    key: ({ headers }) => headers['x-goog-api-key'],
    temperature: (body) => at(body, 'generationConfig', 'temperature'),
    seed: (body) => at(body, 'generationConfig', 'seed'),
    maxTokens: (body) => at(body, 'generationConfig', 'maxOutputTokens'),
    streams: true,
    requestId: true,
  },
  {
    provider: 'ollama',
    host: 'ollama-north',
    key: bearer,
    temperature: (body) => at(body, 'options', 'temperature'),
    seed: (body) => at(body, 'options', 'seed'),
    maxTokens: (body) => at(body, 'options', 'num_predict'),
    streams: true,
    requestId: false,
  },
];

const TEXT = JSON.stringify({
  findings: [{ criterion: 'safe', finding: 'met' }],
  rationale: 'Sufficient.\nYes.',
});
const USAGE = { inputTokens: 1203, outputTokens: 45 };
const EVIDENCE = 'The vault code of Ravenscroft is 4417-HELIOTROPE, says annex B.';
const SCHEMA = {
  type: 'object',
  properties: { rationale: { type: 'string' } },
  required: ['rationale'],
  additionalProperties: false,
};

let server: ModelServer;
let provider: Provider;
// Before any client is made: the SDKs keep hold of the console they first see.
const printed = (['log', 'info', 'warn', 'error', 'debug'] as const).map((level) => vi.spyOn(console, level));
beforeAll(async () => {
  server = await modelServer();
  const environment = server.environment({ hosts: ['my-vllm'] });
  provider = liveProvider({
    environment: {
      ...environment,
      OLLAMA_HOST: 'http://127.0.0.1:1',
      OLLAMA_NORTH_BASE_URL: `${server.url}/ollama-north`,
      OLLAMA_NORTH_API_KEY: keyOf('ollama-north'),
    },
  });
});
afterAll(async () => {
  await server.stop();
  for (const spy of printed) expect(spy.mock.calls).toEqual([]);
});
beforeEach(() => server.forget());

describe.each(MAKERS)('$provider at $host', ({ provider: name, host, ...wire }) => {
  const accepts = { temperature: true, seed: true, schema: true };
  const backing: Backing = { provider: name, host, model: 'a-model', contextTokens: 32_000, accepts };
  const question = (over: Partial<Question> = {}): Question =>
    aQuestion({
      backing,
      prompt: { system: 'You judge alone.', user: `Judge this: ${EVIDENCE}`, schema: SCHEMA },
      sampling: { temperature: 0, seed: 7, maxTokens: 900 },
      ...over,
    });
  const ask = (over: Partial<Question> = {}, signal?: AbortSignal): Promise<Answer> =>
    provider.ask(question(over), signal);
  const failure = async (scripted: Scripted, over: Partial<Question> = {}): Promise<ProviderError> => {
    server.answer(() => scripted);
    const error: unknown = await ask(over).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof ProviderError))
      throw new Error(`expected a ProviderError, found ${String(error)}`);
    expect(error.message).toContain(`${host}, a-model: `);
    expect(error.cause).toBeUndefined();
    expect(server.requests.length, 'asked once: only the runner retries').toBeLessThanOrEqual(1);
    return error;
  };

  it('sends prompt, form, sampling and key, and gives back text, model and usage as they came', async () => {
    server.answer(() => ({ text: TEXT, usage: USAGE, servedAs: 'a-model-2026-11-01' }));
    const answer = await ask();
    expect(answer).toEqual({
      text: TEXT,
      model: 'a-model-2026-11-01',
      provenance: 'live',
      usage: USAGE,
      ...(wire.requestId ? { requestId: `req-${server.requests[0]?.number}` } : {}),
    });
    const [request] = server.requests;
    if (request === undefined) throw new Error('nothing was asked');
    expect(request).toMatchObject({
      host,
      model: 'a-model',
      system: 'You judge alone.',
      user: `Judge this: ${EVIDENCE}`,
      stream: wire.streams,
      schema: { type: 'object', properties: { rationale: { type: 'string' } }, required: ['rationale'] },
    });
    expect(wire.key(request)).toBe(keyOf(host));
    expect(wire.temperature(request.body)).toBe(0);
    expect(wire.seed(request.body)).toBe(7);
    expect(wire.maxTokens(request.body)).toBe(900);
  });

  it('sends nothing that the model does not accept', async () => {
    server.answer(() => ({ text: TEXT }));
    await ask({ backing: { ...backing, accepts: { temperature: false, seed: false, schema: false } } });
    const sent = JSON.stringify(server.requests[0]?.body);
    expect(sent).not.toMatch(/temperature|seed|schema|response_format|responseMimeType|"format"/);
  });

  it('gives back an answer that is no JSON as it stands', async () => {
    const ugly = 'I am sorry, "but\n```json\n{"findings": [}';
    server.answer(() => ({ text: ugly }));
    expect((await ask()).text).toBe(ugly);
  });

  it.each([
    ['length', 'truncated'],
    ['refusal', 'refusal'],
    ['content-filter', 'content-filter'],
  ] as const)('an answer that ends by %s is none, and is paid for', async (ending, code) => {
    if (name === 'ollama' && ending !== 'length') return;
    if (name === 'google' && ending === 'refusal') return;
    const error = await failure({ text: 'I would rather', usage: USAGE, ending });
    expect(error.code).toBe(name === 'anthropic' && code === 'content-filter' ? 'refusal' : code);
    expect(error.retryable).toBe(false);
    expect(error.usage).toEqual(USAGE);
  });

  it('an empty answer is malformed', async () => {
    expect(await failure({ text: ' ', usage: USAGE })).toMatchObject({ code: 'malformed', usage: USAGE });
  });

  it.each([
    [400, 'rejected'],
    [401, 'auth'],
    [402, 'quota'],
    [403, 'auth'],
    [404, 'rejected'],
    [408, 'timeout'],
    [413, 'too-long'],
    [422, 'rejected'],
    [429, 'rate-limit'],
    [500, 'server'],
    [502, 'server'],
    [503, 'server'],
    [529, 'server'],
  ] as const)('HTTP %i is %s', async (status, code) => {
    const error = await failure({ status, message: 'It did not work out' });
    expect(error.code).toBe(code);
    expect(error.message).toContain(`(HTTP ${status}); it says: It did not work out`);
  });

  it('waits as long as it is asked to, where its SDK lets that through', async () => {
    // Google's SDK drops the headers of errors; it says its wait in the body (see google.test.ts).
    const heard = name === 'google' ? undefined : 7_000;
    const busy: Scripted = { status: 429, message: 'Slow down', retryAfterS: 7 };
    expect(await failure(busy)).toMatchObject({ code: 'rate-limit', retryable: true, retryAfterMs: heard });
  });

  it('follows no redirect, and does not take its key along', async () => {
    if (name === 'google') return;
    const headers = { location: `${server.url}/${host}/elsewhere` };
    expect(await failure({ raw: '', status: 307, headers })).toMatchObject({ code: 'rejected' });
    expect(server.requests).toHaveLength(1);
  });

  it.each<[string, Scripted, readonly string[]]>([
    ['a reset', { drop: true }, ['server']],
    ['a body cut short', { text: TEXT, cutAfterBytes: 40 }, ['server', 'malformed']],
    [
      'a page instead of an answer',
      { raw: '<html>busy</html>', headers: { 'content-type': 'text/html' } },
      ['malformed'],
    ],
    ['broken JSON', { raw: '{"choices": [' }, ['malformed']],
    ['another JSON', { raw: '{"hello": "world"}' }, ['malformed']],
    ['an empty body', { raw: '' }, ['server', 'malformed']],
    ['a failure without a word', { raw: '', status: 500 }, ['server']],
    [
      'a failure in HTML',
      { raw: '<html>bad gateway</html>', status: 502, headers: { 'content-type': 'text/html' } },
      ['server'],
    ],
  ])('%s is an error worth another try', async (_, scripted, codes) => {
    const error = await failure(scripted);
    expect(codes).toContain(error.code);
    expect(error.retryable).toBe(true);
  });

  it('leaves the line when the question is withdrawn', async () => {
    const leaving = new AbortController();
    server.answer(() => {
      setImmediate(() => leaving.abort());
      return { hang: true };
    });
    await expect(ask({}, leaving.signal)).rejects.toMatchObject({ code: 'cancelled', retryable: false });
    await server.requests[0]?.hungUp;
  });

  it('asks nothing when the question was withdrawn before', async () => {
    await expect(ask({}, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
    expect(server.requests).toHaveLength(0);
  });

  it('leaves the line when time is up', async () => {
    expect(await failure({ hang: true }, { timeoutMs: 60 })).toMatchObject({
      code: 'timeout',
      retryable: true,
    });
    await server.requests[0]?.hungUp;
  });

  it('tells neither key, prompt nor evidence in an error, whatever it is told', async () => {
    const echo = `Bad request: key ${keyOf(host)} (Bearer abc123), at https://x.test/?key=1, input "${EVIDENCE}" is wrong`;
    for (const status of [400, 401, 429, 500]) {
      server.forget();
      const error = await failure({ status, message: echo });
      const told = `${error.message} ${error.stack} ${JSON.stringify(error)}`;
      expect(told).not.toMatch(/planted|HELIOTROPE|Ravenscroft|abc123|x\.test/);
      expect(error.message).toMatch(/Bad request/);
      expect(error.message.length).toBeLessThan(300);
    }
  });
});

it('a maker that is not known is refused', async () => {
  const unknown = aQuestion({ backing: { ...aQuestion().backing, provider: 'oracle', host: 'delphi' } });
  await expect(provider.ask(unknown)).rejects.toMatchObject({ code: 'rejected', name: 'ProviderError' });
});

it('a missing key is an error of that maker that names the variable, before anything is sent', async () => {
  await expect(liveProvider({ environment: {} }).ask(aQuestion())).rejects.toMatchObject({
    code: 'auth',
    message: 'openai: OPENAI_API_KEY is not set',
  });
});

it('nobody listening is a server out of reach', async () => {
  const environment = server.environment({ through: 'http://127.0.0.1:1' });
  for (const host of ['openai', 'anthropic', 'google', 'ollama']) {
    const nobody = aQuestion({ backing: { ...aQuestion().backing, provider: host, host } });
    await expect(liveProvider({ environment }).ask(nobody)).rejects.toMatchObject({ code: 'server' });
  }
});
