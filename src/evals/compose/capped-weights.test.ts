import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quorumOf } from '../../consensus/quorum.ts';
import { councilOutcome } from '../measures/council-outcomes.ts';
import { cappedWeighting, earnedWeights, equalWeighting, weightedOutcome } from './capped-weights.ts';

describe('weighted tallies', () => {
  it('let no f seats hold a third, whatever was earned', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 40 }), (earned) => {
        const { weights, whole, quorum } = cappedWeighting(earned);
        const heaviest = [...weights].sort((a, b) => b - a).slice(0, quorum.f);
        expect(3 * heaviest.reduce((sum, weight) => sum + weight, 0)).toBeLessThan(whole);
        expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(whole);
      }),
    );
  });

  it('cap no lower than they must', () => {
    // Of four seats the heaviest must hold less than a third: 3·c < c + 1 + 1 + 1 holds for c = 1 only, 3·c < c + 30 for 14.
    expect([...cappedWeighting([9, 1, 1, 1]).weights]).toEqual([1, 1, 1, 1]);
    expect([...cappedWeighting([90, 10, 10, 10]).weights]).toEqual([14, 10, 10, 10]);
    expect([...cappedWeighting([12, 10, 10, 10]).weights]).toEqual([12, 10, 10, 10]);
  });

  it('weigh by the log-odds of having been right, and silence nobody', () => {
    // ln(90/11) = 2.10 and ln(75/26) = 1.06; one who is always wrong keeps the least weight. Of seven seats the two heaviest
    // must hold less than a third: 3·(c + 106) < c + 5·106 + 10 for c up to 110.
    const earned = earnedWeights([89, 74, 74, 74, 74, 74, 0], [99, 99, 99, 99, 99, 99, 99]);
    expect([...earned.weights]).toEqual([110, 106, 106, 106, 106, 106, 10]);
  });

  it('with equal weights are the plain count, for every council and every count', () => {
    for (let n = 1; n <= 40; n++) {
      const weighting = equalWeighting(n);
      for (let approvals = 0; approvals <= n; approvals++) {
        for (let rejections = 0; approvals + rejections <= n; rejections++) {
          const plain = councilOutcome(approvals, rejections, quorumOf(n));
          if (weightedOutcome(approvals, rejections, weighting) !== plain)
            expect.fail(`${n} ${approvals} ${rejections}`);
        }
      }
    }
    expect(weightedOutcome(22, 11, equalWeighting(33))).toBe('approved');
    expect(weightedOutcome(21, 12, equalWeighting(33))).toBe('rejected');
  });
});
