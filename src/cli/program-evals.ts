// The words of `conclave eval …`: suites, and the science of independence.
import { type Command, InvalidArgumentError } from 'commander';
import { amount, DATA_OPTION, JSON_OPTION, type Performer, wholeNumber } from './program-words.ts';

export function describeEvals(program: Command, perform: Performer): void {
  const evals = program
    .command('eval')
    .description('how independent the seats are, and what it takes to break them')
    .helpCommand(false);

  evals
    .command('run')
    .description('run suites: recorded, synthetic or live voters, measured and written down')
    .argument('<suites...>', 'suite files (evals/*.yaml)')
    .option(...OUT_OPTION)
    .option('--seed <n>', "in place of the suite's own", wholeNumber)
    .option('--verdicts <files...>', "recorded verdicts in place of the suites' voters")
    .option(...COLUMN_OPTION)
    .option('--agents <dir>', 'the seats to ask (default: ./agents, else those that come with conclave)')
    .option('--resume', 'go on where an earlier run of the same suite stopped, asking nothing twice')
    .option(
      '--max-usd <usd>',
      'how much live models may cost in this run (default: what a case may cost)',
      amount,
    )
    .option('--cache <dir>', 'keep answers there and pay for none twice')
    .option('--replay <path>', 'take the answers of the seats from a file, or from a recording')
    .option('--offline', 'ask the checklist, whatever keys there are')
    .option('--yes', 'ask live models without asking first')
    .option(...DATA_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nThe same suite, data and seed give the same result, byte for byte.')
    .action(
      perform(async (command, terminal) =>
        (await import('./evals/run.ts')).runSuites(command.args, command.opts(), terminal),
      ),
    );

  evals
    .command('diversity')
    .description('how many independent votes recorded verdicts are worth, and why')
    .argument('<verdicts...>', 'verdicts: JSON Lines or CSV, .gz too')
    .option(...OUT_OPTION)
    .option(...COLUMN_OPTION)
    .option('--seed <n>', 'of the resampling', wholeNumber, 1)
    .option(...JSON_OPTION)
    .action(
      perform(async (command, terminal) =>
        (await import('./evals/diversity.ts')).diversity(command.args, command.opts(), terminal),
      ),
    );

  evals
    .command('compose')
    .description(
      'choose a roster from a pool of recorded candidates, and say what it is worth on unseen items',
    )
    .argument('<pool...>', 'verdicts of the candidates: JSON Lines or CSV, .gz too')
    .option('--seats <n>', 'how many to seat', wholeNumber, 33)
    .option('--cap <n>', 'most seats that may share a developer, a family or a host', wholeNumber, 10)
    .option('--wrong-approval <weight>', 'what a wrong approval costs', weight, 1)
    .option('--wrong-rejection <weight>', 'what it costs not to approve what should be', weight, 1)
    .option('--splits <n>', 'how often to divide the items into training and held-out ones', wholeNumber, 20)
    .option(...COLUMN_OPTION)
    .option(...OUT_OPTION)
    .option('--seed <n>', 'of splits and searches', wholeNumber, 1)
    .option(...JSON_OPTION)
    .action(
      perform(async (command, terminal) =>
        (await import('./evals/compose.ts')).compose(command.args, command.opts(), terminal),
      ),
    );

  evals
    .command('fit')
    .description('fit synthetic voters to recorded ones, and say how well they match')
    .argument('<verdicts...>', 'verdicts: JSON Lines or CSV, .gz too')
    .requiredOption('--model <file>', 'where to write the fitted model (YAML)')
    .option(...COLUMN_OPTION)
    .option(
      '--domains-from <model>',
      'take families and the like of voters of the same names from a fitted model',
    )
    .option('--source <words>', 'where the verdicts are from', 'not said')
    .option('--licence <words>', 'under which licence', 'not said')
    .option(...OUT_OPTION)
    .option('--seed <n>', 'of the fit', wholeNumber, 1)
    .option(...JSON_OPTION)
    .action(
      perform(async (command, terminal) =>
        (await import('./evals/fit.ts')).fit(command.args, command.opts(), terminal),
      ),
    );

  evals
    .command('compare')
    .description('what changed between two results, and whether it is more than noise')
    .argument('<before>', 'a result of eval run (JSON)')
    .argument('<after>', 'another')
    .option(...OUT_OPTION)
    .option('--seed <n>', 'of the resampling', wholeNumber, 1)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExits 0 nothing is worse · 1 something is worse, by more than noise.')
    .action(
      perform(async (command, terminal) =>
        (await import('./evals/compare.ts')).compare(
          command.args[0] ?? '',
          command.args[1] ?? '',
          command.opts(),
          terminal,
        ),
      ),
    );

  evals
    .command('report')
    .description('write results as one self-contained HTML page')
    .argument('<results...>', 'results of eval run (JSON)')
    .option('--out <file>', 'where to write it', 'conclave-evals.html')
    .option(...JSON_OPTION)
    .action(
      perform(async (command, terminal) =>
        (await import('./evals/report.ts')).report(command.args, command.opts(), terminal),
      ),
    );
}

const OUT_OPTION = [
  '-o, --out <file>',
  'where to write the result: .json to keep and compare, .html to look at; again for both',
  (file: string, files: readonly string[] = []): readonly string[] => [...files, file],
] as const;

const COLUMN_OPTION = [
  '--column <name=column...>',
  'where the file calls a column otherwise: family=base_model',
] as const;

const MOST_WEIGHT = 1000;

function weight(text: string): number {
  const value = Number(text);
  if (!/^\d{1,4}(?:\.\d{1,4})?$/.test(text) || value > MOST_WEIGHT)
    throw new InvalidArgumentError(`Expected a weight from 0 to ${MOST_WEIGHT}.`);
  return value;
}
