// What voters said about items of known truth: the one form in which every measure, every attack and every search for a
// roster sees verdicts, whether they were recorded, drawn from a model of voters or asked of the council. A byte a verdict,
// so that ten million of them fit in memory.
import type { Verdict } from '../../council/ballot.ts';
import { invariant } from '../../errors.ts';

/** The bytes of a table. A missing verdict is no verdict at all; an abstention is one, right only where the truth is to abstain. */
export const MISSING = 0;
export const APPROVE = 1;
export const REJECT = 2;
export const ABSTAIN = 3;

export const CODE_OF: Readonly<Record<Verdict, number>> = {
  approve: APPROVE,
  reject: REJECT,
  abstain: ABSTAIN,
};

/** What voters can share, and so get wrong together. */
export const DOMAINS = ['developer', 'family', 'host', 'lens', 'prompt'] as const;
export type Domain = (typeof DOMAINS)[number];

export interface Voter {
  readonly name: string;
  /** what is known of what it shares with others */
  readonly domains: Readonly<Partial<Record<Domain, string>>>;
}

export interface Items {
  readonly names: readonly string[];
  /** by item, the right verdict; MISSING where none is known: such items are left out of whatever counts errors */
  readonly labels: Uint8Array;
  /** by item, which cluster it belongs to, from 0; items of a cluster share a question and are resampled together */
  readonly clusters: Uint32Array;
  readonly clusterCount: number;
}

export interface VerdictTable {
  readonly voters: readonly Voter[];
  readonly items: Items;
  /** by voter, by item */
  readonly verdicts: readonly Uint8Array[];
  /** by voter, by item, in whole percent as the voter says, NO_CONFIDENCE where it said none; absent where nobody did */
  readonly confidences?: readonly Uint8Array[];
}

export const NO_CONFIDENCE = 255;

export function tableOf(table: VerdictTable): VerdictTable {
  const { voters, items, verdicts, confidences } = table;
  const count = items.names.length;
  invariant(verdicts.length === voters.length, 'a row of verdicts for each voter');
  invariant(
    items.labels.length === count && items.clusters.length === count,
    'a label and a cluster an item',
  );
  for (const row of [...verdicts, ...(confidences ?? [])]) {
    invariant(row.length === count, 'a verdict for each item');
  }
  return table;
}

/** Those items that every voter gave a verdict on, abstentions included. */
export function completeItems({ items, verdicts }: VerdictTable): readonly number[] {
  const all: number[] = [];
  for (let item = 0; item < items.names.length; item++) {
    if (verdicts.every((row) => row[item] !== MISSING)) all.push(item);
  }
  return all;
}

/** The same table with those items only: what is counted over voters together would take a verdict that is not there for one. */
export function completeTable(table: VerdictTable): VerdictTable {
  const items = completeItems(table);
  return items.length === table.items.names.length ? table : withItems(table, items);
}

/** The same items seen by some of the voters, in the order asked for. */
export function withVoters(table: VerdictTable, chosen: readonly number[]): VerdictTable {
  const rows = <Row>(list: readonly Row[]): Row[] =>
    chosen.map((voter) => {
      const row = list[voter];
      invariant(row !== undefined, `voter ${voter} of ${list.length}`);
      return row;
    });
  return {
    voters: rows(table.voters),
    items: table.items,
    verdicts: rows(table.verdicts),
    ...(table.confidences === undefined ? {} : { confidences: rows(table.confidences) }),
  };
}

/** The same voters on some of the items; clusters are numbered anew. */
export function withItems(table: VerdictTable, chosen: readonly number[]): VerdictTable {
  const { items } = table;
  const numbers = new Map<number, number>();
  const clusters = Uint32Array.from(chosen, (item) => {
    const cluster = items.clusters[item] ?? 0;
    const number = numbers.get(cluster) ?? numbers.size;
    numbers.set(cluster, number);
    return number;
  });
  const bytes = (row: Uint8Array): Uint8Array => Uint8Array.from(chosen, (item) => row[item] ?? MISSING);
  return {
    voters: table.voters,
    items: {
      names: chosen.map((item) => items.names[item] ?? ''),
      labels: bytes(items.labels),
      clusters,
      clusterCount: numbers.size,
    },
    verdicts: table.verdicts.map(bytes),
    ...(table.confidences === undefined ? {} : { confidences: table.confidences.map(bytes) }),
  };
}

/** By voter, by item: 1 where the verdict is not the right one, abstentions and missing verdicts included, else 0. */
export function errorsOf({ items, verdicts }: VerdictTable): readonly Uint8Array[] {
  return verdicts.map((row) => row.map((verdict, item) => (verdict === items.labels[item] ? 0 : 1)));
}
