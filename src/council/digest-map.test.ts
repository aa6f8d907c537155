// The map that is a value, held against a plain one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asDigest, type Digest, digestOf } from '../signing/digest.ts';
import { DigestMap } from './digest-map.ts';

/** Few distinct keys, many of them alike in their first digits. */
const key: fc.Arbitrary<Digest> = fc.oneof(
  fc.nat(30).map((i) => digestOf(i)),
  fc.nat(30).map((i) => asDigest(`${'a'.repeat(60)}${i.toString(16).padStart(4, '0')}`)),
);

describe('a map of digests', () => {
  it('holds what a plain map holds, and every earlier version still what it held', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.nat())), (sets) => {
        const plain = new Map<Digest, number>();
        let map = DigestMap.empty<number>();
        const versions: { map: DigestMap<number>; entries: (readonly [Digest, number])[] }[] = [];
        for (const [name, value] of sets) {
          plain.set(name, value);
          map = map.with(name, value);
          versions.push({ map, entries: [...plain].sort(([a], [b]) => (a < b ? -1 : 1)) });
        }
        for (const version of versions) {
          expect([...version.map.entries()]).toEqual(version.entries);
          expect(version.map.size).toBe(version.entries.length);
        }
        for (let i = 0; i < 60; i++) expect(map.get(digestOf(i))).toBe(plain.get(digestOf(i)));
      }),
    );
  });

  it('is empty before anything is set', () => {
    expect(DigestMap.empty().size).toBe(0);
    expect(DigestMap.empty().has(digestOf(1))).toBe(false);
    expect([...DigestMap.empty().entries()]).toEqual([]);
  });
});
