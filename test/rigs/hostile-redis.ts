// Somebody who owns a Redis server and wishes the council ill: with a client of his own he edits, repeats, deletes,
// moves, floods and forges in the streams of the council, by a seed. And servers that only pretend to be one.
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { encodeBatch, NONCE_BYTES } from '../../src/transport/redis/frames.ts';

export const FORGED = 'forged';

type Deed = (stream: string) => Promise<unknown>;

export class HostileHand {
  readonly redis: Redis;
  readonly #streams: readonly string[];
  readonly #names: readonly string[];
  #seed: number;
  #busy = false;
  #working: Promise<void> = Promise.resolve();
  deeds = 0;

  constructor(url: string, streams: readonly string[], names: readonly string[], seed: number) {
    this.redis = new Redis(url);
    this.redis.on('error', () => undefined);
    this.#streams = streams;
    this.#names = names;
    this.#seed = seed;
  }

  begin(): void {
    this.#busy = true;
    this.#working = this.#work();
  }

  async end(): Promise<void> {
    this.#busy = false;
    await this.#working;
    this.redis.disconnect();
  }

  /** Messages of a name's that it never sent. */
  forge(stream: string, from: string, ...messages: readonly Uint8Array[]): Promise<unknown> {
    const bytes = encodeBatch({ from, messages }, this.#bytes(NONCE_BYTES));
    return this.redis.xadd(stream, '*', 'm', Buffer.from(bytes));
  }

  async #work(): Promise<void> {
    while (this.#busy) {
      // Some deeds undo others, or fail because of them: he does not care.
      const deeds = this.#next(40) === 0 ? this.#wreckings : this.#deeds;
      await this.#pick(deeds)(this.#pick(this.#streams)).catch(() => undefined);
      this.deeds++;
      if (this.deeds % 8 === 0) await sleep(1);
    }
  }

  readonly #deeds: readonly Deed[] = [
    (stream) => this.forge(stream, this.#pick(this.#names), Buffer.from(`${FORGED} ${this.#next(1_000)}`)),
    (stream) => this.forge(stream, `client-${'0'.repeat(8)}`, Buffer.from(FORGED)),
    (stream) => this.forge(stream, 'nobody', Buffer.from(FORGED)),
    // garbage of many forms
    (stream) => this.redis.xadd(stream, '*', 'm', Buffer.from(this.#bytes(this.#next(200)))),
    (stream) => this.redis.xadd(stream, '*', 'x', 'y', 'z', ''),
    (stream) => this.redis.xadd(stream, '*', 'm', Buffer.alloc(40, 1)),
    // the true ones: again, elsewhere, with other words, with their nonce on other words, not at all
    (stream) => this.#with(stream, (payload) => this.redis.xadd(stream, '*', 'm', payload)),
    (stream) =>
      this.#with(stream, (payload) => this.redis.xadd(this.#pick(this.#streams), '*', 'm', payload)),
    (stream) =>
      this.#with(stream, (payload) => {
        const edited = Buffer.from(payload.toString('latin1').replaceAll('true', 'mean'), 'latin1');
        return this.redis.xadd(stream, '*', 'm', edited);
      }),
    (stream) =>
      this.#with(stream, (payload, id) => {
        const nonce = payload.subarray(1, 1 + NONCE_BYTES);
        const other = encodeBatch({ from: this.#pick(this.#names), messages: [Buffer.from(FORGED)] }, nonce);
        return Promise.all([
          this.redis.xdel(stream, id),
          this.redis.xadd(stream, '*', 'm', Buffer.from(other)),
        ]);
      }),
    (stream) => this.#with(stream, (_, id) => this.redis.xdel(stream, id)),
    // a flood
    async (stream) => {
      const pipeline = this.redis.pipeline();
      for (let i = 0; i < 50; i++) pipeline.xadd(stream, '*', 'm', Buffer.alloc(2_000, i));
      await pipeline.exec();
    },
  ];

  /** After these nothing goes by a stream until somebody mends it. */
  readonly #wreckings: readonly Deed[] = [
    (stream) => this.redis.del(stream),
    (stream) => this.redis.set(stream, 'no stream at all'),
    (stream) => this.redis.xadd(stream, '18446744073709551615-18446744073709551615', 'm', 'the end of ids'),
    (stream) => this.redis.xadd(stream, '9999999999999-0', 'm', 'from the future'),
    (stream) => this.redis.xtrim(stream, 'MAXLEN', 0),
  ];

  async #with(stream: string, deed: (payload: Buffer, id: string) => Promise<unknown>): Promise<unknown> {
    const found = await this.redis.xrevrangeBuffer(stream, '+', '-', 'COUNT', 5);
    if (found.length === 0) return undefined;
    const [id, fields] = this.#pick(found);
    const payload = fields[1];
    return payload === undefined ? undefined : deed(payload, id.toString());
  }

  #pick<T>(from: readonly T[]): T {
    const one = from[this.#next(from.length)];
    if (one === undefined) throw new Error('nothing to pick from');
    return one;
  }

  #bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.#next(256));
  }

  #next(below: number): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#seed / 2 ** 32) * below);
  }
}

/** Something that listens where a Redis should, and answers every chunk as it likes. */
export async function pretender(
  answer: (socket: Socket, chunk: Buffer) => void,
): Promise<{ url: string; connections: () => number; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => answer(socket, chunk));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `redis://127.0.0.1:${port}`,
    connections: () => connections,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
