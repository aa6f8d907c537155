// The short form of `npm run kills`: `kill -9` at random moments of a review, then the same command again on the same data.
import { expect, it } from 'vitest';
import { killManyTimes } from './rigs/killing.ts';

it('killed at five random moments, the same command comes to one decision on a clean ledger', async () => {
  const seed = Date.now() % 1_000_000;
  const { kills } = await killManyTimes(5, seed);
  expect(kills).toBe(5);
}, 180_000);
