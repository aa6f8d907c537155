import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { anEvalResult, FIGURES, matrixOf, OUTCOMES, TABLE } from '../../../test/rigs/evaluated.ts';
import type { EvalResult, Section } from './eval-result.ts';
import { readResults, writtenResults } from './result-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'result-file-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'results.json');

function read(...results: readonly EvalResult[]): readonly EvalResult[] {
  writeFileSync(file, writtenResults(results));
  return readResults(file);
}

const withSection = (section: Section): EvalResult => anEvalResult({ sections: [section] });
const matrix = matrixOf(['a', 'a', 'b']);
const upsideDown = { value: 0.5, low: 0.6, high: 0.4, n: 10, method: 'wilson' } as const;
const suite = { name: 'baseline', title: 'Baseline', question: 'How often?' };
const SECTION = 'results.0.sections.0';

describe('a file of results', () => {
  it('is read as it was written', () => {
    const other = anEvalResult({ suite: { ...suite, name: 'other' } });
    expect(read(anEvalResult(), other)).toEqual([anEvalResult(), other]);
  });

  it.each<[string, EvalResult, string]>([
    [
      'a figure whose interval is upside down',
      withSection({
        ...FIGURES,
        rows: [{ id: 'best', label: 'Best', unit: 'share', figure: upsideDown }],
      }),
      `${SECTION}.rows.0.figure: expected an interval`,
    ],
    [
      'such a figure in a table',
      withSection({ ...TABLE, rows: [['gpt-4o', upsideDown, 3]] }),
      `${SECTION}.rows.0.1: expected an interval`,
    ],
    [
      'a label too few',
      withSection({ ...OUTCOMES, labels: OUTCOMES.labels.slice(1) }),
      `${SECTION}.labels: expected as many as there are beside it, 30, found 29`,
    ],
    ['an outcome too many', withSection({ ...OUTCOMES, outcomes: `${OUTCOMES.outcomes}A` }), '.outcomes: '],
    ['a cluster too few', withSection({ ...OUTCOMES, clusters: [1, 2] }), '.clusters: '],
    ['no count of seats that are right', withSection({ ...OUTCOMES, right: [] }), '.right: '],
    [
      'an undecided label',
      withSection({ ...OUTCOMES, labels: OUTCOMES.labels.replace('A', 'U') }),
      `${SECTION}.labels: expected the letters`,
    ],
    [
      'an outcome of another letter',
      withSection({ ...OUTCOMES, outcomes: OUTCOMES.outcomes.replace('U', '-') }),
      `${SECTION}.outcomes: expected the letters`,
    ],
    ['a matrix with a group too few', withSection({ ...matrix, groups: ['a', 'b'] }), `${SECTION}.groups: `],
    [
      'a matrix with a row too few',
      withSection({ ...matrix, values: matrix.values.slice(1) }),
      `${SECTION}.values: `,
    ],
    [
      'a matrix with a short row',
      withSection({ ...matrix, values: matrix.values.map((row, i) => (i === 1 ? row.slice(1) : row)) }),
      `${SECTION}.values.1: expected as many as there are beside it, 3, found 2`,
    ],
    [
      'a suite twice',
      anEvalResult({ suite: { ...suite, name: 'again' } }),
      'results.2.suite.name: expected each suite once, found "again" again',
    ],
    [
      'a title that turns around',
      anEvalResult({ suite: { ...suite, title: 'Base\u202eline' } }),
      'results.0.suite.title: ',
    ],
    [
      'a command with a terminal escape',
      anEvalResult({ command: 'conclave\u001b[2J' }),
      'results.0.command: ',
    ],
    ['a limit of two lines', anEvalResult({ limits: ['none', 'one\ntwo'] }), 'results.0.limits.1: '],
    [
      'a name with something invisible in it',
      withSection({ ...matrix, names: ['a', 'b\u200b', 'c'] }),
      `${SECTION}.names.1: expected one line without control`,
    ],
    [
      'such a cell',
      withSection({ ...TABLE, rows: [['gpt\u00ad', 1, 2]] }),
      `${SECTION}.rows.0.0: expected one line`,
    ],
  ])('with %s is refused, and it is said where', (what, damaged, message) => {
    const results = what === 'a suite twice' ? [anEvalResult(), damaged, damaged] : [damaged];
    expect(() => read(...results)).toThrow(
      expect.objectContaining({ code: 'bad-input', file, message: expect.stringContaining(message) }),
    );
  });
});
