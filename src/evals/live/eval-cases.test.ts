import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { plainCase } from '../../../test/rigs/plain-case.ts';
import { readCases } from './eval-cases.ts';

const shipped = join(import.meta.dirname, '../../../evals/cases');

/** A folder with cases `one` and `two`, and a list beside them. */
function folderWith(lines: readonly string[], listName = 'cases.jsonl'): { folder: string; list: string } {
  const folder = mkdtempSync(join(tmpdir(), 'eval-cases-'));
  for (const name of ['one', 'two']) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'case.yaml'), plainCase(`urn:example:${name}`));
  }
  const list = join(folder, listName);
  const text = `${lines.join('\n')}\n`;
  writeFileSync(list, listName.endsWith('.gz') ? gzipSync(text) : text);
  return { folder, list };
}

describe('readCases', () => {
  it('reads a folder of cases, each called after its own folder, with what its author expects', async () => {
    const cases = await readCases([shipped]);
    expect(cases).toHaveLength(17);
    const expected = new Map(cases.map((one) => [one.item, one.expected]));
    expect(expected.get('grid-dispatch')).toBe('split');
    expect(expected.get('credit-scoring')).toBe('approve');
    expect(expected.get('skin-lesion-injected')).toBe('reject');
    expect(new Set(cases.map(({ cluster }) => cluster)).size).toBe(17);
  });

  it('reads single case files and folders of one case', async () => {
    const paths = [join(shipped, 'visa-triage'), join(shipped, 'credit-scoring', 'case.yaml')];
    expect((await readCases(paths)).map(({ item }) => item)).toEqual(['visa-triage', 'credit-scoring']);
  });

  it.each(['cases.jsonl', 'cases.jsonl.gz'])('reads a list relative to itself: %s', async (name) => {
    const { list } = folderWith(
      [
        '{"case": "one/case.yaml", "expected": "reject"}',
        '',
        '{"case": "two", "expected": "approve", "item": "second", "cluster": "pair"}',
      ],
      name,
    );
    const cases = await readCases([list]);
    expect(
      cases.map(({ item, cluster, expected, source }) => [item, cluster, expected, source.subject]),
    ).toEqual([
      ['one', 'one', 'reject', 'urn:example:one'],
      ['second', 'pair', 'approve', 'urn:example:two'],
    ]);
  });

  it.each(['cases.csv', 'cases.csv.gz'])(
    'reads a list as CSV, an empty cell saying nothing: %s',
    async (name) => {
      const { list } = folderWith(
        [
          '\ufeffexpected,case,cluster,item',
          'reject,one/case.yaml,,\r',
          '',
          'approve,"two",pair,"second, again"',
        ],
        name,
      );
      const cases = await readCases([list]);
      expect(cases.map(({ item, cluster, expected }) => [item, cluster, expected])).toEqual([
        ['one', 'one', 'reject'],
        ['second, again', 'pair', 'approve'],
      ]);
    },
  );

  const header = 'case,expected';
  it.each([
    ['without a label in its header', ['case,item', 'one,a'], 1, 'a header with case, expected'],
    ['separated otherwise', ['case;expected', 'one;reject'], 1, 'separated by commas'],
    ['with a column that nobody reads', ['case,expected,note', 'one,reject,x'], 1, '"note"'],
    ['with a column twice', ['case,expected,case', 'one,reject,two'], 1, '"case"'],
    ['with a cell too many', [header, '', 'one,reject,x'], 3, 'expected 2 cells'],
    ['with a quotation mark that stays open', [header, 'one,reject', '"two,reject', 'x'], 3, 'never closed'],
    ['with another label', [header, '', 'one,maybe'], 3, 'expected: '],
    ['without a label', [header, 'one,'], 2, 'expected: '],
    ['with a case that is not there', [header, 'one,reject', 'three,reject'], 3, '"three"'],
    ['with a case twice', [header, 'one,reject', 'one,reject'], 3, 'found "one" again'],
    [
      'with a name of two lines',
      ['case,expected,item', 'one,reject,"a', 'b"', ''],
      2,
      'item: expected one line',
    ],
  ])('refuses a CSV list %s with file, line and reason', async (_, lines, line, reason) => {
    const { list } = folderWith(lines, 'cases.csv');
    await expect(readCases([list])).rejects.toMatchObject({
      code: 'bad-input',
      file: list,
      line,
      message: expect.stringContaining(reason),
    });
  });

  it('refuses a CSV list that names no case', async () => {
    const { list } = folderWith([header], 'cases.csv');
    await expect(readCases([list])).rejects.toMatchObject({ code: 'bad-input', file: list });
  });

  const good = '{"case": "one/case.yaml", "expected": "reject"}';
  it.each([
    ['no JSON', [good, '{"case": '], 2, 'expected a JSON object a line'],
    ['another label', ['{"case": "one/case.yaml", "expected": "maybe"}'], 1, 'expected:'],
    ['no label', ['{"case": "one/case.yaml"}'], 1, 'expected:'],
    ['an unknown field', ['{"case": "one/case.yaml", "expected": "reject", "x": 1}'], 1, '"x"'],
    ['a case that is not there', [good, '', '{"case": "three", "expected": "reject"}'], 3, '"three"'],
    ['a case twice', [good, good], 2, 'found "one" again'],
  ])('refuses %s with file, line and reason', async (_, lines, line, reason) => {
    const { list } = folderWith(lines);
    await expect(readCases([list])).rejects.toMatchObject({
      code: 'bad-input',
      file: list,
      line,
      message: expect.stringContaining(reason),
    });
  });

  it('refuses the same case from two places, a folder without cases, and what is not there', async () => {
    const { folder, list } = folderWith([good]);
    await expect(readCases([folder, list])).rejects.toMatchObject({ code: 'bad-input', line: 1 });
    const empty = mkdtempSync(join(tmpdir(), 'eval-cases-'));
    await expect(readCases([empty])).rejects.toMatchObject({ code: 'bad-input', file: empty });
    await expect(readCases([join(empty, 'nothing')])).rejects.toMatchObject({ code: 'bad-input' });
  });

  it('refuses a list that is not gzip where its name says so', async () => {
    const { folder } = folderWith([good]);
    const list = join(folder, 'plain.jsonl.gz');
    writeFileSync(list, good);
    await expect(readCases([list])).rejects.toMatchObject({ code: 'bad-input', file: list });
  });
});
