import { describe, expect, it } from 'vitest';
import { madeUpModel } from '../../../test/evals/made-up-model.ts';
import { Random } from '../../simulation/random.ts';
import { errorCorrelation } from '../measures/pair-measures.ts';
import { ABSTAIN, APPROVE, errorsOf, REJECT, type VerdictTable } from '../verdicts/verdict-table.ts';
import { drawTable, newItems } from './draw-table.ts';
import { normalCdf } from './normal.ts';

const ITEMS = 40_000;

function correlation(table: VerdictTable, a = 0, b = 1): number {
  const errors = errorsOf(table);
  const wrong = (voter: number): number => errors[voter]?.reduce((sum, error) => sum + error, 0) ?? 0;
  const bothWrong = errors[a]?.reduce((sum, error, item) => sum + error * (errors[b]?.[item] ?? 0), 0) ?? 0;
  const margins = { sameWrong: 0, approvesA: 0, rejectsA: 0, approvesB: 0, rejectsB: 0 };
  return errorCorrelation({
    ...margins,
    items: table.items.names.length,
    wrongA: wrong(a),
    wrongB: wrong(b),
    bothWrong,
  });
}

const shareWrong = (table: VerdictTable, voter: number): number =>
  (errorsOf(table)[voter]?.reduce((sum, error) => sum + error, 0) ?? 0) / table.items.names.length;

describe('what voters share', () => {
  it('nothing shared, no correlation', () => {
    const model = madeUpModel({ voters: [{ family: 'a' }, { family: 'a' }] });
    const table = drawTable(model, { items: newItems(ITEMS, 0), random: new Random(1) });
    expect(Math.abs(correlation(table))).toBeLessThan(0.02);
    expect(shareWrong(table, 0)).toBeCloseTo(0.5, 1);
  });

  it('everything shared, they err as one', () => {
    const model = madeUpModel({ voters: [{ family: 'a' }, { family: 'a' }], shared: { family: 100 } });
    const table = drawTable(model, { items: newItems(ITEMS, 0), random: new Random(1) });
    expect(correlation(table)).toBeGreaterThan(0.98);
  });

  it.each([0.5, 1, 2])(
    'a shared part of standard deviation %d makes both err as the orthant says',
    (spread) => {
      // Sheppard (1899): two standard normals of correlation r are both positive with 1/4 + asin(r)/2π.
      const r = spread ** 2 / (1 + spread ** 2);
      const model = madeUpModel({ voters: [{ prompt: 'a' }, { prompt: 'a' }], shared: { prompt: spread } });
      const errors = errorsOf(drawTable(model, { items: newItems(0, ITEMS), random: new Random(3) }));
      const both =
        (errors[0]?.filter((error, item) => error === 1 && errors[1]?.[item] === 1).length ?? 0) / ITEMS;
      const expected = 1 / 4 + Math.asin(r) / (2 * Math.PI);
      expect(Math.abs(both - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / ITEMS));
    },
  );

  it('voters of different families, or of none, share no family', () => {
    const model = madeUpModel({
      voters: [{ family: 'a' }, { family: 'b' }, {}, {}],
      shared: { family: 2 },
    });
    const table = drawTable(model, { items: newItems(ITEMS, 0), random: new Random(4) });
    expect(Math.abs(correlation(table, 0, 1))).toBeLessThan(0.02);
    expect(Math.abs(correlation(table, 2, 3))).toBeLessThan(0.02);
  });

  it('a voter errs as often alone as beside its family', () => {
    const model = madeUpModel({
      voters: [{ family: 'a' }, { family: 'a' }, { family: 'b' }],
      shared: { family: 1.5 },
      threshold: 1,
    });
    const table = drawTable(model, { items: newItems(ITEMS, 0), random: new Random(5) });
    const expected = normalCdf(-1 / Math.sqrt(1 + 1.5 ** 2));
    for (const voter of [0, 2]) expect(Math.abs(shareWrong(table, voter) - expected)).toBeLessThan(0.01);
  });

  it('hard items are wrong for all who feel it, and the loading says how much', () => {
    const model = madeUpModel({ voters: [{}, {}, {}], points: [-1, 1], loadings: [3, 3, 0] });
    const table = drawTable(model, { items: newItems(ITEMS, 0), random: new Random(6) });
    // Both are wrong with Φ(3) on half of the items and Φ(−3) on the other.
    const share = normalCdf(3) ** 2 / 2 + normalCdf(-3) ** 2 / 2;
    expect(correlation(table, 0, 1)).toBeCloseTo((share - 0.25) / 0.25, 1.5);
    expect(Math.abs(correlation(table, 0, 2))).toBeLessThan(0.02);
  });
});

describe('the table', () => {
  const model = madeUpModel({ voters: [{ family: 'a' }, { family: 'a' }, {}], shared: { family: 1 } });

  it('the same seed gives the same bytes, another seed others', () => {
    const draw = (seed: number) => drawTable(model, { items: newItems(50, 50), random: new Random(seed) });
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1).verdicts).not.toEqual(draw(2).verdicts);
  });

  it('an error is the other verdict, an abstention neither, and what nobody can judge is left open', () => {
    const sure = madeUpModel({ voters: [{}, {}, {}], thresholds: [50, -50, 50], abstains: [0, 0, 1] });
    const items = { ...newItems(2, 1), labels: Uint8Array.of(APPROVE, REJECT, ABSTAIN) };
    const { verdicts } = drawTable(sure, { items, random: new Random(1) });
    expect(verdicts.map((row) => [...row])).toEqual([
      [APPROVE, REJECT, 0],
      [REJECT, APPROVE, 0],
      [ABSTAIN, ABSTAIN, 0],
    ]);
  });

  it('an abstention takes its share before the error does', () => {
    const often = madeUpModel({ voters: [{}], abstains: [0.2] });
    const { verdicts } = drawTable(often, { items: newItems(ITEMS, 0), random: new Random(2) });
    const share = (verdict: number): number =>
      (verdicts[0]?.filter((v) => v === verdict).length ?? 0) / ITEMS;
    expect(share(ABSTAIN)).toBeCloseTo(0.2, 1.5);
    expect(share(REJECT)).toBeCloseTo(0.4, 1.5);
  });

  it.each([1, -1])(
    'items of one cluster are as hard as their correlation of %d says',
    (clusterCorrelation) => {
      const joined = {
        ...madeUpModel({ voters: [{}], points: [-1, 1], loadings: [20] }),
        clusterCorrelation,
      };
      const half = ITEMS / 2;
      const items = {
        ...newItems(half, half),
        clusters: Uint32Array.from({ length: ITEMS }, (_, item) => item % half),
        clusterCount: half,
      };
      const [errors] = errorsOf(drawTable(joined, { items, random: new Random(7) }));
      let both = 0;
      for (let item = 0; item < half; item++) if (errors?.[item] === 1 && errors[half + item] === 1) both++;
      expect(both / half).toBeCloseTo(clusterCorrelation === 1 ? 0.5 : 0, 1.5);
    },
  );
});
