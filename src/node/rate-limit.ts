// How often somebody may ask. Addresses prove nothing, so whoever makes them up gets around a limit for each; a limit
// for all of them together stands behind it, and what costs much is asked for under a signature.

export interface Rate {
  readonly aSecond: number;
  /** what may come at once after a pause */
  readonly atOnce: number;
}

/** Names remembered; the one that was not heard of for longest is forgotten, and begins anew. */
const MAX_NAMES = 1_024;

interface Bucket {
  tokens: number;
  atMs: number;
}

export class RateLimit {
  readonly #rate: Rate;
  readonly #nowMs: () => number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, nowMs: () => number) {
    this.#rate = rate;
    this.#nowMs = nowMs;
  }

  /** Counts one more, unless it is one too many. */
  allows(name: string): boolean {
    const atMs = this.#nowMs();
    const { aSecond, atOnce } = this.#rate;
    const known = this.#buckets.get(name) ?? { tokens: atOnce, atMs };
    const refilled = known.tokens + (Math.max(0, atMs - known.atMs) * aSecond) / 1_000;
    const tokens = Math.min(atOnce, refilled);
    this.#buckets.delete(name);
    this.#buckets.set(name, { tokens: tokens < 1 ? tokens : tokens - 1, atMs });
    if (this.#buckets.size > MAX_NAMES) {
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    }
    return tokens >= 1;
  }
}
