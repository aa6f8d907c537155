// What the ordered entries mean is decided behind this interface. Everything here is a deterministic function
// of its arguments: every node that executes the same blocks holds the same ledger (protocol 4).
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { Entry, Height, View } from './block.ts';

export interface BlockContext {
  readonly epoch: Epoch;
  readonly view: View;
  readonly height: Height;
  readonly proposer: SeatId;
  readonly timeMs: number;
}

export interface Execution<State> {
  readonly state: State;
  readonly ledgerSize: number;
  readonly ledgerRoot: Digest;
  /** the ledger leaves this block adds: its entries, then the records that executing it derived (protocol 7.1) */
  readonly leaves: readonly Uint8Array[];
}

/** `later`: may become executable (kept in the mempool); `never`: will not, and leaves it (protocol 3.9). */
export type Admission = 'now' | 'later' | 'never';

export interface Application<State> {
  /** The state before the first block. States are values: executing never changes the state it was given. */
  genesis(): State;
  /**
   * Undefined when an entry is invalid, repeated or cannot execute here: then nobody votes (protocol 3.3). On a state
   * of the epoch after the block's only an empty block executes, and changes nothing (protocol 6.1).
   */
  execute(state: State, context: BlockContext, entries: readonly Entry[]): Execution<State> | undefined;
  /** Of the next block: executing a block that changes the roster ends its epoch (protocol 6.1). */
  epochOf(state: State): Epoch;
  /** May this entry stand in the next block? Checks its signature too. */
  admits(state: State, entry: Entry): Admission;
  /** Who answers for the entry: nobody may fill the mempool alone (protocol 3.10). */
  authorOf(entry: Entry): string;
  /** When a block without entries would change something: the next deadline (protocol 4.5). */
  dueAtMs(state: State): number | undefined;
}
