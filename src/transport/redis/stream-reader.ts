// Reads all our streams on one server, at once, on a connection of its own that waits for news. Where it is in each
// is kept by server and stream. A server may lose its streams and start again with lower ids; that is noticed and
// read from the start.
import { backOffMs } from './back-off.ts';
import type { Cursors } from './cursors.ts';
import { RedisWire } from './redis-wire.ts';
import { BEFORE_ALL, isAfter, lastBefore, readStreamId, timeOf } from './stream-id.ts';
import type { Listening } from './stream-names.ts';
import type { Tally } from './tally.ts';
import type { Arrival, Turnstile } from './turnstile.ts';

const FIELD = Buffer.from('m');
const BLOCK_MS = 1_000;
const CHECK_MS = 1_000;
const FIRST_COUNT = 16;
const MAX_COUNT = 256;
/** An answer above this makes the next one shorter, one below a quarter of it longer. */
const WANTED_REPLY_BYTES = 8 * 1024 * 1024;
/** A check that brought more than this is not made again for a while. */
const COSTLY_CHECK_BYTES = 1024 * 1024;
const COSTLY_PAUSE_MS = 10_000;
const MAX_PAUSE_MS = 60_000;

export interface StreamReaderOptions {
  readonly url: string;
  /** its place among the servers */
  readonly server: number;
  readonly listening: readonly Listening[];
  /** when we joined, by the monotonic clock: what was said since is ours to hear */
  readonly joinedAtMs: number;
}

export interface StreamReaderDependencies {
  readonly tally: Tally;
  readonly cursors: Cursors;
  readonly turnstile: Turnstile;
  /** for questions while the reading connection waits */
  readonly aside: RedisWire;
  /** from now on what is said is heard */
  readonly onListening: () => void;
}

