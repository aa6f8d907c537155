// A node as a child process of `conclave up`: begun again when it dies, as often as makes sense, and ended in order.
// It ends by itself when whoever began it is gone: the channel between them is then closed.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import * as z from 'zod';

/** So many deaths within a minute, and it is left alone: what kills it will not go away by itself. */
const MAX_DEATHS = 5;
const DEATHS_WITHIN_MS = 60_000;
const BEGIN_AGAIN_MS = 1_000;
const STOP_WITHIN_MS = 15_000;
const MAX_LINE_LENGTH = 64 * 1024;

export type NodeState = 'starting' | 'up' | 'down' | 'given-up' | 'stopped';

export interface KeptNodeOptions {
  readonly name: string;
  /** what `conclave` is told */
  readonly words: readonly string[];
  /** where its log goes */
  readonly logFile: string;
}

const readyLine = z.object({ ready: z.literal(true), http: z.string().nullable() });

export class KeptNode {
  readonly name: string;
  readonly logFile: string;
  state: NodeState = 'starting';
  /** where it publishes; another one after each start */
  url: string | undefined;
  /** how it ended last, in words */
  ended = '';
  readonly #words: readonly string[];
  readonly #onChange: (node: KeptNode) => void;
  #child: ChildProcess | undefined;
  #deaths: number[] = [];
  #again: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor({ name, words, logFile }: KeptNodeOptions, onChange: (node: KeptNode) => void) {
    this.name = name;
    this.logFile = logFile;
    this.#words = words;
    this.#onChange = onChange;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const log = openSync(this.logFile, 'a', 0o600);
    const [, script = ''] = process.argv;
    // In a group of its own, so that Ctrl-C reaches only `up`, which then ends its nodes in order.
    const child = spawn(process.execPath, [...process.execArgv, script, ...this.#words], {
      stdio: ['ignore', 'pipe', log, 'ipc'],
      detached: true,
    });
    closeSync(log);
    this.#child = child;
    let line = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      line = `${line}${text}`.slice(0, MAX_LINE_LENGTH);
      if (line.includes('\n')) this.#told(line.split('\n', 1)[0] ?? '');
    });
    child.once('error', (error) => this.#over(child, error.message));
    child.once('exit', (code, signal) => this.#over(child, signal ?? `exit code ${code}`));
    this.#become('starting');
  }

  /** SIGTERM lets it finish; what takes too long is killed, which is as safe as a power cut. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#again);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await gone;
    clearTimeout(late);
  }

  #told(line: string): void {
    if (this.state !== 'starting') return;
    const ready = readyLine.safeParse(parsed(line)).data;
    if (ready === undefined) return;
    this.url = ready.http ?? undefined;
    this.#become('up');
  }

  #over(child: ChildProcess, how: string): void {
    if (child !== this.#child || this.state === 'down' || this.state === 'stopped') return;
    this.url = undefined;
    this.ended = how;
    if (this.#stopping) return this.#become('stopped');
    const now = performance.now();
    this.#deaths = [...this.#deaths.filter((atMs) => now - atMs < DEATHS_WITHIN_MS), now];
    if (this.#deaths.length >= MAX_DEATHS) return this.#become('given-up');
    this.#become('down');
    this.#again = setTimeout(() => this.start(), BEGIN_AGAIN_MS);
  }

  #become(state: NodeState): void {
    this.state = state;
    this.#onChange(this);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
