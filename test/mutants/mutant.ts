// A planted bug: the product's code with a few words changed, and the schedules that must notice (protocol 3.11).
// The product has no hooks for this: a mutant is text, found exactly once, replaced in a copy.
import type { SimulateOptions } from '../../src/simulation/simulate.ts';

export interface Edit {
  /** under src/ */
  readonly file: string;
  /** stands there exactly once */
  readonly find: string;
  readonly replace: string;
}

export type Hunt = Pick<SimulateOptions, 'kind' | 'seats' | 'behaviour' | 'byzantine' | 'epochs' | 'seeds'>;

export interface Mutant {
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly hunt: Hunt;
}

/** The text with the edit made; throws when the words to find are not there exactly once. */
export function applyEdit(text: string, { file, find, replace }: Edit): string {
  const [before, after, ...more] = text.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`expected to find once in ${file}, found ${text.split(find).length - 1} times: ${find}`);
  }
  return before + replace + after;
}
