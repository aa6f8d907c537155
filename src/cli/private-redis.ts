// A redis-server for one council on this machine, for trying it and for measuring it: append-only, refusing to forget,
// behind a password that is made here and written where only its owner reads, on this machine's own address.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { ConclaveError } from '../errors.ts';
import { toHex } from '../signing/bytes.ts';

const START_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 30;
const STOP_WITHIN_MS = 5_000;
/** Another process may take a port between our looking and the server's binding. */
const TRIES = 10;
const MAX_TOLD = 2_000;
const SETTINGS_FILE = 'redis.conf';
const PID_FILE = 'pid';

export interface PrivateRedis {
  /** with its password */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** resolves when the process has ended, whoever ended it */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export interface PrivateRedisOptions {
  readonly appendOnly?: boolean;
  /** where it was before, for those who know it there */
  readonly port?: number;
}

/** Again on the same folder it goes on with what it holds. */
export async function startPrivateRedis(
  folder: string,
  { appendOnly = true, port: asked }: PrivateRedisOptions = {},
): Promise<PrivateRedis> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await endLeftover(folder);
  const password = passwordIn(folder);
  for (let attempt = 1; ; attempt++) {
    const port = asked ?? (await freePort());
    try {
      return await launched({ folder, port, password, appendOnly });
    } catch (error) {
      if (attempt >= TRIES || !(error instanceof PortTaken)) throw error;
    }
  }
}

class PortTaken extends Error {}

interface Launch {
  readonly folder: string;
  readonly port: number;
  readonly password: string;
  readonly appendOnly: boolean;
}

async function launched({ folder, port, password, appendOnly }: Launch): Promise<PrivateRedis> {
  const settings = join(folder, SETTINGS_FILE);
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${JSON.stringify(folder)}`,
    `appendonly ${appendOnly ? 'yes' : 'no'}`,
    'appendfsync everysec',
    'maxmemory-policy noeviction',
    'save ""',
  ];
  // On the command line every process of the machine could read the password.
  writeFileSync(settings, `${lines.join('\n')}\n`, { mode: 0o600 });
  const child = spawn('redis-server', [settings], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let told = '';
  const hear = (text: Buffer): void => {
    told = `${told}${text.toString()}`.slice(-MAX_TOLD);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  let failure: Error | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      failure = error;
      resolve();
    });
    child.once('exit', () => resolve());
  });
  const over = ended.then(() => 'over' as const);
  const until = performance.now() + START_WITHIN_MS;
  while (!(await answers(port, password))) {
    const paused = new Promise<'paused'>((done) => setTimeout(() => done('paused'), LOOK_EVERY_MS));
    const state = await Promise.race([over, paused]);
    if (state === 'paused' && performance.now() < until) continue;
    child.kill('SIGKILL');
    throw reasonFor(failure, told);
  }
  const { pid } = child;
  if (pid === undefined) throw new ConclaveError('internal', 'a process that answers has a number');
  writeFileSync(join(folder, PID_FILE), `${pid} ${port}\n`);
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    port,
    pid,
    ended,
    stop: () => stop(child, ended),
  };
}

function reasonFor(failure: Error | undefined, told: string): Error {
  if (failure !== undefined && 'code' in failure && failure.code === 'ENOENT') {
    return new ConclaveError(
      'unavailable',
      'expected a redis-server on this machine, found none: install Redis 7 (Debian: apt-get install redis-server; macOS: brew install redis)',
    );
  }
  if (/Address already in use|Failed listening/.test(told)) return new PortTaken(told);
  const last = told.trim().split('\n').at(-1) ?? '';
  return new ConclaveError('unavailable', `redis-server did not start: ${failure?.message ?? last}`);
}

/** SIGTERM lets it write down what it holds. */
async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(late);
}

/** One whose owner was killed: two would write into one folder. A number is used again; an address less so. */
async function endLeftover(folder: string): Promise<void> {
  const file = join(folder, PID_FILE);
  const [, pid = '', port = ''] =
    /^(\d+) (\d+)$/m.exec(existsSync(file) ? readFileSync(file, 'utf8') : '') ?? [];
  const isOurs = (): boolean => pid !== '' && isServerAt(commandOf(pid), port);
  const until = performance.now() + STOP_WITHIN_MS;
  for (let signal: NodeJS.Signals = 'SIGTERM'; isOurs(); ) {
    process.kill(Number(pid), signal);
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
    if (performance.now() > until) signal = 'SIGKILL';
  }
}

/** It calls itself so: `redis-server 127.0.0.1:6379`. */
function isServerAt(command: string, port: string): boolean {
  return command.startsWith('redis-server ') && command.trim().endsWith(`:${port}`);
}

function commandOf(pid: string): string {
  try {
    return execFileSync('ps', ['-ww', '-o', 'args=', '-p', pid], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

function passwordIn(folder: string): string {
  const file = join(folder, 'password');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const password = toHex(randomBytes(24));
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Whether it takes our password and is done loading: a client of its own would be slower to say so. */
function answers(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    let heard = '';
    const done = (holds: boolean): void => {
      socket.destroy();
      resolve(holds);
    };
    socket.setTimeout(1_000, () => done(false));
    socket.once('error', () => done(false));
    socket.once('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`));
    socket.on('data', (text) => {
      heard += text.toString();
      if (heard.includes('+PONG')) done(true);
      else if (heard.includes('-')) done(false);
    });
  });
}
