// Ids of stream entries: milliseconds and a number, compared as pairs of 64 bits. A server may send anything in their
// place.

const ID = /^(\d{1,20})-(\d{1,20})$/;
const MAX_PART = 2n ** 64n - 1n;

export const BEFORE_ALL = '0-0';

export interface StreamId {
  readonly timeMs: bigint;
  readonly number: bigint;
}

/** Undefined for what is no id. */
export function readStreamId(text: string): StreamId | undefined {
  const [, time, number] = ID.exec(text) ?? [];
  if (time === undefined || number === undefined) return undefined;
  const id = { timeMs: BigInt(time), number: BigInt(number) };
  return id.timeMs > MAX_PART || id.number > MAX_PART ? undefined : id;
}

export function isAfter(a: string, b: string): boolean {
  const [x, y] = [readStreamId(a), readStreamId(b)];
  if (x === undefined || y === undefined) return false;
  return x.timeMs === y.timeMs ? x.number > y.number : x.timeMs > y.timeMs;
}

/** The last id before a moment: whoever reads on from here hears all that was said since. */
export function lastBefore(timeMs: number): string {
  return timeMs < 1 ? BEFORE_ALL : `${Math.floor(timeMs) - 1}-${MAX_PART}`;
}

/** Milliseconds since 1970, as far as a number can say it. */
export function timeOf(id: string): number {
  return Number(readStreamId(id)?.timeMs ?? 0n);
}
