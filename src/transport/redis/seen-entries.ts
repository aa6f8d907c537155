// Which entries came already. A copy is the same bytes, nonce and all: a forgery that carries a true entry's nonce has
// another hash, so it can never stand in the true one's way. Each server fills a memory of its own, so that a flood on
// one does not make us forget what came by another. Forgetting is harmless: the message is delivered twice.
import { createHash } from 'node:crypto';

/** Entries a generation; two are kept for each server. */
export const GENERATION_ENTRIES = 32_768;

export class SeenEntries {
  readonly #memories: readonly Generations[];

  constructor(servers: number, generationEntries = GENERATION_ENTRIES) {
    this.#memories = Array.from({ length: servers }, () => new Generations(generationEntries));
  }

  /** Whether it came before, by any server; if not, it is remembered as having come by this one. */
  seen(server: number, bytes: Uint8Array): boolean {
    const hash = createHash('sha256').update(bytes).digest('base64');
    if (this.#memories.some((memory) => memory.has(hash))) return true;
    this.#memories[server]?.add(hash);
    return false;
  }
}

class Generations {
  readonly #size: number;
  #young = new Set<string>();
  #old = new Set<string>();

  constructor(size: number) {
    this.#size = size;
  }

  has(hash: string): boolean {
    return this.#young.has(hash) || this.#old.has(hash);
  }

  add(hash: string): void {
    if (this.#young.size >= this.#size) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(hash);
  }
}
