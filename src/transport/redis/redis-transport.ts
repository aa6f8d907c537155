// Messages between nodes over Redis Streams. A Redis server is a network, not a root of trust (protocol 8.1): it may
// lose, delay, repeat, reorder, forge and read. Several servers at once carry the same messages; any one honest path
// is enough.
//
//   conclave:<council>:all:<sender>    what a node says to everybody
//   conclave:<council>:to:<recipient>  what nodes say to one
//   conclave:<council>:ask:<node>      what clients say to a node, apart so that they cannot crowd out the nodes
import type { PeerId } from '../../consensus/messages.ts';
import { badInput } from '../../errors.ts';
import { asPeerId, type MessageHandler, type Transport } from '../transport.ts';
import { type Cursors, MemoryCursors } from './cursors.ts';
import { Outbox } from './outbox.ts';
import { ASKED, DEFAULT_LIMITS, type RedisLimits, TO_ALL, TO_CLIENT, TO_ONE } from './redis-limits.ts';
import { MAX_SERVERS } from './redis-servers.ts';
import type { RedisTrouble, ServerStats } from './redis-stats.ts';
import { isClient, StreamNames, streamsOf } from './stream-names.ts';
import { StreamReader } from './stream-reader.ts';
import { type Route, StreamWriter } from './stream-writer.ts';
import { Tally } from './tally.ts';
import { Turnstile } from './turnstile.ts';

const JOIN_WITHIN_MS = 1_000;
const LEAVE_WITHIN_MS = 500;

export interface RedisTransportOptions {
  /** genesis digest in hex */
  readonly councilId: string;
  /** a node's name in the roster, or `client-<hex>`, who hears only what is sent to it alone */
  readonly self: string;
  /** the nodes of the council (oneself may be among them); a client's `all` goes to the inbox of each */
  readonly peers: readonly string[];
  /** redis:// or rediss:// with password if need be, as `redisServers` reads them */
  readonly servers: readonly string[];
  readonly limits?: Partial<RedisLimits>;
}

export interface RedisTransportDependencies {
  /** Without, it starts each time with what is new. Closed with the transport. */
  readonly cursors?: Cursors;
  /** at most one a server and kind every ten seconds; stats() has them all */
  readonly onTrouble?: (trouble: RedisTrouble) => void;
  /** asked before each slice of messages: a promise holds delivery (and, soon, reading) until it settles */
  readonly ready?: () => Promise<void> | undefined;
}

interface Path {
  readonly tally: Tally;
  readonly writer: StreamWriter;
  readonly reader: StreamReader;
}

export class RedisTransport implements Transport {
  readonly self: PeerId;
  readonly #limits: RedisLimits;
  readonly #names: StreamNames;
  #peers: ReadonlySet<string>;
  readonly #isClient: boolean;
  readonly #cursors: Cursors;
  readonly #turnstile: Turnstile;
  readonly #outbox: Outbox;
  readonly #paths: readonly Path[];
  #handler: MessageHandler | undefined;
  #closed = false;
  #onWritten: (() => void) | undefined;

  /**
   * Resolves when what is sent from now on will be heard by at least one server, or after a second if none can be
   * reached: it goes on trying. Never rejects because of a server.
   */
  static async join(
    options: RedisTransportOptions,
    dependencies: RedisTransportDependencies = {},
  ): Promise<RedisTransport> {
    if (options.servers.length === 0 || options.servers.length > MAX_SERVERS) {
      throw badInput(`expected one to ${MAX_SERVERS} Redis servers, found ${options.servers.length}`);
    }
    let heard = (): void => undefined;
    const listening = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const transport = new RedisTransport(options, dependencies, heard);
    const timer = setTimeout(heard, JOIN_WITHIN_MS);
    await listening;
    clearTimeout(timer);
    return transport;
  }

  private constructor(
    options: RedisTransportOptions,
    dependencies: RedisTransportDependencies,
    onListening: () => void,
  ) {
    this.self = asPeerId(options.self);
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#names = new StreamNames(options.councilId);
    this.#peers = new Set(options.peers);
    this.#isClient = isClient(options.self, this.#peers);
    this.#cursors = dependencies.cursors ?? new MemoryCursors();
    const tallies = options.servers.map((url) => new Tally(url, dependencies.onTrouble));
    this.#turnstile = new Turnstile(this.#limits, tallies, {
      cursors: this.#cursors,
      deliver: (from, bytes) => {
        if (!this.#closed) this.#handler?.(asPeerId(from), bytes);
      },
      ready: dependencies.ready,
    });
    const listening = streamsOf(this.#names, options.self, this.#peers);
    const joinedAtMs = performance.now();
    this.#paths = tallies.map((tally, server) => {
      const url = options.servers[server] ?? '';
      const writer = new StreamWriter(url, tally, () => this.#written());
      const reader = new StreamReader(
        { url, server, listening, joinedAtMs },
        { tally, cursors: this.#cursors, turnstile: this.#turnstile, aside: writer.wire, onListening },
      );
      return { tally, writer, reader };
    });
    this.#outbox = new Outbox(
      options.self,
      this.#paths.map(({ writer }) => writer),
    );
  }

  send(to: PeerId | 'all', bytes: Uint8Array): void {
    if (this.#closed) return;
    if (bytes.length > this.#limits.maxMessageBytes) {
      for (const { tally } of this.#paths) tally.drop('oversized');
      return;
    }
    for (const route of this.#routesTo(to)) this.#outbox.put(route, bytes);
  }

  onMessage(handler: MessageHandler): void {
    this.#handler = handler;
  }

  /**
   * The nodes of the council are others now (protocol 6.1): from now on these are heard, and no more those who have
   * gone.
   */
  follow(peers: readonly string[]): void {
    this.#peers = new Set(peers);
    const listening = streamsOf(this.#names, this.self, this.#peers);
    for (const { reader } of this.#paths) reader.listenTo(listening);
  }

  /** By server, in the order they were given. */
  stats(): readonly ServerStats[] {
    return this.#paths.map(({ tally, writer, reader }, server) =>
      tally.stats({
        connected: writer.connected && reader.connected,
        queuedOut: writer.queuedMessages,
        queuedIn: this.#turnstile.waiting(server),
      }),
    );
  }

  /** What is queued gets half a second to leave. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#turnstile.close();
    for (const { reader } of this.#paths) reader.close();
    this.#outbox.flush();
    await this.#emptied();
    for (const { writer } of this.#paths) writer.close();
    await this.#cursors.close();
  }

  #routesTo(to: PeerId | 'all'): readonly Route[] {
    if (to !== 'all') return [this.#routeToOne(to)];
    if (!this.#isClient) return [{ stream: this.#names.toAll(this.self), ...TO_ALL }];
    return [...this.#peers].map((peer) => this.#routeToOne(peer));
  }

  #routeToOne(to: string): Route {
    if (this.#isClient) return { stream: this.#names.asked(to), ...ASKED };
    const keep = isClient(to, this.#peers) ? TO_CLIENT : TO_ONE;
    return { stream: this.#names.toOne(to), ...keep };
  }

  #written(): void {
    this.#outbox.freed();
    if (this.#closed) this.#onWritten?.();
  }

  /** Servers that can be reached have taken everything, or the time is over. */
  #emptied(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#onWritten = undefined;
        resolve();
      };
      const look = () => {
        if (this.#paths.every(({ writer }) => writer.idle || !writer.connected)) done();
      };
      const timer = setTimeout(done, LEAVE_WITHIN_MS);
      this.#onWritten = look;
      look();
    });
  }
}
