import { expect, it } from 'vitest';
import { BEFORE_ALL, isAfter, lastBefore, readStreamId, timeOf } from './stream-id.ts';

it('ids are pairs of 64 bits, and nothing else is one', () => {
  expect(readStreamId('18446744073709551615-18446744073709551615')).toEqual({
    timeMs: 2n ** 64n - 1n,
    number: 2n ** 64n - 1n,
  });
  for (const text of [
    '',
    '5',
    '5-',
    '-5',
    '5-x',
    '1-2-3',
    '18446744073709551616-0',
    '0-99999999999999999999',
  ])
    expect(readStreamId(text)).toBeUndefined();
});

it('ids are compared as numbers, not as text', () => {
  expect(isAfter('10-0', '9-0')).toBe(true);
  expect(isAfter('9-10', '9-9')).toBe(true);
  expect(isAfter('9-9', '9-9')).toBe(false);
  expect(isAfter('no id', BEFORE_ALL)).toBe(false);
});

it('from the last id before a moment on, everything of that moment is new', () => {
  expect(isAfter('1000-0', lastBefore(1_000))).toBe(true);
  expect(isAfter('999-5', lastBefore(1_000))).toBe(false);
  expect(lastBefore(0)).toBe(BEFORE_ALL);
  expect(timeOf('1000-3')).toBe(1_000);
});
