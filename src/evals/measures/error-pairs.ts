// How alike voters err, for all pairs at once, and how many independent votes so many are worth. Everything follows from a few sums a
// voter and two a pair, so that a resample by cluster costs no second look at verdicts.

import { invariant } from '../../errors.ts';
import type { Random } from '../../simulation/random.ts';
import { APPROVE, completeItems, errorsOf, REJECT, type VerdictTable } from '../verdicts/verdict-table.ts';
import { ClusterSums } from './bootstrap.ts';
import type { Figure, Interval } from './figure.ts';
import {
  agreementWhenWrong,
  capa,
  cohenKappa,
  effectiveVotes,
  errorCorrelation,
  MEASURE_OF,
  PAIR_MEASURES,
  type PairCounts,
  type PairMeasure,
} from './pair-measures.ts';

/** A group of pairs whose mean is asked for: those within a developer, those across. */
export interface PairGroup {
  readonly name: string;
  readonly holds: (a: number, b: number) => boolean;
}

export interface PairFigures {
  readonly group: string;
  readonly pairs: number;
  /** of these, with an error correlation: both voters err somewhere, and are right somewhere */
  readonly defined: number;
  readonly figures: Readonly<Record<PairMeasure, Figure>>;
}

// The sums, in this order. An item is hard where most voters are wrong: there the pairs that are both right are fewer, and they are
// counted instead, which says the same and takes a third of the time.
/** items, hard items */
const OF_ALL = 2;
/** by voter: wrong, approves, rejects, right on a hard item */
const A_VOTER = 4;
/** by pair: both wrong, on a hard item both right; both wrong in different ways, which is rare */
const A_PAIR = 2;
/** Pairs are many: the ends of their intervals vary by an eighth of a standard error with so many resamples. */
const RESAMPLES = 400;
/** Groups of pairs are looked up as bits. */
const MOST_GROUPS = 31;

interface Split {
  readonly right: number[];
  readonly wrong: number[];
}

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
    this.#sums = new ClusterSums(clusterCount, OF_ALL + A_VOTER * voters + A_PAIR * pairs, random);
    const errors = errorsOf(table);
    const complete = completeItems(table);
    this.items = complete.length;
    const split: Split = { right: [], wrong: [] };
    for (const item of complete) {
      split.right.length = 0;
      split.wrong.length = 0;
      for (let voter = 0; voter < voters; voter++) {
        (errors[voter]?.[item] === 1 ? split.wrong : split.right).push(voter);
      }
      this.#addItem(clusters[item] ?? 0, split, (voter) => table.verdicts[voter]?.[item]);
    }
    this.#observed = this.#sums.total();
  }

  #addItem(cluster: number, { right, wrong }: Split, verdictOf: (voter: number) => number | undefined): void {
    const hard = wrong.length > right.length;
    this.#sums.add(cluster, 0, 1);
    if (hard) this.#sums.add(cluster, 1, 1);
    for (const voter of wrong) this.#addVoter(cluster, voter, { wrong: 1, verdict: verdictOf(voter) });
    for (const voter of right) {
      this.#addVoter(cluster, voter, { wrong: 0, verdict: verdictOf(voter) });
      if (hard) this.#sums.add(cluster, this.#voterAt(voter) + 3, 1);
    }
    const fewer = hard ? right : wrong;
    fewer.forEach((a, i) => {
      for (const b of fewer.slice(i + 1)) this.#sums.add(cluster, this.#pairAt(a, b), 1);
    });
    const [first] = wrong;
    if (first === undefined || wrong.every((voter) => verdictOf(voter) === verdictOf(first))) return;
    wrong.forEach((a, i) => {
      for (const b of wrong.slice(i + 1)) {
        if (verdictOf(a) !== verdictOf(b)) this.#sums.add(cluster, this.#pairAt(a, b) + 1, 1);
      }
    });
  }

  #addVoter(cluster: number, voter: number, said: { wrong: number; verdict: number | undefined }): void {
    const at = this.#voterAt(voter);
    if (said.wrong === 1) this.#sums.add(cluster, at, 1);
    if (said.verdict === APPROVE) this.#sums.add(cluster, at + 1, 1);
    else if (said.verdict === REJECT) this.#sums.add(cluster, at + 2, 1);
  }

  #voterAt(voter: number): number {
    return OF_ALL + A_VOTER * voter;
  }

  /** `a` being the lower. */
  #pairAt(a: number, b: number): number {
    const pairsBefore = a * this.#voters - (a * (a + 1)) / 2;
    return this.#voterAt(this.#voters) + A_PAIR * (pairsBefore + b - a - 1);
  }

  #counts(sums: Float64Array, a: number, b: number): PairCounts {
    const ofA = this.#voterAt(a);
    const ofB = this.#voterAt(b);
    const pair = this.#pairAt(a, b);
    // On hard items: all of them, less those that a or b gets right, those that both do taken off only once.
    const bothWrong = (sums[pair] ?? 0) + (sums[1] ?? 0) - (sums[ofA + 3] ?? 0) - (sums[ofB + 3] ?? 0);
    return {
      items: sums[0] ?? 0,
      wrongA: sums[ofA] ?? 0,
      wrongB: sums[ofB] ?? 0,
      bothWrong,
      sameWrong: bothWrong - (sums[pair + 1] ?? 0),
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
        defined: this.#definedIn(members, group),
        figures: { errorCorrelation: at(0), cohenKappa: at(1), agreementWhenWrong: at(2), capa: at(3) },
      };
    };
    const [all, ...rest] = asked.map(figuresOf);
    invariant(all !== undefined, 'all pairs are a group');
    // A mean over a few of the pairs says nothing of the rest: most voters never err here, or always.
    const votes = figure(asked.length * PAIR_MEASURES.length);
    const known = 2 * all.defined >= all.pairs;
    return { all, groups: rest, effectiveVotes: known ? votes : { ...votes, ...NOTHING, value: Number.NaN } };
  }

  #definedIn(members: Int32Array, group: number): number {
    let defined = 0;
    let pair = 0;
    for (let a = 0; a < this.#voters; a++) {
      for (let b = a + 1; b < this.#voters; b++, pair++) {
        const held = ((members[pair] ?? 0) & (1 << group)) !== 0;
        if (held && !Number.isNaN(errorCorrelation(this.of(a, b)))) defined++;
      }
    }
    return defined;
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
    const values = new Float64Array(width);
    let pair = 0;
    for (let a = 0; a < this.#voters; a++) {
      for (let b = a + 1; b < this.#voters; b++, pair++) {
        const counts = this.#counts(sums, a, b);
        // In the order of PAIR_MEASURES, and called by name: this is the innermost loop of all.
        values[0] = errorCorrelation(counts);
        values[1] = cohenKappa(counts);
        values[2] = agreementWhenWrong(counts);
        values[3] = capa(counts);
        const bits = members[pair] ?? 0;
        for (let measure = 0; measure < width; measure++) {
          const value = values[measure] ?? Number.NaN;
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
