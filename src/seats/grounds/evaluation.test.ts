import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { cosine, type Embedder } from './embedder.ts';
import { inProcessEmbedder } from './energetic-embedder.ts';
import { chooseThreshold, evaluateGrounds, type GroundsEvaluation, type Rate, wilson } from './evaluation.ts';
import { LEXICAL_THRESHOLD, lexicalEmbedder } from './lexical-embedder.ts';
import { loadPairs } from './pairs.ts';

const pairs = loadPairs(join(import.meta.dirname, '../../../evals/grounds/pairs.yaml'));
/** Loading takes a while, and the model changes nothing between tests. */
const loaded = inProcessEmbedder();
const absent = () => {
  throw new Error('Cannot find module');
};

describe('grounds on the held-out half', () => {
  let inProcess: Embedder;
  let evaluation: GroundsEvaluation;

  beforeAll(async () => {
    inProcess = await loaded;
    evaluation = await evaluateGrounds(pairs, [lexicalEmbedder(), inProcess]);
  });

  it('opposed pairs never share a cluster where findings oppose', () => {
    for (const {
      opposedWithOpposedFindings: { of, n },
    } of evaluation.figures) {
      expect(of).toBe(0);
      expect(n).toBeGreaterThan(25);
    }
  });

  it('every rate has its n and an interval around it', () => {
    for (const figures of evaluation.figures) {
      for (const rate of Object.values(figures)) {
        if (typeof rate !== 'object') continue;
        expect(rate.n).toBeGreaterThan(0);
        expect(rate.low).toBeLessThanOrEqual(rate.rate);
        expect(rate.high).toBeGreaterThanOrEqual(rate.rate);
        expect(rate.high - rate.low).toBeGreaterThan(0);
      }
    }
  });

  it('similarity alone would put nearly all opposed reasons together; the search for denials keeps most apart', () => {
    for (const { opposedBySimilarityAlone, opposedWithEqualFindings } of evaluation.figures) {
      expect(opposedBySimilarityAlone.rate).toBeGreaterThan(0.8);
      expect(opposedWithEqualFindings.rate).toBeLessThan(0.4);
    }
    expect(evaluation.opposition.found.rate).toBeGreaterThan(0.6);
    expect(evaluation.opposition.falseAlarms.rate).toBeLessThan(0.12);
  });

  it('words alone give the figures of docs/minds.md', () => {
    const [lexical] = evaluation.figures;
    expect(lexical).toMatchObject({
      pairs: 123,
      precision: { of: 24, n: 49 },
      recall: { of: 24, n: 38 },
      opposedWithEqualFindings: { of: 9, n: 47 },
      negatedWithEqualFindings: { of: 4, n: 37 },
      opposedBySimilarityAlone: { of: 44, n: 47 },
    });
    expect(evaluation.opposition).toMatchObject({ found: { of: 35, n: 47 }, falseAlarms: { of: 2, n: 76 } });
  });

  it('so does the embedder in process, but for what its arithmetic may round otherwise', ({ skip }) => {
    if (inProcess.kind !== 'semantic') skip('its package is not installed');
    const semantic = evaluation.figures[1];
    const near = (rate: Rate | undefined, of: number) => {
      expect(Math.abs((rate?.of ?? Number.NaN) - of)).toBeLessThanOrEqual(2);
    };
    near(semantic?.recall, 27);
    near(semantic?.opposedWithEqualFindings, 11);
    near(semantic?.negatedWithEqualFindings, 6);
    near(semantic?.opposedBySimilarityAlone, 46);
    expect(semantic?.precision.rate).toBeGreaterThan(0.48);
    expect(semantic?.recall.n).toBe(38);
  });

  it('thresholds are what the tuning half gives, and the held-out half has no say', async ({ skip }) => {
    expect(await chooseThreshold(pairs, lexicalEmbedder())).toBe(LEXICAL_THRESHOLD);
    if (process.env.CONCLAVE_GROUNDS_TUNING === undefined || inProcess.kind !== 'semantic') {
      skip('embedding the tuning half takes seconds; set CONCLAVE_GROUNDS_TUNING to have it checked');
    }
    expect(await chooseThreshold(pairs, inProcess)).toBe(inProcess.threshold);
  });
});

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

describe('the interval', () => {
  it('agrees with published figures of Wilson', () => {
    const { low, high } = wilson(1, 10);
    expect(low).toBeCloseTo(0.0179, 3);
    expect(high).toBeCloseTo(0.4042, 3);
    expect(wilson(0, 0)).toMatchObject({ low: 0, high: 1 });
  });

  it('holds the rate, stays in bounds and narrows with n', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), (some, more) => {
        const n = some + more;
        const { rate, low, high } = wilson(some, n);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(n === 0 || (low <= rate + 1e-9 && rate - 1e-9 <= high)).toBe(true);
        const wide = high - low;
        const tenfold = wilson(10 * some, 10 * n);
        expect(tenfold.high - tenfold.low).toBeLessThanOrEqual(wide);
      }),
    );
  });
});
