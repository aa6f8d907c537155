// What only one maker does, over real HTTP: thoughts, counts, filters and errors in the midst of a stream.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer, Backing, Provider } from '../../src/providers/contract.ts';
import { liveProvider } from '../../src/providers/makers.ts';
import { at } from '../rigs/model-request.ts';
import { type ModelServer, modelServer } from '../rigs/model-server.ts';
import { aQuestion } from '../rigs/question.ts';

let server: ModelServer;
let provider: Provider;
// Before any client is made: the SDKs keep hold of the console they first see.
const printed = (['log', 'info', 'warn', 'error', 'debug'] as const).map((level) => vi.spyOn(console, level));
beforeAll(async () => {
  server = await modelServer();
  provider = liveProvider({ environment: server.environment() });
});
afterAll(async () => {
  await server.stop();
  for (const spy of printed) expect(spy.mock.calls).toEqual([]);
});
beforeEach(() => server.forget());

const backing = (maker: string): Backing => ({ ...aQuestion().backing, provider: maker, host: maker });
const ask = (maker: string): Promise<Answer> => provider.ask(aQuestion({ backing: backing(maker) }));

const sse = (
  events: readonly unknown[],
  named = false,
): { raw: string; headers: Record<string, string> } => ({
  raw: events
    .map(
      (event) => `${named ? `event: ${String(at(event, 'type'))}\n` : ''}data: ${JSON.stringify(event)}\n\n`,
    )
    .join(''),
  headers: { 'content-type': 'text/event-stream' },
});
const ndjson = (lines: readonly unknown[]) => ({
  raw: lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
  headers: { 'content-type': 'application/x-ndjson' },
});

describe('google', () => {
  it('waits as long as the body of an error says', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3.5s' }];
    const raw = JSON.stringify({
      error: { code: 429, message: 'Busy', status: 'RESOURCE_EXHAUSTED', details },
    });
    server.answer(() => ({ raw, status: 429 }));
    await expect(ask('google')).rejects.toMatchObject({ code: 'rate-limit', retryAfterMs: 3_500 });
  });

  it('a key that is none is an error of auth, though Google calls it a bad request', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }];
    const raw = JSON.stringify({ error: { code: 400, message: 'API key not valid.', details } });
    server.answer(() => ({ raw, status: 400 }));
    await expect(ask('google')).rejects.toMatchObject({ code: 'auth', retryable: false });
  });

  it.each([
    [{ promptFeedback: { blockReason: 'OTHER' } }],
    [{ candidates: [{ finishReason: 'SAFETY' }] }],
    [{ candidates: [{ content: { parts: [{ text: 'Half' }] }, finishReason: 'RECITATION' }] }],
  ])('%j is its content filter', async (event) => {
    server.answer(() => sse([{ ...event, usageMetadata: { promptTokenCount: 9 } }]));
    await expect(ask('google')).rejects.toMatchObject({
      code: 'content-filter',
      usage: { inputTokens: 9, outputTokens: 0 },
    });
  });

  it('thoughts are counted and left out of the text', async () => {
    const parts = [{ text: 'Hm …', thought: true }, { text: '{"a":' }];
    const usageMetadata = { promptTokenCount: 5, candidatesTokenCount: 3, thoughtsTokenCount: 40 };
    const events = [
      { candidates: [{ content: { parts } }], modelVersion: 'a-model-001', responseId: 'abc' },
      { candidates: [{ content: { parts: [{ text: '1}' }] }, finishReason: 'STOP' }], usageMetadata },
    ];
    server.answer(() => sse(events));
    expect(await ask('google')).toEqual({
      text: '{"a":1}',
      model: 'a-model-001',
      provenance: 'live',
      usage: { inputTokens: 5, outputTokens: 43 },
      requestId: 'abc',
    });
  });

  it('an answer that its own machinery spoiled is no answer', async () => {
    server.answer(() => sse([{ candidates: [{ finishReason: 'MALFORMED_RESPONSE' }] }]));
    await expect(ask('google')).rejects.toMatchObject({ code: 'malformed' });
  });

  it('a stream that ends without saying why is no answer', async () => {
    server.answer(() => sse([{ candidates: [{ content: { parts: [{ text: '{}' }] } }] }]));
    await expect(ask('google')).rejects.toMatchObject({ code: 'malformed' });
  });
});

