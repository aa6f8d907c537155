// `conclave init`: makes a council's directory. Without `--nodes` one process will host every seat, so what it makes is
// a trial council and says so in its roster and in every certificate (protocol 6.2). With it, each node gets a directory
// of its own to be taken to its machine.
import { resolve } from 'node:path';
import { quorumOf } from '../consensus/quorum.ts';
import type { Founding } from '../council/genesis.ts';
import { badInput } from '../errors.ts';
import { foundCouncil, isFounded, pathsOf } from '../node/council-directory.ts';
import { EMBEDDED_NODE } from '../node/embedded.ts';
import { foundDistributed, nodesOf, OPERATORS_FOLDER, SUBMITTERS_FOLDER } from '../node/running/founding.ts';
import { offlineProvider } from '../providers/offline.ts';
import { type Agents, loadAgents } from '../seats/agents.ts';
import { presentationOf } from '../seats/seat-file.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { agentsFolder, asTyped } from './folders.ts';
import { padEnd, plural, visible } from './layout.ts';
import { passphraseIn } from './passphrase.ts';
import { seatRanges } from './seat-ranges.ts';
import type { Terminal } from './terminal.ts';

/** Two of three: one who is away stops nothing, and one alone changes nothing. */
export const OPERATORS = { count: 3, threshold: 2 } as const;

/** How a seat stands in the roster whose own model is asked. */
const LIVE = { name: 'live', provenance: 'live' } as const;

export interface InitOptions {
  readonly agents?: string;
  readonly passphraseFile?: string;
  readonly nodes?: number;
  readonly operators?: number;
  readonly threshold?: number;
  readonly live?: boolean;
  readonly trial?: boolean;
}

export async function init(folder: string, options: InitOptions, terminal: Terminal): Promise<ExitCode> {
  const root = resolve(folder);
  const paths = pathsOf(root);
  const agents = loadAgents(agentsFolder(options.agents));
  const secret = passphraseIn(options.passphraseFile);
  if (isFounded(root)) throw badInput('this directory holds a council already', { file: paths.genesis });
  const founding =
    options.nodes === undefined
      ? await foundEmbedded(root, agents, secret)
      : await foundNodes(root, agents, { ...options, nodes: options.nodes });
  const { councilId, roster, charter } = founding;
  const sealed = secret.passphrase !== undefined;
  const nodes = options.nodes === undefined ? [] : nodesOf(root, founding);
  const { colors } = terminal;
  terminal.say(
    `${colors.green('✓')} ${visible(charter.name)}: ${plural(roster.seats.length, 'seat')}${roster.trial ? ', a trial council' : ''}`,
    `  genesis  ${councilId}`,
    `  in       ${asTyped(root)}`,
    sealed
      ? '  keys     encrypted; without the passphrase they are lost'
      : '  keys     plain, as they may be in a trial only',
    ...nodes.map(({ name, seats }) => `  ${padEnd(name, 8)} seats ${seatRanges(seats)}`),
    '',
    ...(nodes.length === 0 ? [] : handingOut(root, founding).map((line) => colors.dim(line))),
    colors.dim('  Hand the genesis digest to those who are to trust its certificates.'),
  );
  terminal.result({
    dataDir: root,
    genesis: councilId,
    genesisFile: paths.genesis,
    seats: roster.seats.length,
    trial: roster.trial,
    keys: sealed ? 'encrypted' : 'plain',
    ...(nodes.length === 0 ? {} : { nodes, operators: charter.operators ?? null }),
  });
  return EXIT.yes;
}

interface Secret {
  readonly passphrase?: string;
}

function foundEmbedded(root: string, agents: Agents, secret: Secret): Promise<Founding> {
  const provider = offlineProvider(agents);
  return foundCouncil(root, {
    charter: agents.charter,
    seats: agents.seats.map((seat) => presentationOf(seat, provider)),
    node: EMBEDDED_NODE,
    nowMs: Date.now(),
    ...secret,
  });
}

/** Founded on the checklist unless told otherwise: what a council is founded with it stays (protocol 6.4). */
export function foundNodes(
  root: string,
  agents: Agents,
  {
    nodes,
    operators,
    threshold,
    live = false,
    trial = false,
    passphraseFile,
  }: InitOptions & { readonly nodes: number },
): Promise<Founding> {
  const answering = live ? LIVE : offlineProvider(agents);
  const count = operators ?? OPERATORS.count;
  return foundDistributed(root, {
    charter: live ? agents.liveCharter : agents.charter,
    seats: agents.seats.map((seat) => presentationOf(seat, answering)),
    nodes,
    trial,
    operators: { count, threshold: threshold ?? Math.min(count, OPERATORS.threshold) },
    nowMs: Date.now(),
    ...passphraseIn(passphraseFile),
  });
}

function handingOut(root: string, { charter, roster }: Founding): string[] {
  const { f } = quorumOf(roster.seats.length);
  return [
    `  Take each folder of ${asTyped(root)}/nodes to its machine, and ${OPERATORS_FOLDER}/ and ${SUBMITTERS_FOLDER}/ to their people;`,
    `  ${charter.operators?.threshold ?? 0} of ${charter.operators?.keys.length ?? 0} operators change the roster, at most ${f} seats at a time.`,
  ];
}
