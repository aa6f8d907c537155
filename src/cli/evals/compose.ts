// `conclave eval compose`: the roster that loses least on recorded verdicts, under the caps, and what that is worth on items it
// never saw.
import { badInput } from '../../errors.ts';
import { composeSections, composeWords } from '../../evals/compose/compose-sections.ts';
import { type Composition, compose as composed, STRATEGIES } from '../../evals/compose/cross-validate.ts';
import { lossWeights } from '../../evals/compose/loss-weights.ts';
import { type EvalResult, RESULT_KIND } from '../../evals/results/eval-result.ts';
import { RECORDED_LIMIT } from '../../evals/suites/run-suite.ts';
import { APPROVE, completeTable, REJECT, type VerdictTable } from '../../evals/verdicts/verdict-table.ts';
import { Random } from '../../simulation/random.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { padEnd, visible, wrap } from '../layout.ts';
import type { Terminal } from '../terminal.ts';
import { checkOutputs, showResult, typedCommand, writeOutputs } from './outputs.ts';
import { type PoolOptions, readPool } from './pool.ts';

export interface ComposeWords extends PoolOptions {
  readonly seats: number;
  readonly cap: number;
  readonly wrongApproval: number;
  readonly wrongRejection: number;
  readonly splits: number;
  readonly out?: readonly string[];
  readonly seed: number;
}

export async function compose(
  files: readonly string[],
  options: ComposeWords,
  terminal: Terminal,
): Promise<ExitCode> {
  const { seats, cap, splits, seed, out = [] } = options;
  checkOutputs(out);
  const pool = await readPool(files, options);
  const { dataset, sources } = pool;
  const table = completeTable(pool.table);
  if (!table.items.labels.some((label) => label === APPROVE || label === REJECT)) {
    throw badInput(
      'expected items that every candidate answered and whose label is approve or reject, found none',
    );
  }
  const weights = lossWeights(options.wrongApproval, options.wrongRejection);
  const composition = composed(table, { seats, cap, weights, splits, random: new Random(seed) });
  const result: EvalResult = {
    schemaVersion: 1,
    kind: RESULT_KIND,
    suite: {
      name: 'compose',
      title: `${seats} seats of ${table.voters.length} candidates: ${dataset}`,
      question: `Which ${seats} lose least together, with at most ${cap} of any one developer, family or host?`,
    },
    command: typedCommand(),
    seed,
    sources,
    limits: [
      RECORDED_LIMIT,
      `Counted are the ${table.items.names.length} of ${pool.table.items.names.length} items that every candidate answered.`,
    ],
    sections: composeSections(table, composition),
  };
  showResult(result, terminal);
  terminal.say('', ...rosterRows(table, composition, terminal), '');
  for (const words of composeWords(composition)) {
    terminal.say(...wrap(words, terminal.columns - 4).map((line) => `  ${line}`));
  }
  terminal.say('');
  const written = await writeOutputs(out, [result], terminal);
  terminal.result({
    roster: composition.roster.map((voter) => table.voters[voter]?.name),
    options: composition.options,
    items: composition.items,
    strategies: Object.fromEntries(
      STRATEGIES.map((strategy) => {
        const { training, heldOut, ...score } = composition.scores[strategy];
        return [strategy, score];
      }),
    ),
    sources,
    seed,
    written,
  });
  return EXIT.yes;
}

/** Who sits, developer by developer. */
function rosterRows(
  { voters }: VerdictTable,
  { roster }: Composition,
  { colors, columns }: Terminal,
): string[] {
  const seated = new Map<string, string[]>();
  for (const voter of roster) {
    const { name = '', domains = {} } = voters[voter] ?? {};
    const developer = domains.developer ?? 'not known';
    seated.set(developer, [...(seated.get(developer) ?? []), name]);
  }
  return [
    '  Who sits',
    ...[...seated]
      .sort(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1))
      .flatMap(([developer, names]) =>
        wrap(visible(names.join(', ')), columns - 26).map((line, i) =>
          i === 0
            ? `    ${padEnd(visible(developer), 16)} ${padEnd(String(names.length), 4)} ${line}`
            : colors.reset(`${' '.repeat(26)}${line}`),
        ),
      ),
  ];
}
