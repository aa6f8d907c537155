// How numbers are written on a page: as many digits as their interval bears, a share in percent, and always in the same way,
// whatever the language of the machine.
import type { Figure, IntervalMethod } from '../measures/figure.ts';
import type { Unit } from '../results/eval-result.ts';

/** Keeps a number and its sign on one line. */
const NARROW = '\u00a0';

/** Two digits of the width of the interval, within reason. */
function digitsFor(width: number, least: number, most: number): number {
  if (!(width > 0)) return most;
  return Math.max(least, Math.min(most, 1 - Math.floor(Math.log10(width))));
}

export function written(value: number, unit: Unit, width = 0): string {
  switch (unit) {
    case 'share':
      return `${fixed(100 * value, digitsFor(100 * width, 1, 2))}${NARROW}%`;
    case 'count':
      return fixed(value, Number.isInteger(value) ? 0 : 1);
    case 'usd': {
      const amount = fixed(Math.abs(value), Math.abs(value) < 1 && value !== 0 ? 4 : 2);
      return `${value < 0 ? '−' : ''}$${amount}`;
    }
    case 'number':
      return fixed(value, Number.isInteger(value) && width === 0 ? 0 : digitsFor(width, 1, 3));
  }
}

/** Without words: 0.803 to 0.840 of shares is "80.3–84.0 %". */
export function writtenInterval({ low, high }: Pick<Figure, 'low' | 'high'>, unit: Unit): string {
  const width = high - low;
  const from = written(low, unit, width);
  const to = written(high, unit, width);
  const bare = unit === 'share' ? from.replace(`${NARROW}%`, '') : from;
  // Beside a minus a dash would be read as one more.
  return low < 0 || high < 0 ? `${bare} to ${to}` : `${bare}–${to}`;
}

export const METHOD_WORDS: Readonly<Record<IntervalMethod, string>> = {
  wilson: 'Wilson',
  bootstrap: 'bootstrap',
  simulation: 'simulated',
  exact: 'counted',
};

/** On an axis. */
export function tickWords(value: number, unit: Unit): string {
  const short = (number: number, least = 0): string => {
    const decimals = String(Number(Math.abs(number).toPrecision(6))).split('.')[1]?.length ?? 0;
    return fixed(number, decimals === 0 ? 0 : Math.max(least, decimals));
  };
  if (unit === 'share') return `${short(100 * value)}${NARROW}%`;
  if (unit === 'usd') return `${value < 0 ? '−' : ''}$${short(Math.abs(value), 2)}`;
  return short(value);
}

/** Round values that cover a range in about so many steps. */
export function niceTicks(low: number, high: number, about: number, least = 0): readonly number[] {
  const span = high > low ? high - low : Math.abs(high) || 1;
  const rough = Math.max(span / about, least);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function fixed(value: number, digits: number): string {
  const text = Math.abs(value).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}
