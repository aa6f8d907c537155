// `conclave eval run`: suites, one after the other; answers of live models are kept as they come, so that a run that was stopped goes
// on where it was.
import { join, resolve } from 'node:path';
import { ConclaveError } from '../../errors.ts';
import { type AnswerJournal, openJournal } from '../../evals/live/answer-journal.ts';
import { ErrorPairs } from '../../evals/measures/error-pairs.ts';
import type { EvalResult } from '../../evals/results/eval-result.ts';
import { isDefined } from '../../evals/results/figure-rows.ts';
import { keepMeasurement, panelOf } from '../../evals/results/measurement.ts';
import type { LiveAnswers } from '../../evals/suites/live-suite.ts';
import { runSuite, type SuiteDependencies } from '../../evals/suites/run-suite.ts';
import { readSuite, type Suite } from '../../evals/suites/suite-file.ts';
import { type Agents, loadAgents } from '../../seats/agents.ts';
import { asDigest } from '../../signing/digest.ts';
import { Random } from '../../simulation/random.ts';
import { usd } from '../asking.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { agentsFolder, asTyped } from '../folders.ts';
import { counted, padEnd, plural } from '../layout.ts';
import type { Minds, MindsOptions } from '../live-minds.ts';
import { mindsFor } from '../minds.ts';
import { untilTold } from '../signals.ts';
import type { Terminal } from '../terminal.ts';
import { checkOutputs, showResult, typedCommand, writeOutputs } from './outputs.ts';
import { columnsOf, type PoolOptions } from './pool.ts';

export interface RunOptions extends PoolOptions, Omit<MindsOptions, 'budget' | 'budgetFor' | 'record'> {
  readonly out?: readonly string[];
  readonly seed?: number;
  readonly verdicts?: readonly string[];
  readonly agents?: string;
  readonly resume?: true;
  readonly maxUsd?: number;
}

export async function runSuites(
  files: readonly string[],
  options: RunOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { out = [], seed, verdicts, column = [] } = options;
  checkOutputs(out);
  if (column.length > 0 && verdicts === undefined) {
    throw new ConclaveError('usage', '--column: expected --verdicts with it, whose columns it names');
  }
  const suites = files.map(readSuite);
  refuseTwice(suites);
  const results: EvalResult[] = [];
  const stop = new AbortController();
  const left = { unanswered: 0 };
  const journals: AnswerJournal[] = [];
  const dependencies = dependenciesFor(options, { stop, left, journals }, terminal);
  for (const suite of suites) {
    if (stop.signal.aborted) break;
    const result = await runSuite(
      suite,
      {
        command: typedCommand(),
        ...(seed === undefined ? {} : { seed }),
        ...(verdicts === undefined ? {} : { verdicts: { files: verdicts, columns: columnsOf(column) } }),
      },
      dependencies,
    ).finally(() => {
      for (const journal of journals.splice(0)) journal.close();
    });
    showResult(result, terminal);
    results.push(result);
  }
  terminal.say('');
  const written = await writeOutputs(out, results, terminal);
  const { unanswered } = left;
  if (unanswered > 0) {
    terminal.say(
      `  ${plural(unanswered, 'question')} without an answer: --resume asks them, and nothing twice`,
    );
  }
  terminal.result({ results, written, stopped: stop.signal.aborted, unanswered });
  return stop.signal.aborted || unanswered > 0 ? EXIT.undecided : EXIT.yes;
}

function refuseTwice(suites: readonly Suite[]): void {
  const seen = new Set<string>();
  for (const { written, file } of suites) {
    if (seen.has(written.suite))
      throw new ConclaveError('usage', `suite ${written.suite} is named twice`, { file });
    seen.add(written.suite);
  }
}

/** Beside the council's other files. */
const RUNS_FOLDER = 'evals';

/** What the suites of a run share. */
interface Course {
  readonly stop: AbortController;
  readonly left: { unanswered: number };
  /** those that are open */
  readonly journals: AnswerJournal[];
}

function dependenciesFor(
  options: RunOptions,
  { stop, left, journals }: Course,
  terminal: Terminal,
): SuiteDependencies {
  const { maxUsd, resume, data } = options;
  let listening = false;
  const listen = (): void => {
    if (listening) return;
    listening = true;
    void untilTold().then(() => {
      terminal.say('  stopping; what is answered is kept, --resume goes on with it');
      stop.abort();
    });
  };
  // One for all suites: what they may cost is a limit for the run.
  let known: { readonly agents: Agents; readonly minds: Minds } | undefined;
  const seated = (): NonNullable<typeof known> => {
    const agents = loadAgents(agentsFolder(options.agents));
    const minds = mindsFor(
      { ...options, budgetFor: 'run', ...(maxUsd === undefined ? {} : { budget: maxUsd }) },
      { agents, environment: process.env, terminal },
    );
    return { agents, minds };
  };
  return {
    council: async ({ written: { suite } }) => {
      known ??= seated();
      const { agents, minds } = known;
      const journal = await openJournal(
        { directory: join(resolve(data), RUNS_FOLDER, suite), resume: resume === true },
        { say: (trouble) => terminal.say(`  ${trouble}`) },
      );
      journals.push(journal);
      listen();
      return {
        agents,
        admit: minds.admit,
        provider: minds.repeated,
        journal,
        signal: stop.signal,
        onProgress: ({ done, of, kept, spentUsd }) => {
          const cost = spentUsd > 0 ? `, ${usd(spentUsd)} spent` : '';
          const before = kept > 0 ? `, ${counted(kept)} known from before` : '';
          terminal.draw([`  ${bar(done, of)} ${counted(done)} of ${counted(of)} answers${before}${cost}`]);
        },
      };
    },
    onAnswers: (suite, seed, answers) => {
      left.unanswered += answers.unanswered;
      measured(suite, seed, answers, options, terminal);
    },
    onProgress: (done, of) => terminal.draw([`  ${bar(done, of)}`]),
  };
}

const BAR_COLUMNS = 30;

function bar(done: number, of: number): string {
  const full = Math.round((BAR_COLUMNS * done) / Math.max(1, of));
  return padEnd('█'.repeat(full), BAR_COLUMNS).replaceAll(' ', '░');
}

/** What a suite finds of how independent the council's own seats are is shown with its decisions from then on. */
function measured(
  { written: { measure, suite } }: Suite,
  seed: number,
  { table, models, sources, unanswered }: LiveAnswers,
  { data }: RunOptions,
  terminal: Terminal,
): void {
  if (measure !== 'accuracy' && measure !== 'correlated-failure') return;
  // Seats that could not answer did not vote: nothing is kept that would stand for them.
  if (unanswered > 0) return;
  const pairs = new ErrorPairs(table, new Random(seed, 1));
  const { all, effectiveVotes } = pairs.figures([], new Random(seed, 2));
  const { errorCorrelation } = all.figures;
  if (!isDefined(effectiveVotes) || !isDefined(errorCorrelation)) {
    terminal.say('  too few seats erred, or too few cases: nothing can be said of how independent they are');
    return;
  }
  const file = keepMeasurement(resolve(data), {
    panel: panelOf(models.map((model) => ({ model }))),
    suite,
    command: typedCommand(),
    seats: table.voters.length,
    items: pairs.items,
    effectiveVotes,
    meanErrorCorrelation: errorCorrelation,
    sources: sources.map(({ digest }) => asDigest(digest)),
  });
  terminal.say(`  effective votes of this panel are kept in ${asTyped(file)} and shown with its decisions`);
}
