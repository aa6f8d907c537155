import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { utf8 } from './bytes.ts';
import { asDigest, digestOf, digestOfBytes, isDigest } from './digest.ts';

it('the digest of "abc" is that of FIPS 180-4', () => {
  expect(digestOfBytes(utf8('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

it("digests are Node's, whatever the bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(digestOfBytes(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
    }),
  );
});

it('a value has one digest, that of its canonical bytes', () => {
  expect(digestOf({ b: 1, a: 2 })).toBe(digestOf({ a: 2, b: 1 }));
  expect(digestOf({ b: 1, a: 2 })).toBe(digestOfBytes(utf8('{"a":2,"b":1}')));
});

it.each(['', 'a'.repeat(63), 'a'.repeat(65), 'A'.repeat(64), `${'a'.repeat(63)}g`, `${'a'.repeat(64)}\n`])(
  'refuses %j as a digest',
  (text) => {
    expect(isDigest(text)).toBe(false);
    expect(() => asDigest(text)).toThrow('expected a digest');
  },
);

it('an error about a digest does not repeat a huge text', () => {
  expect(() => asDigest('x'.repeat(10_000_000))).toThrow(/^.{0,200}$/);
});
