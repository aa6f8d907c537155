// Student's t, for means and variances that are themselves estimated from few independent parts.
import { Z_95 } from './figure.ts';

/** The 97.5 % point of Student's t, exact for one and two degrees, else by Abramowitz and Stegun 26.7.5. */
export function studentPoint(degrees: number): number {
  if (degrees <= 1) return 12.7062047;
  if (degrees === 2) return 4.30265273;
  const z = Z_95;
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
  ];
  return terms.reduce((sum, term, i) => sum + term / degrees ** (i + 1), z);
}
