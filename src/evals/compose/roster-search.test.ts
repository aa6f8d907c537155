import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../simulation/random.ts';
import {
  APPROVE,
  DOMAINS,
  REJECT,
  tableOf,
  type VerdictTable,
  type Voter,
} from '../verdicts/verdict-table.ts';
import { CouncilMarks } from './council-marks.ts';
import { lossWeights } from './loss-weights.ts';
import { meanLoss } from './mark-sums.ts';
import { blurredLoss, byAccuracy, searchRoster } from './roster-search.ts';
import { SeatCaps } from './seat-caps.ts';

const wrongOf = (label: number): number => (label === APPROVE ? REJECT : APPROVE);

/** By voter a word of r (right) and w (wrong), on items to be approved (A) and rejected (R) by turns of `labels`. */
function pool(
  labels: string,
  ...voters: readonly (readonly [words: string, developer?: string])[]
): VerdictTable {
  const truth = Uint8Array.from(labels, (letter) => (letter === 'A' ? APPROVE : REJECT));
  return tableOf({
    voters: voters.map(([, developer], i) => ({
      name: `v${i}`,
      domains: developer === undefined ? {} : { developer },
    })),
    items: {
      names: Array.from(labels, (_, item) => `i${item}`),
      labels: truth,
      clusters: Uint32Array.from(truth.keys()),
      clusterCount: truth.length,
    },
    verdicts: voters.map(([words]) =>
      truth.map((label, item) => (words[item] === 'r' ? label : wrongOf(label))),
    ),
  });
}

function drawnPool(seed: number, voters: number, items: number): VerdictTable {
  const random = new Random(seed);
  const words = (share: number): string =>
    Array.from({ length: items }, () => (random.chance(share) ? 'r' : 'w')).join('');
  return pool(
    Array.from({ length: items }, () => random.pick(['A', 'R'])).join(''),
    ...Array.from({ length: voters }, (): [string, string] => [
      words(0.5 + 0.45 * random.fraction()),
      random.pick(['a', 'b', 'c', 'd']),
    ]),
  );
}

function* rostersOf(voters: number, seats: number, from = 0): Generator<number[]> {
  if (seats === 0) {
    yield [];
    return;
  }
  for (let voter = from; voter <= voters - seats; voter++) {
    for (const rest of rostersOf(voters, seats - 1, voter + 1)) yield [voter, ...rest];
  }
}

function mostOfOne(voters: readonly Voter[], roster: readonly number[]): number {
  const held = new Map<string, number>();
  for (const voter of roster) {
    for (const kind of DOMAINS) {
      const value = voters[voter]?.domains[kind];
      if (value !== undefined) held.set(`${kind} ${value}`, (held.get(`${kind} ${value}`) ?? 0) + 1);
    }
  }
  return Math.max(0, ...held.values());
}

