// Tables of verdicts spelled out for tests: a letter an item, A approve, R reject, - abstain, a dot where nothing was said.
import { invariant } from '../../src/errors.ts';
import {
  ABSTAIN,
  APPROVE,
  MISSING,
  REJECT,
  tableOf,
  type VerdictTable,
  type Voter,
} from '../../src/evals/verdicts/verdict-table.ts';
import type { Random } from '../../src/simulation/random.ts';

const CODES: Readonly<Record<string, number>> = { A: APPROVE, R: REJECT, '-': ABSTAIN, '.': MISSING };

function codes(letters: string): Uint8Array {
  return Uint8Array.from(letters, (letter) => {
    const code = CODES[letter];
    invariant(code !== undefined, `a letter for a verdict, not ${letter}`);
    return code;
  });
}

export interface Spelled {
  readonly labels: string;
  readonly voters: readonly (readonly [verdicts: string, domains?: Voter['domains']])[];
  /** by item; without it each item is a cluster of its own */
  readonly clusters?: readonly number[];
}

export function spelledTable({ labels, voters, clusters }: Spelled): VerdictTable {
  const numbers = clusters ?? [...labels].map((_, item) => item);
  return tableOf({
    voters: voters.map(([, domains], voter) => ({ name: `voter ${voter + 1}`, domains: domains ?? {} })),
    items: {
      names: [...labels].map((_, item) => `item ${item + 1}`),
      labels: codes(labels),
      clusters: Uint32Array.from(numbers),
      clusterCount: new Set(numbers).size,
    },
    verdicts: voters.map(([verdicts]) => codes(verdicts)),
  });
}

/** Voters who err on an item with a chance that all share, drawn for each cluster: their errors correlate by it. */
export function drawnTable(
  shape: { readonly voters: number; readonly clusters: number; readonly perCluster: number },
  errorChance: () => number,
  random: Random,
): VerdictTable {
  const items = shape.clusters * shape.perCluster;
  const labels = Array.from({ length: items }, () => (random.chance(0.5) ? 'A' : 'R'));
  const chances = Array.from({ length: shape.clusters }, errorChance);
  const chanceOf = (item: number): number => chances[Math.floor(item / shape.perCluster)] ?? 0;
  const other = (label: string): string => (label === 'A' ? 'R' : 'A');
  return spelledTable({
    labels: labels.join(''),
    voters: Array.from({ length: shape.voters }, () => [
      labels.map((label, item) => (random.chance(chanceOf(item)) ? other(label) : label)).join(''),
    ]),
    clusters: labels.map((_, item) => Math.floor(item / shape.perCluster)),
  });
}
