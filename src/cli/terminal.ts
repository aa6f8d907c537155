// Where a command's words go. People read stdout; with `--json` stdout holds one object and nothing else, and
// everything said on the way goes to stderr. Colour and redrawing only where a person watches (NO_COLOR, pipes
// and dumb terminals get plain lines).
import pico from 'picocolors';
import type { Failure } from './exit-codes.ts';
import { visible } from './layout.ts';

export const SCHEMA_VERSION = 1;

export type Colors = ReturnType<typeof pico.createColors>;

export interface TerminalOptions {
  readonly json: boolean;
  readonly debug: boolean;
}

/** As much of a stream as is needed here. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string, done?: () => void): unknown;
}

export interface TerminalDependencies {
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly environment: NodeJS.ProcessEnv;
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

export class Terminal {
  readonly json: boolean;
  readonly colors: Colors;
  /** whether lines can be drawn over */
  readonly live: boolean;
  readonly columns: number;
  readonly #debug: boolean;
  readonly #out: Screen;
  readonly #err: Screen;
  readonly #words: Screen;
  #drawn = 0;

  constructor(options: TerminalOptions, { stdout, stderr, environment }: TerminalDependencies) {
    this.json = options.json;
    this.#debug = options.debug;
    this.#out = stdout;
    this.#err = stderr;
    this.#words = options.json ? stderr : stdout;
    const watched = this.#words.isTTY === true && environment.TERM !== 'dumb';
    const asked = environment.FORCE_COLOR !== undefined && environment.FORCE_COLOR !== '0';
    const refused = environment.NO_COLOR !== undefined && environment.NO_COLOR !== '';
    this.colors = pico.createColors(!refused && (watched || asked));
    this.live = watched && !options.json;
    this.columns = Math.min(100, Math.max(60, this.#words.columns ?? 80));
  }

  say(...lines: string[]): void {
    this.settle();
    for (const line of lines) this.#words.write(`${line}\n`);
  }

  /** Draws over what was drawn before; nothing where nobody watches. */
  draw(lines: readonly string[]): void {
    if (!this.live) return;
    const height = Math.max(1, (this.#words.rows ?? 24) - 1);
    const shown = lines.slice(0, height);
    const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A` : HIDE_CURSOR;
    const body = shown.map((line) => `\u001b[2K${line}\n`).join('');
    this.#words.write(`${up}${body}\u001b[0J`);
    this.#drawn = shown.length;
  }

  /** Wipes what was drawn, so that lasting lines can take its place. */
  settle(): void {
    if (this.#drawn === 0) return;
    this.#words.write(`\u001b[${this.#drawn}A\u001b[0J${SHOW_CURSOR}`);
    this.#drawn = 0;
  }

  /** The one object of `--json`. */
  result(value: object): void {
    if (this.json) this.#out.write(`${JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...value })}\n`);
  }

  fail(failure: Failure): void {
    this.settle();
    const { code, file, line, stack } = failure;
    const message = failure.message;
    if (this.json) {
      const place = { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }) };
      this.result({ error: { code, message, ...place } });
    } else {
      const where = file === undefined ? '' : `${visible(file)}${line === undefined ? '' : `:${line}`}: `;
      this.#err.write(`${this.colors.red('error')}: ${where}${visible(message)}\n`);
    }
    if (code !== 'internal') return;
    this.#err.write('This is a bug in conclave. Please report it with the command you ran;\n');
    this.#err.write('CONCLAVE_DEBUG=1 shows where it happened.\n');
    if (this.#debug && stack !== undefined) this.#err.write(`${stack}\n`);
  }

  /** Everything written has left this process. */
  async flush(): Promise<void> {
    this.settle();
    await Promise.all(
      [this.#out, this.#err].map((stream) => new Promise<void>((done) => stream.write('', () => done()))),
    );
  }
}
