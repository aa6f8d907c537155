// What is ordered: entries, in blocks, each block naming its parent and the ledger after executing it
// (protocol 3.2). The engine reads nothing inside an entry; what it means is the application's affair.
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';

export type View = number & { readonly brand: 'View' };
export type Height = number & { readonly brand: 'Height' };

/** One signed thing to be ordered, as it came: its bytes, never a re-serialisation of them (protocol 2.1). */
export interface Entry {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

export interface Header {
  readonly epoch: Epoch;
  readonly view: View;
  readonly height: Height;
  readonly parent: Digest;
  readonly proposer: SeatId;
  readonly timeMs: number;
  readonly payloadRoot: Digest;
  /** the ledger after executing this block */
  readonly ledgerSize: number;
  readonly ledgerRoot: Digest;
}

export interface Block {
  readonly digest: Digest;
  readonly header: Header;
  readonly entries: readonly Entry[];
}

export const GENESIS_VIEW = 0 as View;
export const GENESIS_HEIGHT = 0 as Height;

export const viewAfter = (view: View): View => (view + 1) as View;
