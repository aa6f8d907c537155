// Peers are helped on, each only so often: an address proves nothing, and whoever asks for ever must not keep a node
// from its work (protocol 3.9, 3.10).
import { MAX_PEERS } from './limits.ts';
import type { PeerId } from './messages.ts';

export class Courtesy {
  readonly #intervalMs: number;
  readonly #answeredAtMs = new Map<PeerId, number>();

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** May the peer be answered now? If so it counts as answered. */
  may(peer: PeerId, nowMs: number): boolean {
    const lastMs = this.#answeredAtMs.get(peer);
    if (lastMs !== undefined && nowMs < lastMs + this.#intervalMs) return false;
    if (lastMs === undefined && this.#answeredAtMs.size >= MAX_PEERS) this.#answeredAtMs.clear();
    this.#answeredAtMs.set(peer, nowMs);
    return true;
  }
}
