// Whether confidence means anything: of the verdicts a voter is 80 % sure of, are 80 % right? A reliability curve in ten bins with
// Wilson's interval by cluster, the Brier score (the mean squared distance of confidence from what came true, the half of Brier's
// sum over two outcomes) and the expected calibration error (Naeini et al. 2015). That error is never negative, so with few answers it is
// above 0 for the best calibrated voter too: what such a voter would show with the same confidences is simulated beside it.
import type { Random } from '../../simulation/random.ts';
import { ClusterSums, middle95 } from '../measures/bootstrap.ts';
import { ClusteredShare } from '../measures/clustered-share.ts';
import type { Figure } from '../measures/figure.ts';
import {
  ABSTAIN,
  APPROVE,
  MISSING,
  NO_CONFIDENCE,
  REJECT,
  type VerdictTable,
} from '../verdicts/verdict-table.ts';

export const BINS = 10;
const SIMULATED = 400;
/** 0.7 belongs into the bin that begins with it, however it was divided. */
const ROUNDING = 1e-9;

/** A probability that was stated, and whether it came true. */
export interface Forecast {
  readonly probability: number;
  readonly came: boolean;
  readonly cluster: number;
}

export interface CalibrationBin {
  /** the mean of what was stated */
  readonly stated: number;
  /** how often it came true */
  readonly came: Figure;
}

export interface Calibration {
  /** those of the ten that hold anything, ascending; the last holds 1 too */
  readonly bins: readonly CalibrationBin[];
  readonly brier: Figure;
  readonly error: Figure;
  /** the error of a voter that is right as often as it says, over as many simulated ones */
  readonly errorIfCalibrated: Figure;
}

export function calibrationOf(
  forecasts: readonly Forecast[],
  clusterCount: number,
  random: Random,
): Calibration {
  const n = forecasts.length;
  const shares = Array.from({ length: BINS }, () => new ClusteredShare());
  // By bin: how many, the sum of what was stated, how many came true; then all squares and all.
  const sums = new ClusterSums(clusterCount, 3 * BINS + 2, random);
  for (const { probability, came, cluster } of forecasts) {
    const bin = binOf(probability);
    const hit = came ? 1 : 0;
    shares[bin]?.add(cluster, hit);
    sums.add(cluster, 3 * bin, 1);
    sums.add(cluster, 3 * bin + 1, probability);
    sums.add(cluster, 3 * bin + 2, hit);
    sums.add(cluster, 3 * BINS, (probability - hit) ** 2);
    sums.add(cluster, 3 * BINS + 1, 1);
  }
  const total = Float64Array.from(sums.total());
  const statistics = (of: Float64Array): readonly number[] => [brierOf(of), errorOf(of)];
  const [brier = 0, error = 0] = statistics(total);
  const anything = { low: 0, high: 1 };
  const [ofBrier = anything, ofError = anything] = n === 0 ? [] : sums.intervals(statistics, random);
  return {
    bins: shares.flatMap((share, bin) => {
      const count = total[3 * bin] ?? 0;
      return count === 0 ? [] : [{ stated: (total[3 * bin + 1] ?? 0) / count, came: share.figure() }];
    }),
    brier: { value: n === 0 ? 0 : brier, ...ofBrier, n, method: 'bootstrap' },
    error: { value: n === 0 ? 0 : error, ...ofError, n, method: 'bootstrap' },
    errorIfCalibrated: calibratedError(forecasts, random),
  };
}

function binOf(probability: number): number {
  return Math.min(BINS - 1, Math.floor(probability * BINS + ROUNDING));
}

function brierOf(sums: Float64Array): number {
  return (sums[3 * BINS] ?? 0) / (sums[3 * BINS + 1] ?? 0);
}

function errorOf(sums: Float64Array): number {
  let gaps = 0;
  for (let bin = 0; bin < BINS; bin++) gaps += Math.abs((sums[3 * bin + 1] ?? 0) - (sums[3 * bin + 2] ?? 0));
  return gaps / (sums[3 * BINS + 1] ?? 0);
}

/** As if every answer came true by a lot of its own; answers that stand or fall together would show more. */
function calibratedError(forecasts: readonly Forecast[], random: Random): Figure {
  const n = forecasts.length;
  const errors = Array.from({ length: n === 0 ? 0 : SIMULATED }, () => {
    const gaps = new Float64Array(BINS);
    for (const { probability } of forecasts) {
      const bin = binOf(probability);
      gaps[bin] = (gaps[bin] ?? 0) + probability - (random.chance(probability) ? 1 : 0);
    }
    return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / n;
  });
  const mean = errors.reduce((sum, error) => sum + error, 0) / Math.max(1, errors.length);
  const range = errors.length === 0 ? { low: 0, high: 1 } : middle95(errors);
  return { value: mean, ...range, n, method: 'simulation' };
}

/** What voters say of themselves: a verdict's confidence, and whether it was right. Abstentions state nothing. */
export function confidenceForecasts(
  { items, verdicts, confidences }: VerdictTable,
  voters: readonly number[] = verdicts.map((_, voter) => voter),
): readonly Forecast[] {
  return voters.flatMap((voter) =>
    items.names.flatMap((_, item): Forecast[] => {
      const verdict = verdicts[voter]?.[item] ?? MISSING;
      const confidence = confidences?.[voter]?.[item] ?? NO_CONFIDENCE;
      const label = items.labels[item] ?? MISSING;
      if (verdict === MISSING || verdict === ABSTAIN || confidence === NO_CONFIDENCE) return [];
      if (label !== APPROVE && label !== REJECT) return [];
      const cluster = items.clusters[item] ?? 0;
      return [{ probability: confidence / 100, came: verdict === label, cluster }];
    }),
  );
}

/** What the council says as a whole: the share of its seats that approve, and whether approving was right. */
export function approvalForecasts({ items, verdicts }: VerdictTable): readonly Forecast[] {
  return items.names.flatMap((_, item): Forecast[] => {
    const label = items.labels[item] ?? MISSING;
    const given = verdicts.flatMap((row) => ((row[item] ?? MISSING) === MISSING ? [] : [row[item]]));
    if (given.length === 0 || (label !== APPROVE && label !== REJECT)) return [];
    const approvals = given.filter((verdict) => verdict === APPROVE).length;
    const cluster = items.clusters[item] ?? 0;
    return [{ probability: approvals / given.length, came: label === APPROVE, cluster }];
  });
}
