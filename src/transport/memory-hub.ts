// Several nodes in one process, joined by queues. It is as fast as it gets and loses nothing until a queue is
// full; a world that loses, delays and forges is the simulator's, with time of its own.
import type { PeerId } from '../consensus/messages.ts';
import { invariant } from '../errors.ts';
import { asPeerId, type MessageHandler, type Transport } from './transport.ts';

/** Waiting for one node; what is beyond it is dropped and counted, as a network would (protocol 3.10). */
export const MAX_QUEUED_MESSAGES = 20_000;

interface Letter {
  readonly from: PeerId;
  readonly bytes: Uint8Array;
}

export class MemoryHub {
  readonly #ends = new Map<PeerId, MemoryEnd>();

  join(name: string): MemoryEnd {
    const self = asPeerId(name);
    invariant(!this.#ends.has(self), `one node named ${name}`);
    const end = new MemoryEnd(self, this.#ends);
    this.#ends.set(self, end);
    return end;
  }
}

export class MemoryEnd implements Transport {
  readonly self: PeerId;
  readonly #ends: Map<PeerId, MemoryEnd>;
  #handler: MessageHandler | undefined;
  #queue: Letter[] = [];
  #delivering = false;
  #closed = false;
  dropped = 0;

  constructor(self: PeerId, ends: Map<PeerId, MemoryEnd>) {
    this.self = self;
    this.#ends = ends;
  }

  send(to: PeerId | 'all', bytes: Uint8Array): void {
    if (this.#closed) return;
    const letter = { from: this.self, bytes };
    if (to !== 'all') this.#ends.get(to)?.take(letter);
    else for (const end of this.#ends.values()) if (end !== this) end.take(letter);
  }

  onMessage(handler: MessageHandler): void {
    this.#handler = handler;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#queue = [];
    // The name is free again: a node that restarts joins under it.
    if (this.#ends.get(this.self) === this) this.#ends.delete(this.self);
  }

  take(letter: Letter): void {
    if (this.#closed) return;
    if (this.#queue.length >= MAX_QUEUED_MESSAGES) {
      this.dropped++;
      return;
    }
    this.#queue.push(letter);
    if (this.#delivering) return;
    this.#delivering = true;
    setImmediate(() => this.#deliver());
  }

  #deliver(): void {
    this.#delivering = false;
    const letters = this.#queue;
    this.#queue = [];
    for (const { from, bytes } of letters) {
      if (this.#closed) return;
      this.#handler?.(from, bytes);
    }
  }
}
