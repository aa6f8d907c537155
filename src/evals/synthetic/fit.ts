// From verdicts to a model of the voters who gave them: each side is fitted alone, then what joins the two is added, the
// abstentions and how alike the hardness of a cluster's items are.
import { badInput } from '../../errors.ts';
import { Random } from '../../simulation/random.ts';
import {
  ABSTAIN,
  APPROVE,
  DOMAINS,
  type Domain,
  MISSING,
  REJECT,
  type VerdictTable,
} from '../verdicts/verdict-table.ts';
import { type FittedSide, fitSide } from './fit-side.ts';
import {
  groupsOf,
  type LatentModel,
  type LatentSide,
  type Pair,
  type Provenance,
  rounded,
} from './latent-model.ts';
import { RIGHT, type SideData, UNKNOWN, WRONG } from './side-data.ts';

export interface FitOptions {
  readonly provenance: Provenance;
  readonly seed: number;
  /** as many as it takes for the estimates to stand still; SWEEPS is enough for some 50 voters and 1,500 items */
  readonly sweeps?: number;
}

export const SWEEPS = 300;

export function fitLatentModel(table: VerdictTable, options: FitOptions): LatentModel {
  const { voters, items, verdicts } = table;
  const { seed, sweeps = SWEEPS } = options;
  const levels = levelsOf(table);
  const of = (
    label: number,
    stream: number,
  ): { readonly chosen: readonly number[]; readonly fitted: FittedSide } => {
    const chosen = [...items.labels.keys()].filter((item) => items.labels[item] === label);
    const data = dataOf(table, chosen, levels);
    if (chosen.length < 2) {
      throw badInput('expected items to be approved and items to be rejected, two of each at least');
    }
    return { chosen, fitted: fitSide(data, sweeps, new Random(seed, stream)) };
  };
  const approve = of(APPROVE, 1);
  const reject = of(REJECT, 2);
  const given = verdicts.map((row) => row.filter((verdict) => verdict !== MISSING).length);
  return {
    schemaVersion: 1,
    kind: 'conclave-latent-model',
    provenance: {
      ...options.provenance,
      voters: voters.length,
      items: items.names.length,
      verdicts: given.reduce((sum, count) => sum + count, 0),
    },
    fit: { seed, sweeps },
    clusterCorrelation: rounded(clusterCorrelation(table, approve, reject)),
    approve: sideOf(approve.fitted, levels),
    reject: sideOf(reject.fitted, levels),
    voters: voters.map(({ name, domains }, voter) => {
      const response = ({ thresholds, loadings }: FittedSide) => ({
        threshold: rounded(thresholds[voter] ?? 0),
        loadings: roundedPair(loadings[voter] ?? [0, 0]),
      });
      const abstentions = verdicts[voter]?.filter((verdict) => verdict === ABSTAIN).length ?? 0;
      return {
        name,
        domains,
        abstains: rounded(abstentions / Math.max(1, given[voter] ?? 0)),
        approve: response(approve.fitted),
        reject: response(reject.fitted),
      };
    }),
  };
}

/**
 * Domains whose effect can be told from others: some voters share one, not all share the same, and no earlier domain splits the
 * voters in just the same way.
 */
function levelsOf({ voters }: VerdictTable): readonly Domain[] {
  const seen = new Set<string>();
  return DOMAINS.filter((domain) => {
    const { of, sizes } = groupsOf(voters, domain);
    const split = of.join();
    if (sizes.length === 1 || sizes.length === voters.length || seen.has(split)) return false;
    seen.add(split);
    return true;
  });
}

function dataOf(
  { voters, items, verdicts }: VerdictTable,
  chosen: readonly number[],
  levels: readonly Domain[],
): SideData {
  const errors = new Uint8Array(chosen.length * voters.length);
  chosen.forEach((item, place) => {
    verdicts.forEach((row, voter) => {
      const verdict = row[item] ?? MISSING;
      const known = verdict !== MISSING && verdict !== ABSTAIN;
      const did = verdict === items.labels[item] ? RIGHT : WRONG;
      errors[place * voters.length + voter] = known ? did : UNKNOWN;
    });
  });
  return {
    voters: voters.length,
    items: chosen.length,
    errors,
    levels: levels.map((domain) => groupsOf(voters, domain)),
  };
}

function sideOf({ points, shared }: FittedSide, levels: readonly Domain[]): LatentSide {
  const held = points.filter(({ weight }) => rounded(weight) > 0);
  return {
    difficulty: {
      points: held.map(({ at }) => roundedPair(at)),
      weights: held.map(({ weight }) => rounded(weight)),
    },
    shared: Object.fromEntries(levels.map((domain, level) => [domain, rounded(shared[level] ?? 0)])),
  };
}

interface Fitted {
  readonly chosen: readonly number[];
  readonly fitted: FittedSide;
}

/**
 * Pearson's correlation of the estimated hardness of an item to be approved and one to be rejected of the same cluster, made
 * up for what the estimates are not sure of (Spearman 1904): their variance falls short of the 1 that difficulty has.
 */
function clusterCorrelation({ items }: VerdictTable, approve: Fitted, reject: Fitted): number {
  const byCluster = new Map<number, number>();
  approve.chosen.forEach((item, i) => {
    const cluster = items.clusters[item] ?? 0;
    if (!byCluster.has(cluster)) byCluster.set(cluster, approve.fitted.hardness[i] ?? 0);
  });
  const pairs = reject.chosen.flatMap((item, i) => {
    const other = byCluster.get(items.clusters[item] ?? 0);
    return other === undefined ? [] : [{ a: other, b: reject.fitted.hardness[i] ?? 0 }];
  });
  if (pairs.length < 3) return 0;
  const product = pairs.reduce((sum, { a, b }) => sum + a * b, 0) / pairs.length;
  const sure = ({ fitted }: Fitted): number =>
    fitted.hardness.reduce((sum, value) => sum + value * value, 0) / fitted.hardness.length;
  const correlation = product / (sure(approve) * sure(reject));
  return Math.min(1, Math.max(-1, correlation));
}

const roundedPair = ([x, y]: Pair): Pair => [rounded(x), rounded(y)];
