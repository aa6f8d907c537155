import { expect, it } from 'vitest';
import { RateLimit } from './rate-limit.ts';

it('lets through what may come at once, then so many a second, for each name apart', () => {
  let nowMs = 0;
  const limit = new RateLimit({ aSecond: 2, atOnce: 3 }, () => nowMs);
  const passed = (name: string, tries: number): number =>
    Array.from({ length: tries }, () => limit.allows(name)).filter(Boolean).length;
  expect(passed('a', 10)).toBe(3);
  expect(passed('b', 2)).toBe(2);
  nowMs = 1_000;
  expect(passed('a', 10)).toBe(2);
  nowMs = 500; // a clock that goes back gives nothing
  expect(passed('a', 10)).toBe(0);
  nowMs = 60_000;
  expect(passed('a', 10)).toBe(3);
});

it('remembers no more names than it has room for', () => {
  const limit = new RateLimit({ aSecond: 1, atOnce: 1 }, () => 0);
  expect([limit.allows('first'), limit.allows('first')]).toEqual([true, false]);
  for (let i = 0; i < 1_024; i++) limit.allows(`name ${i}`);
  expect(limit.allows('first')).toBe(true);
});
