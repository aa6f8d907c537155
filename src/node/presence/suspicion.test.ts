import { describe, expect, it } from 'vitest';
import { quorumOf } from '../../consensus/quorum.ts';
import { allSeats, asSeatId, type SeatId } from '../../signing/seat-id.ts';
import { Suspicion, TICKS_BETWEEN_ACCUSATIONS, TICKS_OF_SILENCE } from './suspicion.ts';

const N = 7;
const { q } = quorumOf(N);
const seats = allSeats(N);
const seat = asSeatId;

/** A node of seats 1 and 2 in a council of seven; seats are heard, ticks pass, entries reach the ledger at once. */
class Watch {
  readonly lastHeard = new Map<SeatId, number>();
  readonly said: { readonly seat: SeatId; readonly silent: readonly SeatId[]; readonly tick: number }[] = [];
  readonly ledger = new Map<SeatId, readonly SeatId[]>();
  readonly suspicion: Suspicion;
  roster = seats;
  ordering = true;
  ticks = 0;
  clock = 0;

  constructor(own: readonly SeatId[] = [seat(1), seat(2)]) {
    this.suspicion = new Suspicion(
      { heartbeatMs: 2_000, quorum: q },
      {
        own: () => own.filter((one) => this.roster.includes(one)),
        seats: () => this.roster,
        signs: [(one) => this.lastHeard.get(one)],
        opinionOf: (one) => this.ledger.get(one) ?? [],
        say: (one, silent) => {
          this.said.push({ seat: one, silent, tick: this.ticks });
          if (this.ordering) this.ledger.set(one, silent);
        },
      },
    );
  }

  /** Ticks in each of which all are heard but these. */
  pass(ticks: number, ...dead: readonly number[]): void {
    for (let i = 0; i < ticks; i++) {
      this.clock += 2_000;
      for (const one of seats) if (!dead.includes(one)) this.lastHeard.set(one, this.clock);
      this.ticks++;
      this.suspicion.tick();
    }
  }

  saidBy(one: number): readonly (readonly SeatId[])[] {
    return this.said.filter((entry) => entry.seat === one).map(({ silent }) => silent);
  }
}

