// Messages between nodes over Redis Streams. A Redis server is a network, not a root of trust (protocol 8.1): it may lose,
// delay, repeat, reorder, forge and read. Several servers at once carry the same messages; any one honest path is enough.
//
//   conclave:<council>:all:<sender>    what a node says to everybody
//   conclave:<council>:to:<recipient>  what nodes say to one
//   conclave:<council>:ask:<node>      what clients say to a node, apart so that they cannot crowd out the nodes
import type { PeerId } from '../../consensus/messages.ts';
import { asPeerId, type MessageHandler, type Transport } from '../transport.ts';
import type { Cursors } from './cursors.ts';
import type { RedisTrouble, ServerStats } from './redis-stats.ts';

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

export interface RedisLimits {
  readonly maxMessageBytes: number;
  /** what one sender may send by one server; twice that at once */
  readonly messagesASecond: number;
  readonly bytesASecond: number;
}

export interface RedisTransportDependencies {
  /** without, it starts each time with what is new */
  readonly cursors?: Cursors;
  /** at most one a server and kind every ten seconds; stats() has them all */
  readonly onTrouble?: (trouble: RedisTrouble) => void;
  /** asked before each slice of messages: a promise holds delivery (and, soon, reading) until it settles */
  readonly ready?: () => Promise<void> | undefined;
}

export class RedisTransport implements Transport {
  /**
   * Resolves when what is sent from now on will be heard by at least one server, or after two seconds if none can be reached:
   * it goes on trying. Never rejects because of a server.
   */
  static async join(
    options: RedisTransportOptions,
    _dependencies: RedisTransportDependencies = {},
  ): Promise<RedisTransport> {
    return new RedisTransport(asPeerId(options.self));
  }

  readonly self: PeerId;

  private constructor(self: PeerId) {
    this.self = self;
  }

  send(_to: PeerId | 'all', _bytes: Uint8Array): void {}

  onMessage(_handler: MessageHandler): void {}

  /** By server, in the order they were given. */
  stats(): readonly ServerStats[] {
    return [];
  }

  /** What is queued gets half a second to leave. */
  async close(): Promise<void> {}
}
