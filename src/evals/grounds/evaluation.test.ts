import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Embedder } from '../../seats/grounds/embedder.ts';
import { inProcessEmbedder } from '../../seats/grounds/energetic-embedder.ts';
import { LEXICAL_THRESHOLD, lexicalEmbedder } from '../../seats/grounds/lexical-embedder.ts';
import { loadPairs } from '../../seats/grounds/pairs.ts';
import type { Figure } from '../measures/figure.ts';
import { chooseThreshold, evaluateGrounds, type GroundsEvaluation } from './evaluation.ts';

const pairs = loadPairs(join(import.meta.dirname, '../../../evals/grounds/pairs.yaml'));
/** Loading takes a while, and the model changes nothing between tests. */
const loaded = inProcessEmbedder();

describe('grounds on the held-out half', () => {
  let inProcess: Embedder;
  let evaluation: GroundsEvaluation;

  beforeAll(async () => {
    inProcess = await loaded;
    evaluation = await evaluateGrounds(pairs, [lexicalEmbedder(), inProcess]);
  });

  it('opposed pairs never share a cluster where findings oppose', () => {
    for (const {
      opposedWithOpposedFindings: { value, n },
    } of evaluation.figures) {
      expect(value).toBe(0);
      expect(n).toBeGreaterThan(25);
    }
  });

  it('every rate has its n and an interval around it', () => {
    for (const figures of evaluation.figures) {
      for (const figure of Object.values(figures)) {
        if (typeof figure !== 'object') continue;
        expect(figure.n).toBeGreaterThan(0);
        expect(figure.low).toBeLessThanOrEqual(figure.value);
        expect(figure.high).toBeGreaterThanOrEqual(figure.value);
        expect(figure.high - figure.low).toBeGreaterThan(0);
      }
    }
  });

  it('similarity alone would put nearly all opposed reasons together; the search for denials keeps most apart', () => {
    for (const { opposedBySimilarityAlone, opposedWithEqualFindings } of evaluation.figures) {
      expect(opposedBySimilarityAlone.value).toBeGreaterThan(0.8);
      expect(opposedWithEqualFindings.value).toBeLessThan(0.4);
    }
    expect(evaluation.opposition.found.value).toBeGreaterThan(0.6);
    expect(evaluation.opposition.falseAlarms.value).toBeLessThan(0.12);
  });

  it('words alone give the figures of docs/minds.md', () => {
    const [lexical] = evaluation.figures;
    expect(lexical).toMatchObject({
      pairs: 123,
      precision: { value: 24 / 49, n: 49 },
      recall: { value: 24 / 38, n: 38 },
      opposedWithEqualFindings: { value: 9 / 47, n: 47 },
      negatedWithEqualFindings: { value: 4 / 37, n: 37 },
      opposedBySimilarityAlone: { value: 44 / 47, n: 47 },
    });
    expect(evaluation.opposition).toMatchObject({
      found: { value: 35 / 47, n: 47 },
      falseAlarms: { value: 2 / 76, n: 76 },
    });
  });

  it('so does the embedder in process, but for what its arithmetic may round otherwise', ({ skip }) => {
    if (inProcess.kind !== 'semantic') skip('its package is not installed');
    const semantic = evaluation.figures[1];
    const near = (figure: Figure | undefined, hits: number) => {
      expect(Math.abs((figure?.value ?? Number.NaN) * (figure?.n ?? 0) - hits)).toBeLessThan(2.5);
    };
    near(semantic?.recall, 27);
    near(semantic?.opposedWithEqualFindings, 11);
    near(semantic?.negatedWithEqualFindings, 6);
    near(semantic?.opposedBySimilarityAlone, 46);
    expect(semantic?.precision.value).toBeGreaterThan(0.48);
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
