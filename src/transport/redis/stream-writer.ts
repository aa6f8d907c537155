// Puts our entries into the streams of one server. What it cannot take is queued for a little while and then dropped, the
// oldest first: messages are only good when fresh, and the protocol says again what still matters (protocol 3.7).
import type { ChainableCommander } from 'ioredis';
import { backOffMs } from './back-off.ts';
import { RedisWire } from './redis-wire.ts';
import { StreamRoom } from './stream-room.ts';
import type { Tally } from './tally.ts';

export const MAX_QUEUED_MESSAGES = 20_000;
export const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
/** What has waited longer for a server that was away has been said again since. */
export const STALE_MS = 10_000;
const MAX_TRIES = 3;
const MAX_IN_FLIGHT = 2;
const PIPELINE_BYTES = 4 * 1024 * 1024;
const PIPELINE_ENTRIES = 128;
/** At most so often is a server asked for something costly because of an error. */
const REMEDY_MS = 2_000;

export interface Route {
  readonly stream: string;
  readonly maxEntries: number;
  /** of ours, in this stream */
  readonly maxBytes: number;
  /** the stream goes when nobody has written to it for so long */
  readonly expireSeconds?: number;
}

export interface Entry {
  readonly route: Route;
  readonly bytes: Buffer;
  readonly messages: number;
  readonly atMs: number;
}

interface Waiting {
  readonly entry: Entry;
  tries: number;
}

export class StreamWriter {
  readonly wire: RedisWire;
  readonly #tally: Tally;
  readonly #onFree: () => void;
  readonly #room = new StreamRoom();
  readonly #trims = new Map<string, string>();
  #queue: Waiting[] = [];
  #queuedMessages = 0;
  #queuedBytes = 0;
  #inFlight = 0;
  #waiting: NodeJS.Timeout | undefined;
  #losses = 0;
  #remedyAtMs = Number.NEGATIVE_INFINITY;

