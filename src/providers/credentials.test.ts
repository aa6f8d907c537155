import { describe, expect, it } from 'vitest';
import { accessTo, keysFor, secretsIn } from './credentials.ts';

const openai = { provider: 'openai', host: 'openai' };
const google = { provider: 'google', host: 'google' };
const mistral = { provider: 'compatible', host: 'mistral' };
const own = { provider: 'compatible', host: 'my-vllm.lab' };
const north = { provider: 'ollama', host: 'ollama-north' };

describe('whether a backing can be asked', () => {
  it.each([
    [openai, {}, { ready: false, variable: 'OPENAI_API_KEY' }],
    [openai, { OPENAI_API_KEY: 'a' }, { ready: true, variable: 'OPENAI_API_KEY' }],
    [openai, { OPENAI_API_KEY: '  ' }, { ready: false, variable: 'OPENAI_API_KEY' }],
    [openai, { OPENAI_BASE_URL: 'http://x' }, { ready: false, variable: 'OPENAI_API_KEY' }],
    [google, { GEMINI_API_KEY: 'a' }, { ready: true, variable: 'GOOGLE_API_KEY' }],
    [mistral, {}, { ready: false, variable: 'MISTRAL_API_KEY' }],
    [mistral, { MISTRAL_API_KEY: 'a' }, { ready: true, variable: 'MISTRAL_API_KEY' }],
    [own, {}, { ready: false, variable: 'MY_VLLM_LAB_BASE_URL' }],
    [own, { MY_VLLM_LAB_BASE_URL: 'http://x' }, { ready: true, variable: 'MY_VLLM_LAB_BASE_URL' }],
    [north, {}, { ready: false, variable: 'OLLAMA_HOST' }],
    [north, { OLLAMA_HOST: 'box' }, { ready: true, variable: 'OLLAMA_HOST' }],
    [north, { OLLAMA_NORTH_BASE_URL: 'http://x' }, { ready: true, variable: 'OLLAMA_NORTH_BASE_URL' }],
    [{ provider: 'constructor', host: 'x' }, {}, { ready: false, variable: 'CONSTRUCTOR_API_KEY' }],
    [{ provider: 'compatible', host: 'constructor' }, {}, { ready: false, variable: 'CONSTRUCTOR_BASE_URL' }],
  ])('%o with %o', (backing, environment, expected) => {
    expect(keysFor(backing, environment)).toEqual(expected);
  });
});

describe('where it is reached', () => {
  it('at its public address unless another is set', () => {
    const keys = { MISTRAL_API_KEY: ' a ', GOOGLE_API_KEY: 'b', GEMINI_API_KEY: 'c' };
    expect(accessTo(mistral, keys)).toMatchObject({ baseUrl: 'https://api.mistral.ai/v1', key: 'a' });
    expect(accessTo(google, { ...keys, GOOGLE_BASE_URL: 'http://x//' })).toMatchObject({
      baseUrl: 'http://x',
      key: 'b',
    });
  });

  it('a host’s own address wins over the one for all of Ollama, which needs no protocol', () => {
    const all = { OLLAMA_HOST: 'box:11434' };
    expect(accessTo(north, all)).toMatchObject({ baseUrl: 'http://box:11434', key: undefined });
    expect(accessTo(north, { ...all, OLLAMA_NORTH_BASE_URL: 'https://n' })).toMatchObject({
      baseUrl: 'https://n',
    });
  });

  it.each(['file:///etc/passwd', 'http://', 'ftp://x'])('%s is no address', (address) => {
    expect(() => accessTo(openai, { OPENAI_API_KEY: 'a', OPENAI_BASE_URL: address })).toThrow(
      'openai: expected an http(s) address in OPENAI_BASE_URL',
    );
  });

  it('what is missing is named', () => {
    expect(() => accessTo(own, {})).toThrow('my-vllm.lab: MY_VLLM_LAB_BASE_URL is not set');
  });
});

it('secrets are keys, tokens and the passwords of addresses, not what everyone may see', () => {
  const secrets = secretsIn({
    OPENAI_API_KEY: 'openai-secret',
    MY_VLLM_API_KEY: 'vllm-secret',
    ANTHROPIC_AUTH_TOKEN: 'token-secret',
    AGAIN_API_KEY: 'openai-secret',
    SHORT_API_KEY: 'none',
    OLLAMA_HOST: 'me:ollama%2Dsecret@box:11434',
    OPENAI_BASE_URL: 'https://public.example/v1',
    HOME: '/home/somebody',
    EMPTY_API_KEY: undefined,
  });
  expect([...secrets].sort()).toEqual(
    ['openai-secret', 'vllm-secret', 'token-secret', 'ollama%2Dsecret', 'ollama-secret'].sort(),
  );
});
