// How alike two voters err, for all pairs at once, and how many independent votes so many are worth. Definitions and sources:
// docs/evaluating.md. Everything follows from four sums a pair, so that a resample by cluster costs no second look at verdicts.

import { invariant } from '../../errors.ts';
import type { Random } from '../../simulation/random.ts';
import { APPROVE, completeItems, errorsOf, REJECT, type VerdictTable } from '../verdicts/verdict-table.ts';
import { ClusterSums } from './bootstrap.ts';
import type { Figure, Interval } from './figure.ts';

/** What is known of two voters, over the items that all answered. */
export interface PairCounts {
  readonly items: number;
  readonly wrongA: number;
  readonly wrongB: number;
  readonly bothWrong: number;
  /** both wrong, with the same verdict */
  readonly sameWrong: number;
  readonly approvesA: number;
  readonly rejectsA: number;
  readonly approvesB: number;
  readonly rejectsB: number;
}

/** Pearson's correlation of the two error indicators (phi). Not defined for a voter that is always right, or always wrong. */
export function errorCorrelation({
  items,
  wrongA,
  wrongB,
  bothWrong,
}: Pick<PairCounts, 'items' | 'wrongA' | 'wrongB' | 'bothWrong'>): number {
  const spread = wrongA * (items - wrongA) * wrongB * (items - wrongB);
  return spread <= 0 ? Number.NaN : (items * bothWrong - wrongA * wrongB) / Math.sqrt(spread);
}

/** How often both give the same verdict: both right, or wrong in the same way. */
function agreement({ items, wrongA, wrongB, bothWrong, sameWrong }: PairCounts): number {
  return (items - wrongA - wrongB + bothWrong + sameWrong) / items;
}

/** Cohen (1960): agreement beyond what the verdicts each gives would bring by chance. */
export function cohenKappa(pair: PairCounts): number {
  const { items, approvesA, rejectsA, approvesB, rejectsB } = pair;
  const bothAbstain = (items - approvesA - rejectsA) * (items - approvesB - rejectsB);
  const chance = (approvesA * approvesB + rejectsA * rejectsB + bothAbstain) / items ** 2;
  return chance >= 1 ? Number.NaN : (agreement(pair) - chance) / (1 - chance);
}

/** Of the items both get wrong, on how many they say the same (Kim et al. 2025). */
export function agreementWhenWrong({ bothWrong, sameWrong }: PairCounts): number {
  return bothWrong === 0 ? Number.NaN : sameWrong / bothWrong;
}

/**
 * Chance-adjusted probabilistic agreement (CAPA; Goel et al. 2025) of verdicts: agreement beyond what two voters of these accuracies
 * would show. An item has one wrong verdict, so it is the error consistency of Geirhos et al. (2020).
 */
export function capa(pair: PairCounts): number {
  const { items, wrongA, wrongB } = pair;
  const a = 1 - wrongA / items;
  const b = 1 - wrongB / items;
  const chance = a * b + (1 - a) * (1 - b);
  return chance >= 1 ? Number.NaN : (agreement(pair) - chance) / (1 - chance);
}

/** Kish: k votes of mean correlation ρ are worth k / (1 + (k−1)ρ). Votes that err apart are still no more than k. */
export function effectiveVotes(votes: number, correlation: number): number {
  return votes / Math.max(1, 1 + (votes - 1) * correlation);
}

export const PAIR_MEASURES = ['errorCorrelation', 'cohenKappa', 'agreementWhenWrong', 'capa'] as const;
export type PairMeasure = (typeof PAIR_MEASURES)[number];

export const MEASURE_OF: Readonly<Record<PairMeasure, (pair: PairCounts) => number>> = {
  errorCorrelation,
  cohenKappa,
  agreementWhenWrong,
  capa,
};

/** A group of pairs whose mean is asked for: those within a developer, those across. */
export interface PairGroup {
  readonly name: string;
  readonly holds: (a: number, b: number) => boolean;
}

