// The work of `conclave node`, loaded once it is known that there is a node to run: its minds, its wires and its log.
import { join } from 'node:path';
import type { Founding } from '../council/genesis.ts';
import { ConclaveError, reasonOf } from '../errors.ts';
import { DISTRIBUTED_PACE } from '../node/pace.ts';
import { AGENTS_FOLDER, AgentShelf } from '../node/roster/agent-shelf.ts';
import { httpPlace } from '../node/running/ledger-server.ts';
import type { NodePlace } from '../node/running/node-directory.ts';
import type { Log } from '../node/running/node-log.ts';
import { limitBySeat, providerLimits } from '../node/running/provider-limits.ts';
import { RunningNode } from '../node/running/running-node.ts';
import { seatJudge } from '../node/seat-judge.ts';
import type { Provider } from '../providers/contract.ts';
import { loadAgents } from '../seats/agents.ts';
import { DiskFolder } from '../storage/folder.ts';
import { FileCursors } from '../transport/redis/cursors.ts';
import { RedisTransport } from '../transport/redis/redis-transport.ts';
import { EXIT, type ExitCode, failureOf } from './exit-codes.ts';
import { agentsFolder, asTyped } from './folders.ts';
import { mindsFor } from './minds.ts';
import type { NodeOptions } from './node.ts';
import { passphraseIn } from './passphrase.ts';
import { addressesOf } from './redis-servers.ts';
import { seatRanges } from './seat-ranges.ts';
import { Terminal } from './terminal.ts';

const CURSORS_FILE = 'cursors.json';
const LOOK_FOR_SERVER_MS = 50;

export interface NodeToRun {
  readonly place: NodePlace;
  readonly servers: readonly string[];
  readonly told: Promise<'told'>;
}

export async function runNode(
  options: NodeOptions,
  { place, servers, told }: NodeToRun,
  terminal: Terminal,
): Promise<ExitCode> {
  let running: RunningNode | undefined;
  const log = await logFor(options, place, () => running?.node.state.epoch);
  const agents = loadAgents(agentsFolder(options.agents));
  const limits = providerLimits(options.limit ?? []);
  const { offline, replay } = options;
  let onAsk: RunningNode['onAsk'];
  const minds = mindsFor(
    {
      data: place.root,
      yes: true,
      ...(offline === undefined ? {} : { offline }),
      ...(replay === undefined ? {} : { replay }),
    },
    { agents, environment: process.env, terminal: logged(log), onAsk: (event) => onAsk?.(event) },
  );
  let main: RedisTransport | undefined;
  const shelf = new AgentShelf(
    { answering: minds.provider },
    { folder: new DiskFolder(join(place.root, AGENTS_FOLDER)) },
  );
  const own = place.seats.flatMap((seat) => agents.seats[seat - 1] ?? []);
  await shelf.keep(own);
  running = await RunningNode.start(
    {
      place,
      pace: DISTRIBUTED_PACE,
      ...passphraseIn(options.passphraseFile),
      ...(servers[0] === undefined ? {} : { jobsUrl: servers[0] }),
      ...(options.http === undefined ? {} : { http: httpPlace(options.http) }),
    },
    {
      log,
      limitOf: limitBySeat(agents.seats, limits),
      judge: (founding) => {
        requireFittingAnswers(founding, place, minds.provider);
        return seatJudge(agents, minds.provider, founding.charter.windows.commitMs, shelf);
      },
      servers: () => main?.stats() ?? [],
      follow: (peers) => main?.follow(peers),
      join: async (self, { councilId }, peers) => {
        const isClient = self !== place.name;
        const transport = await RedisTransport.join(
          { councilId, self, peers, servers },
          isClient
            ? {}
            : {
                cursors: await cursorsIn(place, log),
                onTrouble: (trouble) => log.warn(trouble, 'trouble with Redis'),
              },
        );
        if (!isClient) main = transport;
        await untilConnected(transport, servers, options.wait);
        return transport;
      },
    },
  );
  onAsk = running.onAsk;
  for (const trouble of await minds.attend(own)) log.warn({ trouble }, 'seats without a model abstain');
  const { councilId } = running.founding;
  const http = running.url ?? null;
  if (!terminal.json) {
    terminal.say(`${place.name} of ${councilId.slice(0, 16)} is up: seats ${seatRanges(place.seats)}`);
    if (http !== null) terminal.say(`  publishing at ${http}`);
  }
  terminal.result({ ready: true, node: place.name, seats: place.seats, http, genesis: councilId });

  const ended = await Promise.race([told, running.stopped.then((error) => ({ error }))]);
  if (ended === 'told') log.info({}, 'stopping');
  await running.close();
  if (ended === 'told') {
    log.info({}, 'stopped');
    return EXIT.yes;
  }
  log.error({ reason: reasonOf(ended.error), directory: asTyped(place.root) }, 'this node cannot go on');
  return failureOf(ended.error).exit;
}

/** No stand-in answers for a seat that stands in the roster under a maker's name, nor the other way round (protocol 6.4). */
function requireFittingAnswers({ roster }: Founding, { seats, root }: NodePlace, provider: Provider): void {
  const wrong = seats.find((seat) => {
    const isLive = roster.seats[seat - 1]?.provenance === undefined;
    return isLive !== (provider.provenance === 'live');
  });
  if (wrong === undefined) return;
  const founded = roster.seats[wrong - 1]?.provenance ?? 'live';
  throw new ConclaveError(
    'usage',
    `seat ${wrong} was founded with ${founded} answers, not ${provider.provenance} ones: ${asTyped(root)} stays what it is`,
  );
}

async function logFor(
  { logLevel }: NodeOptions,
  { name }: NodePlace,
  epoch: () => number | undefined,
): Promise<Log> {
  const { pino } = await import('pino');
  const log: Log = pino(
    { level: logLevel, base: { node: name }, mixin: () => ({ epoch: epoch() }) },
    pino.destination({ fd: 2, sync: true }),
  );
  return log;
}

/** How far it has read: a short absence loses nothing that the servers still hold. */
function cursorsIn({ root }: NodePlace, log: Log): Promise<FileCursors> {
  return FileCursors.open(join(root, CURSORS_FILE), (message) =>
    log.warn({ message }, 'trouble with cursors'),
  );
}

async function untilConnected(
  transport: RedisTransport,
  servers: readonly string[],
  waitSeconds: number,
): Promise<void> {
  const until = performance.now() + waitSeconds * 1_000;
  while (!transport.stats().some(({ connected }) => connected)) {
    if (performance.now() >= until) {
      await transport.close();
      throw new ConclaveError(
        'unavailable',
        `no Redis server answered within ${waitSeconds} s: ${addressesOf(servers)}. Start one, or name others with --redis`,
      );
    }
    await new Promise((done) => setTimeout(done, LOOK_FOR_SERVER_MS));
  }
}

/** What models do on the way belongs into the log: stderr is JSON and nothing else. */
function logged(log: Log): Terminal {
  const stderr = { write: (text: string) => log.debug({}, text.trim()) };
  return new Terminal({ json: true, debug: false }, { stdout: stderr, stderr, environment: {} });
}
