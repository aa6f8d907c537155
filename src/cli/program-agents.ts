// The words of `conclave agents …`: the seats and the models behind them.
import type { Command } from 'commander';
import { amount, DATA_OPTION, JSON_OPTION, type Performer, wholeNumber } from './program-words.ts';

export function describeAgents(program: Command, perform: Performer): void {
  const agents = program
    .command('agents')
    .description('the seats: list them, hold them against the caps, or ask each one something')
    .helpCommand(false);
  for (const [name, description] of [
    ['list', 'list the seats with their lenses, models, hosts and prices'],
    ['check', 'hold every fault domain against its cap, and say what losing developers would do'],
    ['probe', 'ask every seat one tiny question: how long it takes, what it costs, what fails'],
  ] as const) {
    agents
      .command(name)
      .description(description)
      .argument('[dir]', 'the folder of seat files (default: ./agents, else those that come with conclave)')
      .option(...JSON_OPTION)
      .action(
        perform(async (command, terminal) =>
          (await import('./agents.ts')).agents(name, command.args[0], terminal),
        ),
      );
  }

  agents
    .command('recheck')
    .description('ask seats drawn by lot an earlier case again, and say what they find otherwise now')
    .argument('[dir]', 'the folder of seat files')
    .option('--count <n>', 'how many seats and cases to draw', wholeNumber, 11)
    .option('--seed <n>', 'draw the same again', wholeNumber)
    .option('--replay <path>', 'take the answers from a file, or from a recording')
    .option('--budget <usd>', 'how much live models may cost', amount)
    .option('--yes', 'ask live models without asking first')
    .option(...DATA_OPTION)
    .option(...JSON_OPTION)
    .action(
      perform(async (command, terminal) =>
        (await import('./agents-recheck.ts')).recheckAgents(command.args[0], command.opts(), terminal),
      ),
    );
}
