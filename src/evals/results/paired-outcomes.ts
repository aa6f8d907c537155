// Two councils on the same items, compared item by item. What is hard for one is mostly hard for the other, so their difference
// is known far better than from two intervals side by side; clusters are drawn, not items (bootstrap.ts).
import type { Random } from '../../simulation/random.ts';
import { ClusterSums } from '../measures/bootstrap.ts';
import { ClusteredShare } from '../measures/clustered-share.ts';
import type { Figure } from '../measures/figure.ts';
import { DEEDS, type Deed, done, possible } from './council-deeds.ts';
import type { Estimate } from './difference.ts';
import type { OutcomesSection } from './eval-result.ts';

export interface PairedDeed {
  readonly deed: Deed;
  /** over the shared items on which it is possible */
  readonly before: Figure;
  readonly after: Figure;
  /** after less before */
  readonly difference: Estimate;
  /** clusters in which the two councils differ by it */
  readonly differing: number;
}

export interface Pairing {
  readonly deeds: readonly PairedDeed[];
  /** items both results have */
  readonly shared: number;
  /** items that only one of them has */
  readonly apart: number;
}

interface PairedItem {
  readonly cluster: number;
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

/** Nothing where no item is shared, or where the two do not hold the same for true: then they answer different questions. */
export function pairedOutcomes(
  before: OutcomesSection,
  after: OutcomesSection,
  random: Random,
): Pairing | undefined {
  const places = new Map(after.items.map((item, i) => [item, i]));
  const pairs: PairedItem[] = [];
  for (const [i, item] of before.items.entries()) {
    const place = places.get(item);
    if (place === undefined) continue;
    const label = before.labels.charAt(i);
    if (label !== after.labels.charAt(place)) return undefined;
    const cluster = before.clusters[i] ?? 0;
    pairs.push({
      cluster,
      label,
      before: before.outcomes.charAt(i),
      after: after.outcomes.charAt(place),
    });
  }
  if (pairs.length === 0) return undefined;
  return {
    deeds: deedsOf(pairs, random),
    shared: pairs.length,
    apart: before.items.length + after.items.length - 2 * pairs.length,
  };
}

/** The columns of a deed among the sums: on how many items it is possible, and on how many more it is done after than before. */
const POSSIBLE = 0;
const MORE = 1;
const WIDTH = 2;

function deedsOf(pairs: readonly PairedItem[], random: Random): readonly PairedDeed[] {
  const numbers = new Map<number, number>();
  for (const { cluster } of pairs) if (!numbers.has(cluster)) numbers.set(cluster, numbers.size);
  const sums = new ClusterSums(numbers.size, DEEDS.length * WIDTH, random);
  const columns = DEEDS.map((deed, d) => ({
    deed,
    from: d * WIDTH,
    before: new ClusteredShare(),
    after: new ClusteredShare(),
    gaps: new Map<number, number>(),
  }));
  for (const { cluster, label, ...outcomes } of pairs) {
    const number = numbers.get(cluster) ?? 0;
    for (const { deed, from, before, after, gaps } of columns) {
      if (!possible(deed, label)) continue;
      const was = done(deed, label, outcomes.before) ? 1 : 0;
      const is = done(deed, label, outcomes.after) ? 1 : 0;
      before.add(number, was);
      after.add(number, is);
      gaps.set(number, (gaps.get(number) ?? 0) + is - was);
      sums.add(number, from + POSSIBLE, 1);
      sums.add(number, from + MORE, is - was);
    }
  }
  const gap = (all: Float64Array, from: number): number =>
    (all[from + MORE] ?? 0) / (all[from + POSSIBLE] ?? 0);
  const total = sums.total();
  const intervals = sums.intervals((all) => columns.map(({ from }) => gap(all, from)), random);
  return columns.flatMap(({ deed, from, before, after, gaps }, d) => {
    const interval = intervals[d];
    if (interval === undefined || (total[from + POSSIBLE] ?? 0) === 0) return [];
    const differing = [...gaps.values()].filter((more) => more !== 0).length;
    return [
      {
        deed,
        before: before.figure(),
        after: after.figure(),
        difference: { value: gap(total, from), ...interval },
        differing,
      },
    ];
  });
}
