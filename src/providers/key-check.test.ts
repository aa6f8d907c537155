import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aQuestion } from '../../test/rigs/question.ts';
import { refusedHosts } from './key-check.ts';

const GOOD = 'sk-good-key-0123456789';
const asked: string[] = [];
let server: Server;
let url = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    const { authorization, 'x-api-key': anthropic, 'x-goog-api-key': google } = request.headers;
    asked.push(`${request.method} ${request.url}`);
    if (request.url?.startsWith('/down') === true) return void request.socket.destroy();
    if (request.url?.startsWith('/deaf') === true) return;
    const key = authorization?.replace('Bearer ', '') ?? anthropic ?? google;
    const open = request.url === '/api/tags';
    response.statusCode = request.url?.startsWith('/none') === true ? 404 : key === GOOD || open ? 200 : 401;
    response.end('{"data":[]}');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  url = `http://127.0.0.1:${port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const backing = (provider: string, host = provider) => ({ ...aQuestion().backing, provider, host });
const environment = (key: string) => ({
  OPENAI_API_KEY: key,
  OPENAI_BASE_URL: `${url}/v1`,
  ANTHROPIC_API_KEY: key,
  ANTHROPIC_BASE_URL: url,
  GEMINI_API_KEY: key,
  GOOGLE_BASE_URL: url,
  OLLAMA_HOST: url,
  MISTRAL_API_KEY: key,
  MISTRAL_BASE_URL: `${url}/v1`,
});
const all = [
  backing('openai'),
  backing('openai'),
  backing('anthropic'),
  backing('google'),
  backing('ollama', 'ollama-north'),
  backing('compatible', 'mistral'),
];

describe('whether keys are good', () => {
  it('good keys are refused nowhere, and each host is asked once what models it has', async () => {
    asked.length = 0;
    expect(await refusedHosts(all, environment(GOOD))).toEqual([]);
    expect(asked.toSorted()).toEqual([
      'GET /api/tags',
      'GET /v1/models',
      'GET /v1/models',
      'GET /v1/models',
      'GET /v1beta/models',
    ]);
  });

  it('wrong keys are refused by every maker that asks for one, and never repeated', async () => {
    const wrong = 'sk-wrong-key-9876543210';
    const refused = await refusedHosts(all, environment(wrong));
    expect(refused.map(({ host, error }) => [host, error.code])).toEqual([
      ['openai', 'auth'],
      ['anthropic', 'auth'],
      ['google', 'auth'],
      ['mistral', 'auth'],
    ]);
    for (const { error } of refused) expect(error.message).not.toContain(wrong);
  });

  it('a missing key names its variable', async () => {
    const [refused] = await refusedHosts([backing('openai')], {});
    expect(refused?.error.message).toBe('openai: OPENAI_API_KEY is not set');
  });

  it('a host that lists no models, is down, or never answers', async () => {
    const at = (path: string) => ({ OPENAI_API_KEY: GOOD, OPENAI_BASE_URL: `${url}/${path}` });
    const codes = async (path: string) =>
      (await refusedHosts([backing('openai')], at(path), 300)).map(({ error }) => error.code);
    expect(await codes('none')).toEqual([]);
    expect(await codes('down')).toEqual(['server']);
    expect(await codes('deaf')).toEqual(['timeout']);
  });
});