export interface PairFigures {
  readonly group: string;
  readonly pairs: number;
  readonly figures: Readonly<Record<PairMeasure, Figure>>;
}

/** Of a voter: wrong, approves, rejects. Of a pair: both wrong, and both wrong in different ways, which is rare. */
const A_VOTER = 3;
const A_PAIR = 2;
/** Pairs are many: the ends of their intervals vary by an eighth of a standard error with so many resamples. */
const RESAMPLES = 400;
/** Groups of pairs are looked up as bits. */
const MOST_GROUPS = 31;

export class ErrorPairs {
  readonly #voters: number;
  readonly #sums: ClusterSums;
  readonly #observed: Float64Array;
  /** items that every voter answered */
  readonly items: number;

  constructor(table: VerdictTable, random: Random) {
    const voters = table.voters.length;
    this.#voters = voters;
    const pairs = (voters * (voters - 1)) / 2;
    const { clusters, clusterCount } = table.items;
    this.#sums = new ClusterSums(clusterCount, 1 + A_VOTER * voters + A_PAIR * pairs, random);
    const errors = errorsOf(table);
    const complete = completeItems(table);
    this.items = complete.length;
    const wrong: number[] = [];
    for (const item of complete) {
      const cluster = clusters[item] ?? 0;
      this.#sums.add(cluster, 0, 1);
      wrong.length = 0;
      for (let voter = 0; voter < voters; voter++) {
        const verdict = table.verdicts[voter]?.[item];
        const at = 1 + A_VOTER * voter;
        if (verdict === APPROVE) this.#sums.add(cluster, at + 1, 1);
        else if (verdict === REJECT) this.#sums.add(cluster, at + 2, 1);
        if (errors[voter]?.[item] !== 1) continue;
        this.#sums.add(cluster, at, 1);
        wrong.push(voter);
      }
      this.#addPairs(wrong, cluster, (voter) => table.verdicts[voter]?.[item]);
    }
    this.#observed = this.#sums.total();
  }

