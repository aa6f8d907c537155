// `conclave up`: a whole council on this machine for trying it, as it would run on several: a process a node, a
// redis-server of its own between them. Everything lies in one directory, and the next `up` on it goes on there.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Founding } from '../council/genesis.ts';
import { badInput, reasonOf } from '../errors.ts';
import { isFounded, pathsOf } from '../node/council-directory.ts';
import { lockDirectory } from '../node/directory-lock.ts';
import { NODES_FOLDER, nodesOf } from '../node/running/founding.ts';
import { loadAgents } from '../seats/agents.ts';
import { readFounding } from './council-folder.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { agentsFolder, asTyped } from './folders.ts';
import { foundNodes } from './init.ts';
import { KeptNode } from './kept-node.ts';
import { padEnd, plural, visible } from './layout.ts';
import { type PrivateRedis, startPrivateRedis } from './private-redis.ts';
import { SERVERS_FILE } from './redis-servers.ts';
import { seatRanges } from './seat-ranges.ts';
import { untilTold } from './signals.ts';
import type { Terminal } from './terminal.ts';
import { tellingOf, UpStatus } from './up-status.ts';

export interface UpOptions {
  readonly data: string;
  readonly nodes: number;
  readonly agents?: string;
  readonly live?: boolean;
  readonly replay?: string;
  readonly passphraseFile?: string;
}

const LOOK_EVERY_MS = 1_000;
/** A server that does not stay up is not begun again for ever. */
const MAX_REDIS_STARTS = 5;

export async function up(options: UpOptions, terminal: Terminal): Promise<ExitCode> {
  const told = untilTold({ hangup: terminal.live });
  const root = resolve(options.data);
  const { genesis, running } = pathsOf(root);
  if (isFounded(root) && !existsSync(join(root, NODES_FOLDER)))
    throw badInput(
      'expected a council of several nodes, found one that a single process hosts: give another --data',
      {
        file: genesis,
      },
    );
  const agents = loadAgents(agentsFolder(options.agents));
  mkdirSync(root, { recursive: true });
  const lock = lockDirectory(running);
  try {
    // First, because it is what a machine may lack.
    const redis = await RedisKeeper.start(root, terminal);
    try {
      const founding = isFounded(root) ? readFounding(genesis) : await foundNodes(root, agents, options);
      return await watched({ root, founding, options, redis }, told, terminal);
    } finally {
      await redis.stop();
    }
  } finally {
    lock.release();
  }
}

interface Council {
  readonly root: string;
  readonly founding: Founding;
  readonly options: UpOptions;
  readonly redis: RedisKeeper;
}

async function watched(
  { root, founding, options, redis }: Council,
  told: Promise<'told'>,
  terminal: Terminal,
): Promise<ExitCode> {
  const logs = join(root, 'logs');
  mkdirSync(logs, { recursive: true });
  const seats = new Map(nodesOf(root, founding).map((node) => [node.name, seatRanges(node.seats)]));
  let announced = false;
  const onChange = (node: KeptNode): void => {
    if (!terminal.live) terminal.say(...tellingOf(node));
    else status.draw();
    if (announced || nodes.some(({ state }) => state !== 'up')) return;
    announced = true;
    announce({ root, founding, nodes, seats }, terminal);
  };
  const nodes = [...seats].map(([name, range]) => {
    const logFile = join(logs, `${name}.log`);
    return new KeptNode({ name, words: wordsFor(root, range, options), logFile }, onChange);
  });
  const status = new UpStatus(nodes, { terminal, seats, councilId: founding.councilId });
  terminal.say(
    `  ${plural(nodes.length, 'node')} and a redis-server of their own (port ${redis.port}) are starting …`,
  );
  for (const node of nodes) node.start();
  const looking = setInterval(() => void status.look(), LOOK_EVERY_MS);
  try {
    await told;
  } finally {
    clearInterval(looking);
    status.close();
    terminal.say('  stopping …');
    await Promise.all(nodes.map((node) => node.stop()));
  }
  return EXIT.yes;
}

function wordsFor(root: string, seats: string, options: UpOptions): string[] {
  const { agents, replay, passphraseFile, live } = options;
  return [
    ...['node', '--council', root, '--seats', seats, '--http', '0', '--json'],
    ...(agents === undefined ? [] : ['--agents', resolve(agents)]),
    ...(replay === undefined ? [] : ['--replay', resolve(replay)]),
    ...(passphraseFile === undefined ? [] : ['--passphrase-file', resolve(passphraseFile)]),
    ...(live === true || replay !== undefined ? [] : ['--offline']),
  ];
}

interface Announced {
  readonly root: string;
  readonly founding: Founding;
  readonly nodes: readonly KeptNode[];
  readonly seats: ReadonlyMap<string, string>;
}

function announce({ root, founding, nodes, seats }: Announced, terminal: Terminal): void {
  const { colors } = terminal;
  const { charter, councilId, roster } = founding;
  const at = asTyped(root);
  terminal.say(
    '',
    `${colors.green('✓')} ${visible(charter.name)} is up: ${plural(roster.seats.length, 'seat')} at ${plural(nodes.length, 'node')}`,
    `  genesis  ${councilId}`,
    `  in       ${at}`,
    ...nodes.map(
      ({ name, url = '', pid }) =>
        `  ${padEnd(name, 8)} seats ${padEnd(seats.get(name) ?? '', 6)} ${url}  ${colors.dim(`process ${pid}`)}`,
    ),
    '',
    colors.dim('  In another terminal:'),
    `  conclave submit CASE.yaml --council ${at} --wait`,
    `  conclave status --council ${at}`,
    '',
    colors.dim('  Ctrl-C stops it; the next conclave up on the same directory goes on where it was.'),
  );
  terminal.result({
    ready: true,
    dataDir: root,
    genesis: councilId,
    genesisFile: pathsOf(root).genesis,
    redisFile: join(root, SERVERS_FILE),
    nodes: nodes.map(({ name, url, pid, logFile }) => ({
      name,
      seats: seats.get(name),
      http: url,
      pid,
      logFile,
    })),
  });
}

/** Its server, on one address as long as the council is up: begun again there when it dies. */
class RedisKeeper {
  readonly port: number;
  readonly #root: string;
  readonly #terminal: Terminal;
  #server: PrivateRedis;
  #starts = 1;
  #stopping = false;

  static async start(root: string, terminal: Terminal): Promise<RedisKeeper> {
    const server = await startPrivateRedis(join(root, 'redis'));
    writeFileSync(join(root, SERVERS_FILE), `${server.url}\n`, { mode: 0o600 });
    return new RedisKeeper(root, server, terminal);
  }

  constructor(root: string, server: PrivateRedis, terminal: Terminal) {
    this.#root = root;
    this.#server = server;
    this.#terminal = terminal;
    this.port = server.port;
    this.#keep(server);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#server.stop();
  }

  #keep(server: PrivateRedis): void {
    void server.ended.then(async () => {
      if (this.#stopping) return;
      this.#terminal.say('  redis-server ended; it is started again');
      if (this.#starts++ >= MAX_REDIS_STARTS)
        return this.#terminal.say('  … and will not stay up: see its folder');
      try {
        this.#server = await startPrivateRedis(join(this.#root, 'redis'), { port: this.port });
        if (this.#stopping) await this.#server.stop();
        else this.#keep(this.#server);
      } catch (error) {
        this.#terminal.say(`  ${visible(reasonOf(error))}`);
      }
    });
  }
}
