// The embedders behind makers' APIs over real HTTP: the vectors of each text in order, and of every failure one plain
// sentence without key or text in it.
import { createServer, type Server } from 'node:http';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConclaveError } from '../../src/errors.ts';
import {
  cosine,
  type Embedder,
  REMOTE_BATCH,
  type RemoteEmbedding,
} from '../../src/seats/grounds/embedder.ts';
import { googleEmbedder } from '../../src/seats/grounds/google-embedder.ts';
import { ollamaEmbedder } from '../../src/seats/grounds/ollama-embedder.ts';
import { openaiEmbedder } from '../../src/seats/grounds/openai-embedder.ts';

const KEY = 'sk-planted-secret';
const TEXT = 'a reason nobody may read in an error';

const mock = new LLMock({ port: 0, logLevel: 'silent' });
let address = '';
/** Speaks the part of Ollama's protocol that the mock does not: `/api/embed` with a list. */
let ollama: Server;
let ollamaAddress = '';
let ollamaAnswer: (input: readonly string[]) => unknown;

const honest = (input: readonly string[]) => ({
  model: 'm',
  embeddings: input.map((text) => [text.length, 1, 0]),
});

beforeAll(async () => {
  address = await mock.start();
  ollama = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { input }: { input: readonly string[] } = JSON.parse(body);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(ollamaAnswer(input)));
  });
  await new Promise<void>((resolve) => ollama.listen(0, '127.0.0.1', resolve));
  const at = ollama.address();
  ollamaAddress = `http://127.0.0.1:${typeof at === 'object' && at !== null ? at.port : 0}`;
});

afterAll(async () => {
  await mock.stop();
  await new Promise((resolve) => ollama.close(resolve));
});

type Make = (options: RemoteEmbedding) => Embedder;
const makers: readonly (readonly [string, Make, () => string])[] = [
  ['openai', openaiEmbedder, () => `${address}/v1`],
  ['google', googleEmbedder, () => address],
  ['ollama', ollamaEmbedder, () => ollamaAddress],
];

async function failureOf(embedder: Embedder, texts: readonly string[] = [TEXT], signal?: AbortSignal) {
  const error: unknown = await embedder.embed(texts, signal).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConclaveError)) throw new Error('expected it to fail with an error of ours');
  expect(error.code).toBe('unavailable');
  expect(`${error.message}${error.stack}`).not.toContain(KEY);
  expect(error.message).not.toContain(TEXT);
  return error.message;
}

describe.each(makers)('embeddings of %s', (name, make, baseUrl) => {
  const embedder = (over: Partial<RemoteEmbedding> = {}) =>
    make({ model: 'some-embedding', apiKey: KEY, baseUrl: baseUrl(), ...over });

  it('gives each text its own vector of length 1, in order, over several requests', async () => {
    ollamaAnswer = honest;
    mock.clearFixtures();
    const texts = Array.from({ length: REMOTE_BATCH + 6 }, (_, i) => 'x'.repeat(i + 1));
    const vectors = await embedder().embed(texts);
    expect(vectors).toHaveLength(texts.length);
    for (const vector of vectors) expect(cosine(vector, vector)).toBeCloseTo(1, 5);
    const [again] = await embedder().embed(texts.slice(-1));
    const last = vectors.at(-1);
    if (again === undefined || last === undefined) throw new Error('expected vectors');
    expect(cosine(again, last)).toBeCloseTo(1, 5);
    expect(embedder().name).toBe(`${name} some-embedding`);
    expect(embedder()).toMatchObject({ kind: 'semantic', tuned: false });
    expect(embedder({ threshold: 0.6 })).toMatchObject({ threshold: 0.6, tuned: true });
  });

  it('nobody there: it is out of reach, and no more is said', async () => {
    const message = await failureOf(embedder({ baseUrl: 'http://127.0.0.1:9' }));
    expect(message).toBe(`embeddings of ${name} some-embedding: it is out of reach`);
  });

  it('withdrawn: it stops', async () => {
    await failureOf(embedder(), [TEXT], AbortSignal.abort());
  });
});

describe.each(makers.slice(0, 2))('embeddings of %s that fail', (name, make, baseUrl) => {
  it.each([401, 429, 500])('HTTP %i is named, asked once, and quotes nothing', async (status) => {
    mock.clearFixtures();
    mock.clearRequests();
    const message = `${KEY} was refused for "${TEXT}"`;
    mock.onEmbedding(/.*/, { error: { message, type: 'x' }, status });
    const told = await failureOf(make({ model: 'm', apiKey: KEY, baseUrl: baseUrl() }));
    expect(told).toBe(`embeddings of ${name} m: it answered with HTTP ${status}`);
    expect(mock.getRequests()).toHaveLength(1);
  });
});

describe('an Ollama server', () => {
  const embedder = () => ollamaEmbedder({ model: 'm', baseUrl: ollamaAddress });

  it.each<[string, (input: readonly string[]) => unknown]>([
    ['no vectors', () => ({ model: 'm' })],
    ['too few', (input) => ({ embeddings: input.slice(1).map(() => [1, 2]) })],
    ['words for numbers', (input) => ({ embeddings: input.map(() => ['1', '2']) })],
    ['a vector of nothing', (input) => ({ embeddings: input.map(() => [0, 0]) })],
    ['an empty vector', (input) => ({ embeddings: input.map(() => []) })],
    ['lengths that differ', (input) => ({ embeddings: input.map((_, i) => Array(i + 1).fill(1)) })],
    ['numbers that are none', (input) => ({ embeddings: input.map(() => [null, 1]) })],
  ])('that answers with %s is not believed', async (_, answer) => {
    ollamaAnswer = answer;
    expect(await failureOf(embedder(), [TEXT, 'another'])).toMatch(/^embeddings of ollama m: /);
  });

  it('that answers in the form of an older protocol is not believed either', async () => {
    mock.clearFixtures();
    const older = ollamaEmbedder({ model: 'm', baseUrl: address });
    expect(await failureOf(older)).toContain('expected 1 vectors');
  });
});
