// What composing is worth: rosters are chosen on training items and scored on items they never saw, over many splits, beside
// what one would do without it. Every rival is chosen on the same training items and scored on the same held-out ones, so that
// differences are paired. The pool is then searched once more on all items, and that roster is the one to seat.
import { quorumOf } from '../../consensus/quorum.ts';
import type { Random } from '../../simulation/random.ts';
import { type VerdictTable, withItems } from '../verdicts/verdict-table.ts';
import { clusterSplits, meanOverSplits, type Split, type SplitMean } from './cluster-splits.ts';
import { CouncilMarks } from './council-marks.ts';
import type { LossWeights } from './loss-weights.ts';
import { type MarkFigures, MarkSums, meanLoss, rightShare } from './mark-sums.ts';
import { byAccuracy, searchRoster } from './roster-search.ts';
import { SeatCaps } from './seat-caps.ts';
import { weightedMarks } from './weighted-marks.ts';

/** The composed roster first, then what it is held against. */
export const STRATEGIES = [
  'composed',
  'weighted',
  'uncapped',
  'greedy',
  'random-best',
  'random-mean',
  'single',
  'all',
] as const;
export type Strategy = (typeof STRATEGIES)[number];

export interface ComposeOptions {
  readonly seats: number;
  /** no value of any domain holds more seats than this */
  readonly cap: number;
  readonly weights: LossWeights;
  readonly random: Random;
  readonly splits?: number;
  /** of the clusters */
  readonly trainingShare?: number;
  readonly randomRosters?: number;
}

export const SPLITS = 20;
export const TRAINING_SHARE = 0.75;
export const RANDOM_ROSTERS = 1000;

export interface StrategyScore {
  readonly strategy: Strategy;
  /** how many vote, and how many of them approve */
  readonly seats: number;
  readonly quorum: number;
  /** by split, the mean loss of an item */
  readonly training: readonly number[];
  readonly heldOut: readonly number[];
  readonly meanHeldOut: SplitMean;
  /** on held-out items of all splits together */
  readonly figures: MarkFigures;
  /** the composed roster's loss less this one's, on the same held-out items: below 0, composing is better */
  readonly composedLess: SplitMean;
  /** the same of the share of held-out items approved or not as they should be: above 0, composing is better */
  readonly composedRightMore: SplitMean;
}

export interface Composition {
  readonly options: Omit<Required<ComposeOptions>, 'random'>;
  /** chosen on all items: voters by their number in the pool */
  readonly roster: readonly number[];
  readonly splits: readonly Split[];
  /** by split, the roster chosen on its training items */
  readonly rosters: readonly (readonly number[])[];
  /** by voter of the pool, in how many splits it was seated */
  readonly seated: readonly number[];
  /** whether any domain of the pool has more members than it may hold seats */
  readonly capsBind: boolean;
  readonly items: number;
  readonly scores: Readonly<Record<Strategy, StrategyScore>>;
}

/** What one split made of one strategy. */
interface Trial {
  readonly training: number;
  readonly heldOut: number;
  readonly right: number;
}

export function compose(table: VerdictTable, options: ComposeOptions): Composition {
  const { seats, cap, weights, random } = options;
  const { splits: count = SPLITS, trainingShare = TRAINING_SHARE, randomRosters = RANDOM_ROSTERS } = options;
  const roster = searchRoster(table, { seats, cap, weights, random });
  const splits = clusterSplits(table.items, count, trainingShare, random);
  const marks = new CouncilMarks(table);
  const caps = new SeatCaps(table.voters, cap);
  const everyone = table.voters.map((_, voter) => voter);
  // One lottery serves all splits: it knows nothing of the items, so no held-out item has a part in it.
  const drawn = Array.from({ length: randomRosters }, () => marks.of(caps.drawn(seats, random)));
  const alone = everyone.map((voter) => marks.of([voter]));
  const rosters: (readonly number[])[] = [];
  const trials = byStrategy((): Trial[] => []);
  const sums = byStrategy(() => new MarkSums(table.items));

  const score = (strategy: Strategy, { training, heldOut }: Split, given: Uint8Array): void => {
    sums[strategy].add(given, heldOut);
    trials[strategy].push({
      training: meanLoss(given, training, weights),
      heldOut: meanLoss(given, heldOut, weights),
      right: rightShare(given, heldOut),
    });
  };

  for (const split of splits) {
    const seen = withItems(table, split.training);
    const ranked = byAccuracy(seen);
    const composed = searchRoster(seen, { seats, cap, weights, random });
    rosters.push(composed);
    score('composed', split, marks.of(composed));
    score('weighted', split, weightedMarks(table, composed, split.training));
    const uncapped = caps.bind
      ? searchRoster(seen, { seats, cap: everyone.length, weights, random })
      : composed;
    score('uncapped', split, marks.of(uncapped));
    score('greedy', split, marks.of(ranked.slice(0, seats)));
    score('all', split, marks.of(everyone));
    score('single', split, leastLoss(alone, split, weights));

    score('random-best', split, leastLoss(drawn, split, weights));
    const mean = { training: 0, heldOut: 0, right: 0 };
    for (const given of drawn) {
      sums['random-mean'].add(given, split.heldOut, 1 / randomRosters);
      mean.training += meanLoss(given, split.training, weights) / randomRosters;
      mean.heldOut += meanLoss(given, split.heldOut, weights) / randomRosters;
      mean.right += rightShare(given, split.heldOut) / randomRosters;
    }
    trials['random-mean'].push(mean);
  }

  const sizes: Partial<Record<Strategy, number>> = { single: 1, all: everyone.length };
  const scores = byStrategy((strategy): StrategyScore => {
    const own = trials[strategy];
    const paired = (of: (trial: Trial) => number): SplitMean =>
      meanOverSplits(
        own.map((trial, i) => of(trials.composed[i] ?? trial) - of(trial)),
        splits,
      );
    const heldOut = own.map((trial) => trial.heldOut);
    const { n, q } = quorumOf(sizes[strategy] ?? seats);
    return {
      strategy,
      seats: n,
      quorum: q,
      training: own.map(({ training }) => training),
      heldOut,
      meanHeldOut: meanOverSplits(heldOut, splits),
      figures: sums[strategy].figures(weights, random),
      composedLess: paired((trial) => trial.heldOut),
      composedRightMore: paired((trial) => trial.right),
    };
  });
  return {
    options: { seats, cap, weights, splits: count, trainingShare, randomRosters },
    roster,
    splits,
    rosters,
    seated: everyone.map((voter) => rosters.filter((chosen) => chosen.includes(voter)).length),
    capsBind: caps.bind,
    items: table.items.names.length,
    scores,
  };
}

/** The one that loses least on the training items; the first, of equals. */
function leastLoss(all: readonly Uint8Array[], { training }: Split, weights: LossWeights): Uint8Array {
  const losses = all.map((given) => meanLoss(given, training, weights));
  let best = 0;
  losses.forEach((loss, i) => {
    if (loss < (losses[best] ?? 0)) best = i;
  });
  return all[best] ?? new Uint8Array();
}

function byStrategy<Value>(of: (strategy: Strategy) => Value): Record<Strategy, Value> {
  return {
    composed: of('composed'),
    weighted: of('weighted'),
    uncapped: of('uncapped'),
    greedy: of('greedy'),
    'random-best': of('random-best'),
    'random-mean': of('random-mean'),
    single: of('single'),
    all: of('all'),
  };
}
