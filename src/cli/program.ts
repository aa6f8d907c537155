// The words of the command line: which commands there are, what each takes, and what it says of itself
// (docs/architecture.md, "Command line"). What a command does stands in its own file, loaded when it is asked for.
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { ConclaveError } from '../errors.ts';
import { EXIT, type ExitCode, failureOf } from './exit-codes.ts';
import { describeAgents } from './program-agents.ts';
import { describeClients } from './program-clients.ts';
import { describeEvals } from './program-evals.ts';
import { describeNode } from './program-node.ts';
import { describeRoster } from './program-roster.ts';
import {
  amount,
  DATA_OPTION,
  JSON_OPTION,
  PASSPHRASE_OPTION,
  type Perform,
  type Performer,
  wholeNumber,
} from './program-words.ts';
import type { Terminal } from './terminal.ts';

export async function runProgram(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exit: ExitCode = EXIT.yes;
  const program = new Command('conclave');
  program
    .description(
      'A council of 33 AI agents that decides cases by sealed ballots; a stranger can verify the result.',
    )
    .version(version(), '-V, --version', 'say which version this is')
    .helpOption('-h, --help', 'say what a command takes')
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, outputError: () => undefined })
    .addHelpText('after', EXIT_CODES_HELP);
  const perform =
    (action: Perform) =>
    async (...given: unknown[]): Promise<void> => {
      const command = given.at(-1);
      if (command instanceof Command) exit = await action(command, terminal);
    };
  describeCommands(program, perform);
  try {
    await program.parseAsync([...words], { from: 'user' });
    return exit;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) return failed(thrown, terminal);
    if (thrown.exitCode === 0) return EXIT.yes;
    if (thrown.code === 'commander.help' && !terminal.json) {
      process.stderr.write(asked(program, words).helpInformation());
      return EXIT.usage;
    }
    const message = thrown.code === 'commander.help' ? 'expected a command' : thrown.message;
    return failed(new ConclaveError('usage', message.replace(/^error: /, '').replace(/\s+/g, ' ')), terminal);
  }
}

function failed(thrown: unknown, terminal: Terminal): ExitCode {
  const failure = failureOf(thrown);
  terminal.fail(failure);
  return failure.exit;
}

/** The command whose help is wanted, when words stopped half way: `conclave ledger`. */
function asked(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const word of words) command = command.commands.find((known) => known.name() === word) ?? command;
  return command;
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? 'unknown';
}

const EXIT_CODES_HELP = `
Exit codes: 0 yes, done · 1 the answer is no · 2 undecided, or nothing to trust by · 64 wrong usage ·
65 bad input data · 69 something needed is unavailable · 70 a bug in conclave · 74 storage failed`;