export class StreamReader {
  readonly #options: StreamReaderOptions;
  readonly #dependencies: StreamReaderDependencies;
  readonly #wire: RedisWire;
  readonly #positions = new Map<string, string>();
  #byStream: ReadonlyMap<string, Listening> = new Map();
  readonly #checking: NodeJS.Timeout;
  #clockAheadMs = 0;
  #count = FIRST_COUNT;
  #failures = 0;
  #floods = 0;
  #nextCheckMs = 0;
  #isChecking = false;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(options: StreamReaderOptions, dependencies: StreamReaderDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.listenTo(options.listening);
    this.#wire = new RedisWire(options.url, dependencies.tally, {
      onReady: () => this.#wake?.(),
      onFlood: () => {
        this.#floods++;
      },
    });
    this.#checking = setInterval(() => void this.#check(), CHECK_MS);
    void this.#run();
  }

  get connected(): boolean {
    return this.#wire.ready;
  }

  /** From the next reading on: streams that are new from now on, those that are gone no more. */
  listenTo(listening: readonly Listening[]): void {
    this.#byStream = new Map(listening.map((one) => [one.stream, one]));
    for (const stream of this.#positions.keys()) {
      if (!this.#byStream.has(stream)) this.#positions.delete(stream);
    }
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#checking);
    this.#wire.close();
    this.#wake?.();
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#turn();
      } catch (error) {
        if (this.#closed) return;
        await this.#recover(error);
      }
    }
  }

  async #turn(): Promise<void> {
    const { turnstile, tally } = this.#dependencies;
    if (!this.#wire.ready || !turnstile.hasRoom(this.#options.server, () => this.#wake?.())) {
      await this.#pause(BLOCK_MS);
      return;
    }
    if (this.#positions.size < this.#byStream.size) await this.#takeUp();
    const streams = [...this.#positions.keys()];
    tally.count('commands');
    const asked = this.#wire.redis.callBuffer('XREAD', [
      ...['COUNT', this.#count, 'BLOCK', BLOCK_MS, 'STREAMS'],
      ...streams,
      ...this.#positions.values(),
    ]);
    const reply = await asked;
    const bytes = this.#wire.replyBytes;
    this.#wire.answered();
    this.#floods = 0;
    if (reply === null) {
      this.#failures = 0;
      return;
    }
    const arrivals = this.#arrivalsIn(reply);
    turnstile.arrive(this.#options.server, arrivals);
    this.#suit(bytes, arrivals.length);
    if (arrivals.length > 0) this.#failures = 0;
    // An answer that brings nothing forward would be given again at once.
    else await this.#pause(backOffMs(++this.#failures));
  }

  /** Where to begin in a stream: where we were, or else with what was said since we joined. */
  async #takeUp(): Promise<void> {
    const { cursors, tally, onListening } = this.#dependencies;
    const fresh = await this.#fresh();
    for (const stream of this.#byStream.keys()) {
      if (this.#positions.has(stream)) continue;
      const kept = cursors.get(tally.server, stream);
      this.#positions.set(stream, kept !== undefined && readStreamId(kept) ? kept : fresh);
    }
    await this.#check();
    onListening();
  }

  async #fresh(): Promise<string> {
    const nowMs = await this.#serverTime(this.#wire);
    return lastBefore(nowMs - (performance.now() - this.#options.joinedAtMs));
  }

  async #serverTime(wire: RedisWire): Promise<number> {
    this.#dependencies.tally.count('commands');
    const [seconds, micros] = await wire.redis.time();
    wire.answered();
    const timeMs = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
    if (!Number.isSafeInteger(timeMs) || timeMs < 0) throw new Error('the answer to TIME was no time');
    this.#clockAheadMs = timeMs - Date.now();
    return timeMs;
  }

  #arrivalsIn(reply: unknown): readonly Arrival[] {
    const { tally } = this.#dependencies;
    const arrivals: Arrival[] = [];
    for (const pair of listOf(reply)) {
      const [name, entries] = listOf(pair);
      const listening = this.#byStream.get(textIn(name));
      if (listening === undefined) continue;
      for (const entry of listOf(entries)) {
        const [idBytes, fields] = listOf(entry);
        const id = textIn(idBytes);
        if (!isAfter(id, this.#positions.get(listening.stream) ?? BEFORE_ALL)) {
          tally.drop('garbled');
          continue;
        }
        this.#positions.set(listening.stream, id);
        arrivals.push({ listening, id, payload: payloadIn(fields) });
      }
    }
    const latest = arrivals.at(-1);
    if (latest !== undefined) tally.lagMs = Math.max(0, Date.now() + this.#clockAheadMs - timeOf(latest.id));
    return arrivals;
  }

  #suit(bytes: number, entries: number): void {
    if (bytes > WANTED_REPLY_BYTES) this.#count = Math.max(1, Math.floor(this.#count / 2));
    else if (bytes < WANTED_REPLY_BYTES / 4 && entries >= this.#count) {
      this.#count = Math.min(MAX_COUNT, this.#count * 2);
    }
  }

  async #recover(error: unknown): Promise<void> {
    const kind = this.#dependencies.tally.error(error);
    this.#failures++;
    this.#wire.answered();
    if (kind === 'wrong-type') await this.#removeWrongTypes();
    if (this.#floods === 1) this.#count = 1;
    // Even one entry a stream is too much: go on with what is new, and ever more slowly if that is no better.
    if (this.#floods > 1) await this.#skip();
    await this.#pause(backOffMs(this.#failures, this.#floods > 0 ? MAX_PAUSE_MS : undefined));
  }

  /** Somebody put something else where a stream of ours belongs; with it there, none could be read. */
  async #removeWrongTypes(): Promise<void> {
    const { redis } = this.#wire;
    const { tally } = this.#dependencies;
    try {
      for (const stream of this.#byStream.keys()) {
        tally.count('commands');
        const type = await redis.type(stream);
        if (type !== 'stream' && type !== 'none') await redis.del(stream);
      }
    } catch (error) {
      tally.error(error);
    }
  }

  async #skip(): Promise<void> {
    try {
      const nowMs = await this.#serverTime(this.#dependencies.aside);
      for (const stream of this.#positions.keys()) {
        const position = this.#positions.get(stream) ?? BEFORE_ALL;
        const now = lastBefore(nowMs);
        if (isAfter(now, position)) this.#positions.set(stream, now);
      }
    } catch (error) {
      this.#dependencies.tally.error(error);
    }
  }

  /**
   * New ids come from the server's clock. While where we are lies in its past, whatever is new is above it. Only if
   * it lies ahead (a clock stepped back, an id made up by a hostile hand) can a stream have begun again below us.
   */
  async #check(): Promise<void> {
    const { aside, tally } = this.#dependencies;
    if (this.#isChecking || !aside.ready || performance.now() < this.#nextCheckMs) return;
    this.#isChecking = true;
    try {
      const nowMs = await this.#serverTime(aside);
      for (const [stream, position] of this.#positions) {
        if (timeOf(position) > nowMs) await this.#checkStream(stream, position);
      }
    } catch (error) {
      if (!this.#closed) tally.error(error);
    } finally {
      this.#isChecking = false;
    }
  }

  async #checkStream(stream: string, position: string): Promise<void> {
    const { aside, tally } = this.#dependencies;
    tally.count('commands');
    const last = await aside.redis.xinfo('STREAM', stream).then(lastIdIn, (error: Error) => {
      if (/no such key/.test(error.message)) return BEFORE_ALL;
      throw error;
    });
    if (aside.replyBytes > COSTLY_CHECK_BYTES) this.#nextCheckMs = performance.now() + COSTLY_PAUSE_MS;
    aside.answered();
    if (last === undefined || !isAfter(position, last)) return;
    tally.trouble('rewound', `a stream goes on at ${last}, below ${position}`);
    this.#positions.set(stream, BEFORE_ALL);
  }

  /** Until something happens, or for so long. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(go, ms);
      this.#wake = go;
    });
  }
}

const listOf = (found: unknown): readonly unknown[] => (Array.isArray(found) ? found : []);
const textIn = (found: unknown): string => (Buffer.isBuffer(found) ? found.toString() : '');

function payloadIn(fields: unknown): Uint8Array | undefined {
  const [name, payload, ...more] = listOf(fields);
  return Buffer.isBuffer(name) && name.equals(FIELD) && Buffer.isBuffer(payload) && more.length === 0
    ? payload
    : undefined;
}

function lastIdIn(info: unknown): string | undefined {
  const parts = listOf(info);
  const id = parts[parts.indexOf('last-generated-id') + 1];
  return typeof id === 'string' && readStreamId(id) ? id : undefined;
}
