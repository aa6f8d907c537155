// A figure of this machine: what was measured, on what workload, how often, and what it should have been. A missed
// figure stands in the list like any other.

export interface Goal {
  readonly bound: 'at least' | 'at most';
  readonly value: number;
  /** what must be reached in any case, where that is less than the goal */
  readonly least?: number;
}

export interface Measured {
  readonly name: string;
  readonly workload: string;
  /** samples behind the value */
  readonly n: number;
  readonly value: number;
  readonly unit: string;
  readonly goal?: Goal;
}

export type Reached = 'met' | 'short of the goal' | 'missed' | 'no goal';

export interface Figure extends Measured {
  readonly reached: Reached;
}

export function judged(measured: Measured): Figure {
  return { ...measured, reached: reachedBy(measured) };
}

function reachedBy({ value, goal }: Measured): Reached {
  if (goal === undefined) return 'no goal';
  const reaches = (mark: number): boolean => (goal.bound === 'at least' ? value >= mark : value <= mark);
  if (reaches(goal.value)) return 'met';
  return goal.least !== undefined && reaches(goal.least) ? 'short of the goal' : 'missed';
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The smallest value that `percent` of all values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** Runs it often, and says how long each run took. */
export async function timesMs(runs: number, action: () => unknown): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    await action();
    times.push(performance.now() - started);
  }
  return times;
}
