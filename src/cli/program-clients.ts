// The words of those who use a running council from outside: submit a case, look how it goes, and see to what is
// confidential.
import type { Command } from 'commander';
import { DATA_OPTION, JSON_OPTION, PASSPHRASE_OPTION, type Performer, wholeNumber } from './program-words.ts';

export function describeClients(program: Command, perform: Performer): void {
  overTheNetwork(
    program
      .command('submit')
      .description('submit a case to a running council; done when it is proved that its opening is committed')
      .argument('<case>', 'the case file (YAML)'),
  )
    .option('--submitter <id>', 'who submits (default: the first whose key is in the directory)')
    .option('--wait', 'wait for the certificate, and verify it')
    .option('--again', 'open another attempt at a case that was submitted before')
    .option('--timeout <seconds>', 'how long to wait for the proof', wholeNumber, 120)
    .option(...PASSPHRASE_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nRun again after it was stopped, it goes on with the same case.')
    .addHelpText(
      'after',
      'Exits 0 committed · 2 not yet; with --wait as review does: 0 approved · 1 opposed · 2 neither.',
    )
    .action(
      perform(async (command, terminal) =>
        (await import('./submit.ts')).submit(command.args[0] ?? '', command.opts(), terminal),
      ),
    );

  overTheNetwork(program.command('status').description('ask every node of a running council how it fares'))
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExits 0 when a quorum of seats is there and their ledgers agree · 2 when not · 69 when nobody answers.',
    )
    .action(
      perform(async (command, terminal) => (await import('./status.ts')).status(command.opts(), terminal)),
    );

  overTheNetwork(
    program
      .command('watch')
      .description('follow a case live: ballots sealed and opened, the decision, its certificate')
      .argument('<case>', 'the case id'),
  )
    .option('--timeout <seconds>', 'how long to wait for the next thing to happen', wholeNumber, 600)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nWith --json one object a line for whatever happens.')
    .action(
      perform(async (command, terminal) =>
        (await import('./watch.ts')).watch(command.args[0] ?? '', command.opts(), terminal),
      ),
    );

  const dossier = program
    .command('dossier')
    .description('the confidential files of a case: take them out, or erase them')
    .helpCommand(false);
  dossier
    .command('export')
    .description('write a dossier, and how the seats here came to their ballots, as one JSON file')
    .argument('<case>', 'the case id')
    .option('--out <file>', 'where to write it (default: to stdout)')
    .option(...DATA_OPTION)
    .option(...JSON_OPTION)
    .action(
      perform(async (command, terminal) =>
        (await import('./dossier.ts')).exportDossier(command.args[0] ?? '', command.opts(), terminal),
      ),
    );
  dossier
    .command('erase')
    .description('erase them here for good: neither served nor fetched again; the ledger stays as it is')
    .argument('<case>', 'the case id')
    .option(...DATA_OPTION)
    .option(...JSON_OPTION)
    .action(
      perform(async (command, terminal) =>
        (await import('./dossier.ts')).eraseDossier(command.args[0] ?? '', command.opts(), terminal),
      ),
    );
}

function overTheNetwork(command: Command): Command {
  return command
    .requiredOption('--council <dir>', 'the founded council: its genesis, and the keys of submitters')
    .option('--redis <urls>', 'the Redis servers that carry its messages, separated by commas')
    .option('--redis-password-file <file>', 'the password for servers whose URL has none');
}
