// Several lines over one wire: what nodes say while ordering, dossiers, clients' questions and signs of life each have
// a reader of their own, and none of them has to know of the others. One byte before a message names its line; what
// comes on a line that nobody listens to, or on none we know, is dropped and counted (protocol 3.10).
import type { PeerId } from '../consensus/messages.ts';
import { concat } from '../signing/bytes.ts';
import type { MessageHandler, Transport } from './transport.ts';

export const LINES = { council: 0x63, dossiers: 0x64, desk: 0x71, presence: 0x70 } as const;
export type LineName = keyof typeof LINES;

export class Switchboard {
  readonly #wire: Transport;
  readonly #handlers = new Map<number, MessageHandler>();
  dropped = 0;

  constructor(wire: Transport) {
    this.#wire = wire;
    wire.onMessage((from, bytes) => {
      const handler = this.#handlers.get(bytes[0] ?? 0);
      if (handler === undefined) this.dropped++;
      else handler(from, bytes.subarray(1));
    });
  }

  line(name: LineName): Transport {
    const byte = LINES[name];
    return new Line(this.#wire, Uint8Array.of(byte), (handler) => {
      if (handler === undefined) this.#handlers.delete(byte);
      else this.#handlers.set(byte, handler);
    });
  }

  /** The wire with all its lines. */
  close(): Promise<void> {
    return this.#wire.close();
  }
}

class Line implements Transport {
  readonly self: PeerId;
  readonly #wire: Transport;
  readonly #head: Uint8Array;
  readonly #listen: (handler: MessageHandler | undefined) => void;
  #closed = false;

  constructor(wire: Transport, head: Uint8Array, listen: (handler: MessageHandler | undefined) => void) {
    this.self = wire.self;
    this.#wire = wire;
    this.#head = head;
    this.#listen = listen;
  }

  send(to: PeerId | 'all', bytes: Uint8Array): void {
    if (!this.#closed) this.#wire.send(to, concat(this.#head, bytes));
  }

  onMessage(handler: MessageHandler): void {
    if (!this.#closed) this.#listen(handler);
  }

  /** This line falls silent; the others go on. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#listen(undefined);
  }
}
