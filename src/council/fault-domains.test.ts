// Caps and losses: what one developer, or any two, could do to the council, and that nobody counts for too few.
import { describe, expect, it } from 'vitest';
import { asSeatId } from '../signing/seat-id.ts';
import { domainReport } from './fault-domains.ts';

type Names = string | readonly string[];

const placed = (developers: readonly Names[]) => ({
  seats: developers.map((developer, i) => ({
    seat: asSeatId(i + 1),
    developer,
    family: `family ${i}`,
    host: `host ${i}`,
    node: `node ${i}`,
  })),
});

/** `split(10, 5, …)`: ten seats of the first developer, five of the second, the rest each of its own. */
const split = (...sizes: readonly number[]) => {
  const named = sizes.flatMap((size, i) => Array.from({ length: size }, () => `maker ${i}`));
  return placed(Array.from({ length: 33 }, (_, i) => named[i] ?? `alone ${i}`));
};

describe('the cap of 33 seats', () => {
  it('is ten: ten of one developer are accepted, eleven are refused', () => {
    expect(domainReport(split(10)).broken).toEqual([]);
    expect(domainReport(split(11)).broken).toMatchObject([{ kind: 'developer', name: 'maker 0' }]);
  });

  it('is broken by 12/12/9 twice', () => {
    const { broken } = domainReport(split(12, 12, 9));
    expect(broken.map(({ seats }) => seats.length)).toEqual([12, 12]);
  });

  it.each(['family', 'host', 'node'] as const)('holds for a %s as it does for a developer', (kind) => {
    const { seats } = split();
    const sharing = (count: number) => ({
      seats: seats.map((seat, i) => (i < count ? { ...seat, [kind]: 'shared' } : seat)),
    });
    expect(domainReport(sharing(10)).broken).toEqual([]);
    expect(domainReport(sharing(11)).broken).toMatchObject([{ kind, name: 'shared' }]);
  });

  it('counts a seat that names two developers for both, and for one of them once', () => {
    const { seats } = split(10);
    const both = [
      ...seats.slice(0, 10),
      { ...seats[10], developer: ['alone', 'maker 0'] },
      ...seats.slice(11),
    ];
    const report = domainReport({ seats: both.flatMap((seat) => (isPlaced(seat) ? [seat] : [])) });
    expect(report.broken).toMatchObject([{ kind: 'developer', name: 'maker 0' }]);
    expect(report.broken[0]?.seats).toHaveLength(11);
    const twice = domainReport(placed([['a', 'a'], 'b', 'c', 'd']));
    expect(twice.domains.find(({ name }) => name === 'a')?.seats).toHaveLength(1);
  });
});

describe('losses', () => {
  it('of developers with five seats at most: no one and no two block, break agreement or decide', () => {
    const { ones, twos, worstTwo } = domainReport(split(5, 5, 5, 3, 3, 3, 3, 2, 2, 1, 1));
    const nothing = { block: 0, breakSafety: 0, decide: 0 };
    expect(ones).toEqual({ of: 11, ...nothing });
    expect(twos).toEqual({ of: 55, ...nothing });
    expect(worstTwo.seats).toBe(10);
  });

  it('of 12/12/9: each of the large two blocks alone, every pair blocks, and one pair decides', () => {
    const { ones, twos } = domainReport(split(12, 12, 9));
    expect(ones).toEqual({ of: 3, block: 2, breakSafety: 2, decide: 0 });
    expect(twos).toEqual({ of: 3, block: 3, breakSafety: 3, decide: 1 });
  });

  it('of 11/11/11: one developer alone breaks agreement, and any two decide', () => {
    const { ones, twos } = domainReport(split(11, 11, 11));
    expect(ones).toEqual({ of: 3, block: 0, breakSafety: 3, decide: 0 });
    expect(twos).toEqual({ of: 3, block: 3, breakSafety: 3, decide: 3 });
  });

  it('count a seat once, however many of the lost developers it names', () => {
    const both: readonly Names[] = [['a', 'b'], ['a', 'b'], 'c', 'd'];
    expect(domainReport(placed(both)).worstTwo).toMatchObject({ developers: ['a', 'c'], seats: 3 });
  });

  it('of one developer alone: there is no pair, and the worst two are the one', () => {
    const { twos, worstTwo } = domainReport(placed(['a', 'a', 'a', 'a']));
    expect(twos.of).toBe(0);
    expect(worstTwo).toMatchObject({ developers: ['a'], seats: 4, decides: true });
  });
});

type Placed = ReturnType<typeof placed>['seats'][number];

function isPlaced(seat: Partial<Placed>): seat is Placed {
  return seat.seat !== undefined;
}
