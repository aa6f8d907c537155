// A mark left in Redis to tell three things apart: Redis is there and remembers, Redis is there and has lost what it
// was given (emptied, restarted without its file), Redis does not answer.
import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';

export interface RedisMarkOptions {
  readonly key: string;
  /** a server that takes longer to answer is left and connected to anew */
  readonly timeoutMs: number;
}

export class RedisMark {
  readonly #options: RedisMarkOptions;
  readonly #redis: Redis;
  /** of this run of the process: an earlier run's mark is not ours */
  readonly #value = randomBytes(8).toString('hex');
  #heardMs = 0;
  #isSet = false;
  #isLooking = false;

  constructor(options: RedisMarkOptions, redis: Redis) {
    this.#options = options;
    this.#redis = redis;
  }

  /** When Redis was last heard of. */
  get heardMs(): number {
    return this.#heardMs;
  }

  heard(): void {
    this.#heardMs = Date.now();
  }

  /** One look at a time; none where there is no connection to look through. */
  look(onLost: () => void): void {
    if (this.#isLooking || this.#redis.status !== 'ready') return;
    this.#isLooking = true;
    const timer = setTimeout(() => this.#redis.disconnect(true), this.#options.timeoutMs);
    this.#looked(onLost).finally(() => {
      clearTimeout(timer);
      this.#isLooking = false;
    });
  }

  async #looked(onLost: () => void): Promise<void> {
    try {
      const found = await this.#redis.getset(this.#options.key, this.#value);
      this.heard();
      if (this.#isSet && found !== this.#value) onLost();
      this.#isSet = true;
    } catch {
      // It answered with a refusal, or not at all: for us it is not there.
    }
  }
}
