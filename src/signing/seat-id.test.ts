import { expect, it } from 'vitest';
import { allSeats, asSeatId, MAX_SEATS } from './seat-id.ts';

it('seats are numbered from 1', () => {
  expect(allSeats(4)).toEqual([1, 2, 3, 4]);
  expect(asSeatId(1)).toBe(1);
  expect(asSeatId(MAX_SEATS)).toBe(MAX_SEATS);
});

it.each([0, -1, 1.5, MAX_SEATS + 1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
  'there is no seat %s',
  (n) => {
    expect(() => asSeatId(n)).toThrow('expected a seat');
  },
);
