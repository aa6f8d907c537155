import { describe, expect, it } from 'vitest';
import { embedderNamed } from './embedder-choice.ts';

const keys = { OPENAI_API_KEY: 'sk-0123456789', GEMINI_API_KEY: 'g-0123456789', OLLAMA_HOST: '127.0.0.1:9' };

describe('what compares reasons by meaning', () => {
  it.each([
    ['words', 'lexical'],
    ['openai', 'openai text-embedding-3-small'],
    ['openai:text-embedding-3-large', 'openai text-embedding-3-large'],
    ['google', 'google gemini-embedding-001'],
    ['ollama:all-minilm:22m', 'ollama all-minilm:22m'],
  ])('%s is %s', async (asked, name) => {
    expect((await embedderNamed(asked, keys)()).name).toBe(name);
  });

  it('a maker without its key is named with the variable, and nothing else is tried in its place', () => {
    expect(() => embedderNamed('openai', {})).toThrow('OPENAI_API_KEY is not set');
    expect(() => embedderNamed('ollama', {})).toThrow('OLLAMA_HOST is not set');
  });

  it('an unknown name is wrong usage', () => {
    expect(() => embedderNamed('word2vec', keys)).toThrow(
      'expected one of in-process, words, openai, google, ollama',
    );
  });
});
