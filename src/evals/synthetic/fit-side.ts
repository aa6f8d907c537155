// One side of a latent model estimated by stochastic EM: what is hidden is drawn given the parameters, the parameters follow from
// what was drawn. Unlike quadrature it does not care how many levels voters share, or whether prompts cross families. In the end
// directions are put to mean 0 and variance 1, and each threshold to where the voter is wrong just as often as it was.
import type { Random } from '../../simulation/random.ts';
import { FIRST_AT, pointNear, SECOND_AT } from './difficulty-grid.ts';
import { FitSums } from './fit-sums.ts';
import { HiddenDraws } from './hidden-draws.ts';
import type { Pair } from './latent-model.ts';
import { normalCdf, normalQuantile } from './normal.ts';
import { type Parameters, type SideData, UNKNOWN } from './side-data.ts';

export interface FittedSide {
  /** from the easiest for the mean voter to the hardest */
  readonly points: readonly { readonly at: Pair; readonly weight: number }[];
  readonly shared: Float64Array;
  readonly thresholds: Float64Array;
  readonly loadings: readonly Pair[];
  /** by item, how hard it is for the mean voter as far as can be told, on a scale on which all items have mean 0, variance 1 */
  readonly hardness: Float64Array;
}

const FIRST_LOADING = 1;
/** Voters that are wrong more often start out feeling the second direction more, the others less. */
const SECOND_LOADING = 0.5;
const FIRST_SHARED = 0.5;

export function fitSide(data: SideData, sweeps: number, random: Random): FittedSide {
  const rates = Float64Array.from({ length: data.voters }, (_, voter) =>
    shareWrong(data.errors, voter, data.voters, data.items),
  );
  const parameters = startingFrom(rates, data.levels.length);
  const at = Uint16Array.from({ length: data.items }, (_, item) =>
    pointNear(normalQuantile(shareWrong(data.errors, item * data.voters, 1, data.voters))),
  );
  const draws = new HiddenDraws(data, at, random);
  const sums = new FitSums(data);
  const half = Math.floor(sweeps / 2);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let item = 0; item < data.items; item++) {
      draws.draw(item, parameters);
      sums.add(item, draws, parameters);
    }
    sums.follow(sweep < half ? 1 : 1 / (sweep - half + 1), parameters);
  }
  return standardised(parameters, rates, sums.places);
}

/** Of `count` errors from `from` in steps: never none and never all, as far as so many answers can tell. */
function shareWrong(errors: Uint8Array, from: number, step: number, count: number): number {
  let [wrong, known] = [0, 0];
  for (let i = 0; i < count; i++) {
    const error = errors[from + i * step] ?? UNKNOWN;
    if (error === UNKNOWN) continue;
    known++;
    wrong += error;
  }
  return known === 0 ? 0.5 : Math.min(Math.max(wrong / known, 0.5 / known), 1 - 0.5 / known);
}

function startingFrom(rates: Float64Array, levels: number): Parameters {
  const quantiles = rates.map(normalQuantile);
  const { mean, spread } = momentsOf(
    quantiles,
    quantiles.map(() => 1 / quantiles.length),
  );
  const second = quantiles.map((quantile) => (SECOND_LOADING * (quantile - mean)) / (spread || 1));
  const rest = 1 + FIRST_LOADING ** 2 + levels * FIRST_SHARED ** 2;
  const weights = FIRST_AT.map((x, point) => Math.exp(-(x ** 2 + (SECOND_AT[point] ?? 0) ** 2) / 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    first: quantiles.map(() => FIRST_LOADING),
    second,
    thresholds: quantiles.map((quantile, voter) => -quantile * Math.sqrt(rest + (second[voter] ?? 0) ** 2)),
    shared: new Float64Array(levels).fill(FIRST_SHARED),
    weights: weights.map((weight) => weight / total),
  };
}

function standardised(
  { first, second, shared, weights }: Parameters,
  rates: Float64Array,
  places: Float64Array,
): FittedSide {
  const [x, y] = [momentsOf(FIRST_AT, weights), momentsOf(SECOND_AT, weights)];
  const loadings = Array.from(
    first,
    (loading, voter): Pair => [loading * x.spread, (second[voter] ?? 0) * y.spread],
  );
  const meanLoading: Pair = [meanOf(loadings, 0), meanOf(loadings, 1)];
  const standard = (a: number, b: number): Pair => [(a - x.mean) / x.spread, (b - y.mean) / y.spread];
  const points = Array.from(weights, (weight, point) => ({
    at: standard(FIRST_AT[point] ?? 0, SECOND_AT[point] ?? 0),
    weight,
  })).sort((a, b) => felt(meanLoading, a.at) - felt(meanLoading, b.at));
  const { mean, spread } = momentsOf(
    Float64Array.from(points, ({ at }) => felt(meanLoading, at)),
    Float64Array.from(points, ({ weight }) => weight),
  );
  const rest = Math.sqrt(shared.reduce((sum, sd) => sum + sd * sd, 1));
  return {
    points,
    shared,
    loadings,
    thresholds: rates.map((rate, voter) => thresholdFor(rate, loadings[voter] ?? [0, 0], points, rest)),
    hardness: Float64Array.from({ length: places.length / 2 }, (_, item) => {
      const place = standard(places[2 * item] ?? 0, places[2 * item + 1] ?? 0);
      return (felt(meanLoading, place) - mean) / (spread || 1);
    }),
  };
}

const felt = (loading: Pair, at: Pair): number => loading[0] * at[0] + loading[1] * at[1];
const meanOf = (pairs: readonly Pair[], which: 0 | 1): number =>
  pairs.reduce((sum, pair) => sum + pair[which], 0) / pairs.length;

function momentsOf(
  values: Float64Array,
  weights: Float64Array,
): { readonly mean: number; readonly spread: number } {
  const mean = values.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0);
  const variance = values.reduce((sum, value, i) => sum + (value - mean) ** 2 * (weights[i] ?? 0), 0);
  return { mean, spread: Math.sqrt(variance) };
}

const BEYOND = 50;
const HALVINGS = 50;

function thresholdFor(rate: number, loading: Pair, points: FittedSide['points'], rest: number): number {
  let [low, high] = [-BEYOND, BEYOND];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2;
    const wrong = points.reduce(
      (sum, { at, weight }) => sum + weight * normalCdf((felt(loading, at) - middle) / rest),
      0,
    );
    if (wrong > rate) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
