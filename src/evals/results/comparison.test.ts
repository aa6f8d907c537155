import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Random } from '../../simulation/random.ts';
import { exactFigure, type Figure, shareFigure } from '../measures/figure.ts';
import { type Change, compareResults } from './comparison.ts';
import { comparisonResult, readingWords } from './comparison-result.ts';
import { chanceOf, difference, standing } from './difference.ts';
import type { EvalResult, FigureRow, OutcomesSection } from './eval-result.ts';
import { readResults, writtenResults } from './result-file.ts';

const DIGEST = 'a'.repeat(64);

function resultOf(rows: readonly FigureRow[], told: Partial<EvalResult> = {}): EvalResult {
  return {
    schemaVersion: 1,
    kind: 'conclave-eval',
    suite: { name: 'baseline', title: 'Baseline accuracy', question: 'How often is it wrong?' },
    command: 'conclave eval run baseline',
    seed: 1,
    sources: [{ what: 'data', name: 'crux', digest: DIGEST }],
    limits: [],
    sections: [{ kind: 'figures', id: 'accuracy', title: 'Accuracy', about: '', rows }],
    ...told,
  };
}

function row(figure: Figure, told: Partial<FigureRow> = {}): FigureRow {
  return { id: 'best', label: 'Best', unit: 'share', figure, better: 'higher', ...told };
}

/** Two items a cluster, as in a set where each question has a right and a wrong answer. */
function outcomesOf(outcomes: string): OutcomesSection {
  const items = Array.from(outcomes, (_, i) => `item ${i}`);
  return {
    kind: 'outcomes',
    id: 'council',
    title: 'The council',
    about: '',
    items,
    clusters: items.map((_, i) => Math.floor(i / 2)),
    labels: items.map((_, i) => (i % 2 === 0 ? 'A' : 'R')).join(''),
    outcomes,
    right: items.map(() => 20),
    seats: 33,
  };
}

const withOutcomes = (outcomes: string): EvalResult => resultOf([], { sections: [outcomesOf(outcomes)] });
const only = (changes: readonly Change[]): Change => {
  const [change] = changes;
  if (change === undefined || changes.length !== 1) throw new Error(`${changes.length} changes`);
  return change;
};
const seed = 5;

describe('the difference of two shares', () => {
  // Newcombe (1998), "Interval estimation for the difference between independent proportions", table II, method 10.
  it.each([
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [6, 7, 2, 7, 0.0582, 0.8062],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [0, 10, 0, 20, -0.1611, 0.2775],
    [10, 10, 0, 20, 0.6791, 1],
  ])('%i/%i less %i/%i is as published', (hits, n, hitsBefore, nBefore, low, high) => {
    const gap = difference(shareFigure(hitsBefore, nBefore), shareFigure(hits, n));
    expect(gap.value).toBeCloseTo(hits / n - hitsBefore / nBefore, 12);
    expect(gap.low).toBeCloseTo(low, 4);
    expect(gap.high).toBeCloseTo(high, 4);
  });

  it('keeps lopsided intervals lopsided: each side takes the distances that face it', () => {
    // after 10 (−3, +4), before 6 (−12, +4): low 4 − √(3²+4²), high 4 + √(4²+12²), by hand
    const gap = difference({ value: 6, low: -6, high: 10 }, { value: 10, low: 7, high: 14 });
    expect(gap.low).toBeCloseTo(4 - 5, 12);
    expect(gap.high).toBeCloseTo(4 + Math.sqrt(160), 12);
  });

  it('a chance below 0.05 is one with an interval that leaves out 0', () => {
    expect(chanceOf({ value: 2, low: 1e-9, high: 4 })).toBeCloseTo(0.05, 6);
    // Percentiles of counts end at 0 exactly quite often, and then have it in them.
    expect(chanceOf({ value: 2, low: 0, high: 4 })).toBeGreaterThanOrEqual(0.05);
    expect(chanceOf({ value: -0.1, low: -0.3, high: 0 })).toBeGreaterThanOrEqual(0.05);
    expect(chanceOf({ value: -2, low: -9, high: 0.001 })).toBeGreaterThan(0.05);
    expect(chanceOf({ value: 1.644854, low: 1.644854 - 1.959964, high: 9 })).toBeCloseTo(0.1, 6);
    expect(chanceOf({ value: 0, low: 0, high: 0 })).toBe(1);
    expect(chanceOf({ value: 1, low: 1, high: 1 })).toBe(0);
  });

  it('Holm: the smallest is held against all, the next against one fewer, and the first that fails ends it', () => {
    expect(standing([0.01, 0.04, 0.03, 0.005])).toEqual([true, false, false, true]);
    expect(standing([0.02, 0.02])).toEqual([true, true]);
    expect(standing([0.03, 0.03])).toEqual([false, false]);
  });
});

