// What goes between this node and others: messages are spelled on their way out, read on their way in, and handed to
// whoever they are for. Whatever no honest node would send is dropped and counted; addresses prove nothing, so nobody is
// blamed (protocol 8.1).
import type { Message, PeerId } from '../consensus/messages.ts';
import { ConclaveError } from '../errors.ts';
import type { Transport } from '../transport/transport.ts';
import { EntryBook } from './entry-book.ts';
import {
  decodePeerMessage,
  type Endorsements,
  encodeEndorsements,
  encodeOrdering,
  kindOfPeerMessage,
} from './peer-message.ts';

/** Addresses that are remembered as heard of; anyone can make them up. */
const MAX_PEERS_HEARD = 1_024;

export interface PeerPostDependencies {
  /** none where one node hosts every seat */
  readonly transport: Transport | undefined;
  readonly nowMs: () => number;
  readonly onOrdering: (from: PeerId, message: Message) => void;
  readonly onEndorsements: (from: PeerId, message: Endorsements) => void;
  readonly onFailed: (error: unknown) => void;
}

export class PeerPost {
  /** when each address was last heard of */
  readonly heardAtMs = new Map<PeerId, number>();
  /** messages that could not be read, by the kind they said they were */
  readonly refused = new Map<string, number>();
  readonly #dependencies: PeerPostDependencies;
  readonly #entries = new EntryBook();
  #open = false;

  constructor(dependencies: PeerPostDependencies) {
    this.#dependencies = dependencies;
  }

  open(): void {
    this.#open = true;
    this.#dependencies.transport?.onMessage((from, bytes) => this.#receive(from, bytes));
  }

  /** Hears nothing more. What is being said may still be said. */
  shut(): void {
    this.#open = false;
  }

  async close(): Promise<void> {
    this.#open = false;
    await this.#dependencies.transport?.close();
  }

  // Spelling a message costs more than handing it over, so it is not spelled where nobody listens.
  order(to: PeerId | 'all', message: Message): void {
    const { transport } = this.#dependencies;
    if (transport === undefined) return;
    // Those of this node's own seats come back in others' proposals.
    if (message.kind === 'entries') this.#entries.through(message);
    transport.send(to, encodeOrdering(message));
  }

  endorse(to: PeerId | 'all', message: Endorsements): void {
    this.#dependencies.transport?.send(to, encodeEndorsements(message));
  }

  #receive(from: PeerId, bytes: Uint8Array): void {
    if (!this.#open) return;
    const { nowMs, onOrdering, onEndorsements, onFailed } = this.#dependencies;
    if (this.heardAtMs.has(from) || this.heardAtMs.size < MAX_PEERS_HEARD) this.heardAtMs.set(from, nowMs());
    try {
      const received = decodePeerMessage(bytes);
      if (received.kind === 'endorsements') onEndorsements(from, received);
      else onOrdering(from, this.#entries.through(received.message));
    } catch (error) {
      if (!(error instanceof ConclaveError) || error.code !== 'bad-input') return onFailed(error);
      const reason = `malformed ${kindOfPeerMessage(bytes)}`;
      this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
    }
  }
}