describe('anthropic', () => {
  const start = {
    type: 'message_start',
    message: {
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'a-model-20261101',
      content: [],
      usage: {
        input_tokens: 10,
        cache_creation_input_tokens: 5,
        cache_read_input_tokens: 100,
        output_tokens: 1,
      },
    },
  };
  const delta = (one: object) => ({ type: 'content_block_delta', index: 0, delta: one });
  const text = delta({ type: 'text_delta', text: '{"a":1}' });
  const end = {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: 77 },
  };

  it('thoughts are left out of the text, and cached input is counted', async () => {
    const thought = delta({ type: 'thinking_delta', thinking: 'Hm …' });
    server.answer(() => sse([start, thought, { type: 'ping' }, text, end, { type: 'message_stop' }], true));
    expect(await ask('anthropic')).toMatchObject({
      text: '{"a":1}',
      model: 'a-model-20261101',
      usage: { inputTokens: 115, outputTokens: 77 },
    });
  });

  it('an overload in the midst of a stream is one of the server', async () => {
    const overload = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    server.answer(() => sse([start, text, overload], true));
    await expect(ask('anthropic')).rejects.toMatchObject({ code: 'server', retryable: true });
  });

  it('a stream that breaks off between two events is no answer', async () => {
    server.answer(() => sse([start, text], true));
    await expect(ask('anthropic')).rejects.toMatchObject({ code: 'malformed' });
  });

  it('a stream that speaks gibberish is no answer', async () => {
    const headers = { 'content-type': 'text/event-stream' };
    server.answer(() => ({ raw: 'event: message_start\ndata: {"type": GIBBERISH\n\n', headers }));
    await expect(ask('anthropic')).rejects.toMatchObject({ code: 'malformed' });
  });
});

describe('ollama', () => {
  const line = (content: string) => ({
    model: 'a-model',
    message: { role: 'assistant', content },
    done: false,
  });
  const done = { ...line(''), done: true, done_reason: 'stop', eval_count: 4 };

  it('is asked to cut nothing, and told how long the question may be', async () => {
    server.answer(() => ({ text: '{}' }));
    await ask('ollama');
    expect(server.requests[0]?.body).toMatchObject({
      truncate: false,
      shift: false,
      options: { num_ctx: 128_000, num_predict: 1 },
    });
  });

  it('counts what it can', async () => {
    server.answer(() => ndjson([line('{"a":'), line('1}'), done]));
    expect(await ask('ollama')).toMatchObject({
      text: '{"a":1}',
      usage: { inputTokens: 0, outputTokens: 4 },
    });
  });

  it('an error in the midst of a stream is one of the server', async () => {
    server.answer(() => ndjson([line('{"a":'), { error: 'the runner has died' }]));
    const error = await ask('ollama').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'server', message: expect.stringContaining('the runner has died') });
  });

  it('a line that is no JSON spoils the answer instead of being skipped', async () => {
    server.answer(() => ndjson([line('{"a":'), '{"model": SECRET', line('1}'), done]));
    await expect(ask('ollama')).rejects.toMatchObject({ code: 'malformed' });
  });

  it.each([
    ['a stream without its last line', [line('{"a":')]],
    ['nothing at all', []],
    ['an object of another world', [{ ok: true }]],
    ['no object', ['null']],
  ])('%s is no answer, and no sign of a host that is down', async (_, lines) => {
    server.answer(() => ndjson(lines));
    await expect(ask('ollama')).rejects.toMatchObject({ code: 'malformed', retryable: true });
  });

  it('withdrawing one question leaves the others alone', async () => {
    const leaving = new AbortController();
    server.answer(({ user }) => (user === 'leave' ? { hang: true } : { text: '{}', afterMs: 50 }));
    const prompt = { ...aQuestion().prompt, user: 'leave' };
    const leaves = provider.ask(aQuestion({ backing: backing('ollama'), prompt }), leaving.signal);
    const stays = ask('ollama');
    await vi.waitFor(() => expect(server.requests).toHaveLength(2));
    leaving.abort();
    await expect(leaves).rejects.toMatchObject({ code: 'cancelled' });
    await expect(stays).resolves.toMatchObject({ text: '{}' });
  });
});