describe('a comparison', () => {
  it('says better and worse by which way is better, and changed where neither is', () => {
    const read = (better: FigureRow['better'], hits: number): string => {
      const told: Partial<FigureRow> = better === undefined ? {} : { better };
      const rowOf = (count: number): FigureRow => {
        const { better: _, ...bare } = row(shareFigure(count, 1000));
        return { ...bare, ...told };
      };
      return only(compareResults(resultOf([rowOf(500)]), resultOf([rowOf(hits)]), { seed }).changes).reading;
    };
    expect(read('higher', 600)).toBe('better');
    expect(read('higher', 400)).toBe('worse');
    expect(read('lower', 600)).toBe('worse');
    expect(read(undefined, 600)).toBe('changed');
    expect(read('higher', 510)).toBe('noise');
  });

  it('matches by section and row, and lists what is gone and what is new; another unit is another row', () => {
    const share = shareFigure(5, 10);
    const before = resultOf([
      row(share),
      row(share, { id: 'old' }),
      row(share, { id: 'unit', unit: 'count' }),
    ]);
    const after = resultOf([row(share), row(share, { id: 'new' }), row(share, { id: 'unit' })]);
    const found = compareResults(before, after, { seed });
    expect(found.changes.map(({ id }) => id)).toEqual(['best']);
    expect(found.gone.map(({ id }) => id)).toEqual(['old', 'unit']);
    expect(found.added.map(({ id }) => id)).toEqual(['new', 'unit']);
  });

  it('what is counted on both sides differs for certain, and is not among those that chance has a part in', () => {
    const found = compareResults(resultOf([row(exactFigure(3, 9))]), resultOf([row(exactFigure(4, 9))]), {
      seed,
    });
    expect(only(found.changes)).toMatchObject({ basis: 'counted', reading: 'better', stands: true });
    expect(found.compared).toBe(0);
  });

  it('one of forty that barely leaves its interval does not stand; one far out does', () => {
    const rows = (first: number, second: number): FigureRow[] =>
      Array.from({ length: 40 }, (_, i) =>
        row(shareFigure(i === 0 ? first : i === 1 ? second : 500, 1000), { id: String(i) }),
      );
    const found = compareResults(resultOf(rows(500, 500)), resultOf(rows(548, 650)), { seed });
    expect(found).toMatchObject({ compared: 40, byChance: 2, beyondNoise: 2, standing: 1 });
    const [barely, far] = found.changes;
    expect(barely).toMatchObject({ reading: 'better', stands: false });
    expect(far).toMatchObject({ reading: 'better', stands: true });
    expect(barely === undefined ? '' : readingWords(barely)).toContain('unless by chance');
  });

  it('says which sources differ; the same bytes under another name are none', () => {
    const source = (name: string, digest: string): EvalResult['sources'] => [{ what: 'data', name, digest }];
    const found = (sources: EvalResult['sources']) =>
      compareResults(resultOf([]), resultOf([], { sources }), { seed });
    expect(found(source('renamed', DIGEST)).sources).toEqual([]);
    const other = 'b'.repeat(64);
    const changed = found(source('crux', other));
    expect(changed.sources).toEqual([{ what: 'data', name: 'crux', before: DIGEST, after: other }]);
    const shown = comparisonResult(changed, {
      before: resultOf([]),
      after: resultOf([]),
      command: 'c',
      seed,
    });
    expect(shown.limits.join(' ')).toContain('cannot be told apart');
  });
});

