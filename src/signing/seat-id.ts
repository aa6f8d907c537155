// A seat is one of n chairs, numbered from 1.
import { badInput } from '../errors.ts';

export type SeatId = number & { readonly brand: 'SeatId' };

/** No council has more chairs; bitmaps and collectors are sized by it. */
export const MAX_SEATS = 200;

export function asSeatId(value: number): SeatId {
  if (!Number.isSafeInteger(value) || value < 1 || value > MAX_SEATS) {
    throw badInput(`expected a seat from 1 to ${MAX_SEATS}, found ${value}`);
  }
  return value as SeatId;
}

/** Seats 1…n. */
export function allSeats(n: number): readonly SeatId[] {
  return Array.from({ length: n }, (_, i) => asSeatId(i + 1));
}
