// What nodes say to each other while ordering. A transport may lose, delay, repeat, reorder and forge any of
// it (protocol 8.1); nothing here is believed but by the signatures inside.
import { unreachable } from '../errors.ts';
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { Block, Entry, Height, View } from './block.ts';
import type { Certificate, TimeoutCertificate } from './certificates.ts';
import type { Phase, Signature } from './statements.ts';

/** A node's address on the transport. Addresses prove nothing. */
export type PeerId = string & { readonly brand: 'PeerId' };

export interface Proposal {
  readonly kind: 'proposal';
  readonly seat: SeatId;
  readonly block: Block;
  readonly justify: Certificate;
  readonly timeoutCertificate: TimeoutCertificate | null;
  readonly signature: Signature;
}

export interface Vote {
  readonly kind: 'vote';
  readonly phase: Phase;
  readonly seat: SeatId;
  readonly epoch: Epoch;
  readonly view: View;
  readonly height: Height;
  readonly block: Digest;
  readonly signature: Signature;
}

export interface Timeout {
  readonly kind: 'timeout';
  readonly seat: SeatId;
  readonly epoch: Epoch;
  readonly view: View;
  /** the view of the seat's highest prepare certificate, which is attached */
  readonly prepareView: View;
  readonly prepare: Certificate;
  readonly signature: Signature;
}

/** The heartbeat, and the answer to a peer that is behind (protocol 3.9). */
export interface Status {
  readonly kind: 'status';
  readonly view: View;
  readonly prepare: Certificate;
  readonly commit: Certificate;
  readonly timeoutCertificate: TimeoutCertificate | null;
  /** own proposals, votes and timeouts that still matter, re-sent as they were */
  readonly parts: readonly (Proposal | Vote | Timeout)[];
  readonly entries: readonly Entry[];
  /** a node that restarts asks for an answer */
  readonly ask: boolean;
}

/** Asks for a certified block and its ancestors above a height. */
export interface BlocksWanted {
  readonly kind: 'blocks-wanted';
  readonly block: Digest;
  readonly aboveHeight: Height;
}

/** Blocks by ascending height; `commit` certifies the last when it is not the one asked for (protocol 8.2). */
export interface Blocks {
  readonly kind: 'blocks';
  readonly blocks: readonly Block[];
  readonly commit: Certificate | null;
}

export interface Entries {
  readonly kind: 'entries';
  readonly entries: readonly Entry[];
}

export type Message = Proposal | Vote | Timeout | Status | BlocksWanted | Blocks | Entries;

/** The epoch a message is about, if it is about one. */
export function epochOfMessage(message: Message): Epoch | undefined {
  switch (message.kind) {
    case 'proposal':
      return message.block.header.epoch;
    case 'vote':
    case 'timeout':
      return message.epoch;
    case 'status':
      return message.commit.epoch;
    case 'blocks':
      return message.commit?.epoch;
    case 'entries':
    case 'blocks-wanted':
      return undefined;
    default:
      return unreachable(message);
  }
}
