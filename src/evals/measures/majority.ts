// What the plain majority is worth: beside its best single member, and beside what as many voters of the same accuracies would
// reach if they erred independently. A voter that abstains counts as wrong, a tie counts half.
import type { Random } from '../../simulation/random.ts';
import { completeItems, errorsOf, type VerdictTable } from '../verdicts/verdict-table.ts';
import { ClusterSums } from './bootstrap.ts';
import { ClusteredShare } from './clustered-share.ts';
import type { Figure } from './figure.ts';
import { majorityIfIndependent } from './poisson-binomial.ts';

/** Each resample convolves as many coins as there are voters. */
const RESAMPLES = 400;

export interface MajorityFigures {
  /** index of the voter that is right most often; of several the first */
  readonly best: number;
  readonly bestAccuracy: Figure;
  readonly meanAccuracy: Figure;
  readonly majority: Figure;
  /** the majority of voters as accurate as these that err independently */
  readonly independent: Figure;
  /** how much of that is lost */
  readonly gap: Figure;
  /** what the majority adds to its best member, who was picked on these very items */
  readonly overBest: Figure;
}

export function majorityFigures(table: VerdictTable, random: Random): MajorityFigures {
  const voters = table.voters.length;
  const errors = errorsOf(table);
  const complete = completeItems(table);
  const { clusters, clusterCount } = table.items;
  // items, the majority's hits, and the errors of each voter
  const sums = new ClusterSums(clusterCount, 2 + voters, random);
  const shares = { mean: new ClusteredShare(), majority: new ClusteredShare(), best: new ClusteredShare() };
  for (const item of complete) {
    const cluster = clusters[item] ?? 0;
    let wrong = 0;
    errors.forEach((row, voter) => {
      if (row[item] !== 1) return;
      wrong++;
      sums.add(cluster, 2 + voter, 1);
    });
    const right = 2 * wrong < voters ? 1 : 2 * wrong === voters ? 0.5 : 0;
    sums.add(cluster, 0, 1);
    sums.add(cluster, 1, right);
    shares.majority.add(cluster, right);
    shares.mean.add(cluster, voters - wrong, voters);
  }
  const accuraciesOf = (total: Float64Array): number[] =>
    Array.from({ length: voters }, (_, voter) => 1 - (total[2 + voter] ?? 0) / (total[0] ?? 0));
  const observed = accuraciesOf(sums.total());
  const best = observed.indexOf(Math.max(...observed));
  for (const item of complete) shares.best.add(clusters[item] ?? 0, errors[best]?.[item] === 0 ? 1 : 0);
  const statistics = (total: Float64Array): readonly number[] => {
    const accuracies = accuraciesOf(total);
    const bestAccuracy = accuracies[best] ?? Number.NaN;
    const majority = (total[1] ?? 0) / (total[0] ?? 0);
    const independent = majorityIfIndependent(accuracies);
    return [independent, withoutRounding(independent - majority), withoutRounding(majority - bestAccuracy)];
  };
  const values = statistics(sums.total());
  const intervals = sums.intervals(statistics, random, RESAMPLES);
  const figure = (i: number): Figure => ({
    value: values[i] ?? Number.NaN,
    low: intervals[i]?.low ?? Number.NaN,
    high: intervals[i]?.high ?? Number.NaN,
    n: complete.length,
    method: 'bootstrap',
  });
  return {
    best,
    bestAccuracy: shares.best.figure(),
    meanAccuracy: shares.mean.figure(),
    majority: shares.majority.figure(),
    independent: figure(0),
    gap: figure(1),
    overBest: figure(2),
  };
}

/** A difference of equals may come out a hair beside 0, and would pass for one. */
function withoutRounding(difference: number): number {
  return Math.abs(difference) < 1e-12 ? 0 : difference;
}
