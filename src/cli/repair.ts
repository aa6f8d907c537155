// `conclave repair`: what can safely be done when a store lost something (protocol 8.2). What it may cost is said, and
// where nothing safe can be done it says why and changes nothing.
import { resolve } from 'node:path';
import { badInput } from '../errors.ts';
import { isFounded, pathsOf } from '../node/council-directory.ts';
import { repairCouncil } from '../node/repair/repair.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { plural, visible, wrap } from './layout.ts';
import { passphraseIn } from './passphrase.ts';
import type { Terminal } from './terminal.ts';

export interface RepairOptions {
  readonly data: string;
  readonly passphraseFile?: string;
}

export async function repair(options: RepairOptions, terminal: Terminal): Promise<ExitCode> {
  const root = resolve(options.data);
  if (!isFounded(root)) throw badInput('expected a council, found none', { file: pathsOf(root).genesis });
  const { kind, height, notes } = await repairCouncil(root, passphraseIn(options.passphraseFile).passphrase);
  const { colors, columns } = terminal;
  terminal.say(
    `${colors.green('✓')} ${kind === 'published' ? 'nothing was lost' : 'restored'}, ${plural(height, 'block')}`,
    ...notes.flatMap((note) => wrap(visible(note), columns - 2).map((line) => `  ${line}`)),
  );
  terminal.result({ dataDir: root, kind, height, notes });
  return EXIT.yes;
}
