// Seats as people write them: `1-9`, `1,4,7-9`.
import { ConclaveError } from '../errors.ts';
import { asSeatId, MAX_SEATS, type SeatId } from '../signing/seat-id.ts';

const MAX_LENGTH = 500;

export function seatsIn(text: string): readonly SeatId[] {
  const seats = new Set<number>();
  for (const part of text.slice(0, MAX_LENGTH).split(',')) {
    const [, from = '', to = from] = /^\s*(\d{1,3})(?:-(\d{1,3}))?\s*$/.exec(part) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (from === '' || first < 1 || last > MAX_SEATS || last < first) {
      throw new ConclaveError('usage', `expected seats such as 1-9 or 1,4,7-9, found "${text.slice(0, 80)}"`);
    }
    for (let seat = first; seat <= last; seat++) seats.add(seat);
  }
  return [...seats].sort((a, b) => a - b).map(asSeatId);
}

export function seatRanges(seats: readonly SeatId[]): string {
  const runs: { from: number; to: number }[] = [];
  for (const seat of seats) {
    const run = runs.at(-1);
    if (run !== undefined && run.to === seat - 1) run.to = seat;
    else runs.push({ from: seat, to: seat });
  }
  return runs.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}
