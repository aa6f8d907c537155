import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packChecks, unpackChecks } from './packed-checks.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const check = fc.record({
  publicKey: bytes(32),
  message: fc.uint8Array({ maxLength: 40 }),
  signature: bytes(64),
});

it('checks come out as they went in, empty messages and none at all included', () => {
  fc.assert(
    fc.property(fc.array(check, { maxLength: 20 }), (checks) => {
      expect(unpackChecks(packChecks(checks))).toEqual(checks);
    }),
  );
});

it('what has the wrong length stands as zeros and moves nothing else', () => {
  const message = Uint8Array.of(1, 2, 3);
  const good = { publicKey: new Uint8Array(32).fill(7), message, signature: new Uint8Array(64).fill(9) };
  const short = { ...good, signature: good.signature.subarray(1) };
  const long = { ...good, publicKey: new Uint8Array(33).fill(7) };
  const zeros = { publicKey: new Uint8Array(32), message, signature: new Uint8Array(64) };
  expect(unpackChecks(packChecks([short, good, long, good]))).toEqual([zeros, good, zeros, good]);
});
