// Which seats signed, as one bit a chair: seat 1 is the lowest bit of the first byte. Bits beyond the last
// chair must be zero, so that a set of seats has one spelling (protocol 7.4).
import { badInput } from '../errors.ts';
import { fromHex, toHex } from '../signing/bytes.ts';
import { asSeatId, type SeatId } from '../signing/seat-id.ts';

/** In hex. The seats may come in any order; a seat named twice is the caller's mistake. */
export function bitmapOf(seats: readonly SeatId[], n: number): string {
  const bytes = new Uint8Array(Math.ceil(n / 8));
  for (const seat of seats) {
    const at = (seat - 1) >> 3;
    const bit = 1 << ((seat - 1) & 7);
    const byte = bytes[at];
    if (byte === undefined || seat > n) throw badInput(`expected a seat from 1 to ${n}, found ${seat}`);
    if ((byte & bit) !== 0) throw badInput(`seat ${seat} is named twice`);
    bytes[at] = byte | bit;
  }
  return toHex(bytes);
}

/** By ascending seat. */
export function seatsOf(bitmap: string, n: number): readonly SeatId[] {
  const bytes = fromHex(bitmap);
  if (bytes.length !== Math.ceil(n / 8)) {
    throw badInput(`expected a bitmap of ${Math.ceil(n / 8)} bytes for ${n} seats, found ${bytes.length}`);
  }
  const seats: SeatId[] = [];
  for (const [at, byte] of bytes.entries()) {
    for (let bit = 0; bit < 8; bit++) {
      if ((byte & (1 << bit)) === 0) continue;
      const seat = at * 8 + bit + 1;
      if (seat > n) throw badInput(`a padding bit of the bitmap is set: there is no seat ${seat} of ${n}`);
      seats.push(asSeatId(seat));
    }
  }
  return seats;
}
