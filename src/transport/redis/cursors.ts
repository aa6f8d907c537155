// How far this node has read each stream on each server. It survives a restart, so that a node that was down for a
// moment goes on where it was; to lose it, or to read something again, is harmless (protocol 8.1).

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
