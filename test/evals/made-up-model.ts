// Latent models made up to order: with known parameters, against which draws and fits can be checked by hand.

import type { LatentModel, LatentSide } from '../../src/evals/synthetic/latent-model.ts';
import type { Place } from '../../src/evals/synthetic/seats.ts';

export interface MadeUp {
  readonly voters: readonly Place[];
  readonly shared?: LatentSide['shared'];
  /** of all voters, where they are not given one by one */
  readonly threshold?: number;
  readonly thresholds?: readonly number[];
  /** how the voters feel the first direction of difficulty; not at all where it is not said */
  readonly loadings?: readonly number[];
  /** of the first direction, equally frequent */
  readonly points?: readonly number[];
  readonly abstains?: readonly number[];
}

/** Both sides are alike. */
export function madeUpModel(made: MadeUp): LatentModel {
  const { voters, shared = {}, threshold = 0, thresholds, loadings, points = [0], abstains } = made;
  const side: LatentSide = {
    difficulty: {
      points: points.map((point) => [point, 0] as const),
      weights: points.map(() => 1 / points.length),
    },
    shared,
  };
  return {
    schemaVersion: 1,
    kind: 'conclave-latent-model',
    provenance: {
      dataset: 'made up',
      source: 'made up',
      licence: 'none',
      sha256: '0'.repeat(64),
      voters: voters.length,
      items: 0,
      verdicts: 0,
    },
    fit: { seed: 0, sweeps: 0 },
    clusterCorrelation: 0,
    approve: side,
    reject: side,
    voters: voters.map((domains, i) => {
      const response = {
        threshold: thresholds?.[i] ?? threshold,
        loadings: [loadings?.[i] ?? 0, 0] as const,
      };
      return {
        name: `voter ${i + 1}`,
        domains,
        abstains: abstains?.[i] ?? 0,
        approve: response,
        reject: response,
      };
    }),
  };
}
