import { describe, expect, it } from 'vitest';
import { madeUpModel } from '../../../test/evals/made-up-model.ts';
import { quorumOf } from '../../consensus/quorum.ts';
import { Random } from '../../simulation/random.ts';
import { councilFigures, countsOf } from '../measures/council-outcomes.ts';
import { councilRunFigures, drawCouncils } from './draw-councils.ts';
import { drawTable, newItems } from './draw-table.ts';
import { newSeats } from './seats.ts';

const four = quorumOf(4);

describe('councils drawn by the thousand', () => {
  it('four independent coins approve wrongly 5 times in 16, and oppose wrongly 11 times', () => {
    // 3 of 4 approve: C(4,3) + C(4,4) of 16. Two rejections make that impossible: 16 − C(4,0) − C(4,1) of 16.
    const model = madeUpModel({ voters: [{}, {}, {}, {}] });
    const runs = drawCouncils(model, {
      councils: 100,
      items: { approve: 200, reject: 300 },
      quorum: four,
      seats: () => model.voters,
      random: new Random(1),
    });
    const { wrongApprovals, wrongRejections, blocked, undecided } = councilRunFigures(runs);
    expect(wrongApprovals.value).toBeCloseTo(5 / 16, 1.8);
    expect(wrongRejections.value).toBeCloseTo(11 / 16, 1.8);
    expect(blocked).toEqual(wrongRejections);
    expect(undecided.value).toBe(0);
    const { low, high, n, method } = wrongApprovals;
    // 95 % of councils of 300 items each: 1.96 standard errors about the mean
    const reach = 1.96 * Math.sqrt(((5 / 16) * (11 / 16)) / 300);
    expect(high - low).toBeGreaterThan(1.4 * reach);
    expect(high - low).toBeLessThan(2.8 * reach);
    expect({ n, method }).toEqual({ n: 100, method: 'simulation' });
    expect([...runs.wrongApproving].map((count) => count / 30_000)).toEqual(
      [1, 4, 6, 4, 1].map((ways) => expect.closeTo(ways / 16, 1.8)),
    );
  });

  it('abstentions leave a council undecided, and block without opposing', () => {
    const model = madeUpModel({
      voters: [{}, {}, {}, {}],
      thresholds: [50, 50, 50, 50],
      abstains: [1, 1, 0, 0],
    });
    const runs = drawCouncils(model, {
      councils: 1,
      items: { approve: 10, reject: 10 },
      quorum: four,
      seats: () => model.voters,
      random: new Random(1),
    });
    // two of four are right: too few to approve, enough to oppose
    expect(runs.blocked[0]).toBe(10);
    expect(runs.undecided[0]).toBe(10);
    expect(runs.wrongRejections[0]).toBe(0);
    expect(runs.wrongApprovals[0]).toBe(0);
    expect(runs.wrongRejecting[2]).toBe(10);
  });

  it('are what a table of the same voters shows, counted vote by vote', () => {
    const families = ['a', 'a', 'a', 'b', 'b', 'b', 'c'];
    const model = madeUpModel({
      voters: families.map((family) => ({ family })),
      shared: { family: 1.2 },
      points: [-1.5, 0, 1.5],
      loadings: [1, 1, 1, 2, 2, 2, 0.5],
      threshold: 0.4,
      abstains: families.map(() => 0.05),
    });
    const table = drawTable(model, { items: newItems(20_000, 20_000), random: new Random(2) });
    const counted = councilFigures(table.items, countsOf(table), quorumOf(7));
    const runs = drawCouncils(model, {
      councils: 40,
      items: { approve: 500, reject: 500 },
      quorum: quorumOf(7),
      seats: () => model.voters,
      random: new Random(3),
    });
    const drawn = councilRunFigures(runs);
    for (const name of ['wrongApprovals', 'wrongRejections', 'blocked', 'undecided'] as const) {
      expect(Math.abs(drawn[name].value - counted[name].value)).toBeLessThan(0.02);
      expect(counted[name].value).toBeGreaterThan(0.01);
    }
  });

  it('the same seed draws the same councils', () => {
    const model = madeUpModel({ voters: [{ family: 'a' }, { family: 'b' }], shared: { family: 1 } });
    const draw = () => {
      const random = new Random(4);
      return drawCouncils(model, {
        councils: 5,
        items: { approve: 20, reject: 20 },
        quorum: four,
        seats: () => newSeats(model, [{ family: 'a' }, { family: 'a' }, {}, {}], random),
        random,
      });
    };
    expect(draw()).toEqual(draw());
  });

  it('a roster that does not fill the chairs is refused', () => {
    const model = madeUpModel({ voters: [{}] });
    const options = { councils: 1, items: { approve: 1, reject: 1 }, quorum: four, random: new Random(1) };
    expect(() => drawCouncils(model, { ...options, seats: () => model.voters })).toThrow('4 seats');
  });
});

describe('new seats', () => {
  const model = madeUpModel({
    voters: [
      { developer: 'A', family: 'a1' },
      { developer: 'A', family: 'a2' },
      { developer: 'B', family: 'b' },
    ],
    thresholds: [1, 2, 3],
  });
  const thresholds = (place: object): number[] => {
    const seats = newSeats(model, Array(60).fill(place), new Random(1));
    return [...new Set(seats.map(({ approve }) => approve.threshold))].sort();
  };

  it('take after voters of the stated family, else of the developer, else after any', () => {
    expect(thresholds({ developer: 'A', family: 'a2' })).toEqual([2]);
    expect(thresholds({ developer: 'A', family: 'a3' })).toEqual([1, 2]);
    expect(thresholds({ developer: 'A' })).toEqual([1, 2]);
    expect(thresholds({ developer: 'C' })).toEqual([1, 2, 3]);
    expect(thresholds({})).toEqual([1, 2, 3]);
  });

  it('keep what is stated and take over the rest', () => {
    const [seat] = newSeats(model, [{ developer: 'B', prompt: 'p' }], new Random(1));
    expect(seat).toMatchObject({
      name: 'seat 1, after voter 3',
      domains: { developer: 'B', family: 'b', prompt: 'p' },
    });
  });
});
