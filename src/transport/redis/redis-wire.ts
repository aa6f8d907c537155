// One connection to one server. It comes back by itself, never queues commands while it is away, never throws out of an
// event, and hangs up on a server that answers with more than any honest one would or with nothing at all.
import { Redis } from 'ioredis';
import { backOffMs } from './back-off.ts';
import type { Tally } from './tally.ts';

const CONNECT_MS = 5_000;
/** A server that is asked and says nothing for this long is as good as gone. Longer than any command of ours waits. */
const SILENCE_MS = 8_000;
const LOADING_RETRY_MS = 500;
/** Several of the largest messages there are; small replies nest into far more memory than they have bytes. */
export const MAX_REPLY_BYTES = 128 * 1024 * 1024;
/** A connection that held for so long was a good one: the next loss is the first again. */
const STEADY_MS = 5_000;

export interface WireEvents {
  /** It can be used; also after each coming back. */
  readonly onReady: () => void;
  /** An answer was larger than allowed, and the connection was cut. */
  readonly onFlood?: () => void;
}

export class RedisWire {
  readonly redis: Redis;
  readonly #tally: Tally;
  readonly #maxReplyBytes: number;
  #replyBytes = 0;
  #readyAtMs = Number.POSITIVE_INFINITY;
  #losses = 0;
  #closed = false;

  constructor(url: string, tally: Tally, events: WireEvents, maxReplyBytes = MAX_REPLY_BYTES) {
    this.#tally = tally;
    this.#maxReplyBytes = maxReplyBytes;
    this.redis = new Redis(url, {
      protocol: 2,
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      // With each lost connection whatever was asked on it fails at once, instead of waiting for the next.
      maxRetriesPerRequest: 0,
      retryStrategy: () => this.#nextTryMs(),
      connectTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      maxLoadingRetryTime: LOADING_RETRY_MS,
      disableClientInfo: true,
    });
    this.redis.on('error', (error: unknown) => {
      if (!this.#closed) tally.error(error);
    });
    this.redis.on('ready', () => {
      this.#readyAtMs = performance.now();
      events.onReady();
    });
    this.redis.on('connect', () => this.#listenIn(events.onFlood));
    this.redis.connect().catch(() => undefined);
  }

  get ready(): boolean {
    return this.redis.status === 'ready';
  }

  /** To be said after each answer: what comes now belongs to the next. */
  answered(): void {
    this.#replyBytes = 0;
  }

  /** Bytes of the answer that is coming or has just come. */
  get replyBytes(): number {
    return this.#replyBytes;
  }

  close(): void {
    this.#closed = true;
    this.redis.disconnect();
    // A frozen server would not answer our goodbye.
    this.redis.stream?.destroy();
  }

  #nextTryMs(): number {
    if (performance.now() - this.#readyAtMs > STEADY_MS) this.#losses = 0;
    this.#readyAtMs = Number.POSITIVE_INFINITY;
    return backOffMs(++this.#losses);
  }

  #listenIn(onFlood: (() => void) | undefined): void {
    const { stream } = this.redis;
    this.#replyBytes = 0;
    stream.on('data', (chunk: Uint8Array) => {
      this.#tally.count('bytesIn', chunk.length);
      this.#replyBytes += chunk.length;
      if (this.#replyBytes <= this.#maxReplyBytes) return;
      this.#replyBytes = 0;
      this.#tally.trouble('flooded', `an answer of more than ${this.#maxReplyBytes} bytes`);
      onFlood?.();
      stream.destroy();
    });
  }
}
