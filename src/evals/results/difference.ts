// The difference of two figures that were come by independently, and whether it is more than noise. The interval is put
// together from the two intervals, by their distances from the values (Newcombe 1998, method 10, for shares; Zou and Donner 2008,
// "MOVER", for any figure), so it stays honest where a share is near 0 or 1 and where an interval is lopsided.
import { type Interval, Z_95 } from '../measures/figure.ts';

/** One in twenty, by definition of a 95 % interval. */
export const LEVEL = 0.05;

export interface Estimate extends Interval {
  readonly value: number;
}

/** `after` less `before`, with its 95 % interval. */
export function difference(before: Estimate, after: Estimate): Estimate {
  const value = after.value - before.value;
  return {
    value,
    low: value - Math.hypot(below(after), above(before)),
    high: value + Math.hypot(above(after), below(before)),
  };
}

/**
 * How likely a difference this far from 0 is by chance alone, if there is none: by the normal distribution, with the
 * standard error that the side of the interval towards 0 stands for. It is below 0.05 just where the interval leaves 0 out.
 */
export function chanceOf({ value, low, high }: Estimate): number {
  if (value === 0) return 1;
  const reach = value > 0 ? value - low : high - value;
  if (reach <= 0) return 0;
  const chance = 2 * upperTail((Math.abs(value) / reach) * Z_95);
  // An interval that ends at 0 itself, as counts often make it, has 0 in it; no rounding may say otherwise.
  return low <= 0 && high >= 0 ? Math.max(LEVEL, chance) : chance;
}

/**
 * Which of many differences stand when all are looked at together: the chance of marking any that is none stays at 5 %,
 * however they depend on each other (Holm 1979).
 */
export function standing(chances: readonly number[]): readonly boolean[] {
  const order = chances.map((chance, i) => ({ chance, i })).sort((a, b) => a.chance - b.chance);
  const stands = new Array<boolean>(chances.length).fill(false);
  for (const [rank, { chance, i }] of order.entries()) {
    if (chance > LEVEL / (chances.length - rank)) break;
    stands[i] = true;
  }
  return stands;
}

/** A bootstrap interval may lie beside its value; such a side has no width rather than less than none. */
function below({ value, low }: Estimate): number {
  return Math.max(0, value - low);
}

function above({ value, high }: Estimate): number {
  return Math.max(0, high - value);
}

/** The chance that a standard normal number is above z ≥ 0 (Abramowitz and Stegun 1964, 7.1.26; off by less than 1.5e-7). */
function upperTail(z: number): number {
  const x = z / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const sum = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592].reduce(
    (total, factor) => (total + factor) * t,
    0,
  );
  return 0.5 * sum * Math.exp(-x * x);
}
