// Processes a test starts and answers for: each is known by its id, can be killed, frozen and started again, writes
// its stderr to a file that outlives it, and is gone when the test is, however the test ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

export interface KeptProcessOptions {
  readonly name: string;
  readonly words: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** stderr is added to it, start after start */
  readonly logFile: string;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** was it asked to end, or killed, by us? */
  readonly meant: boolean;
}

const LONGEST_LINE = 1024 * 1024;
const LOG_SHOWN = 3_000;

const alive = new Set<ChildProcess>();
process.once('exit', () => {
  // Frozen ones too: SIGKILL needs no cooperation.
  for (const child of alive) child.kill('SIGKILL');
});

export class KeptProcess {
  readonly options: KeptProcessOptions;
  readonly endings: Ending[] = [];
  #child: ChildProcess | undefined;
  #ended: Promise<Ending> | undefined;
  #firstLine: Promise<string> | undefined;
  #meant = false;
  #frozen = false;

  constructor(options: KeptProcessOptions) {
    this.options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isUp(): boolean {
    return this.#child !== undefined;
  }

  get isFrozen(): boolean {
    return this.#frozen;
  }

  /** Ends that nobody here asked for. */
  get unmeant(): readonly Ending[] {
    return this.endings.filter(({ meant }) => !meant);
  }

  start(): void {
    if (this.#child !== undefined) throw new Error(`${this.options.name} runs already`);
    const { words, environment, cwd, logFile } = this.options;
    const log = openSync(logFile, 'a');
    const child = spawn(process.execPath, [...words], {
      cwd,
      env: environment,
      stdio: ['ignore', 'pipe', log],
    });
    closeSync(log);
    alive.add(child);
    this.#child = child;
    this.#meant = false;
    this.#frozen = false;
    this.#firstLine = firstLineOf(child);
    // Whoever waits for it hears of it; nobody has to.
    this.#firstLine.catch(() => {});
    this.#ended = new Promise((done) => {
      child.once('close', (code, signal) => {
        alive.delete(child);
        const ending = { code, signal, meant: this.#meant };
        this.endings.push(ending);
        if (this.#child === child) this.#child = undefined;
        done(ending);
      });
    });
  }

  /** The first line it prints; rejects with the end of its log when it ends without one or takes too long. */
  async firstLine(withinMs: number): Promise<string> {
    if (this.#firstLine === undefined) throw new Error(`${this.options.name} was never started`);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`nothing within ${withinMs} ms`)), withinMs);
    });
    try {
      return await Promise.race([this.#firstLine, late]);
    } catch (error) {
      throw new Error(`${this.options.name}: ${String(error)}\n${this.logTail()}`);
    } finally {
      clearTimeout(timer);
    }
  }

  freeze(): void {
    if (this.#child?.kill('SIGSTOP') === true) this.#frozen = true;
  }

  thaw(): void {
    if (this.#frozen) this.#child?.kill('SIGCONT');
    this.#frozen = false;
  }

  /** Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#meant = true;
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  /** Asks it to end, and kills it when it has not by then; tells which. */
  async drain(withinMs: number): Promise<Ending | undefined> {
    const child = this.#child;
    if (child === undefined) return undefined;
    this.thaw();
    this.#meant = true;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
    const ending = await this.#ended;
    clearTimeout(timer);
    return ending;
  }

  /** How it ended by itself; killed when it has not by then. */
  async ended(withinMs: number): Promise<Ending | undefined> {
    const child = this.#child;
    const timer = setTimeout(() => child?.kill('SIGKILL'), withinMs);
    const ending = await this.#ended;
    clearTimeout(timer);
    return ending;
  }

  logTail(): string {
    try {
      return readFileSync(this.options.logFile, 'utf8').slice(-LOG_SHOWN);
    } catch {
      return '';
    }
  }
}

function firstLineOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('error', reject);
    child.once('close', (code, signal) => reject(new Error(`ended with ${signal ?? code}: ${text}`)));
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      if (text.length < LONGEST_LINE) text += piece;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
  });
}
