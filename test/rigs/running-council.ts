// A council as it runs for real: founded by `conclave init`, one `conclave node` process a node, joined by real
// redis-servers, with a wire of its own from each node to each Redis that a test may harm, a disk that it may fill and a
// clock that it may set wrong. What is started here ends with the test, by its own id, however the test ends.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Founding, parseFounding } from '../../src/council/genesis.ts';
import { nodeNames } from '../../src/council/roster.ts';
import type { SeatId } from '../../src/signing/seat-id.ts';
import { type Ending, KeptProcess } from './kept-process.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { mountSmallDisk, type SmallDisk } from './small-disk.ts';
import { type TcpProxy, tcpProxy } from './tcp-proxy.ts';

const projectRoot = join(import.meta.dirname, '..', '..');
export const COMMAND = join(projectRoot, 'dist', 'cli', 'main.js');
const SHIFTED_CLOCK = join(import.meta.dirname, 'shifted-clock.mjs');

export interface RunningCouncilOptions {
  /** a folder of the test's own, which outlives the council */
  readonly root: string;
  readonly nodes: number;
  readonly seed: number;
  /** how long seats may judge and open their ballots */
  readonly windows: { readonly commitMs: number; readonly revealMs: number };
  readonly redisServers?: number;
  /** gives each node a disk of its own of so many megabytes, where that can be had */
  readonly diskMegabytes?: number;
  /** instead of `--offline` */
  readonly nodeWords?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** more words for `conclave submit` */
  readonly submitWords?: readonly string[];
  /** more words for `conclave init`, and an agents folder instead of the project's own */
  readonly initWords?: readonly string[];
  readonly agents?: string;
}

export interface RunningNode {
  readonly name: string;
  readonly seats: readonly SeatId[];
  /** its data directory */
  readonly folder: string;
  readonly process: KeptProcess;
  /** its wires, one a Redis */
  readonly wires: readonly TcpProxy[];
  readonly disk: SmallDisk | undefined;
  setClock(offsetMs: number): void;
}

/** What it says when it is ready. */
export interface Ready {
  readonly node: string;
  readonly http: string | null;
}

const READY_WITHIN_MS = 180_000;
const COMMAND_WITHIN_MS = 60_000;
const DRAIN_WITHIN_MS = 20_000;

export class RunningCouncil {
  readonly root: string;
  readonly folder: string;
  readonly founding: Founding;
  readonly redis: readonly RedisServer[];
  readonly nodes: readonly RunningNode[];
  readonly submitWords: readonly string[];
  /** how clients reach the Redis servers: by no node's wire */
  readonly redisUrls: string;

  private constructor(
    fields: Pick<RunningCouncil, 'root' | 'folder' | 'founding' | 'redis' | 'nodes' | 'submitWords'>,
  ) {
    this.root = fields.root;
    this.folder = fields.folder;
    this.founding = fields.founding;
    this.redis = fields.redis;
    this.nodes = fields.nodes;
    this.submitWords = fields.submitWords;
    this.redisUrls = fields.redis.map(({ url }) => url).join(',');
  }

  /** Founds it and starts its Redis servers, but no node yet. */
  static async found(options: RunningCouncilOptions): Promise<RunningCouncil> {
    const { root, nodes, seed, windows, redisServers = 1, diskMegabytes, initWords = [] } = options;
    mkdirSync(join(root, 'logs'), { recursive: true });
    const agents = options.agents ?? writeAgents(root, windows);
    const folder = join(root, 'council');
    const init = ['init', folder, '--nodes', String(nodes), '--agents', agents, ...initWords];
    const made = await runCommand(root, init);
    if (made.exit !== 0) throw new Error(`conclave init: ${JSON.stringify(made.result)}`);
    const founding = parseFounding(readFileSync(join(folder, 'genesis.json')));
    const redis: RedisServer[] = [];
    for (let i = 0; i < redisServers; i++) redis.push(await startRedis({ appendOnly: true }));
    const names = nodeNames(founding.roster);
    const running: RunningNode[] = [];
    for (const [index, name] of names.entries()) {
      const seats = founding.roster.seats.filter(({ node }) => node === name).map(({ seat }) => seat);
      const wires: TcpProxy[] = [];
      for (const { port } of redis) {
        const upstream = { host: '127.0.0.1', port };
        wires.push(await tcpProxy({ upstream, seed: seed * 100 + index }));
      }
      const own = join(folder, 'nodes', name);
      const disk = diskMegabytes === undefined ? undefined : mountSmallDisk(own, diskMegabytes);
      const clock = join(root, `clock-${name}`);
      const words = [
        ...['node', '--council', own, '--seats', `${seats[0]}-${seats.at(-1)}`, '--agents', agents],
        ...['--redis', wires.map(({ port }) => `redis://127.0.0.1:${port}`).join(',')],
        ...(options.nodeWords ?? ['--offline']),
        ...['--http', '127.0.0.1:0', '--json'],
      ];
      const process_ = new KeptProcess({
        name,
        words: [COMMAND, ...words],
        cwd: root,
        logFile: join(root, 'logs', `${name}.log`),
        environment: {
          ...withoutMakers(process.env),
          ...options.environment,
          NODE_OPTIONS: `--import ${SHIFTED_CLOCK}`,
          SHIFTED_CLOCK_FILE: clock,
          NO_COLOR: '1',
        },
      });
      const setClock = (offsetMs: number): void => writeFileSync(clock, String(offsetMs));
      running.push({ name, seats, folder: own, process: process_, wires, disk, setClock });
    }
    return new RunningCouncil({
      root,
      folder,
      founding,
      redis,
      nodes: running,
      submitWords: options.submitWords ?? [],
    });
  }

