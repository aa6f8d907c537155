import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { madeUpModel } from '../../../test/evals/made-up-model.ts';
import { Random } from '../../simulation/random.ts';
import { readVerdicts } from '../verdicts/read-verdicts.ts';
import { MISSING, type VerdictTable, withItems, withVoters } from '../verdicts/verdict-table.ts';
import { drawTable, newItems } from './draw-table.ts';
import { fitLatentModel } from './fit.ts';
import type { LatentModel } from './latent-model.ts';
import type { Place } from './seats.ts';

const llmbar = join(import.meta.dirname, '../../../../shared/verdicts/llmbar.jsonl.gz');

const provenance = { dataset: 'made up', source: 'made up', licence: 'none', sha256: '0'.repeat(64) };
const fitTo = (table: VerdictTable, sweeps: number): LatentModel =>
  fitLatentModel(table, { provenance, seed: 1, sweeps });

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const meanOf = (list: readonly number[]): number => list.reduce((sum, each) => sum + each, 0) / list.length;

/** Pearson's. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  const sum = (f: (i: number) => number): number => a.reduce((total, _, i) => total + f(i), 0);
  const offA = (i: number): number => (a[i] ?? 0) - meanA;
  const offB = (i: number): number => (b[i] ?? 0) - meanB;
  return sum((i) => offA(i) * offB(i)) / Math.sqrt(sum((i) => offA(i) ** 2) * sum((i) => offB(i) ** 2));
}

describe('parameters that are known', () => {
  // 30 voters of 5 developers with 3 families of two each, and 3 prompts that cross them
  const voters = numbers(30).map(
    (i): Place => ({ developer: `d${i % 5}`, family: `f${i % 15}`, prompt: `p${Math.floor(i / 10)}` }),
  );
  const thresholds = numbers(30).map((i) => -0.5 + i / 10);
  const loadings = numbers(30).map((i) => 0.6 + ((7 * i) % 30) / 20);
  const truth = madeUpModel({
    voters,
    thresholds,
    loadings,
    points: [-1.5, -0.9, -0.3, 0.3, 0.9, 1.5],
    shared: { developer: 0.9, family: 0.6, prompt: 0.4 },
    abstains: voters.map((_, i) => (i === 0 ? 0.25 : 0)),
  });
  const drawn = drawTable(truth, { items: newItems(700, 300), random: new Random(11) });
  const fitted = fitTo(drawn, 70);

  it('what levels share comes out, each level apart', () => {
    const { developer, family, prompt } = fitted.approve.shared;
    expect(Math.abs((developer ?? 0) - 0.9)).toBeLessThan(0.2);
    expect(Math.abs((family ?? 0) - 0.6)).toBeLessThan(0.2);
    expect(Math.abs((prompt ?? 0) - 0.4)).toBeLessThan(0.2);
  });

  it('thresholds and loadings come out, voter by voter', () => {
    const threshold = fitted.voters.map(({ approve }) => approve.threshold);
    const loading = fitted.voters.map(({ approve }) => Math.hypot(...approve.loadings));
    expect(correlation(threshold, thresholds)).toBeGreaterThan(0.97);
    expect(correlation(loading, loadings)).toBeGreaterThan(0.7);
    // the points of the truth have a standard deviation of 1.025
    expect(Math.abs(meanOf(loading) - 1.025 * meanOf(loadings))).toBeLessThan(0.25);
    expect(fitted.voters[0]?.abstains).toBeCloseTo(0.25, 1);
    expect(fitted.voters[1]?.abstains).toBe(0);
  });

  it('a fitted voter errs as often as the one it was fitted to, on either side', () => {
    const again = drawTable(fitted, { items: newItems(10_000, 10_000), random: new Random(12) });
    const rate = ({ verdicts, items }: VerdictTable, voter: number, label: number): number => {
      const given = [...(verdicts[voter] ?? [])].filter((_, item) => items.labels[item] === label);
      return given.filter((verdict) => verdict !== label).length / given.length;
    };
    for (const voter of [0, 10, 29]) {
      for (const label of [1, 2]) {
        expect(Math.abs(rate(again, voter, label) - rate(drawn, voter, label))).toBeLessThan(0.02);
      }
    }
  });

  it('the same seed gives the same model, another seed another', () => {
    const small = withItems(drawn, [...numbers(40), ...numbers(40).map((i) => 700 + i)]);
    expect(fitTo(small, 5)).toEqual(fitTo(small, 5));
    expect(fitLatentModel(small, { provenance, seed: 2, sweeps: 5 })).not.toEqual(fitTo(small, 5));
  });
});

describe('what cannot be told', () => {
  const table = (voters: readonly Place[]): VerdictTable =>
    drawTable(madeUpModel({ voters }), { items: newItems(30, 30), random: new Random(1) });

  it('a level that all share, that nobody shares, or that another splits alike is no level', () => {
    const voters = numbers(6).map(
      (i): Place => ({
        developer: `d${i % 2}`,
        family: `f${i % 2}`,
        host: 'h',
        lens: `l${i}`,
        prompt: `p${i % 3}`,
      }),
    );
    expect(Object.keys(fitTo(table(voters), 2).reject.shared)).toEqual(['developer', 'prompt']);
  });

  it('a voter without a single verdict on a side is kept, and a table without a side refused', () => {
    const whole = table([{}, {}, {}]);
    const verdicts = whole.verdicts.map((row, i) =>
      i === 0 ? row.map((v, item) => (item < 30 ? MISSING : v)) : row,
    );
    const model = fitTo({ ...whole, verdicts }, 4);
    expect(Number.isFinite(model.voters[0]?.approve.threshold)).toBe(true);
    expect(model.provenance).toMatchObject({ voters: 3, items: 60, verdicts: 150 });
    expect(() => fitTo(withItems(whole, numbers(30)), 2)).toThrow('items to be rejected');
  });

  it('the difficulties of a cluster are found to go together, or against each other', () => {
    // Eight voters leave much open about an item: uncorrected, the estimates would correlate by about 0.5.
    const voters = numbers(8).map((): Place => ({}));
    const loadings = voters.map(() => 1);
    for (const clusterCorrelation of [0.8, -0.8]) {
      const made = madeUpModel({ voters, loadings, points: [-1.5, -0.9, -0.3, 0.3, 0.9, 1.5] });
      const items = {
        ...newItems(600, 600),
        clusters: Uint32Array.from({ length: 1200 }, (_, item) => item % 600),
        clusterCount: 600,
      };
      const drawn = drawTable({ ...made, clusterCorrelation }, { items, random: new Random(5) });
      expect(Math.abs(fitTo(drawn, 30).clusterCorrelation - clusterCorrelation)).toBeLessThan(0.15);
    }
  });
});

describe.skipIf(!existsSync(llmbar))('LLMBar: six models under the same prompts', () => {
  it('what a family shares outweighs what a prompt shares, and both are there', async () => {
    const columns = { family: 'base_model', prompt: 'strategy' };
    const { table } = await readVerdicts([llmbar], { columns });
    const prompts = ['CoT', 'Metrics', 'Reference', 'Swap', 'Vanilla', 'Vanilla_NoRules'];
    const chosen = [...table.voters.keys()].filter((voter) => {
      const { name, domains } = table.voters[voter] ?? { name: '', domains: {} };
      return name.endsWith('swap=False') && prompts.includes(domains.prompt ?? '');
    });
    expect(chosen).toHaveLength(36);
    const { approve, reject } = fitTo(withVoters(table, chosen), 40);
    for (const { shared } of [approve, reject]) {
      expect(shared.family).toBeGreaterThan(0.5);
      expect(shared.prompt).toBeGreaterThan(0.15);
      expect(shared.family).toBeGreaterThan(1.5 * (shared.prompt ?? 0));
    }
  });
});
