// `conclave eval` as a researcher meets it: recorded verdicts in, figures out, the same ones each time; and what is malformed is refused
// with file, line and reason.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeVerdicts } from '../../src/evals/verdicts/write-verdicts.ts';
import { spelledTable } from '../evals/spelled-table.ts';
import { conclave, projectRoot, resultOf, temporaryFolder } from './conclave.ts';

const CRUX = join(projectRoot, '../shared/verdicts/zeroeval-crux-verify.jsonl.gz');
const missing = !existsSync(CRUX);

interface Numbers {
  readonly [name: string]: unknown;
}

describe.skipIf(missing)('the recorded verdicts of 51 models', () => {
  it('give the figures that were reckoned independently, to the digit', async () => {
    const run = await conclave(['eval', 'diversity', CRUX, '--json']);
    expect(run.exit).toBe(0);
    const found: Numbers = resultOf(run);
    expect(found).toMatchObject({ voters: 51, items: 1561, complete: 1561, best: 'o1-preview-2024-09-12' });
    // as ../shared/verdicts/README.md has them, to as many digits
    expect(Number(found.bestAccuracy).toFixed(3)).toBe('0.968');
    expect(Number(found.majority).toFixed(4)).toBe('0.8219');
    expect(Number(found.independent).toFixed(4)).toBe('0.9999');
    expect(Number(found.meanErrorCorrelation).toFixed(4)).toBe('0.3660');
    expect(Number(found.effectiveVotes).toFixed(3)).toBe('2.643');
  });
});

/** Four voters of two makers on twelve items. */
const recorded = spelledTable({
  labels: 'AAAAAARRRRRR',
  voters: [
    ['AAAAARRRRRRA', { developer: 'one' }],
    ['AAAARRRRRRAA', { developer: 'one' }],
    ['AARAAARRRARA', { developer: 'two' }],
    ['ARAAAARRARRR', { developer: 'two' }],
  ],
});

async function recording(): Promise<string> {
  const file = join(temporaryFolder(), 'verdicts.jsonl');
  await writeVerdicts(file, recorded, 'spelled');
  return file;
}

const SUITE = `suite: own-sweep
title: Own sweep
question: What would other thresholds do?
measure: threshold-sweep
seed: 3
voters:
  from: recorded
  files: [verdicts.jsonl]
`;

describe('a suite of one’s own', () => {
  it('gives the same result byte for byte, a page that works offline, and is compared with itself as unchanged', async () => {
    const file = await recording();
    const folder = join(file, '..');
    writeFileSync(join(folder, 'suite.yaml'), SUITE);
    const words = ['eval', 'run', 'suite.yaml', '-o', 'a.json', '-o', 'a.html'];
    expect((await conclave(words, { cwd: folder })).exit).toBe(0);
    const [first, page] = ['a.json', 'a.html'].map((name) => readFileSync(join(folder, name), 'utf8'));
    expect((await conclave(words, { cwd: folder })).exit).toBe(0);
    expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe(first);
    expect(readFileSync(join(folder, 'a.html'), 'utf8')).toBe(page);
    expect(page).toContain('Own sweep');
    expect(page).toContain('<svg');
    expect(page).not.toMatch(/<script|src="http|href="http/);
    const compared = await conclave(['eval', 'compare', 'a.json', 'a.json', '--json'], { cwd: folder });
    expect(compared.exit).toBe(0);
    expect(resultOf(compared).suites).toMatchObject([{ suite: 'own-sweep', beyondNoise: 0 }]);
    const reported = await conclave(['eval', 'report', 'a.json', '--out', 'b.html'], { cwd: folder });
    expect(reported.exit).toBe(0);
    expect(readFileSync(join(folder, 'b.html'), 'utf8')).toBe(page);
  });

  it('that measures what needs other voters is refused with its line', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'suite.yaml');
    writeFileSync(file, SUITE.replace('threshold-sweep', 'self-consistency'));
    const run = await conclave(['eval', 'run', file, '--json']);
    expect(run.exit).toBe(65);
    expect(resultOf(run).error).toMatchObject({
      file,
      line: 6,
      message: expect.stringContaining('live voters'),
    });
  });
});

describe('composing', () => {
  it('seats who loses least under the caps, and says how the rivals fare', async () => {
    const file = await recording();
    const words = ['eval', 'compose', file, '--seats', '3', '--cap', '2', '--splits', '4', '--json'];
    const run = await conclave(words);
    expect(run.exit, run.stderr).toBe(0);
    const { roster, strategies } = resultOf(run);
    expect(roster).toHaveLength(3);
    expect(Object.keys(Object(strategies))).toEqual(
      expect.arrayContaining(['composed', 'random-best', 'greedy', 'single', 'all']),
    );
  });

  it('more seats than the caps allow is refused, with how many there can be', async () => {
    const run = await conclave([
      'eval',
      'compose',
      await recording(),
      '--seats',
      '4',
      '--cap',
      '1',
      '--json',
    ]);
    expect(run.exit).toBe(65);
    expect(resultOf(run).error).toMatchObject({ message: expect.stringContaining('only 2 can be seated') });
  });
});