  #addPairs(
    wrong: readonly number[],
    cluster: number,
    verdictOf: (voter: number) => number | undefined,
  ): void {
    for (let i = 0; i < wrong.length; i++) {
      const a = wrong[i] ?? 0;
      const verdict = verdictOf(a);
      for (let j = i + 1; j < wrong.length; j++) {
        const b = wrong[j] ?? 0;
        const column = this.#column(a, b);
        this.#sums.add(cluster, column, 1);
        if (verdictOf(b) !== verdict) this.#sums.add(cluster, column + 1, 1);
      }
    }
  }

  /** Where the sums of a pair begin, `a` being the lower. */
  #column(a: number, b: number): number {
    const pairsBefore = a * this.#voters - (a * (a + 1)) / 2;
    return 1 + A_VOTER * this.#voters + A_PAIR * (pairsBefore + b - a - 1);
  }

  #counts(sums: Float64Array, a: number, b: number): PairCounts {
    const ofA = 1 + A_VOTER * a;
    const ofB = 1 + A_VOTER * b;
    const column = this.#column(a, b);
    return {
      items: sums[0] ?? 0,
      wrongA: sums[ofA] ?? 0,
      wrongB: sums[ofB] ?? 0,
      bothWrong: sums[column] ?? 0,
      sameWrong: (sums[column] ?? 0) - (sums[column + 1] ?? 0),
      approvesA: sums[ofA + 1] ?? 0,
      rejectsA: sums[ofA + 2] ?? 0,
      approvesB: sums[ofB + 1] ?? 0,
      rejectsB: sums[ofB + 2] ?? 0,
    };
  }

  of(a: number, b: number): PairCounts {
    return this.#counts(this.#observed, Math.min(a, b), Math.max(a, b));
  }

  /** Every voter with every other; null where it is not defined. */
  matrix(measure: PairMeasure): readonly (readonly (number | null)[])[] {
    const voters = Array.from({ length: this.#voters }, (_, voter) => voter);
    return voters.map((a) =>
      voters.map((b) => {
        if (a === b) return 1;
        const value = MEASURE_OF[measure](this.of(a, b));
        return Number.isFinite(value) ? value : null;
      }),
    );
  }

  /** The means over all pairs and over groups of them, and the votes that all are worth, with intervals by cluster. */
  figures(
    groups: readonly PairGroup[],
    random: Random,
  ): {
    readonly all: PairFigures;
    readonly groups: readonly PairFigures[];
    readonly effectiveVotes: Figure;
  } {
    const asked = [{ name: 'all', holds: () => true }, ...groups];
    const members = this.#membersOf(asked);
    const means = (sums: Float64Array): Float64Array => this.#means(sums, members, asked.length);
    const statistics = (sums: Float64Array): readonly number[] => {
      const values = means(sums);
      return [...values, effectiveVotes(this.#voters, values[0] ?? Number.NaN)];
    };
    const values = statistics(this.#observed);
    const intervals = this.#sums.intervals(statistics, random, RESAMPLES);
    const figure = (i: number): Figure => ({
      value: values[i] ?? Number.NaN,
      ...(intervals[i] ?? NOTHING),
      n: this.items,
      method: 'bootstrap',
    });
    const figuresOf = ({ name }: PairGroup, group: number): PairFigures => {
      const at = (measure: number): Figure => figure(group * PAIR_MEASURES.length + measure);
      return {
        group: name,
        pairs: members.filter((bits) => (bits & (1 << group)) !== 0).length,
        figures: { errorCorrelation: at(0), cohenKappa: at(1), agreementWhenWrong: at(2), capa: at(3) },
      };
    };
    const [all, ...rest] = asked.map(figuresOf);
    invariant(all !== undefined, 'all pairs are a group');
    return { all, groups: rest, effectiveVotes: figure(asked.length * PAIR_MEASURES.length) };
  }

  /** By pair, a bit for each group that holds it. */
  #membersOf(groups: readonly PairGroup[]): Int32Array {
    invariant(groups.length <= MOST_GROUPS, `at most ${MOST_GROUPS} groups of pairs`);
    const members = new Int32Array((this.#voters * (this.#voters - 1)) / 2);
    let pair = 0;
    for (let a = 0; a < this.#voters; a++) {
      for (let b = a + 1; b < this.#voters; b++, pair++) {
        groups.forEach(({ holds }, group) => {
          if (holds(a, b)) members[pair] = (members[pair] ?? 0) | (1 << group);
        });
      }
    }
    return members;
  }

  /** By group, by measure; pairs for which one is not defined are left out of its mean. */
  #means(sums: Float64Array, members: Int32Array, groups: number): Float64Array {
    const width = PAIR_MEASURES.length;
    const totals = new Float64Array(groups * width);
    const defined = new Float64Array(groups * width);
    let pair = 0;
    for (let a = 0; a < this.#voters; a++) {
      for (let b = a + 1; b < this.#voters; b++, pair++) {
        const counts = this.#counts(sums, a, b);
        const bits = members[pair] ?? 0;
        for (let measure = 0; measure < width; measure++) {
          const value = MEASURE_OF[PAIR_MEASURES[measure] ?? 'capa'](counts);
          if (Number.isNaN(value)) continue;
          for (let group = 0; group < groups; group++) {
            if ((bits & (1 << group)) === 0) continue;
            const at = group * width + measure;
            totals[at] = (totals[at] ?? 0) + value;
            defined[at] = (defined[at] ?? 0) + 1;
          }
        }
      }
    }
    return totals.map((sum, at) => sum / (defined[at] ?? 0));
  }
}

const NOTHING: Interval = { low: Number.NaN, high: Number.NaN };