  node(index: number): RunningNode {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`there is no node ${index}`);
    return node;
  }

  async start(index: number): Promise<Ready> {
    const { process: started } = this.node(index);
    started.start();
    return this.ready(index);
  }

  async ready(index: number, withinMs = READY_WITHIN_MS): Promise<Ready> {
    const { process: started } = this.node(index);
    const said: unknown = JSON.parse(await started.firstLine(withinMs));
    if (typeof said !== 'object' || said === null || !('ready' in said) || said.ready !== true)
      throw new Error(`${started.options.name} is not ready: ${JSON.stringify(said)}`);
    const http = 'http' in said && typeof said.http === 'string' ? said.http : null;
    return { node: started.options.name, http };
  }

  async startAll(): Promise<readonly Ready[]> {
    // Together: a node waits for nobody, and starting takes a moment of work each.
    return Promise.all(this.nodes.map((_, index) => this.start(index)));
  }

  /** Asks every node to end, and tells how each did. */
  async drainAll(): Promise<readonly (Ending | undefined)[]> {
    return Promise.all(this.nodes.map(({ process: running }) => running.drain(DRAIN_WITHIN_MS)));
  }

  /** Ends everything. Disks go back to plain folders, so that what is in them can be looked at. */
  async close(): Promise<void> {
    await Promise.all(this.nodes.map(({ process: running }) => running.kill()));
    for (const { disk } of this.nodes) disk?.unmount();
    await Promise.all(this.nodes.flatMap(({ wires }) => wires.map((wire) => wire.close())));
    await Promise.all(this.redis.map((server) => server.stop()));
  }
}

/** The project's seats with windows of the test's own; criteria and prompts stand beside them. */
export function writeAgents(root: string, windows: { commitMs: number; revealMs: number }): string {
  const agents = join(root, 'agents');
  cpSync(join(projectRoot, 'agents'), agents, { recursive: true });
  cpSync(join(projectRoot, 'prompts'), join(root, 'prompts'), { recursive: true });
  const file = join(agents, 'council.yaml');
  const text = readFileSync(file, 'utf8')
    .replace(/^ {2}commitMs: 10000$/m, `  commitMs: ${windows.commitMs}`)
    .replace(/^ {2}revealMs: 5000$/m, `  revealMs: ${windows.revealMs}`)
    .replace(/^ {4}quota: 64$/m, '    quota: 512');
  if (!text.includes(`commitMs: ${windows.commitMs}`)) throw new Error('council.yaml is not as it was');
  writeFileSync(file, text);
  return agents;
}

export interface CommandRun {
  readonly exit: number | null;
  /** the one line it printed */
  readonly result: Readonly<Record<string, unknown>>;
}

/** A command that ends by itself. */
export async function runCommand(
  root: string,
  words: readonly string[],
  withinMs = COMMAND_WITHIN_MS,
): Promise<CommandRun> {
  const command = new KeptProcess({
    name: `conclave ${words[0]}`,
    words: [COMMAND, ...words, '--json'],
    cwd: root,
    logFile: join(root, 'logs', 'commands.log'),
    environment: { ...withoutMakers(process.env), NO_COLOR: '1' },
  });
  command.start();
  const [said, ending] = await Promise.all([
    command.firstLine(withinMs).catch((error: unknown) => JSON.stringify({ silent: String(error) })),
    command.ended(withinMs),
  ]);
  const result: unknown = JSON.parse(said);
  if (typeof result !== 'object' || result === null) throw new Error(`${words[0]} printed ${said}`);
  return { exit: ending?.code ?? null, result: Object.fromEntries(Object.entries(result)) };
}

/** A test asks no live model, whatever keys there are in the shell that runs it. */
function withoutMakers(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = /_(?:API_KEY|BASE_URL)$|^OLLAMA_HOST$/;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.test(name)));
}
