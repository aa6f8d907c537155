import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { madeUpModel } from '../../../test/evals/made-up-model.ts';
import { Random } from '../../simulation/random.ts';
import { RESULT_KIND, resultSchema } from '../results/eval-result.ts';
import { readVerdicts } from '../verdicts/read-verdicts.ts';
import { MISSING, type VerdictTable } from '../verdicts/verdict-table.ts';
import { drawTable, newItems } from './draw-table.ts';
import { type Fidelity, fidelityOf } from './fidelity.ts';
import { fidelitySections } from './fidelity-sections.ts';
import { readLatentModel } from './latent-model.ts';

const crux = join(import.meta.dirname, '../../../../shared/verdicts/zeroeval-crux-verify.jsonl.gz');
const shipped = readLatentModel(join(import.meta.dirname, '../../../evals/fits/crux-verify.yaml'));

const outside = ({ figures }: Fidelity): string[] =>
  figures.filter(({ within }) => !within).map(({ id }) => id);
const figure = ({ figures }: Fidelity, id: string) => figures.find((each) => each.id === id);

describe.skipIf(!existsSync(crux))('the shipped fit to crux-verify', async () => {
  const { table, sources } = await readVerdicts([crux]);
  const fidelity = fidelityOf(table, shipped, { seed: 1, runs: 30 });

  it('says by SHA-256 which recording it was fitted to', () => {
    const { sha256, voters, items, verdicts } = shipped.provenance;
    expect(sha256).toBe(sources[0]?.digest);
    expect({ voters, items, verdicts }).toEqual({ voters: 51, items: 1561, verdicts: 79_611 });
  });

  it('is held against what the README of the data says', () => {
    expect(figure(fidelity, 'error-correlation')?.observed).toBeCloseTo(0.366, 4);
    expect(figure(fidelity, 'effective-votes')?.observed).toBeCloseTo(2.643, 3);
    expect(figure(fidelity, 'majority')?.observed).toBeCloseTo(0.8219, 4);
  });

  it('simulated ρ, effective votes, majority and tail hold the recorded ones', () => {
    // 17 figures: one may lie outside by chance alone
    expect(outside(fidelity).length).toBeLessThanOrEqual(1);
    for (const id of [
      'error-correlation',
      'effective-votes',
      'majority',
      'wrong-approvals',
      'wrong-rejections',
    ]) {
      expect(figure(fidelity, id)).toMatchObject({ within: true });
    }
  });

  it('the intervals are narrow enough to mean something', () => {
    const width = (id: string): number => {
      const { low = 0, high = 1 } = figure(fidelity, id)?.simulated ?? {};
      return high - low;
    };
    expect(width('error-correlation')).toBeLessThan(0.05);
    expect(width('majority')).toBeLessThan(0.06);
    expect(width('wrong-approvals')).toBeLessThan(0.025);
  });

  it('without what voters share it fails where it should', () => {
    const side = { ...shipped.approve, shared: {} };
    const lonely = { ...shipped, approve: side, reject: { ...shipped.reject, shared: {} } };
    const independent = {
      ...lonely,
      voters: shipped.voters.map((voter) => ({
        ...voter,
        approve: { threshold: voter.approve.threshold / 2, loadings: [0, 0] as const },
        reject: { threshold: voter.reject.threshold / 2, loadings: [0, 0] as const },
      })),
    };
    const failed = outside(fidelityOf(table, independent, { seed: 1, runs: 10 }));
    for (const id of [
      'error-correlation',
      'effective-votes',
      'majority',
      'approve-22-of-33',
      'reject-22-of-33',
    ]) {
      expect(failed).toContain(id);
    }
  });
});

describe('fidelity', () => {
  const model = madeUpModel({
    voters: ['a', 'a', 'a', 'b', 'b', 'b'].map((family) => ({ family })),
    shared: { family: 1 },
    points: [-1, 1],
    loadings: [1, 1, 1, 1, 1, 1],
    threshold: 0.8,
  });
  const drawn = (seed: number): VerdictTable =>
    drawTable(model, { items: newItems(150, 150), random: new Random(seed) });

  it('a table drawn from the model lies within about nineteen times in twenty', () => {
    let [inside, all] = [0, 0];
    for (let seed = 0; seed < 15; seed++) {
      const { figures } = fidelityOf(drawn(1000 + seed), model, { seed, runs: 40 });
      inside += figures.filter(({ within }) => within).length;
      all += figures.length;
    }
    expect(inside / all).toBeGreaterThan(0.9);
    expect(inside / all).toBeLessThan(0.995);
  });

  it('looks only at items that all answered, and refuses voters it has no parameters for', () => {
    const table = drawn(1);
    const gaps = table.verdicts.map((row, i) =>
      i === 0 ? row.map((v, item) => (item < 10 ? MISSING : v)) : row,
    );
    expect(fidelityOf({ ...table, verdicts: gaps }, model, { seed: 1, runs: 2 }).items).toBe(290);
    const strangers = table.voters.map((voter) => ({ ...voter, name: `${voter.name}'` }));
    expect(() => fidelityOf({ ...table, voters: strangers }, model, { seed: 1, runs: 2 })).toThrow(
      "voter 1'",
    );
  });

  it('tails begin with all items and count down, by hand', () => {
    const table = drawn(1);
    // the first item to be approved wrong for all six, the others right
    const verdicts = table.verdicts.map((row) =>
      row.map((_, item) => (item < 150 ? (item === 0 ? 2 : 1) : 2)),
    );
    const [approve, reject] = fidelityOf({ ...table, verdicts }, model, { seed: 1, runs: 2 }).tails;
    expect(approve?.observed).toEqual([1, ...Array(6).fill(1 / 150)]);
    expect(reject?.observed).toEqual([1, 0, 0, 0, 0, 0, 0]);
  });

  it('is shown as sections that a result may hold', () => {
    const fidelity = fidelityOf(drawn(2), model, { seed: 1, runs: 20 });
    const { sections } = resultSchema.parse({
      schemaVersion: 1,
      kind: RESULT_KIND,
      suite: { name: 's', title: 't', question: 'q' },
      command: 'c',
      seed: 1,
      sources: [],
      limits: [],
      sections: fidelitySections(fidelity),
    });
    const [table, curves] = sections;
    expect(table).toMatchObject({ kind: 'table', rows: { length: fidelity.figures.length } });
    expect(curves).toMatchObject({ kind: 'curves', series: { length: 4 }, marks: [{ x: 2 }, { x: 4 }] });
  });
});
