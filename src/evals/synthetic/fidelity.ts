// Whether simulated voters err as the recorded ones do. The same is read off the recording and off tables drawn from the model, of the
// same voters, items and clusters; the interval of the simulated tables says what chance alone does. The model's parameters are held
// fixed, so where it was fitted to this very recording, agreement shows that its form is rich enough, and not that it foretells.
import { badInput } from '../../errors.ts';
import { Random } from '../../simulation/random.ts';
import { middle95 } from '../measures/bootstrap.ts';
import type { Figure } from '../measures/figure.ts';
import {
  APPROVE,
  completeItems,
  DOMAINS,
  REJECT,
  type VerdictTable,
  withItems,
} from '../verdicts/verdict-table.ts';
import { drawTable } from './draw-table.ts';
import { jointErrors, type Reading, readingsOf, tailOf } from './joint-errors.ts';
import type { LatentModel } from './latent-model.ts';

export interface FidelityFigure extends Omit<Reading, 'value'> {
  readonly observed: number;
  /** the mean of the simulated tables; 95 % of them lie within the interval */
  readonly simulated: Figure;
  /** whether the observed value does */
  readonly within: boolean;
}

/** How many items at least so many voters get wrong at once. */
export interface TailCurve {
  /** the right verdict of these items: APPROVE or REJECT */
  readonly right: number;
  /** by number of voters, from none to all, the share of items */
  readonly observed: readonly number[];
  readonly simulated: readonly Figure[];
}

export interface Fidelity {
  readonly voters: number;
  /** items that all voters answered: the only ones looked at */
  readonly items: number;
  readonly runs: number;
  readonly figures: readonly FidelityFigure[];
  readonly tails: readonly TailCurve[];
}

export interface FidelityOptions {
  readonly seed: number;
  readonly runs?: number;
}

export const FIDELITY_RUNS = 200;

export function fidelityOf(table: VerdictTable, model: LatentModel, options: FidelityOptions): Fidelity {
  const { seed, runs = FIDELITY_RUNS } = options;
  const recorded = withItems(table, completeItems(table));
  const voters = votersOf(recorded, model);
  const domains = DOMAINS.filter((domain) => model.approve.shared[domain] !== undefined);
  // The domains are the model's: a recording may not know them.
  const joint = jointErrors({ ...recorded, voters });
  const observed = readingsOf(joint, domains);
  const tails = [APPROVE, REJECT].map((right) => ({ right, observed: tailOf(joint, right) }));
  const readings: number[][] = observed.map(() => []);
  const simulatedTails: number[][][] = tails.map((tail) => tail.observed.map(() => []));
  for (let run = 0; run < runs; run++) {
    const random = new Random(seed, run);
    const drawn = jointErrors(drawTable(model, { items: recorded.items, voters, random }));
    readingsOf(drawn, domains).forEach(({ value }, i) => {
      if (Number.isFinite(value)) readings[i]?.push(value);
    });
    tails.forEach(({ right }, side) => {
      tailOf(drawn, right).forEach((share, wrong) => {
        simulatedTails[side]?.[wrong]?.push(share);
      });
    });
  }
  return {
    voters: voters.length,
    items: recorded.items.names.length,
    runs,
    figures: observed.map(({ value, ...reading }, i) => {
      const simulated = simulatedFigure(readings[i] ?? []);
      const within = value >= simulated.low - ROUNDING && value <= simulated.high + ROUNDING;
      return { ...reading, observed: value, simulated, within };
    }),
    tails: tails.map((tail, side) => ({
      ...tail,
      simulated: (simulatedTails[side] ?? []).map(simulatedFigure),
    })),
  };
}

/** What the same sum over the same items may differ by. */
const ROUNDING = 1e-9;

/** The model's voters of the table's names, in the table's order. */
function votersOf({ voters }: VerdictTable, model: LatentModel): LatentModel['voters'] {
  const byName = new Map(model.voters.map((voter) => [voter.name, voter]));
  return voters.map(({ name }) => {
    const voter = byName.get(name);
    if (voter === undefined)
      throw badInput(`expected a model of the voters in the table, found none of "${name}"`);
    return voter;
  });
}

function simulatedFigure(values: readonly number[]): Figure {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { value: mean, ...middle95(values), n: values.length, method: 'simulation' };
}
