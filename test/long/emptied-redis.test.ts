// The short form of `npm run chaos -- --emptied 50` (issue 4, "Done means" 4): real processes, and models over real HTTP
// that count who asks them what.
import { expect, it } from 'vitest';
import { emptiedText, emptyRedisAmidst } from '../chaos/emptied-redis.ts';

it('Redis killed and emptied amidst cases: all are decided after it returns, and no seat asked its model twice', async () => {
  const report = await emptyRedisAmidst({ seed: 5, cases: 3, losses: 1 });
  expect(report.problems, emptiedText(report)).toEqual([]);
  expect(report).toMatchObject({ acknowledged: 3, decided: 3, questions: 3 * 33, askedAgain: 0 });
}, 240_000);