describe('what is malformed', () => {
  const row = (over: object = {}): string =>
    JSON.stringify({
      dataset: 'd',
      item: 'i',
      label: 'approve',
      model: 'm',
      vendor: 'v',
      verdict: 'approve',
      ...over,
    });

  it.concurrent.each([
    ['a verdict that is none', `${row()}\n${row({ item: 'j', verdict: 'maybe' })}\n`, 2, 'maybe'],
    ['a model that votes on an item twice', `${row()}\n${row({ item: 'j' })}\n${row()}\n`, 3, 'a second one'],
  ])('%s is refused: exit 65, file, line and reason', async (_, text, line, words) => {
    const file = join(temporaryFolder(), 'verdicts.jsonl');
    writeFileSync(file, text);
    const run = await conclave(['eval', 'diversity', file, '--json']);
    expect(run.exit).toBe(65);
    expect(resultOf(run).error).toMatchObject({ code: 'bad-input', file, line, message: expect.any(String) });
    expect(String(Object(resultOf(run).error).message)).toContain(words);
  });

  it('an output that is somebody else’s file is not overwritten', async () => {
    const folder = temporaryFolder();
    const precious = join(folder, 'package.json');
    writeFileSync(precious, '{"name":"precious"}\n');
    const run = await conclave(['eval', 'diversity', await recording(), '-o', precious, '--json']);
    expect(run.exit).toBe(65);
    expect(readFileSync(precious, 'utf8')).toBe('{"name":"precious"}\n');
    const strange = await conclave(['eval', 'diversity', 'x', '-o', 'result.pdf', '--json']);
    expect(strange.exit).toBe(64);
  });

  it('columns of verdicts that are not given are a misuse, not passed over', async () => {
    const suite = join(projectRoot, 'evals/threshold-sweep.yaml');
    const run = await conclave(['eval', 'run', suite, '--column', 'family=base_model', '--json']);
    expect(run.exit).toBe(64);
    expect(resultOf(run).error).toMatchObject({
      code: 'usage',
      message: expect.stringContaining('--verdicts'),
    });
  });

  it('a result that is none is named', async () => {
    const file = join(temporaryFolder(), 'a.json');
    writeFileSync(file, '{"schemaVersion":1}');
    const run = await conclave(['eval', 'compare', file, file, '--json']);
    expect(run.exit).toBe(65);
    expect(resultOf(run).error).toMatchObject({ file });
  });
});

describe('the council’s own seats', () => {
  /** Labels turned around now and then, so that seats err: the checklist knows the sample cases too well. */
  const listed = readdirSync(join(projectRoot, 'evals/cases')).map((name, i) => {
    const file = join(projectRoot, 'evals/cases', name, 'case.yaml');
    const expected = /^expected: (approve|reject)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 'reject';
    const turned = expected === 'approve' ? 'reject' : 'approve';
    return JSON.stringify({ case: file, expected: i % 4 === 0 ? turned : expected });
  });

  it('are asked, are asked nothing twice, and what they are worth then stands beside their decisions', async () => {
    const folder = temporaryFolder();
    const data = join(folder, 'council');
    const suite = join(folder, 'suite.yaml');
    writeFileSync(join(folder, 'cases.jsonl'), `${listed.join('\n')}\n`);
    writeFileSync(
      suite,
      'suite: own-seats\ntitle: t\nquestion: q\nmeasure: accuracy\nseed: 1\nvoters: { from: live, cases: [cases.jsonl] }\n',
    );
    const words = ['eval', 'run', suite, '--offline', '--data', data, '--json'];
    const first = await conclave(words);
    expect(first.exit, first.stderr).toBe(0);
    expect(readdirSync(join(data, 'evals/own-seats'))).toEqual(['answers.jsonl', 'running']);
    expect(readdirSync(join(data, 'evals/own-seats/running'))).toEqual([]);
    const again = await conclave([...words, '--resume']);
    expect(resultOf(again).results).toEqual(
      JSON.parse(JSON.stringify(resultOf(first).results).replaceAll('--json', '--json --resume')),
    );
    const review = await conclave([
      'review',
      join(projectRoot, 'evals/cases/triage-assistant/case.yaml'),
      ...['--offline', '--data', data, '--json'],
    ]);
    const votes = resultOf(review).effectiveVotes;
    expect(votes).toMatchObject({ suite: 'own-seats', items: 17 });
    // One checklist for 33 seats, and turned labels that all miss: hardly more than one vote.
    expect(Object(votes).value).toBeLessThan(2);
  });
});
