import { describe, expect, it } from 'vitest';
import { cosine } from './embedder.ts';
import { inProcessEmbedder } from './energetic-embedder.ts';

/** Loading takes a while, and the model changes nothing between tests. */
const loaded = inProcessEmbedder();
const absent = () => {
  throw new Error('Cannot find module');
};

describe('the embedder in process', () => {
  it('gives a text one vector whatever stands beside it, and copes with hostile ones', async () => {
    const embedder = await loaded;
    const hostile = ['', ' ', '\u0000\ufffd', '\ud800', '字'.repeat(100), 'A reason.', 'x '.repeat(1_000)];
    const [one] = await embedder.embed(['A reason.']);
    const vectors = await embedder.embed(hostile);
    expect(vectors).toHaveLength(hostile.length);
    for (const vector of vectors) expect(cosine(vector, vector)).toBeCloseTo(1, 5);
    expect(vectors[5]).toEqual(one);
  });

  it.each<[string, (name: string) => unknown]>([
    ['missing', absent],
    ['something else', () => ({})],
    ['broken', () => ({ initModel: () => Promise.reject(new Error('no wasm')), modelSource: () => ({}) })],
    ['without a model', () => ({ initModel: async () => ({}), modelSource: () => ({}) })],
  ])('a package that is %s is replaced by the lexical one, which says so', async (_, load) => {
    const embedder = await inProcessEmbedder({ load });
    expect(embedder.kind).toBe('lexical');
    expect(embedder.name).toContain('did not load');
    expect(await embedder.embed(['a'])).toHaveLength(1);
  });

  it('stops when it is told to', async () => {
    const embedder = await loaded;
    if (embedder.kind !== 'semantic') return;
    await expect(embedder.embed(['a', 'b'], AbortSignal.abort())).rejects.toThrow(/told to stop/);
  });
});
