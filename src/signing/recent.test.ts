import { expect, it } from 'vitest';
import { Recent } from './recent.ts';

it('computes once, and never holds more than its limit', () => {
  const recent = new Recent<string>(3);
  const computed: string[] = [];
  const of = (key: string) =>
    recent.of(key, () => {
      computed.push(key);
      return key.toUpperCase();
    });
  expect(['a', 'b', 'a', 'c', 'd', 'b', 'a'].map(of)).toEqual(['A', 'B', 'A', 'C', 'D', 'B', 'A']);
  expect(computed).toEqual(['a', 'b', 'c', 'd', 'a']);
  expect(recent.size).toBe(3);
});

it('does not remember a failure', () => {
  const recent = new Recent<number>(3);
  const fail = () => {
    throw new Error('no');
  };
  expect(() => recent.of('a', fail)).toThrow('no');
  expect(recent.size).toBe(0);
  expect(recent.of('a', () => 1)).toBe(1);
});
