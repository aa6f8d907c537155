// The rig that plays the makers is itself held to what it promises: every wire protocol, by plain HTTP.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ModelServer, modelServer } from '../rigs/model-server.ts';

let server: ModelServer;
beforeAll(async () => {
  server = await modelServer();
});
afterAll(() => server.stop());

const TEXT = '{"findings":[]}';
const USAGE = { inputTokens: 11, outputTokens: 7 };
const messages = [
  { role: 'system', content: 'SYSTEM' },
  { role: 'user', content: 'USER' },
];
const SCHEMA = { type: 'object' };

const CALLS: readonly (readonly [path: string, body: unknown])[] = [
  [
    '/openai/v1/chat/completions',
    { model: 'a-model', messages, response_format: { json_schema: { name: 'a', schema: SCHEMA } } },
  ],
  [
    '/mistral/v1/chat/completions',
    { model: 'a-model', messages, response_format: { json_schema: { name: 'a', schema: SCHEMA } } },
  ],
  [
    '/anthropic/v1/messages',
    {
      model: 'a-model',
      system: 'SYSTEM',
      messages: [{ role: 'user', content: 'USER' }],
      max_tokens: 9,
      tools: [{ name: 'answer', input_schema: SCHEMA }],
      tool_choice: { type: 'tool', name: 'answer' },
    },
  ],
  [
    '/google/v1beta/models/a-model:generateContent',
    {
      systemInstruction: { parts: [{ text: 'SYSTEM' }] },
      contents: [{ role: 'user', parts: [{ text: 'USER' }] }],
      generationConfig: { responseSchema: SCHEMA },
    },
  ],
  ['/ollama-north/api/chat', { model: 'a-model', messages, stream: false, format: SCHEMA }],
];

it.each(CALLS)('%s is read, and answered as scripted', async (path, body) => {
  server.forget();
  server.answer(() => ({ text: TEXT, usage: USAGE, servedAs: 'a-model-2026' }));
  const response = await fetch(server.url + path, { method: 'POST', body: JSON.stringify(body) });
  const answer = await response.text();
  expect(response.status, answer).toBe(200);
  expect(answer).toContain('findings');
  expect(answer).toContain('a-model-2026');
  expect(answer).toMatch(/\b11\b/);
  expect(answer).toMatch(/\b7\b/);
  expect(server.requests).toMatchObject([
    { kind: 'question', model: 'a-model', system: 'SYSTEM', user: 'USER', schema: SCHEMA },
  ]);
});

it.each(CALLS)('%s fails as scripted', async (path, body) => {
  server.answer(() => ({ status: 429, message: 'too many', retryAfterS: 3, headers: { 'x-more': '1' } }));
  const response = await fetch(server.url + path, { method: 'POST', body: JSON.stringify(body) });
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe('3');
  expect(await response.text()).toContain('too many');
});

it('knows who hung up, tears a line where it is told to, and resets one', async () => {
  const [path, body] = CALLS[0] ?? ['', {}];
  const ask = (signal?: AbortSignal) =>
    fetch(server.url + path, {
      method: 'POST',
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });
  server.forget();
  const leaving = new AbortController();
  server.answer(() => {
    leaving.abort();
    return { hang: true };
  });
  await expect(ask(leaving.signal)).rejects.toThrow();
  await server.requests[0]?.hungUp;
  server.answer(() => ({ text: TEXT, cutAfterBytes: 10 }));
  await expect(ask().then((response) => response.text())).rejects.toThrow();
  server.answer(() => ({ drop: true }));
  await expect(ask()).rejects.toThrow();
});

it('points every maker at itself with a key that can be looked for', () => {
  const environment = server.environment({ hosts: ['my-vllm'] });
  expect(environment.MY_VLLM_BASE_URL).toBe(`${server.url}/my-vllm/v1`);
  expect(environment.OPENAI_API_KEY).toMatch(/planted/);
  expect(server.keys).toContain(environment.MISTRAL_API_KEY);
  expect(server.environment({ through: 'http://127.0.0.1:1' }).OLLAMA_HOST).toBe('http://127.0.0.1:1/ollama');
});
