// `conclave eval compare`: what changed between two results, suite by suite, and whether it is more than noise.
import { badInput } from '../../errors.ts';
import { written } from '../../evals/report/written-numbers.ts';
import { type Change, type Comparison, compareResults } from '../../evals/results/comparison.ts';
import { comparisonResult, readingWords } from '../../evals/results/comparison-result.ts';
import { readResults } from '../../evals/results/result-file.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { padStart, plural, visible } from '../layout.ts';
import type { Terminal } from '../terminal.ts';
import { checkOutputs, typedCommand, writeOutputs } from './outputs.ts';

export interface CompareOptions {
  readonly out?: readonly string[];
  readonly seed: number;
}

export async function compare(
  before: string,
  after: string,
  { out = [], seed }: CompareOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  checkOutputs(out);
  const earlier = readResults(before);
  const later = readResults(after);
  const pairs = earlier.flatMap((one) => {
    const other = later.find(({ suite }) => suite.name === one.suite.name);
    return other === undefined
      ? []
      : [{ before: one, after: other, comparison: compareResults(one, other, { seed }) }];
  });
  if (pairs.length === 0)
    throw badInput('expected a result of a suite that the other file has too', { file: after });
  for (const { after: result, comparison } of pairs) {
    terminal.say(
      '',
      `  ${terminal.colors.bold(visible(result.suite.title))}`,
      ...comparisonRows(comparison, terminal),
    );
  }
  terminal.say('');
  const results = pairs.map((pair) =>
    comparisonResult(pair.comparison, { ...pair, command: typedCommand(), seed }),
  );
  const paths = await writeOutputs(out, results, terminal);
  terminal.result({
    suites: pairs.map(({ after: { suite }, comparison }) => ({ suite: suite.name, ...comparison })),
    written: paths,
  });
  const worse = pairs.some(({ comparison }) =>
    comparison.changes.some(({ reading, stands }) => reading === 'worse' && stands),
  );
  return worse ? EXIT.no : EXIT.yes;
}

function comparisonRows(comparison: Comparison, { colors }: Terminal): string[] {
  const { changes, compared, beyondNoise, byChance, gone, added, sources } = comparison;
  const told = changes.filter(({ reading }) => reading !== 'noise');
  return [
    ...told.flatMap((change) => changeRows(change, colors)),
    `  ${plural(compared, 'figure')} compared: ${beyondNoise} beyond noise, about ${byChance.toFixed(1)} would be by chance alone`,
    ...(gone.length + added.length > 0 ? [`  ${gone.length} no longer there, ${added.length} new`] : []),
    ...(sources.length > 0
      ? [
          `  made from other sources: ${sources.map(({ what, name }) => visible(`${what} ${name}`)).join(', ')}`,
        ]
      : []),
  ];
}

function changeRows(change: Change, colors: Terminal['colors']): string[] {
  const { label, title, unit, before, after, difference } = change;
  const paint =
    change.reading === 'worse' ? colors.red : change.reading === 'better' ? colors.green : colors.yellow;
  const span = `${padStart(written(before.value, unit), 8)} → ${written(after.value, unit)}`;
  return [
    `  ${paint(readingWords(change))}: ${visible(label)} (${visible(title)})`,
    `    ${span}, a difference of ${written(difference.value, unit)} (${written(difference.low, unit)} to ${written(difference.high, unit)})`,
  ];
}
