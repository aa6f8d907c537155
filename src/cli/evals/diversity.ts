// `conclave eval diversity`: what recorded verdicts say of how independent their voters are.
import { type Diversity, diversityOf } from '../../evals/measures/diversity.ts';
import type { Figure } from '../../evals/measures/figure.ts';
import { type EvalResult, RESULT_KIND } from '../../evals/results/eval-result.ts';
import { diversitySections } from '../../evals/suites/correlated-failure.ts';
import { RECORDED_LIMIT } from '../../evals/suites/run-suite.ts';
import type { VerdictTable } from '../../evals/verdicts/verdict-table.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { checkOutputs, showResult, typedCommand, writeOutputs } from './outputs.ts';
import { type PoolOptions, readPool } from './pool.ts';

export interface DiversityOptions extends PoolOptions {
  readonly out?: readonly string[];
  readonly seed: number;
}

export async function diversity(
  files: readonly string[],
  options: DiversityOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { out = [], seed } = options;
  checkOutputs(out);
  const { table, dataset, sources } = await readPool(files, options);
  const found = diversityOf(table, seed);
  const result: EvalResult = {
    schemaVersion: 1,
    kind: RESULT_KIND,
    suite: {
      name: 'diversity',
      title: `How independent ${table.voters.length} voters are: ${dataset}`,
      question: 'How many independent votes are these voters worth, and what do they get wrong together?',
    },
    command: typedCommand(),
    seed,
    sources,
    limits: [
      RECORDED_LIMIT,
      ...(found.complete < found.items
        ? [
            `Only the ${found.complete} of ${found.items} items that every voter answered are counted, but for the figures of each voter.`,
          ]
        : []),
    ],
    sections: diversitySections(table, found),
  };
  showResult(result, terminal);
  terminal.say('');
  const written = await writeOutputs(out, [result], terminal);
  terminal.result({ ...summaryOf(table, found), sources, seed, written });
  return EXIT.yes;
}

/** The plain figures first, under the names that scripts rely on; then all of them with their intervals. */
function summaryOf(table: VerdictTable, found: Diversity): object {
  const { majority, pairs, effectiveVotes, byDomain, council, tolerance, quorum } = found;
  const { best, ...majorities } = majority;
  return {
    voters: table.voters.length,
    items: found.items,
    complete: found.complete,
    best: table.voters[best]?.name ?? null,
    bestAccuracy: defined(majority.bestAccuracy),
    majority: defined(majority.majority),
    independent: defined(majority.independent),
    meanErrorCorrelation: defined(pairs.figures.errorCorrelation),
    effectiveVotes: defined(effectiveVotes),
    figures: { ...majorities, ...pairs.figures, effectiveVotes },
    byDomain,
    council: { ...quorum, ...council },
    tolerance: tolerance.map(({ aim, ownership, seatsNeeded }) => ({ aim, ownership, seatsNeeded })),
    perVoter: found.voters,
  };
}

function defined({ value }: Figure): number | null {
  return Number.isFinite(value) ? value : null;
}