describe('councils on the same items', () => {
  it('are compared item by item, wrong approvals and wrong rejections apart', () => {
    // forty clusters; in ten of them the later council no longer approves what it should reject
    const before = 'AA'.repeat(20) + 'AR'.repeat(20);
    const after = 'AR'.repeat(10) + 'AA'.repeat(10) + 'AR'.repeat(20);
    const { changes, shared, apart } = compareResults(withOutcomes(before), withOutcomes(after), { seed });
    const by = new Map(changes.map((change) => [change.id, change]));
    expect([shared, apart]).toEqual([80, 0]);
    expect(by.get('wrong-approval')).toMatchObject({ reading: 'better', basis: 'paired' });
    expect(by.get('wrong-approval')?.difference.value).toBeCloseTo(-10 / 40, 12);
    expect(by.get('wrong-approval')?.before).toMatchObject({ value: 0.5, n: 40 });
    expect(by.get('right')?.difference.value).toBeCloseTo(10 / 80, 12);
    expect(by.get('wrong-rejection')).toMatchObject({ reading: 'noise', difference: { low: 0, high: 0 } });
    // As if independent the same two would be the noisier: that is what pairing is for.
    const right = by.get('right');
    if (right === undefined) throw new Error('no share of right decisions');
    const apartGap = difference(right.before, right.after);
    expect(right.difference.high - right.difference.low).toBeLessThan(apartGap.high - apartGap.low);
  });

  it('five clusters that differ are noise, however alike; six are not', () => {
    const reading = (clusters: number): string | undefined =>
      compareResults(
        withOutcomes('AA'.repeat(40)),
        withOutcomes('AR'.repeat(clusters) + 'AA'.repeat(40 - clusters)),
        { seed },
      ).changes.find(({ id }) => id === 'wrong-approval')?.reading;
    expect([reading(5), reading(6)]).toEqual(['noise', 'better']);
  });

  it('leave out what only one has, and are not paired where the truth is not the same', () => {
    const longer = compareResults(withOutcomes('ARAR'), withOutcomes('ARARAR'), { seed });
    expect([longer.shared, longer.apart]).toEqual([4, 2]);
    const other = resultOf([], { sections: [{ ...outcomesOf('ARAR'), labels: 'RRAR' }] });
    expect(compareResults(withOutcomes('ARAR'), other, { seed }).changes).toEqual([]);
  });

  it('no difference, same seed, same comparison', () => {
    const two = (): unknown => compareResults(withOutcomes('ARAU'), withOutcomes('ARRU'), { seed });
    expect(two()).toEqual(two());
  });
});

describe('when nothing has changed', () => {
  it('a difference of two shares is taken for more than noise one time in twenty', () => {
    const random = new Random(11);
    const hits = (): number => {
      let count = 0;
      for (let i = 0; i < 200; i++) if (random.chance(0.82)) count++;
      return count;
    };
    let alarms = 0;
    for (let run = 0; run < 4000; run++) {
      if (chanceOf(difference(shareFigure(hits(), 200), shareFigure(hits(), 200))) < 0.05) alarms++;
    }
    expect(alarms / 4000).toBeGreaterThan(0.03);
    expect(alarms / 4000).toBeLessThan(0.06);
  });

  it('so is one of two councils on the same items, of which some are hard for both', () => {
    const random = new Random(12);
    const runs = 200;
    let alarms = 0;
    for (let run = 0; run < runs; run++) {
      const both = Array.from({ length: 150 }, () => {
        const hard = random.chance(0.4);
        return [0, 1].map(() => (hard && random.chance(0.5) ? 'RA' : 'AR'));
      });
      const said = (which: number): EvalResult => withOutcomes(both.map((pair) => pair[which]).join(''));
      const right = compareResults(said(0), said(1), { seed: run }).changes.find(({ id }) => id === 'right');
      if (right?.reading !== 'noise') alarms++;
    }
    // Two hundred runs: one in twenty, give or take 0.0154.
    expect(alarms / runs).toBeGreaterThan(0.01);
    expect(alarms / runs).toBeLessThan(0.075);
  });
});

it('as a result it is read back as any other', () => {
  const before = resultOf([row(shareFigure(500, 1000))]);
  const after = resultOf([row(shareFigure(700, 1000)), row(exactFigure(1, 1), { id: 'new' })]);
  const compared = { before, after, command: 'conclave eval compare a.json b.json', seed };
  const result = comparisonResult(compareResults(before, after, { seed }), compared);
  const folder = mkdtempSync(join(tmpdir(), 'conclave-test-'));
  writeFileSync(join(folder, 'c.json'), writtenResults([result]));
  expect(readResults(join(folder, 'c.json'))).toEqual([result]);
  rmSync(folder, { recursive: true });
  expect(result.sections.map(({ id }) => id)).toEqual(['changes-share', 'added']);
});
