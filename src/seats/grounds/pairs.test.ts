import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadPairs } from './pairs.ts';

const file = join(import.meta.dirname, '../../../evals/grounds/pairs.yaml');
const { tuning, heldOut } = loadPairs(file);
const all = [...tuning, ...heldOut];
const count = (label: string) => all.filter((pair) => pair.label === label).length;

describe('the labelled pairs', () => {
  it('are at least 150, 50 of them with one reason denying the other', () => {
    expect(all.length).toBeGreaterThanOrEqual(150);
    expect(all.filter(({ negated }) => negated).length).toBeGreaterThanOrEqual(50);
    for (const label of ['same-ground', 'different-ground', 'opposed']) {
      expect(count(label)).toBeGreaterThanOrEqual(50);
    }
  });

  it('speak of many sectors and criteria', () => {
    expect(new Set(all.map(({ sector }) => sector)).size).toBeGreaterThanOrEqual(10);
    expect(new Set(all.map(({ criterion }) => criterion)).size).toBeGreaterThanOrEqual(10);
  });

  it('no sentence and no topic stands in both halves, and each half is at least two fifths', () => {
    const words = new Set(tuning.flatMap(({ topic, a, b }) => [topic, a, b]));
    expect(heldOut.flatMap(({ topic, a, b }) => [topic, a, b]).filter((one) => words.has(one))).toEqual([]);
    expect(Math.min(tuning.length, heldOut.length)).toBeGreaterThanOrEqual(0.4 * all.length);
  });

  it('no reason is told twice in one topic', () => {
    const told = all.map(({ topic, b }) => `${topic} ${b}`);
    expect(new Set(told).size).toBe(told.length);
  });
});

describe('a file of pairs that is not in order', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pairs-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const pair = (over: string) => `version: 1
seed: s
pairs:
  - id: one
    topic: t
    sector: credit
    criterion: fairness
    a: It is fair.
${over}`;

  it.each([
    ['an unknown label', '    label: alike\n    b: It is just.\n', 9],
    ['no label', '    b: It is just.\n', 4],
    ['the same reason twice', '    label: same-ground\n    b: It is fair.\n', 10],
    ['an opposed pair that does not say how', '    label: opposed\n    b: It is unfair.\n', 9],
    ['a denial of the same ground', '    label: same-ground\n    negated: true\n    b: It is just.\n', 9],
    ['an unknown key', '    label: same-ground\n    b: It is just.\n    half: tuning\n', 11],
  ])('%s is refused with its line', (_, over, line) => {
    const path = join(folder, 'pairs.yaml');
    writeFileSync(path, pair(over));
    expect(() => loadPairs(path)).toThrow(expect.objectContaining({ code: 'bad-input', file: path, line }));
  });
});
