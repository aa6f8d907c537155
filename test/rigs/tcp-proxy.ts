// A wire that does harm, put between a node and a server it talks to: it is cut, swallows everything, delays,
// throttles, and tears connections in the middle of a message. It knows no protocol and moves bytes only, so whatever
// it does to them a real network could have done.
import { connect, createServer, type Socket } from 'node:net';
import { Random } from '../../src/simulation/random.ts';

export type Weather =
  | { readonly kind: 'fair' }
  /** connections end, and new ones are refused */
  | { readonly kind: 'cut' }
  /** connections stay and new ones are taken; not a byte moves until the weather changes, and then all of them do */
  | { readonly kind: 'blackhole' }
  /** every byte comes so much later */
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'throttle'; readonly bytesPerSecond: number }
  /** each connection is reset after so many bytes at most, wherever that falls */
  | { readonly kind: 'resets'; readonly withinBytes: number };

export interface TcpProxyOptions {
  readonly upstream: { readonly host: string; readonly port: number };
  readonly seed: number;
}

export interface TcpProxy {
  readonly port: number;
  readonly weather: Weather;
  become(weather: Weather): void;
  /** bytes that have come through, both ways together */
  readonly bytes: number;
  readonly connections: number;
  readonly resets: number;
  close(): Promise<void>;
}

/** What waits on one way of one connection; beyond it the sender is not read from. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const TICK_MS = 20;

interface Chunk {
  readonly bytes: Buffer;
  readonly sinceMs: number;
}

/** One way of a connection. */
interface Way {
  readonly from: Socket;
  readonly to: Socket;
  waiting: Chunk[];
  waitingBytes: number;
  /** the other side has said its last word */
  ended: boolean;
  /** until it is reset */
  bytesLeft: number;
  allowance: number;
}

export async function tcpProxy({ upstream, seed }: TcpProxyOptions): Promise<TcpProxy> {
  const random = new Random(seed, 11);
  let weather: Weather = { kind: 'fair' };
  const ways = new Set<Way>();
  const sockets = new Set<Socket>();
  const counts = { bytes: 0, connections: 0, resets: 0 };

  const server = createServer((client) => {
    if (weather.kind === 'cut') {
      client.resetAndDestroy();
      return;
    }
    counts.connections++;
    const onward = connect(upstream);
    const pair = [client, onward];
    for (const socket of pair) {
      sockets.add(socket);
      socket.setNoDelay(true);
      // What becomes of a connection is seen at 'close'; why is nobody's business here.
      socket.on('error', () => {});
      socket.once('close', () => {
        sockets.delete(socket);
        for (const other of pair) if (!other.destroyed) other.destroy();
        for (const way of ways) if (pair.includes(way.from)) ways.delete(way);
      });
    }
    carry(client, onward);
    carry(onward, client);
  });

  function carry(from: Socket, to: Socket): void {
    const way: Way = {
      from,
      to,
      waiting: [],
      waitingBytes: 0,
      ended: false,
      bytesLeft: lifeOf(),
      allowance: 0,
    };
    ways.add(way);
    from.on('data', (bytes: Buffer) => {
      way.waiting.push({ bytes, sinceMs: performance.now() });
      way.waitingBytes += bytes.length;
      if (way.waitingBytes > MAX_WAITING_BYTES) from.pause();
      move(way);
    });
    from.once('end', () => {
      way.ended = true;
      move(way);
    });
  }

  function lifeOf(): number {
    return weather.kind === 'resets' ? random.between(1, weather.withinBytes) : Number.POSITIVE_INFINITY;
  }

  /** Moves what may move now; the ticks see to the rest. */
  function move(way: Way): void {
    if (weather.kind === 'blackhole' || way.to.destroyed) return;
    for (let next = way.waiting[0]; next !== undefined; next = way.waiting[0]) {
      if (weather.kind === 'delay' && performance.now() - next.sinceMs < weather.ms) return;
      const most = Math.min(way.bytesLeft, weather.kind === 'throttle' ? way.allowance : next.bytes.length);
      const piece = next.bytes.subarray(0, most);
      way.to.write(piece);
      counts.bytes += piece.length;
      way.bytesLeft -= piece.length;
      way.allowance -= piece.length;
      way.waitingBytes -= piece.length;
      if (way.bytesLeft <= 0) {
        counts.resets++;
        way.from.resetAndDestroy();
        way.to.resetAndDestroy();
        return;
      }
      if (piece.length < next.bytes.length) {
        way.waiting[0] = { ...next, bytes: next.bytes.subarray(piece.length) };
        return;
      }
      way.waiting.shift();
    }
    if (way.waitingBytes <= MAX_WAITING_BYTES && way.from.isPaused()) way.from.resume();
    if (way.ended) way.to.end();
  }

  const ticks = setInterval(() => {
    const earned = weather.kind === 'throttle' ? (weather.bytesPerSecond * TICK_MS) / 1_000 : 0;
    for (const way of ways) {
      way.allowance = Math.max(0, Math.min(way.allowance + earned, earned * 10));
      move(way);
    }
  }, TICK_MS);

  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', listening);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');

  return {
    port: address.port,
    get weather() {
      return weather;
    },
    become(next) {
      weather = next;
      for (const way of ways) way.bytesLeft = lifeOf();
      if (next.kind === 'cut') for (const socket of sockets) socket.resetAndDestroy();
      for (const way of ways) move(way);
    },
    get bytes() {
      return counts.bytes;
    },
    get connections() {
      return counts.connections;
    },
    get resets() {
      return counts.resets;
    },
    close: () =>
      new Promise((closed) => {
        clearInterval(ticks);
        server.close(() => closed());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