function describeCommands(program: Command, perform: Performer): void {
  program
    .command('demo')
    .description('decide the sample cases by a council of 33 in this process, then verify every certificate')
    .option('--data <dir>', 'a directory for its council (default: a fresh .conclave-demo)')
    .option(...JSON_OPTION)
    .action(perform(async (command, terminal) => (await import('./demo.ts')).demo(command.opts(), terminal)));

  program
    .command('review')
    .description('take one case the whole way: judged, sealed, opened, counted, certified')
    .argument('<case>', 'the case file (YAML)')
    .option(
      '--agents <dir>',
      'the seats and the charter (default: ./agents, else those that come with conclave)',
    )
    .option('--replay <path>', 'take the answers of the seats from a file, or from a recording')
    .option('--record <dir>', 'keep every question and answer of live models there, without keys')
    .option(
      '--cache <dir>',
      'keep answers there and pay for none twice; what is taken from there is marked recorded',
    )
    .option('--offline', 'judge by the checklist, whatever keys there are')
    .option('--budget <usd>', 'how much live models may cost in this case', amount)
    .option('--yes', 'ask live models without asking first, also where too few seats have a key')
    .option('--again', 'open a new attempt at a case that is decided')
    .option(...PASSPHRASE_OPTION)
    .option(...DATA_OPTION)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nRun again on the same case it goes on where it was, or reports the decision again.',
    )
    .addHelpText('after', 'Exits 0 approved · 1 opposed · 2 no quorum, or flagged for a human.')
    .action(
      perform(async (command, terminal) =>
        (await import('./review.ts')).review(command.args[0] ?? '', command.opts(), terminal),
      ),
    );

  program
    .command('report')
    .description('write a decided case as one self-contained HTML page')
    .argument('<case>', 'the case file (YAML), a case id, or the beginning of one')
    .option('--out <file>', 'where to write it (default: conclave-report-<case>.html, here)')
    .option(
      '--embedder <name>',
      'what compares reasons: in-process, words, openai, google or ollama, with :model (default: in-process)',
    )
    .option(...DATA_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nReads what is published; the council may be running.')
    .addHelpText(
      'after',
      'Exits 0 written · 1 its certificate does not hold · 2 not decided, or no certificate.',
    )
    .action(
      perform(async (command, terminal) =>
        (await import('./report.ts')).report(command.args[0] ?? '', command.opts(), terminal),
      ),
    );

  const cases = program
    .command('case')
    .description('case files: check one, or print the schema of them')
    .helpCommand(false);
  cases
    .command('check')
    .description('validate a case and its evidence before anyone pays for it')
    .argument('<case>', 'the case file (YAML)')
    .option('--agents <dir>', 'the charter whose policies it is held against')
    .option(...JSON_OPTION)
    .action(
      perform(async (command, terminal) =>
        (await import('./case.ts')).checkCase(command.args[0] ?? '', command.opts(), terminal),
      ),
    );
  cases
    .command('schema')
    .description('print the JSON Schema of case files')
    .option(...JSON_OPTION)
    .action(perform(async (_, terminal) => (await import('./case.ts')).caseSchema(terminal)));

  program
    .command('verify')
    .description('check a certificate offline, and say which check failed')
    .argument('<certificate>', 'the .intoto.jsonl file; its .tlog-proof is found beside it')
    .option('--genesis <digest|file>', 'what you trust: the genesis digest, or genesis.json')
    .option('--expect <outcome>', 'also require this outcome: approved or rejected')
    .option(
      '--measurements <dir>',
      "where suites keep what they measured of panels (default: the council's own)",
    )
    .option('--portable', 'by the signature code that also runs in a browser, though slower')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExits 0 valid, whatever the outcome · 1 invalid, or not as expected · 2 no anchor to trust by.',
    )
    .action(
      perform(async (command, terminal) =>
        (await import('./verify.ts')).verify(command.args[0] ?? '', command.opts(), terminal),
      ),
    );

  const ledger = program
    .command('ledger')
    .description('the public ledger: replay it, or prove an entry of it');
  ledger
    .command('audit')
    .description('replay a ledger, from its genesis to the same decisions, roots and checkpoint')
    .argument('[dir]', "the council's directory", '.conclave')
    .option(...JSON_OPTION)
    .action(
      perform(async (command, terminal) =>
        (await import('./ledger.ts')).auditLedger(command.processedArgs[0], terminal),
      ),
    );
  ledger
    .command('prove')
    .description('prove that an entry stands in the ledger, and that the ledger only grew')
    .argument('<dir>', "the council's directory")
    .argument('<entry>', 'its index, or its digest')
    .option('--since <size>', 'also prove that the ledger of this size is the beginning of it', wholeNumber)
    .option(...JSON_OPTION)
    .action(
      perform(async (command, terminal) =>
        (await import('./ledger.ts')).proveEntry(
          command.args[0] ?? '',
          command.args[1] ?? '',
          command.opts(),
          terminal,
        ),
      ),
    );

  program
    .command('simulate')
    .description('attack the consensus with seeded schedules of faults; print the seed of any violation')
    .option('--seats <n>', 'how many seats', wholeNumber, 4)
    .option('--byzantine <k>', 'how many of them lie (default: as many as are tolerated)', wholeNumber)
    .option('--behaviour <name>', 'how they lie (default: a mix drawn from the seed)')
    .option('--kind <kind>', 'only timed, untimed, council or directed schedules (default: all four)')
    .option('--epochs', 'the roster changes now and then, in the middle of it (timed schedules)')
    .option('--seeds <n>', 'how many schedules of a kind', wholeNumber, 100)
    .option('--seed <n>', 'replay one schedule and show its trace', wholeNumber)
    .option('--twins <file>', 'run the scenarios of a Twins file')
    .option(...JSON_OPTION)
    .action(
      perform(async (command, terminal) =>
        (await import('./simulate.ts')).simulateFaults(command.opts(), terminal),
      ),
    );

  describeAgents(program, perform);
  describeEvals(program, perform);

  describeNode(program, perform);
  describeRoster(program, perform);
  describeClients(program, perform);

  program
    .command('keys')
    .description("show the public keys of a council's seats, and check that the secret ones fit them")
    .option(...PASSPHRASE_OPTION)
    .option(...DATA_OPTION)
    .option(...JSON_OPTION)
    .action(perform(async (command, terminal) => (await import('./keys.ts')).keys(command.opts(), terminal)));

  program
    .command('repair')
    .description('mend a store that lost something, as far as that is safe, and say what was done')
    .option(...PASSPHRASE_OPTION)
    .option(...DATA_OPTION)
    .option(...JSON_OPTION)
    .action(
      perform(async (command, terminal) => (await import('./repair.ts')).repair(command.opts(), terminal)),
    );

  program
    .command('bench')
    .description('measure this machine: every figure with its workload, its goal, and whether it is met')
    .option('--quick', 'smaller workloads')
    .option(
      '--only <words>',
      'only what these words name: decisions, ordering, review, verifying, simulation, messages',
    )
    .option('--redis [URLS]', 'what node processes do over Redis: a server of its own, or those named')
    .option(...JSON_OPTION)
    .action(
      perform(async (command, terminal) => (await import('./bench.ts')).bench(command.opts(), terminal)),
    );
}
