// Gathers what is said in one turn of the event loop into one entry a stream. While every server that can be reached is
// still busy with what it was given, the next turn's words join this one's: the busier a council, the fewer commands.
import { randomBytes } from 'node:crypto';
import { encodeBatch, MAX_BATCH_BYTES, MAX_FRAMES, NONCE_BYTES } from './frames.ts';
import type { Route, StreamWriter } from './stream-writer.ts';

/** Streams gathered for at once; clients choose their names, and so could be many. */
const MAX_GATHERINGS = 256;

interface Gathering {
  readonly route: Route;
  messages: Uint8Array[];
  bytes: number;
}

export class Outbox {
  readonly #from: string;
  readonly #writers: readonly StreamWriter[];
  readonly #gatherings = new Map<string, Gathering>();
  #scheduled = false;

  constructor(from: string, writers: readonly StreamWriter[]) {
    this.#from = from;
    this.#writers = writers;
  }

  put(route: Route, message: Uint8Array): void {
    const gathering = this.#gatherings.get(route.stream) ?? { route, messages: [], bytes: 0 };
    this.#gatherings.set(route.stream, gathering);
    const full =
      gathering.messages.length >= MAX_FRAMES || gathering.bytes + message.length > MAX_BATCH_BYTES;
    if (full && gathering.messages.length > 0) this.#form(gathering);
    gathering.messages.push(message);
    gathering.bytes += message.length;
    if (this.#gatherings.size > MAX_GATHERINGS) this.flush();
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#turn());
  }

  /** A writer has finished something. */
  freed(): void {
    if (!this.#scheduled && this.#gatherings.size > 0) this.flush();
  }

  flush(): void {
    const gatherings = [...this.#gatherings.values()];
    this.#gatherings.clear();
    for (const gathering of gatherings) this.#form(gathering);
  }

  #turn(): void {
    this.#scheduled = false;
    const connected = this.#writers.filter((writer) => writer.connected);
    // With no server to be reached it goes to the queues, which know what to drop.
    if (connected.length === 0 || connected.some((writer) => writer.free)) this.flush();
  }

  #form(gathering: Gathering): void {
    const { route, messages } = gathering;
    const bytes = encodeBatch({ from: this.#from, messages }, randomBytes(NONCE_BYTES));
    const entry = {
      route,
      messages: messages.length,
      atMs: performance.now(),
      bytes: Buffer.from(bytes.buffer),
    };
    for (const writer of this.#writers) writer.put(entry);
    gathering.messages = [];
    gathering.bytes = 0;
  }
}
