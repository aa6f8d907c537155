// The words of the running council: found it, run a node of it, or try it whole on this machine.
import type { Command } from 'commander';
import { JSON_OPTION, PASSPHRASE_OPTION, type Performer, wholeNumber } from './program-words.ts';

export function describeNode(program: Command, perform: Performer): void {
  program
    .command('init')
    .description("make a council's directory: genesis, roster, charter and the keys of its seats")
    .argument('<dir>', 'the directory to make')
    .option('--nodes <n>', 'for so many machines, each with a directory and keys of its own', wholeNumber)
    .option('--operators <n>', 'so many people may change its roster (default: 3)', wholeNumber)
    .option('--threshold <k>', 'and so many of them must sign (default: 2)', wholeNumber)
    .option('--live', 'its seats are the models their files name, so it is no trial')
    .option(
      '--trial',
      'mark it as a trial all the same: every certificate says so, and its keys may be plain',
    )
    .option('--agents <dir>', 'the seats and the charter')
    .option('--passphrase-file <file>', 'encrypt the keys under the passphrase in this file')
    .option(...JSON_OPTION)
    .action(
      perform(async (command, terminal) =>
        (await import('./init.ts')).init(command.args[0] ?? '', command.opts(), terminal),
      ),
    );

  program
    .command('node')
    .description('run a node of a council: its seats judge and vote, until it is told to stop')
    .requiredOption('--council <dir>', 'the founded council, or the directory of this node')
    .requiredOption('--seats <list>', 'the seats of this node, such as 1-9')
    .option('--redis <urls>', 'the Redis servers that carry its messages, separated by commas')
    .option('--redis-password-file <file>', 'the password for servers whose URL has none')
    .option('--wait <seconds>', 'how long to wait for the first of them', wholeNumber, 10)
    .option('--agents <dir>', 'the seats (default: ./agents, else those that come with conclave)')
    .option('--offline', 'judge by the checklist, whatever keys there are')
    .option('--replay <path>', 'take the answers from a file, or from a recording')
    .option('--limit <host=n/s...>', 'evaluations in so many seconds at a host, over all nodes: openai=60/60')
    .option('--http <host:port>', 'publish its ledger, its health and its metrics there')
    .option('--log-level <level>', 'debug, info, warn or error', 'info')
    .option(...PASSPHRASE_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nLogs are JSON lines on stderr. SIGTERM lets it finish what it has begun.')
    .action(perform(async (command, terminal) => (await import('./node.ts')).node(command.opts(), terminal)));

  program
    .command('up')
    .description('a whole council on this machine: its nodes as processes, and a private redis-server')
    .option('--data <dir>', 'its directory; founded where there is none', '.conclave-up')
    .option('--nodes <n>', 'so many nodes, when it is founded', wholeNumber, 4)
    .option('--agents <dir>', 'the seats and the charter')
    .option('--live', 'its seats are the models their files name; else the checklist answers')
    .option('--replay <path>', 'take the answers from a file, or from a recording')
    .option(...PASSPHRASE_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nCtrl-C stops it; run again on the same directory it goes on where it was.')
    .action(perform(async (command, terminal) => (await import('./up.ts')).up(command.opts(), terminal)));
}
