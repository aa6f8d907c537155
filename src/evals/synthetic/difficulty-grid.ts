// Where difficulties are looked for: a grid of two directions. With one direction, what is hard is equally hard in every way, and
// the tail comes out too thin: fitted so, voters of crux-verify approve wrongly by two thirds on 0.4 % of items, while the
// recording has 1.6 %. There are items on which only the strong fall for the wrong answer, and items on which the weak do.

export const DIRECTIONS = 2;

/** By direction, how many points and how far apart, on a scale on which difficulty starts out standard normal. */
const FIRST = { count: 25, step: 0.375 };
const SECOND = { count: 11, step: 0.75 };

export const POINTS = FIRST.count * SECOND.count;
export const FIRST_AT = Float64Array.from(
  { length: POINTS },
  (_, point) => (Math.floor(point / SECOND.count) - (FIRST.count - 1) / 2) * FIRST.step,
);
export const SECOND_AT = Float64Array.from(
  { length: POINTS },
  (_, point) => ((point % SECOND.count) - (SECOND.count - 1) / 2) * SECOND.step,
);

/** The point nearest to a value of the first direction, in the middle of the second. */
export function pointNear(value: number): number {
  const place = Math.round(value / FIRST.step + (FIRST.count - 1) / 2);
  return Math.min(FIRST.count - 1, Math.max(0, place)) * SECOND.count + (SECOND.count - 1) / 2;
}
