// What carries bytes between nodes. It is untrusted: it may lose, delay, repeat, reorder, forge and read
// (protocol 8.1), so it promises nothing, and neither `send` nor `close` ever fails because of a peer.
import type { PeerId } from '../consensus/messages.ts';

export type MessageHandler = (from: PeerId, bytes: Uint8Array) => void;

export interface Transport {
  readonly self: PeerId;
  /** `all` is everybody else. Never delivered before the call returns. */
  send(to: PeerId | 'all', bytes: Uint8Array): void;
  /** One handler; what arrives before there is one is lost. */
  onMessage(handler: MessageHandler): void;
  /** Nothing is delivered to this end any more. */
  close(): Promise<void>;
}

export function asPeerId(name: string): PeerId {
  return name as PeerId;
}
