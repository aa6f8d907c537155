// Ends of a transport over Redis for tests: who is who, what each has heard, and all of it closed again.
import { randomBytes } from 'node:crypto';
import { toHex } from '../../src/signing/bytes.ts';
import type { ServerStats } from '../../src/transport/redis/redis-stats.ts';
import {
  RedisTransport,
  type RedisTransportDependencies,
  type RedisTransportOptions,
} from '../../src/transport/redis/redis-transport.ts';
import { StreamNames } from '../../src/transport/redis/stream-names.ts';

export interface RedisEnd {
  readonly transport: RedisTransport;
  /** `from: text`, in the order they came */
  readonly heard: string[];
  /** how often this was heard */
  times(from: string, text: string): number;
  stats(server?: number): ServerStats;
}

export class RedisCouncil {
  readonly councilId = toHex(randomBytes(32));
  readonly names = new StreamNames(this.councilId);
  readonly nodes: readonly string[];
  readonly #servers: readonly string[];
  readonly #open = new Set<RedisTransport>();

  constructor(nodes: readonly string[], servers: readonly string[]) {
    this.nodes = nodes;
    this.#servers = servers;
  }

  get streams(): readonly string[] {
    return this.nodes.flatMap((node) => [
      this.names.toAll(node),
      this.names.toOne(node),
      this.names.asked(node),
    ]);
  }

  async join(
    self: string,
    more: Partial<RedisTransportOptions> = {},
    dependencies: RedisTransportDependencies = {},
  ): Promise<RedisEnd> {
    const { councilId, nodes: peers } = this;
    const transport = await RedisTransport.join(
      { councilId, self, peers, servers: this.#servers, ...more },
      dependencies,
    );
    this.#open.add(transport);
    const heard: string[] = [];
    const counts = new Map<string, number>();
    transport.onMessage((from, bytes) => {
      const line = `${from}: ${Buffer.from(bytes).toString('latin1')}`;
      heard.push(line);
      counts.set(line, (counts.get(line) ?? 0) + 1);
    });
    return {
      transport,
      heard,
      times: (from, text) => counts.get(`${from}: ${text}`) ?? 0,
      stats: (server = 0) => {
        const stats = transport.stats()[server];
        if (stats === undefined) throw new Error(`no server ${server}`);
        return stats;
      },
    };
  }

  joinAll(more?: Partial<RedisTransportOptions>): Promise<RedisEnd[]> {
    return Promise.all(this.nodes.map((node) => this.join(node, more)));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((transport) => transport.close()));
    this.#open.clear();
  }
}
