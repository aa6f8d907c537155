// `conclave init`: makes a council's directory. One process will host every seat, so what it makes is a trial
// council and says so in its roster and in every certificate (protocol 6.2).
import { resolve } from 'node:path';
import { badInput } from '../errors.ts';
import { foundCouncil, isFounded, pathsOf } from '../node/council-directory.ts';
import { EMBEDDED_NODE } from '../node/embedded.ts';
import { offlineProvider } from '../providers/offline.ts';
import { loadAgents } from '../seats/agents.ts';
import { presentationOf } from '../seats/seat-file.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { agentsFolder, asTyped } from './folders.ts';
import { plural, visible } from './layout.ts';
import { passphraseIn } from './passphrase.ts';
import type { Terminal } from './terminal.ts';

export interface InitOptions {
  readonly agents?: string;
  readonly passphraseFile?: string;
}

export async function init(folder: string, options: InitOptions, terminal: Terminal): Promise<ExitCode> {
  const root = resolve(folder);
  const paths = pathsOf(root);
  const agents = loadAgents(agentsFolder(options.agents));
  const secret = passphraseIn(options.passphraseFile);
  if (isFounded(root)) throw badInput('this directory holds a council already', { file: paths.genesis });
  const provider = offlineProvider(agents);
  const { councilId, roster, charter } = await foundCouncil(root, {
    charter: agents.charter,
    seats: agents.seats.map((seat) => presentationOf(seat, provider)),
    node: EMBEDDED_NODE,
    nowMs: Date.now(),
    ...secret,
  });
  const sealed = secret.passphrase !== undefined;
  const { colors } = terminal;
  terminal.say(
    `${colors.green('✓')} ${visible(charter.name)}: ${plural(roster.seats.length, 'seat')}, a trial council`,
    `  genesis  ${councilId}`,
    `  in       ${asTyped(root)}`,
    sealed
      ? '  keys     encrypted; without the passphrase they are lost'
      : '  keys     plain, as they may be in a trial only',
    '',
    colors.dim('  Hand the genesis digest to those who are to trust its certificates.'),
  );
  terminal.result({
    dataDir: root,
    genesis: councilId,
    genesisFile: paths.genesis,
    seats: roster.seats.length,
    trial: roster.trial,
    keys: sealed ? 'encrypted' : 'plain',
  });
  return EXIT.yes;
}