  constructor(url: string, tally: Tally, onFree: () => void) {
    this.#tally = tally;
    this.#onFree = onFree;
    this.wire = new RedisWire(url, tally, { onReady: () => this.#goOn() });
  }

  get connected(): boolean {
    return this.wire.ready;
  }

  get free(): boolean {
    return this.wire.ready && this.#waiting === undefined && this.#inFlight < MAX_IN_FLIGHT;
  }

  get idle(): boolean {
    return this.#inFlight === 0 && this.#queue.length === 0;
  }

  get queuedMessages(): number {
    return this.#queuedMessages;
  }

  put(entry: Entry): void {
    this.#count(entry, 1);
    this.#queue.push({ entry, tries: 0 });
    while (this.#isOverfull()) this.#dropOldest('queue-full');
    this.#pump();
  }

  close(): void {
    this.#queue = [];
    clearTimeout(this.#waiting);
    this.wire.close();
  }

  #pump(): void {
    while (this.free && this.#queue.length > 0) {
      const load = this.#nextLoad();
      if (load.length > 0) void this.#write(load);
    }
  }

  #goOn(): void {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
    this.#pump();
    this.#onFree();
  }

  #nextLoad(): readonly Waiting[] {
    const nowMs = performance.now();
    while ((this.#queue[0]?.entry.atMs ?? nowMs) < nowMs - STALE_MS) this.#dropOldest('stale');
    let bytes = 0;
    let entries = 0;
    for (const { entry } of this.#queue) {
      if (entries >= PIPELINE_ENTRIES || (entries > 0 && bytes + entry.bytes.length > PIPELINE_BYTES)) break;
      bytes += entry.bytes.length;
      entries++;
    }
    const load = this.#queue.splice(0, entries);
    for (const { entry } of load) this.#count(entry, -1);
    return load;
  }

  async #write(load: readonly Waiting[]): Promise<void> {
    this.#inFlight++;
    const pipeline = this.wire.redis.pipeline();
    for (const { entry } of load) addTo(pipeline, entry);
    for (const [stream, id] of this.#trims) pipeline.xtrim(stream, 'MINID', id);
    this.#trims.clear();
    const routes = new Map(load.map(({ entry: { route } }) => [route.stream, route]));
    for (const { stream, expireSeconds } of routes.values()) {
      if (expireSeconds !== undefined) pipeline.expire(stream, expireSeconds);
    }
    this.#tally.count('commands', pipeline.length);
    const results = await pipeline
      .exec()
      .catch((error: Error) => load.map((): [Error, null] => [error, null]));
    this.wire.answered();
    this.#inFlight--;
    this.#settle(load, results ?? []);
    this.#pump();
    this.#onFree();
  }

  #settle(load: readonly Waiting[], results: readonly (readonly [Error | null, unknown])[]): void {
    const failed = new Map<string, Waiting[]>();
    load.forEach((waiting, index) => {
      const { entry } = waiting;
      const [error, id] = results[index] ?? [new Error('Connection is closed'), null];
      if (error === null && typeof id === 'string') this.#taken(entry, id);
      else {
        const words = error?.message ?? 'the answer to XADD was no id';
        failed.set(words, [...(failed.get(words) ?? []), waiting]);
      }
    });
    // What failed alike is one trouble.
    for (const [words, waiting] of [...failed].reverse()) this.#failed(words, waiting);
  }

  #taken({ route, bytes, messages }: Entry, id: string): void {
    this.#losses = 0;
    this.#tally.count('published', messages);
    this.#tally.count('bytesOut', bytes.length);
    const trimTo = this.#room.added(route.stream, id, bytes.length, route.maxBytes);
    if (trimTo !== undefined) this.#trims.set(route.stream, trimTo);
  }

  #failed(words: string, waiting: readonly Waiting[]): void {
    const streams = new Set(waiting.map(({ entry }) => entry.route.stream));
    switch (this.#tally.error(new Error(words))) {
      case 'unreachable':
      case 'timeout':
        // It may have been taken: then the copy will be recognised. Often we hear of the loss before the connection does.
        this.#queueAgain(waiting);
        this.#losses++;
        this.#waiting ??= setTimeout(() => this.#goOn(), backOffMs(this.#losses));
        return;
      case 'exhausted':
      case 'wrong-type':
        // A hostile hand has used up the ids, or put something else there. Nothing is lost with it that matters.
        for (const stream of streams) this.#remove(stream);
        this.#again(waiting);
        return;
      case 'out-of-memory':
        this.#drop(waiting);
        this.#remedy(() => {
          for (const stream of streams) {
            const id = this.#room.half(stream);
            if (id !== undefined) this.#trims.set(stream, id);
          }
          this.#trimNow();
        });
        return;
      case 'read-only':
        // A former primary: a new connection may find the present one.
        this.#drop(waiting);
        this.#remedy(() => this.wire.redis.disconnect(true));
        return;
      default:
        this.#drop(waiting);
    }
  }

  #again(waiting: readonly Waiting[]): void {
    const still = waiting.filter(({ tries }) => tries < MAX_TRIES);
    this.#drop(waiting.filter(({ tries }) => tries >= MAX_TRIES));
    for (const one of still) one.tries++;
    this.#queueAgain(still);
  }

  #queueAgain(waiting: readonly Waiting[]): void {
    for (const { entry } of waiting) this.#count(entry, 1);
    this.#queue.unshift(...waiting);
    while (this.#isOverfull()) this.#dropOldest('queue-full');
  }

  #drop(waiting: readonly Waiting[]): void {
    for (const { entry } of waiting) this.#tally.drop('refused', entry.messages);
  }

  #remove(stream: string): void {
    this.#room.forget(stream);
    this.#tally.count('commands');
    this.wire.redis.del(stream).catch((error: unknown) => this.#tally.error(error));
  }

  /** XTRIM is allowed where there is no memory for XADD. */
  #trimNow(): void {
    for (const [stream, id] of this.#trims) {
      this.#tally.count('commands');
      this.wire.redis.xtrim(stream, 'MINID', id).catch((error: unknown) => this.#tally.error(error));
    }
    this.#trims.clear();
  }

  #remedy(what: () => void): void {
    const nowMs = performance.now();
    if (nowMs - this.#remedyAtMs < REMEDY_MS) return;
    this.#remedyAtMs = nowMs;
    what();
  }

  #isOverfull(): boolean {
    const over = this.#queuedMessages > MAX_QUEUED_MESSAGES || this.#queuedBytes > MAX_QUEUED_BYTES;
    return over && this.#queue.length > 1;
  }

  #dropOldest(reason: 'queue-full' | 'stale'): void {
    const oldest = this.#queue.shift();
    if (oldest === undefined) return;
    this.#count(oldest.entry, -1);
    this.#tally.drop(reason, oldest.entry.messages);
  }

  #count({ messages, bytes }: Entry, sign: 1 | -1): void {
    this.#queuedMessages += sign * messages;
    this.#queuedBytes += sign * bytes.length;
  }
}

function addTo(pipeline: ChainableCommander, { route, bytes }: Entry): void {
  pipeline.xadd(route.stream, 'MAXLEN', '~', route.maxEntries, '*', 'm', bytes);
}