it('an answer is not lost for a bill that cannot be read', async () => {
  const choices = [{ message: { content: '{}' }, finish_reason: 'stop' }];
  server.answer(({ maker }) =>
    maker === 'google'
      ? sse([
          {
            candidates: [{ content: { parts: [{ text: '{}' }] }, finishReason: 'STOP' }],
            usageMetadata: { promptTokenCount: -1 },
          },
        ])
      : { raw: JSON.stringify({ model: 'm', choices, usage: { prompt_tokens: null } }) },
  );
  expect(await ask('openai')).toEqual(expect.not.objectContaining({ usage: expect.anything() }));
  expect(await ask('google')).toMatchObject({ text: '{}', usage: { inputTokens: 0, outputTokens: 0 } });
});

describe('openrouter', () => {
  const other = { ...backing('compatible'), host: 'openrouter' };
  const choice = { message: { content: '{"a":' }, finish_reason: 'error' };

  it.each([
    [{ error: { code: 429, message: 'The host behind is busy' } }, 'rate-limit'],
    [{ error: { code: 'odd', message: 'The host behind has failed' } }, 'server'],
    [{ model: 'm', choices: [{ ...choice, error: { code: 502, message: 'Gone' } }] }, 'server'],
    [{ model: 'm', choices: [choice] }, 'server'],
    [{ model: 'm', choices: [{ ...choice, finish_reason: 'insufficient_system_resource' }] }, 'server'],
  ])('a failure that is told with a 200 is one: %j', async (body, code) => {
    server.answer(() => ({ raw: JSON.stringify(body) }));
    await expect(provider.ask(aQuestion({ backing: other }))).rejects.toMatchObject({
      code,
      retryable: true,
    });
  });
});

describe('openai', () => {
  it('a schema it cannot hold a model to is sent as advice', async () => {
    server.answer(() => ({ text: '{}' }));
    await ask('openai');
    expect(at(server.requests[0]?.body, 'response_format', 'json_schema', 'strict')).toBe(false);
    const schema = { type: 'object', properties: {}, required: [], additionalProperties: false };
    await provider.ask(aQuestion({ prompt: { ...aQuestion().prompt, schema } }));
    expect(at(server.requests[1]?.body, 'response_format', 'json_schema', 'strict')).toBe(true);
  });

  it('what the process’s own environment says of its account goes to nobody', async () => {
    vi.stubEnv('OPENAI_ORG_ID', 'org-private');
    vi.stubEnv('OPENAI_PROJECT_ID', 'project-private');
    vi.stubEnv('ANTHROPIC_AUTH_TOKEN', 'token-private');
    const fresh = liveProvider({ environment: server.environment() });
    server.answer(() => ({ text: '{}' }));
    const mistral = { ...backing('compatible'), host: 'mistral' };
    for (const asked of [backing('openai'), mistral, backing('anthropic')]) {
      await fresh.ask(aQuestion({ backing: asked }));
    }
    vi.unstubAllEnvs();
    expect(server.requests).toHaveLength(3);
    expect(JSON.stringify(server.requests.map(({ headers }) => headers))).not.toContain('private');
  });
});

it('a whole council asks at once, each its own, and each gets its own answer', async () => {
  server.answer(({ user }) => ({ text: JSON.stringify({ to: user }) }));
  const makers = ['openai', 'anthropic', 'google', 'ollama'];
  const answers = await Promise.all(
    Array.from({ length: 33 }, (_, i) => {
      const prompt = { ...aQuestion().prompt, user: `seat ${i}` };
      return provider.ask(aQuestion({ backing: backing(makers[i % makers.length] ?? ''), prompt }));
    }),
  );
  expect(answers.map(({ text }) => text)).toEqual(
    Array.from({ length: 33 }, (_, i) => JSON.stringify({ to: `seat ${i}` })),
  );
});
