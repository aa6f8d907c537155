// The axes of a chart: round ticks that cover what is drawn, shares in percent, whole counts, and a logarithmic scale where the
// values span so much that a straight one would show only the largest. And the upright lines that mean something, named above.
import type { CurvesSection, Unit } from '../results/eval-result.ts';
import { clip, visible, widthOf } from './visible-text.ts';
import { niceTicks, tickWords } from './written-numbers.ts';

export interface Axis {
  readonly type: 'linear' | 'log';
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
  readonly tickFormat: (value: number) => string;
}

/** From here on the small ones would lie on the axis. */
const LOG_SPAN = 200;

export function axisFor(values: readonly number[], unit: Unit, about: number): Axis {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const tickFormat = (value: number): string => tickWords(value, unit);
  if (unit !== 'share' && low > 0 && high / low > LOG_SPAN) {
    const decades = niceTicks(Math.floor(Math.log10(low)), Math.ceil(Math.log10(high)), about, 1);
    const ticks = decades.map((decade) => 10 ** decade);
    return {
      type: 'log',
      domain: [low, high],
      ticks: ticks.filter((tick) => tick >= low && tick <= high),
      tickFormat,
    };
  }
  const from = low > 0 && (low < 0.7 * high || low === high) ? 0 : low;
  const ticks = niceTicks(from, high, about, unit === 'count' ? 1 : 0);
  return { type: 'linear', domain: [Math.min(...ticks), Math.max(...ticks)], ticks, tickFormat };
}

/** Along the bottom a line need not begin at a round value, and where it starts at 1 there is no 0. */
export function snug(axis: Axis, values: readonly number[]): Axis {
  if (axis.type === 'log') return axis;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) return axis;
  const domain = [low, high] as const;
  return { ...axis, domain, ticks: axis.ticks.filter((tick) => tick >= low && tick <= high) };
}

export function axisTitle({ label, unit }: CurvesSection['x'], { type }: Axis, columns: number): string {
  const words = `${label}${unit === 'usd' ? ' ($)' : ''}${type === 'log' ? ' (logarithmic)' : ''}`;
  return clip(visible(words), columns);
}

export interface PlacedMark {
  readonly x: number;
  readonly text: string;
  readonly anchor: 'start' | 'end';
  /** rows above the frame, from 0 at the bottom */
  readonly row: number;
}

const LETTER_WIDTH = 6.6;
const GAP = 10;
const MOST_COLUMNS = 40;

/** Each label runs towards the middle, on the lowest row where it meets no other. */
export function placedMarks(marks: CurvesSection['marks'], axis: Axis, room: number): readonly PlacedMark[] {
  const [low, high] = axis.domain;
  const place = (x: number): number =>
    axis.type === 'log' ? Math.log(x / low) / Math.log(high / low) : (x - low) / (high - low);
  const rows: (readonly [number, number])[][] = [];
  return [...marks]
    .sort((a, b) => a.x - b.x)
    .map(({ x, label }) => {
      const at = place(x) * room;
      const anchor = at < room / 2 ? 'start' : 'end';
      const text = clip(
        visible(label),
        Math.min(MOST_COLUMNS, Math.floor((anchor === 'start' ? room - at : at) / LETTER_WIDTH)),
      );
      const length = widthOf(text) * LETTER_WIDTH + GAP;
      const span = anchor === 'start' ? ([at, at + length] as const) : ([at - length, at] as const);
      const free = rows.findIndex((taken) => taken.every(([from, to]) => span[1] < from || span[0] > to));
      const row = free < 0 ? rows.length : free;
      rows[row] = [...(rows[row] ?? []), span];
      return { x, text, anchor, row };
    });
}