describe('suspicion', () => {
  it('nobody is suspected while all are heard', () => {
    const watch = new Watch();
    watch.pass(500);
    expect(watch.said).toEqual([]);
  });

  it(`a dead seat is suspected after ${TICKS_OF_SILENCE} heartbeats without a sign, and said once by each own seat`, () => {
    const watch = new Watch();
    watch.pass(10);
    watch.pass(TICKS_OF_SILENCE - 1, 5);
    expect(watch.suspicion.silent).toEqual([]);
    watch.pass(1, 5);
    expect(watch.suspicion.silent).toEqual([5]);
    watch.pass(1_000, 5);
    expect(watch.said.map(({ seat: by, silent }) => [by, silent])).toEqual([
      [1, [5]],
      [2, [5]],
    ]);
  });

  it('a seat that never gave a sign since the start is suspected like one that fell silent', () => {
    const watch = new Watch();
    watch.pass(TICKS_OF_SILENCE + 1, 6, 7);
    expect(watch.suspicion.silent).toEqual([6, 7]);
  });

  it('a seat heard again is taken off at the next tick, whatever the pace', () => {
    const watch = new Watch();
    watch.pass(1);
    watch.pass(TICKS_OF_SILENCE, 5);
    watch.pass(1);
    expect(watch.saidBy(1)).toEqual([[5], []]);
    expect(watch.said.at(-1)?.tick).toBe(1 + TICKS_OF_SILENCE + 1);
  });

  it('taken off at once also while another is still to be added', () => {
    const watch = new Watch();
    watch.pass(1);
    watch.pass(TICKS_OF_SILENCE, 5);
    watch.pass(TICKS_OF_SILENCE - 1, 5, 6);
    watch.pass(1, 6); // 5 speaks in the tick in which 6 has been silent for too long, and it is too early to add 6
    expect(watch.saidBy(1)).toEqual([[5], []]);
    watch.pass(TICKS_BETWEEN_ACCUSATIONS, 6);
    expect(watch.saidBy(1)).toEqual([[5], [], [6]]);
  });

  it('its own seats never, and seats that are not in the roster in force never', () => {
    const watch = new Watch();
    watch.roster = seats.filter((one) => one !== 7);
    watch.pass(50, 1, 2, 7);
    expect(watch.said).toEqual([]);
    watch.roster = seats;
    watch.pass(TICKS_OF_SILENCE + 1, 1, 2, 7);
    expect(watch.suspicion.silent).toEqual([7]);
    watch.roster = seats.filter((one) => one !== 7);
    watch.pass(1);
    expect(watch.saidBy(1)).toEqual([[7], []]);
  });

  it('a peer that comes and goes does not flood the ledger', () => {
    const watch = new Watch();
    const rounds = 200;
    for (let round = 0; round < rounds; round++) {
      watch.pass(TICKS_OF_SILENCE, 5);
      watch.pass(1);
    }
    // Its patience has doubled until such silences are nothing to it.
    expect(watch.saidBy(1).length).toBeLessThanOrEqual(2);
    for (let round = 0; round < rounds; round++) {
      watch.pass(8 * TICKS_OF_SILENCE, 5);
      watch.pass(1);
    }
    const most = (2 * watch.ticks) / TICKS_BETWEEN_ACCUSATIONS;
    expect(watch.saidBy(1).length).toBeLessThan(most);
    expect(watch.saidBy(1).length).toBeGreaterThan(rounds); // they are real silences, and are told
  });

  it('many peers that come and go in turn add to an opinion at most at the named pace', () => {
    const watch = new Watch();
    for (let round = 0; round < 300; round++) {
      const dead = 3 + (round % 3);
      watch.pass(TICKS_OF_SILENCE + (round % 7), dead);
      watch.pass(1);
    }
    let standing: readonly SeatId[] = [];
    let accusedAt = Number.NEGATIVE_INFINITY;
    for (const { silent, tick, seat: by } of watch.said) {
      if (by !== 1) continue;
      if (silent.some((one) => !standing.includes(one))) {
        expect(tick - accusedAt).toBeGreaterThanOrEqual(TICKS_BETWEEN_ACCUSATIONS);
        accusedAt = tick;
      }
      standing = silent;
    }
    expect(accusedAt).toBeGreaterThan(0);
  });

  it('patience that was lost is given back', () => {
    const watch = new Watch();
    for (let round = 0; round < 50; round++) {
      watch.pass(TICKS_OF_SILENCE, 5);
      watch.pass(1);
    }
    watch.pass(2 * TICKS_OF_SILENCE - 1, 5);
    watch.pass(500);
    watch.pass(TICKS_OF_SILENCE, 5);
    expect(watch.suspicion.silent).toEqual([5]);
  });

  it('a clock that is set, either way, and a process that slept make nobody silent', () => {
    const watch = new Watch();
    watch.pass(20);
    watch.clock += 3_600_000; // asleep: no tick came
    watch.pass(1);
    watch.clock -= 7_200_000;
    watch.pass(20);
    expect(watch.said).toEqual([]);
  });

  it('a partitioned minority suspects all others and says nothing; heard again, they are forgotten', () => {
    const watch = new Watch();
    watch.pass(5);
    watch.pass(100, 3, 4, 5, 6, 7);
    expect(watch.suspicion.silent).toEqual([3, 4, 5, 6, 7]);
    watch.pass(1);
    expect(watch.suspicion.silent).toEqual([]);
    expect(watch.said).toEqual([]);
  });

  it(`speaks while just ${q} of ${N} are there`, () => {
    const watch = new Watch();
    watch.pass(TICKS_OF_SILENCE + 1, 6, 7);
    expect(watch.saidBy(2)).toEqual([[6, 7]]);
  });

  it('what did not reach the ledger is said again, slowly', () => {
    const watch = new Watch();
    watch.ordering = false;
    watch.pass(100, 5);
    expect(watch.saidBy(1).length).toBeGreaterThan(3);
    expect(watch.saidBy(1).length).toBeLessThan(9);
    watch.ordering = true;
    watch.pass(100, 5);
    const settled = watch.said.length;
    watch.pass(100, 5);
    expect(watch.said.length).toBe(settled);
  });

  it('an opinion from before a restart stands until the seat is heard, and then goes', () => {
    const watch = new Watch();
    watch.ledger.set(seat(1), [seat(5)]);
    watch.ledger.set(seat(2), [seat(5)]);
    watch.pass(30, 5);
    expect(watch.said).toEqual([]);
    watch.pass(1);
    expect(watch.said.map(({ seat: by, silent }) => [by, silent])).toEqual([
      [1, []],
      [2, []],
    ]);
  });
});
