// How alike two voters err: what is counted of a pair, and the measures that follow from it. Definitions and sources:
// docs/evaluating.md.

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
 * Chance-adjusted probabilistic agreement (CAPA; Goel et al. 2025) of verdicts that are right or wrong, an abstention being wrong: how
 * much oftener both are right or both wrong than two voters of these accuracies would be. With one way of being wrong it is the error
 * consistency of Geirhos et al. (2020).
 */
export function capa({ items, wrongA, wrongB, bothWrong }: PairCounts): number {
  const a = 1 - wrongA / items;
  const b = 1 - wrongB / items;
  const chance = a * b + (1 - a) * (1 - b);
  const alike = (items - wrongA - wrongB + 2 * bothWrong) / items;
  return chance >= 1 ? Number.NaN : (alike - chance) / (1 - chance);
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
