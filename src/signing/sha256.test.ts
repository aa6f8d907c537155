import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex, utf8 } from './bytes.ts';
import { nativeSha256, portableSha256 } from './sha256.ts';

// FIPS 180-4, appendix B, and the digest of nothing.
const KNOWN: [string, string][] = [
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
];

describe.each([
  ['portable', portableSha256],
  ['native', nativeSha256()],
])('SHA-256, %s', (_, sha256) => {
  it.each(KNOWN)('of %j', (text, digest) => {
    expect(sha256?.hex(utf8(text))).toBe(digest);
    expect(sha256?.bytes(utf8(text))).toEqual(fromHex(digest));
  });
});

it('both give the same for whatever bytes, also for a view into a larger buffer', () => {
  const native = nativeSha256();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), fc.nat(50), (bytes, at) => {
      const view = bytes.subarray(at);
      expect(native?.bytes(view)).toEqual(portableSha256.bytes(view));
      expect(native?.hex(view)).toBe(toHex(portableSha256.bytes(view)));
    }),
  );
});
