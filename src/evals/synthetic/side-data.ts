// What is known of one side of a table (its items to be approved, or those to be rejected), and what is estimated from it.
import type { Groups } from './latent-model.ts';

/** What a voter did on an item; UNKNOWN where it gave no verdict, or abstained. */
export const RIGHT = 0;
export const WRONG = 1;
export const UNKNOWN = 2;

export interface SideData {
  readonly voters: number;
  readonly items: number;
  /** by item, by voter: RIGHT, WRONG or UNKNOWN */
  readonly errors: Uint8Array;
  /** the levels that voters share */
  readonly levels: readonly Groups[];
}

/** The estimates while they are made, in arrays that are written over. */
export interface Parameters {
  /** by voter, how it feels each direction of difficulty */
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly thresholds: Float64Array;
  /** by level, the standard deviation of what an item does to a group */
  readonly shared: Float64Array;
  /** by point of the grid, the share of items there */
  readonly weights: Float64Array;
}
