// Synthetic verdicts as a table like any recorded one: on the items of a recording, with its clusters, or on so many new ones.
import type { Random } from '../../simulation/random.ts';
import {
  ABSTAIN,
  APPROVE,
  type Items,
  REJECT,
  tableOf,
  type VerdictTable,
} from '../verdicts/verdict-table.ts';
import { ABSTAINED, LatentDraws, RIGHT } from './latent-draws.ts';
import type { LatentModel, LatentVoter } from './latent-model.ts';
import { NormalDraws, normalCdf } from './normal.ts';

export interface DrawOptions {
  /** items as of a recording; those without a right verdict are left without one, and nobody gives any */
  readonly items: Items;
  readonly random: Random;
  /** those of the model where none are named */
  readonly voters?: readonly LatentVoter[];
}

export function drawTable(
  model: LatentModel,
  { items, random, voters = model.voters }: DrawOptions,
): VerdictTable {
  const draws = new LatentDraws(model, voters, random);
  const hardness = new ClusteredHardness(model.clusterCorrelation, items, random);
  const verdicts = voters.map(() => new Uint8Array(items.names.length));
  for (let item = 0; item < items.names.length; item++) {
    const label = items.labels[item];
    if (label !== APPROVE && label !== REJECT) continue;
    draws.draw(label === APPROVE ? 0 : 1, hardness.of(item));
    const wrong = label === APPROVE ? REJECT : APPROVE;
    for (let voter = 0; voter < voters.length; voter++) {
      const row = verdicts[voter];
      const outcome = draws.outcomes[voter];
      if (row !== undefined) row[item] = outcome === ABSTAINED ? ABSTAIN : outcome === RIGHT ? label : wrong;
    }
  }
  return tableOf({ voters: voters.map(({ name, domains }) => ({ name, domains })), items, verdicts });
}

/** New items, each a cluster of its own: first those to be approved, then those to be rejected. */
export function newItems(approve: number, reject: number): Items {
  const count = approve + reject;
  return {
    names: Array.from({ length: count }, (_, item) => `item-${item + 1}`),
    labels: new Uint8Array(count).fill(APPROVE, 0, approve).fill(REJECT, approve),
    clusters: Uint32Array.from({ length: count }, (_, item) => item),
    clusterCount: count,
  };
}

/**
 * How hard items are among those of their label, as a share, joined within clusters (a Gaussian copula): an item to be approved and
 * one to be rejected correlate as the model says, two of the same label as strongly and always in the same direction.
 */
class ClusteredHardness {
  readonly #items: Items;
  readonly #normals: NormalDraws;
  readonly #random: Random;
  readonly #common: Float64Array;
  readonly #correlation: number;
  /** whether items stand alone, and no cluster needs to be looked at */
  readonly #alone: boolean;

  constructor(correlation: number, items: Items, random: Random) {
    this.#items = items;
    this.#random = random;
    this.#normals = new NormalDraws(random);
    this.#correlation = correlation;
    this.#alone = correlation === 0 || items.clusterCount === items.names.length;
    this.#common = Float64Array.from({ length: this.#alone ? 0 : items.clusterCount }, () =>
      this.#normals.next(),
    );
  }

  of(item: number): number {
    if (this.#alone) return this.#random.fraction();
    const size = Math.abs(this.#correlation);
    const turned = this.#correlation < 0 && this.#items.labels[item] === REJECT;
    const common = (turned ? -1 : 1) * (this.#common[this.#items.clusters[item] ?? 0] ?? 0);
    return normalCdf(Math.sqrt(size) * common + Math.sqrt(1 - size) * this.#normals.next());
  }
}
