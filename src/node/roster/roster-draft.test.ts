import { describe, expect, it } from 'vitest';
import { testRoster } from '../../../test/rigs/chamber.ts';
import { type Roster, rosterDigest } from '../../council/roster.ts';
import { rosterAfter } from '../../council/roster-change.ts';
import { toBase64 } from '../../signing/bytes.ts';
import { digestOf } from '../../signing/digest.ts';
import { asSeatId } from '../../signing/seat-id.ts';
import { type ChairWish, draftChange } from './roster-draft.ts';

const roster = testRoster(33);
const presentation = (seat: number, changes: object = {}): ChairWish => ({
  seat: asSeatId(seat),
  presentation: {
    seat: asSeatId(seat),
    name: `Seat ${seat}`,
    developer: `developer-${seat}`,
    family: 'another',
    host: `host-${seat}`,
    model: digestOf({ swapped: seat }),
    ...changes,
  },
});
const keys = (seat: number): NonNullable<ChairWish['keys']> => {
  const bytes = (length: number): string => toBase64(new Uint8Array(length).fill(100 + seat));
  return { ed25519: bytes(32), bls: bytes(48), possession: bytes(96) };
};
const rotate = (seat: number): ChairWish => ({ seat: asSeatId(seat), keys: keys(seat) });
const vacate = (seat: number): ChairWish => ({ seat: asSeatId(seat), vacate: true });
const many = (count: number, wish: (seat: number) => ChairWish) =>
  Array.from({ length: count }, (_, i) => wish(i + 1));

describe('a change of the roster', () => {
  it('another model, new keys and an empty chair, in the order of seats', () => {
    const { change, next } = draftChange(roster, [vacate(9), rotate(7), presentation(3)]);
    expect(change.from).toBe(rosterDigest(roster));
    expect(change.seats.map(({ seat }) => seat)).toEqual([3, 7, 9]);
    expect(next.seats[2]).toEqual({ ...roster.seats[2], family: 'another', model: digestOf({ swapped: 3 }) });
    expect(next.seats[6]).toEqual({ ...roster.seats[6], ...keys(7) });
    expect(next.seats[8]).toEqual({ ...roster.seats[8], vacant: true });
    expect(next.epoch).toBe(2);
    expect(rosterAfter(roster, change, new Set(), [])?.roster).toEqual(next);
  });

  it('ten seats at a time, and not eleven', () => {
    expect(draftChange(roster, many(10, presentation)).change.seats).toHaveLength(10);
    expect(() => draftChange(roster, many(11, presentation))).toThrow('at most 10 of 33 seats');
  });

  it('a cap that would break is named', () => {
    const crowded = {
      ...roster,
      seats: roster.seats.map((seat) => (seat.seat > 23 ? { ...seat, host: 'one' } : seat)),
    };
    expect(() => draftChange(crowded, [presentation(1, { host: 'one' })])).toThrow(
      'host "one" holds 11 of 33 seats, the cap is 10',
    );
  });

  it('a vacant chair is taken with new keys only, and not with keys that sat here before', () => {
    const emptied = draftChange(roster, [vacate(9)]).next;
    expect(() => draftChange(emptied, [presentation(9)])).toThrow('add --rotate-keys');
    const old = roster.seats[8];
    const back = old && {
      seat: old.seat,
      keys: { ed25519: old.ed25519, bls: old.bls, possession: old.possession },
    };
    expect(() => draftChange(emptied, back ? [back] : [], [roster])).toThrow('same key');
    expect(draftChange(emptied, [rotate(9)], [roster]).next.seats[8]).not.toHaveProperty('vacant');
  });

  it('so many empty chairs that no quorum is left are refused', () => {
    const almost: Roster = draftChange(roster, many(10, vacate)).next;
    expect(draftChange(almost, [vacate(11)]).next.epoch).toBe(3);
    const least = draftChange(almost, [vacate(11)]).next;
    expect(() => draftChange(least, [vacate(12)])).toThrow('only 21 chairs are occupied, and it takes 22');
  });

  it('what is no change, or none that can be understood, is refused', () => {
    expect(() => draftChange(roster, [])).toThrow('at least one seat');
    expect(() => draftChange(roster, [rotate(4), vacate(4)])).toThrow('seat 4 is named twice');
    expect(() => draftChange(roster, [{ seat: asSeatId(4) }])).toThrow('already as it is wished');
    expect(() => draftChange(roster, [{ seat: asSeatId(34), vacate: true }])).toThrow('a seat from 1 to 33');
    expect(() => draftChange(roster, [{ ...rotate(4), vacate: true }])).toThrow('at once');
  });

  it('a model is not swapped where none is asked, and a live council takes no stand-in', () => {
    const trial: Roster = {
      ...roster,
      trial: true,
      seats: roster.seats.map((seat) => ({ ...seat, provenance: 'offline' as const })),
    };
    const same = trial.seats[0];
    if (same === undefined) throw new Error('a roster has a first seat');
    expect(() => draftChange(trial, [{ seat: same.seat, presentation: same }])).toThrow('no model is asked');
    expect(() => draftChange(roster, [presentation(1, { provenance: 'offline' })])).toThrow(
      'must be marked trial',
    );
  });
});
