// How far this node has read each stream on each server. It survives a restart, so that a node that was down for a
// moment goes on where it was; to lose it, or to read something again, is harmless (protocol 8.1).
import { readFile, rename, writeFile } from 'node:fs/promises';
import * as z from 'zod';

export interface Cursors {
  /** `server` is host, port and database, never a password. */
  get(server: string, stream: string): string | undefined;
  set(server: string, stream: string, id: string): void;
  /** Writes down what is not yet written. */
  close(): Promise<void>;
}

/** Forgotten with the process: a client, or a test. */
export class MemoryCursors implements Cursors {
  readonly #ids = new Map<string, string>();

  get(server: string, stream: string): string | undefined {
    return this.#ids.get(`${server} ${stream}`);
  }

  set(server: string, stream: string, id: string): void {
    this.#ids.set(`${server} ${stream}`, id);
  }

  async close(): Promise<void> {}
}

const SAVE_WITHIN_MS = 1_000;
const cursorsFile = z.strictObject({
  schemaVersion: z.literal(1),
  servers: z.record(z.string(), z.record(z.string(), z.string())),
});

/**
 * In a file of its own, at most a second behind. A file that cannot be read is no file, one that cannot be written is
 * told.
 */
export class FileCursors implements Cursors {
  readonly #path: string;
  readonly #servers: Map<string, Map<string, string>>;
  readonly #onTrouble: ((message: string) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();

  static async open(path: string, onTrouble?: (message: string) => void): Promise<FileCursors> {
    const servers = new Map<string, Map<string, string>>();
    try {
      const found = cursorsFile.parse(JSON.parse(await readFile(path, 'utf8')));
      for (const [server, streams] of Object.entries(found.servers)) {
        servers.set(server, new Map(Object.entries(streams)));
      }
    } catch (error) {
      if (!isNoFile(error)) onTrouble?.(`${path} is no file of cursors: begins with what is new`);
    }
    return new FileCursors(path, servers, onTrouble);
  }

  private constructor(
    path: string,
    servers: Map<string, Map<string, string>>,
    onTrouble: ((message: string) => void) | undefined,
  ) {
    this.#path = path;
    this.#servers = servers;
    this.#onTrouble = onTrouble;
  }

  get(server: string, stream: string): string | undefined {
    return this.#servers.get(server)?.get(stream);
  }

  set(server: string, stream: string, id: string): void {
    const streams = this.#servers.get(server) ?? new Map<string, string>();
    this.#servers.set(server, streams.set(stream, id));
    this.#timer ??= setTimeout(() => this.#save(), SAVE_WITHIN_MS).unref();
  }

  async close(): Promise<void> {
    if (this.#timer !== undefined) this.#save();
    await this.#saving;
  }

  #save(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const servers = Object.fromEntries(
      [...this.#servers].map(([server, streams]) => [server, Object.fromEntries(streams)]),
    );
    const text = `${JSON.stringify({ schemaVersion: 1, servers })}\n`;
    const beside = `${this.#path}.new`;
    this.#saving = this.#saving
      // Not synced: what a power loss takes is read again, and a torn file begins with what is new.
      .then(() => writeFile(beside, text, { mode: 0o600 }))
      .then(() => rename(beside, this.#path))
      .catch((error: Error) => this.#onTrouble?.(`${this.#path} could not be written: ${error.message}`));
  }
}

function isNoFile(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
