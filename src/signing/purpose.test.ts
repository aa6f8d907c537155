import fc from 'fast-check';
import { expect, it } from 'vitest';
import { textOf, toHex, utf8 } from './bytes.ts';
import { digestOfBytes } from './digest.ts';
import { type Epoch, PURPOSES, type SigningContext, signedBytes } from './purpose.ts';

const context = (): fc.Arbitrary<SigningContext> =>
  fc.record({
    purpose: fc.constantFrom(...PURPOSES),
    councilId: fc.uint8Array({ minLength: 1, maxLength: 2 }).map(digestOfBytes),
    epoch: fc.integer({ min: 1, max: 12 }).map((epoch) => epoch as Epoch),
  });

it('signed bytes spell out purpose, council and epoch before the payload', () => {
  const councilId = digestOfBytes(utf8('council'));
  const bytes = signedBytes({ purpose: 'vote-1', councilId, epoch: 3 as Epoch }, utf8('payload'));
  expect(textOf(bytes)).toBe(`conclave/v1/vote-1\0${councilId}\0${3}\0payload`);
});

it('no two contexts and payloads have the same signed bytes', () => {
  // Payloads that look like the end of a context are the dangerous ones.
  const payload = fc.oneof(fc.string(), fc.constantFrom('', '\0', '1\0', '0\0x')).map(utf8);
  fc.assert(
    fc.property(context(), payload, context(), payload, (a, p, b, q) => {
      const same = JSON.stringify([a, toHex(p)]) === JSON.stringify([b, toHex(q)]);
      expect(toHex(signedBytes(a, p)) === toHex(signedBytes(b, q))).toBe(same);
    }),
    { numRuns: 1000 },
  );
});

it('no purpose holds the separator, or is another', () => {
  expect(PURPOSES.some((purpose) => purpose.includes('\0'))).toBe(false);
  expect(new Set(PURPOSES).size).toBe(PURPOSES.length);
});
