// The words of operators: who sits in the council, changed without stopping it (protocol 6.1).
import type { Command } from 'commander';
import { JSON_OPTION, PASSPHRASE_OPTION, type Performer, wholeNumber } from './program-words.ts';

export function describeRoster(program: Command, perform: Performer): void {
  withWishes(
    overTheNetwork(
      program
        .command('swap')
        .description('give seats another model or new keys, signed with the operator keys in the directory')
        .argument('<seats>', 'the seats, such as 7 or 7,12-14; at most f of them'),
    ),
  )
    .option('--timeout <seconds>', 'how long to wait for the next epoch', wholeNumber, 60)
    .option(...PASSPHRASE_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nCases in flight keep the model they were opened with.')
    .addHelpText('after', 'Exits 0 in force · 1 another change came first · 2 not yet.')
    .action(
      perform(async (command, terminal) =>
        (await import('./roster.ts')).swap(command.args[0] ?? '', command.opts(), terminal),
      ),
    );

  const roster = program
    .command('roster')
    .description('who sits in the council: propose a change, sign it, submit it')
    .helpCommand(false);
  withWishes(
    overTheNetwork(
      roster.command('propose').description('write a change that operators are to sign; nothing is sent yet'),
    ).requiredOption('--seat <seats>', 'the seats, such as 7 or 7,12-14; at most f of them'),
  )
    .option('--vacate', 'leave them vacant: they count as missing')
    .requiredOption('-o, --out <file>', 'where to write it')
    .option(...PASSPHRASE_OPTION)
    .option(...JSON_OPTION)
    .action(
      perform(async (command, terminal) => (await import('./roster.ts')).propose(command.opts(), terminal)),
    );
  roster
    .command('sign')
    .description("add an operator's approval to a proposal")
    .argument('<proposal>', 'the file')
    .requiredOption('--key <file>', 'the key file of the operator, in its directory')
    .option('--council <dir>', 'where genesis.json is (default: above the key)')
    .option(...PASSPHRASE_OPTION)
    .option(...JSON_OPTION)
    .action(
      perform(async (command, terminal) =>
        (await import('./roster.ts')).sign(command.args[0] ?? '', command.opts(), terminal),
      ),
    );
  overTheNetwork(
    roster
      .command('submit')
      .description('hand in a proposal that enough operators have signed, and wait until it is in force')
      .argument('<proposal>', 'the file'),
  )
    .option('--key <file>', 'the key file of the operator who submits (default: one in the directory)')
    .option('--timeout <seconds>', 'how long to wait for the next epoch', wholeNumber, 60)
    .option(...PASSPHRASE_OPTION)
    .option(...JSON_OPTION)
    .action(
      perform(async (command, terminal) =>
        (await import('./roster.ts')).submitRoster(command.args[0] ?? '', command.opts(), terminal),
      ),
    );
}

function withWishes(command: Command): Command {
  return command
    .option('--model <id>', 'the model they ask from then on, as models.yaml lists it')
    .option('--from-agents', 'as their files have them now, model and all')
    .option('--rotate-keys', 'new keys for them, written into the directory of their node first')
    .option('--agents <dir>', 'the seats (default: ./agents, else those that come with conclave)');
}

function overTheNetwork(command: Command): Command {
  return command
    .requiredOption('--council <dir>', 'the founded council, or the directory of the node')
    .option('--redis <urls>', 'the Redis servers that carry its messages, separated by commas')
    .option('--redis-password-file <file>', 'the password for servers whose URL has none');
}
