// Training items and held-out items, again and again: clusters are dealt out by lot, and the items of a cluster stay together,
// since they share a question and who has seen one has half seen the other. The splits overlap, so what is found on them is
// not independent, and an interval must say so (Nadeau and Bengio 2003).
import { badInput } from '../../errors.ts';
import type { Random } from '../../simulation/random.ts';
import { studentPoint } from '../measures/student.ts';
import type { Items } from '../verdicts/verdict-table.ts';

export interface Split {
  readonly training: readonly number[];
  readonly heldOut: readonly number[];
}

export function clusterSplits(
  { clusters, clusterCount }: Pick<Items, 'clusters' | 'clusterCount'>,
  splits: number,
  trainingShare: number,
  random: Random,
): readonly Split[] {
  if (clusterCount < 2) throw badInput(`expected two clusters of items or more, found ${clusterCount}`);
  if (!(splits >= 2)) throw badInput(`expected two splits or more, found ${splits}`);
  if (!(trainingShare > 0 && trainingShare < 1)) {
    throw badInput(
      `expected a share of the clusters for training, above 0 and below 1, found ${trainingShare}`,
    );
  }
  const trained = Math.min(clusterCount - 1, Math.max(1, Math.round(clusterCount * trainingShare)));
  const all = Array.from({ length: clusterCount }, (_, cluster) => cluster);
  return Array.from({ length: splits }, () => {
    const chosen = new Set(random.sample(all, trained));
    const training: number[] = [];
    const heldOut: number[] = [];
    clusters.forEach((cluster, item) => {
      (chosen.has(cluster) ? training : heldOut).push(item);
    });
    return { training, heldOut };
  });
}

/** A mean over splits with its corrected interval. */
export interface SplitMean {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly splits: number;
}

/**
 * The corrected resampled t interval: the variance of the mean over J splits is taken as s²·(1/J + held out/training), not
 * s²/J, because the splits share most of their items (Nadeau and Bengio 2003, equation 8).
 */
export function meanOverSplits(values: readonly number[], splits: readonly Split[]): SplitMean {
  const count = values.length;
  const value = values.reduce((sum, each) => sum + each, 0) / count;
  const variance = values.reduce((sum, each) => sum + (each - value) ** 2, 0) / (count - 1);
  const ratio =
    splits.reduce((sum, { training, heldOut }) => sum + heldOut.length / training.length, 0) / count;
  const reach = studentPoint(count - 1) * Math.sqrt(variance * (1 / count + ratio));
  return { value, low: value - reach, high: value + reach, splits: count };
}
