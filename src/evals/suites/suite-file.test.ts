import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSuite } from './suite-file.ts';

const shipped = join(import.meta.dirname, '../../../evals');
const folder = mkdtempSync(join(tmpdir(), 'suite-file-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'suite.yaml');

const COUNCIL = [
  'voters: {from: synthetic, fit: f.yaml, approve: 9, reject: 9}',
  'council: {seats: 3, cap: 1}',
];
const LIVE = ['voters: {from: live, cases: [cases]}'];

/** The first five lines are the same for all: suite, title, question, measure, seed. */
function readWritten(measure: string, more: readonly string[], seed = 'seed: 1') {
  const lines = ['suite: mine', 'title: Mine', 'question: Is it?', `measure: ${measure}`, seed, ...more];
  writeFileSync(file, lines.join('\n'));
  return readSuite(file);
}

describe('a suite', () => {
  it('of those that ship is read', () => {
    const names = readdirSync(shipped).filter((name) => name.endsWith('.yaml'));
    expect(names.map((name) => `${readSuite(join(shipped, name)).written.suite}.yaml`)).toEqual(names);
  });

  it('with a misspelt key is told of that key and its line, not of the one that is missing for it', () => {
    expect(() => readWritten('accuracy', LIVE, 'sede: 3')).toThrow(
      expect.objectContaining({ code: 'bad-input', file, line: 5, message: expect.stringMatching(/"sede"/) }),
    );
    expect(() => readWritten('accuracy', LIVE, '')).toThrow(/seed/);
  });

  it.each([
    ['parts', 'parts: [model, prompt]', 'self-consistency', 'invariance', LIVE],
    ['councils', 'councils: 10', 'accuracy', 'many-councils', COUNCIL],
    ['pairs', 'pairs: pairs.yaml', 'accuracy', 'semantic-grounds', []],
    ['schedules', 'schedules: 10', 'accuracy', 'protocol-liars', []],
  ])('says %s only where it is used', (key, written, other, user, needed) => {
    expect(readWritten(user, [...needed, written]).written).toHaveProperty(key);
    expect(() => readWritten(other, [...LIVE, written])).toThrow(
      expect.objectContaining({
        code: 'bad-input',
        line: 7,
        message: expect.stringContaining(`${key}: expected none, for ${other} does not use it, only ${user}`),
      }),
    );
  });
});
