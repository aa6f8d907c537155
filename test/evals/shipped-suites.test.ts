// The suites that come with conclave: each says something, the same each time. What takes longest, all of them as commands and within
// their five minutes, is in test/long.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EvalResult, FiguresSection, Section } from '../../src/evals/results/eval-result.ts';
import { writtenResults } from '../../src/evals/results/result-file.ts';
import { runSuite } from '../../src/evals/suites/run-suite.ts';
import { readSuite, type Suite } from '../../src/evals/suites/suite-file.ts';

const folder = join(import.meta.dirname, '../../evals');
const suites = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readSuite(join(folder, name)));

const run = (suite: Suite, seed?: number): Promise<EvalResult> =>
  runSuite(
    suite,
    { command: 'conclave eval run', ...(seed === undefined ? {} : { seed }) },
    {
      council: () => Promise.reject(new Error('no council is asked here')),
      onAnswers: () => {},
      onProgress: () => {},
    },
  );

/** The same with fewer items: what is claimed here shows with a quarter of them. */
const shortened = (suite: Suite): Suite => {
  const { voters } = suite.written;
  if (voters?.from !== 'synthetic') throw new Error('expected synthetic voters');
  return { ...suite, written: { ...suite.written, voters: { ...voters, approve: 250, reject: 250 } } };
};

const named = (name: string): Suite => {
  const suite = suites.find(({ written }) => written.suite === name);
  if (suite === undefined) throw new Error(`expected a suite ${name}`);
  return suite;
};

const figureOf = (sections: readonly Section[], section: string, row: string): number => {
  const found = sections.find((one): one is FiguresSection => one.kind === 'figures' && one.id === section);
  const value = found?.rows.find(({ id }) => id === row)?.figure.value;
  if (value === undefined) throw new Error(`expected a figure ${row} in ${section}`);
  return value;
};

it('there is a suite for each question, and each file bears its name', () => {
  expect(suites.map(({ written }) => written.suite).sort()).toEqual([
    'aggregation-attacks',
    'baseline-accuracy',
    'calibration',
    'correlated-failure',
    'invariance',
    'many-councils',
    'prompt-injection',
    'protocol-liars',
    'self-consistency',
    'semantic-grounds',
    'shared-backdoor',
    'targeted-blocking',
    'threshold-sweep',
    'vendor-compromise',
    'vendor-outage',
  ]);
  for (const { file, written } of suites) expect(file.endsWith(`/${written.suite}.yaml`)).toBe(true);
});

describe('suites on synthetic voters', () => {
  it('correlated failure: the same seed gives the same bytes, another one another council', async () => {
    const suite = shortened(named('correlated-failure'));
    const [first, again, other] = [await run(suite), await run(suite), await run(suite, 2)];
    expect(writtenResults([again])).toBe(writtenResults([first]));
    expect(writtenResults([other])).not.toBe(writtenResults([first]));
    // as few as the recording it was fitted to (2.64 of 51), or fewer
    const votes = figureOf(first.sections, 'independence', 'effective-votes');
    expect(votes).toBeGreaterThan(1.9);
    expect(votes).toBeLessThan(3.7);
    expect(first.sections.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['figures', 'curves', 'matrix', 'table', 'outcomes']),
    );
    expect(first.limits.join(' ')).toContain('synthetic');
    expect(first.sources.map(({ what }) => what)).toEqual(['suite', 'fit', 'data']);
  });

  it('silent developers let nothing through that was not let through before, and block more', async () => {
    const { sections } = await run(shortened(named('vendor-outage')));
    const healthy = figureOf(sections, 'council', 'wrong-approvals');
    expect(figureOf(sections, 'worst-domains', 'developer-two-wrongApprovals')).toBeLessThanOrEqual(healthy);
    const blocked = [
      figureOf(sections, 'council', 'blocked'),
      figureOf(sections, 'worst-domains', 'developer-one-blocked'),
      figureOf(sections, 'worst-domains', 'developer-two-blocked'),
    ];
    expect(blocked).toEqual([...blocked].sort((a, b) => a - b));
  });

  it('bought developers let more through, two more than one', async () => {
    const { sections } = await run(shortened(named('vendor-compromise')));
    const through = [
      figureOf(sections, 'council', 'wrong-approvals'),
      figureOf(sections, 'worst-domains', 'developer-one-wrongApprovals'),
      figureOf(sections, 'worst-domains', 'developer-two-wrongApprovals'),
    ];
    expect(through).toEqual([...through].sort((a, b) => a - b));
    expect(through[2]).toBeGreaterThan(through[0] ?? 1);
  });

  it('a shared backdoor shows with the trigger only', async () => {
    const { sections } = await run(named('shared-backdoor'));
    const quiet = figureOf(sections, 'backdoor', 'untriggered');
    expect(figureOf(sections, 'backdoor', 'worst-developer')).toBeGreaterThan(quiet);
  });

  it('to block takes fewer seats than the nominal f', async () => {
    const { sections } = await run(named('targeted-blocking'));
    expect(figureOf(sections, 'effective-fault-tolerance', 'block-by-lot-0.5')).toBeLessThan(10);
  });

  it('at a higher threshold less is approved wrongly and more is blocked', async () => {
    const { sections } = await run(named('threshold-sweep'));
    const sweep = sections.find((one) => one.kind === 'curves' && one.id === 'sweep');
    if (sweep?.kind !== 'curves') throw new Error('expected the sweep');
    const [approved = [], blocked = []] = sweep.series.map(({ points }) => points.map(({ y }) => y));
    expect(approved).toHaveLength(33);
    expect(approved).toEqual([...approved].sort((a, b) => b - a));
    expect(blocked).toEqual([...blocked].sort((a, b) => a - b));
  });
});
