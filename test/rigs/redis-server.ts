// A redis-server of a test's own: a real process on a free port with a folder of its own, ended by its own id. Tests of
// what the network does wrong need a real one that they can kill, freeze, empty and start again.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/cli/private-redis.ts';

export interface RedisServerOptions {
  /** keep what it holds over a restart */
  readonly appendOnly?: boolean;
  readonly password?: string;
  /** more words for its command line, such as `['--maxmemory', '4mb']` */
  readonly settings?: readonly string[];
}

export interface RedisServer {
  /** with the password, if it has one */
  readonly url: string;
  readonly port: number;
  /** of the process that runs now; changes with a restart */
  readonly pid: number;
  /** SIGKILL and SIGTERM: resolves when the process has ended. SIGSTOP and SIGCONT: at once. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and folder, ending it first if it runs. */
  restart(): Promise<void>;
  /** FLUSHALL */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

const START_TRIES = 20;
const START_WITHIN_MS = 15_000;
const INSTALL_WITHIN_MS = 180_000;
const running = new Set<number>();
process.on('exit', () => {
  for (const pid of running) signalTo(pid, 'SIGKILL');
});

export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  await haveBinary();
  const folder = mkdtempSync(join(tmpdir(), 'conclave-redis-'));
  for (let attempt = 0; attempt < START_TRIES; attempt++) {
    const port = await freePort();
    const server = new PrivateRedis(port, folder, options);
    // Another test may have taken the port between our looking and redis-server's binding: then the next one.
    if (await server.launched()) return server;
  }
  throw new Error(`redis-server found no free port in ${START_TRIES} tries`);
}

class PrivateRedis implements RedisServer {
  readonly port: number;
  readonly url: string;
  readonly #folder: string;
  readonly #options: RedisServerOptions;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(port: number, folder: string, options: RedisServerOptions) {
    this.port = port;
    this.#folder = folder;
    this.#options = options;
    this.url = `redis://${options.password === undefined ? '' : `:${options.password}@`}127.0.0.1:${port}`;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('this redis-server does not run');
    return pid;
  }

  /** False when the port was taken. */
  async launched(): Promise<boolean> {
    const { appendOnly = false, password, settings = [] } = this.#options;
    const child = spawn(
      'redis-server',
      [
        ...['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder, '--save', ''],
        ...['--appendonly', appendOnly ? 'yes' : 'no', '--daemonize', 'no'],
        ...(password === undefined ? [] : ['--requirepass', password]),
        ...settings,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let log = '';
    child.stdout.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-4_000);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-4_000);
    });
    let over = false;
    this.#child = child;
    this.#ended = new Promise<void>((resolve) => {
      child.once('error', () => resolve());
      child.once('exit', () => resolve());
    }).then(() => {
      over = true;
      if (child.pid !== undefined) running.delete(child.pid);
    });
    if (child.pid !== undefined) running.add(child.pid);
    const end = Date.now() + START_WITHIN_MS;
    while (!over && Date.now() < end) {
      if (/Ready to accept connections/.test(log) && (await this.#answers())) return true;
      await Promise.race([this.#ended, sleep(10)]);
    }
    await this.kill('SIGKILL');
    if (/Address already in use/.test(log)) return false;
    throw new Error(`redis-server did not start on port ${this.port}:\n${log}`);
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    signalTo(pid, signal);
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') return;
    await this.#ended;
    this.#child = undefined;
  }

  async restart(): Promise<void> {
    await this.kill('SIGTERM');
    // The port was ours; somebody who took it meanwhile will let it go.
    for (let attempt = 0; attempt < START_TRIES; attempt++) if (await this.launched()) return;
    throw new Error(`port ${this.port} did not come free again`);
  }

  async flush(): Promise<void> {
    const reply = await this.#ask('FLUSHALL');
    if (!reply.endsWith('+OK')) throw new Error(`FLUSHALL answered ${reply}`);
  }

  async stop(): Promise<void> {
    await this.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    return this.#ask('PING').then(
      (reply) => reply.endsWith('+PONG'),
      () => false,
    );
  }

  /** One command in Redis's inline form, over a connection of its own: the rig stands on no client library. */
  #ask(command: string): Promise<string> {
    const { password } = this.#options;
    const words = [...(password === undefined ? [] : [`AUTH ${password}`]), command, 'QUIT'];
    return new Promise((resolve, reject) => {
      const socket = createConnection({ host: '127.0.0.1', port: this.port });
      let heard = '';
      socket.setTimeout(START_WITHIN_MS, () => socket.destroy(new Error('redis-server does not answer')));
      socket.on('connect', () => socket.write(`${words.join('\r\n')}\r\n`));
      socket.on('data', (chunk) => {
        heard += chunk.toString();
      });
      socket.on('error', reject);
      // The last line is the answer to QUIT.
      socket.on('close', () => resolve(heard.split('\r\n').slice(0, -2).join(' ')));
    });
  }
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

const hasBinary = (): boolean => spawnSync('redis-server', ['--version']).status === 0;

/** Installs it where we may; test files run side by side, so one of them does and the others wait. */
async function haveBinary(): Promise<void> {
  if (hasBinary()) return;
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) {
    throw new Error(
      'these tests start a real redis-server (7.0 or later) and found none: install the package redis-server',
    );
  }
  const lock = join(tmpdir(), 'conclave-redis-install');
  const end = Date.now() + INSTALL_WITHIN_MS;
  while (!hasBinary()) {
    if (Date.now() > end) {
      throw new Error(`redis-server was not installed in time; if nobody installs it, remove ${lock}`);
    }
    if (takes(lock)) {
      try {
        install();
      } finally {
        rmSync(lock, { recursive: true, force: true });
      }
    } else await sleep(250);
  }
}

function takes(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}

function install(): void {
  // RUNLEVEL=1 keeps the package from starting a server of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const apt = (...words: string[]) => spawnSync('apt-get', words, { env, encoding: 'utf8' });
  const installing = ['install', '-y', '--no-install-recommends', 'redis-server'];
  const done =
    apt(...installing).status === 0 || (apt('update').status === 0 && apt(...installing).status === 0);
  if (!done) throw new Error('apt-get could not install redis-server; install it and try again');
}