describe('the search for a roster', () => {
  const random = () => new Random(1);

  it('seats those whose errors do not fall together, though one of them is less accurate', () => {
    // Three seats decide by two. The first two err on the same two items; each of the others errs on one of its own. The two
    // alike with any third lose both items; without one of them, no item is lost.
    const table = pool('AAAAAA', ['rrrrww'], ['rrrrww'], ['wwwrrr'], ['wrrrrr']);
    expect(byAccuracy(table).slice(0, 3)).toEqual([3, 0, 1]);
    expect(
      searchRoster(table, { seats: 3, cap: 3, weights: lossWeights(1), random: random(), blur: 0 }),
    ).toEqual(expect.arrayContaining([2, 3]));
  });

  it('weighs a wrong approval as it is told to', () => {
    // One seat of three candidates: the first approves everything, the second nothing, the third errs once each way.
    const table = pool('AARR', ['rrww'], ['wwrr'], ['rwrw']);
    const seated = (wrongApproval: number) =>
      searchRoster(table, {
        seats: 1,
        cap: 1,
        weights: lossWeights(wrongApproval),
        random: random(),
        blur: 0,
      });
    expect(seated(10)).toEqual([1]);
    expect(seated(0.1)).toEqual([0]);
  });

  it('finds the best of all rosters of small pools, as trying every one shows', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const table = drawnPool(seed, 10, 40);
      const weights = lossWeights(seed % 2 === 0 ? 10 : 1, 1, seed % 3 === 0 ? 0.5 : 1);
      const options = { seats: 4, cap: 2, weights, random: new Random(seed) };
      const costs = [...rostersOf(10, 4)]
        .filter((roster) => mostOfOne(table.voters, roster) <= 2)
        .map((roster) => blurredLoss(table, roster, options));
      expect(blurredLoss(table, searchRoster(table, options), options), `seed ${seed}`).toBeCloseTo(
        Math.min(...costs),
        9,
      );
    }
  });

  it('without a blur lowers the very loss that the council is charged with', () => {
    const table = drawnPool(3, 9, 30);
    const weights = lossWeights(3, 1, 0.5);
    for (const roster of rostersOf(9, 5)) {
      const marks = new CouncilMarks(table).of(roster);
      expect(blurredLoss(table, roster, { seats: 5, weights, blur: 0 })).toBeCloseTo(
        30 * meanLoss(marks, [...marks.keys()], weights),
        9,
      );
    }
  });

  it('is not thrown by copies, and gives the same roster for the same seed', () => {
    const one = drawnPool(5, 1, 50);
    const copies = {
      ...one,
      voters: Array(12).fill(one.voters[0]),
      verdicts: Array(12).fill(one.verdicts[0]),
    };
    const options = { seats: 7, cap: 12, weights: lossWeights(10) };
    const first = searchRoster(copies, { ...options, random: new Random(2) });
    expect(new Set(first).size).toBe(7);
    expect(searchRoster(copies, { ...options, random: new Random(2) })).toEqual(first);
  });
});

describe('caps', () => {
  it('hold over every kind of domain at once, in lotteries and in searches', () => {
    const domain = fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { nil: undefined });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(domain, domain, domain), { minLength: 8, maxLength: 16 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(),
        (all, cap, seed) => {
          const voters: Voter[] = all.map(([developer, family, host], i) => ({
            name: `v${i}`,
            domains: {
              ...(developer === undefined ? {} : { developer }),
              ...(family === undefined ? {} : { family }),
              ...(host === undefined ? {} : { host }),
            },
          }));
          const table = { ...drawnPool(seed, all.length, 12), voters };
          const random = new Random(seed);
          const caps = new SeatCaps(voters, cap);
          for (const find of [
            () => caps.drawn(4, random),
            () => searchRoster(table, { seats: 4, cap, weights: lossWeights(1), random, starts: 2 }),
          ]) {
            let roster: readonly number[] | undefined;
            try {
              roster = find();
            } catch (error) {
              expect(String(error)).toMatch(/expected candidates for 4 seats/);
              continue;
            }
            expect(new Set(roster).size).toBe(4);
            expect(mostOfOne(voters, roster)).toBeLessThanOrEqual(cap);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('say how many can be seated where too few can', () => {
    const table = pool('AR', ['rr', 'a'], ['rr', 'a'], ['rr', 'a'], ['rr', 'b'], ['rr']);
    const options = { seats: 4, weights: lossWeights(1), random: new Random(1) };
    expect(() => searchRoster(table, { ...options, cap: 1 })).toThrow(
      'expected candidates for 4 seats with at most 1 of any one domain; of 5, only 3 can be seated',
    );
    expect(searchRoster(table, { ...options, cap: 2 })).toHaveLength(4);
    expect(() => searchRoster(table, { ...options, cap: 0 })).toThrow(/expected a cap of 1 seat or more/);
    expect(() => searchRoster(table, { ...options, cap: 1, seats: 0 })).toThrow(/expected a number of seats/);
  });

  it('find room by exchange where first come, first seated finds none', () => {
    // The second voter shares a domain with each of the others, so that it must stand up for both to sit.
    const voters: Voter[] = [
      { name: 'both', domains: { developer: 'a', host: 'h' } },
      { name: 'one', domains: { developer: 'a', host: 'i' } },
      { name: 'other', domains: { developer: 'b', host: 'h' } },
    ];
    expect(new SeatCaps(voters, 1).full([0, 1, 2], 2, new Random(1)).sort()).toEqual([1, 2]);
  });
});
