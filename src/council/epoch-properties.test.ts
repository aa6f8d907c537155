// What must hold of rosters whatever operators sign and seats do: f and q never move, a quorum of chairs is occupied, at
// most f change hands at a time, nobody marked stays, no key comes back, and a stranger finds every step in order.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { standInVerify } from '../../test/rigs/chamber.ts';
import { chairOf, chamberOf, changeEntry, marked, newcomer } from '../../test/rigs/epochs.ts';
import { quorumOf } from '../consensus/quorum.ts';
import type { Epoch } from '../signing/purpose.ts';
import { Council } from './council.ts';
import { type Roster, type RosterSeat, rosterDigest, seatOf, sitterOf } from './roster.ts';
import { problemWithStep } from './roster-change.ts';
import { rosterInForce } from './state.ts';

const N = 7;
const { f, q } = quorumOf(N);

type Deed =
  | { readonly kind: 'mark'; readonly seat: number }
  | { readonly kind: 'change'; readonly seats: readonly { seat: number; how: How; generation: number }[] };
type How = 'newcomer' | 'same-keys' | 'old-key' | 'vacant' | 'occupied' | 'another-key';

const seat = fc.integer({ min: 1, max: N });
const how = fc.constantFrom<How>(
  'newcomer',
  'newcomer',
  'newcomer',
  'same-keys',
  'old-key',
  'vacant',
  'occupied',
  'another-key',
);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('mark' as const), seat }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      seats: fc
        .uniqueArray(fc.record({ seat, how, generation: fc.integer({ min: 1, max: 3 }) }), {
          selector: (one) => one.seat,
          maxLength: f + 1,
        })
        .map((seats) => seats.sort((a, b) => a.seat - b.seat)),
    }),
  },
);

function chairAfter(
  current: RosterSeat,
  founder: RosterSeat | undefined,
  next: { how: How; generation: number },
): RosterSeat {
  const { vacant: _, ...occupied } = current;
  const fresh = newcomer(current.seat, next.generation);
  const { ed25519, bls, possession } = current;
  switch (next.how) {
    case 'newcomer':
      return fresh;
    case 'same-keys':
      return { ...fresh, ed25519, bls, possession };
    case 'old-key':
      return { ...fresh, ed25519: founder?.ed25519 ?? ed25519 };
    case 'another-key':
      return { ...current, ed25519: fresh.ed25519 };
    case 'vacant':
      return { ...current, vacant: true };
    case 'occupied':
      return occupied;
    default:
      return next.how satisfies never;
  }
}

describe('rosters, whatever is signed', () => {
  it('follow one from another within the rules, and come out the same for a stranger', () => {
    let admitted = 0;
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 8 }), (deeds) => {
        const chamber = chamberOf(N);
        for (const one of deeds) {
          if (one.kind === 'mark') {
            if (sitterOf(rosterInForce(chamber.state), one.seat) !== undefined && !isMarked(one.seat)) {
              marked(chamber, one.seat);
            }
            continue;
          }
          const before = chamber.state;
          const seats = one.seats.map((next) =>
            chairAfter(chairOf(chamber, next.seat), seatOf(chamber.founding.roster, next.seat), next),
          );
          const entry = changeEntry(chamber, seats);
          const said = chamber.admits(entry);
          const records = chamber.block([entry]);
          expect(records !== undefined).toBe(said === 'now');
          if (records === undefined) continue;
          admitted++;
          const [current, roster] = [rosterInForce(before), rosterInForce(chamber.state)];
          const [record] = records;
          if (record?.kind !== 'roster.admitted') throw new Error('a roster is admitted');
          const earlier = [...before.rosters.values()];
          expect(problemWithStep(current, { ...record, roster }, earlier)).toBeUndefined();
          expect(rosterDigest(roster)).toBe(record.roster);
          holds(current, roster, earlier);
          for (const { seat } of before.marks.values()) {
            const stays = seatOf(current, seat)?.ed25519 === sitterOf(roster, seat)?.ed25519;
            expect(stays).toBe(false);
          }
          for (const { seat } of chamber.state.marks.values()) expect(sitterOf(roster, seat)).toBeUndefined();
        }
        replays(chamber);

        function isMarked(seat: number): boolean {
          return [...chamber.state.marks.values()].some((mark) => mark.seat === seat);
        }
      }),
      { numRuns: 40 },
    );
    expect(admitted).toBeGreaterThan(10);
  });
});

/** From their own words, so that a wrong rule cannot hide behind itself. */
function holds(current: Roster, roster: Roster, earlier: readonly Roster[]): void {
  expect(roster.epoch).toBe(current.epoch + 1);
  expect(roster.seats).toHaveLength(N);
  expect(roster.seats.filter(({ vacant }) => vacant !== true).length).toBeGreaterThanOrEqual(q);
  const moved = roster.seats.filter((chair, i) => chair.ed25519 !== current.seats[i]?.ed25519);
  expect(moved.length).toBeLessThanOrEqual(f);
  const past = new Set(earlier.flatMap(({ seats }) => seats.flatMap(({ ed25519, bls }) => [ed25519, bls])));
  for (const chair of moved) expect(past.has(chair.ed25519)).toBe(false);
  expect(new Set(roster.seats.map(({ ed25519 }) => ed25519)).size).toBe(N);
}

function replays(chamber: ReturnType<typeof chamberOf>): void {
  const stranger = new Council(chamber.founding, {
    verifySignature: standInVerify,
    verifyPossession: () => true,
  });
  let state = stranger.genesis();
  for (const { context, entries } of chamber.blocks) {
    const read = entries.map(({ digest, bytes }) => ({ digest, bytes: bytes.slice() }));
    const executed = stranger.execute(state, context, read);
    if (executed === undefined) throw new Error('a block does not replay');
    state = executed.state;
  }
  expect(state.epoch).toBe(chamber.state.epoch);
  for (let epoch = 1; epoch <= state.epoch; epoch++) {
    const [one, other] = [state, chamber.state].map(({ rosters }) => rosters.get(epoch as Epoch));
    expect(one && rosterDigest(one)).toBe(other && rosterDigest(other));
  }
}
