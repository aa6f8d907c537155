// The signing threads as a node runs them. A bare thread can only load what is built, so this tests the build, which
// `npm test` makes first.
import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import type * as threads from '../../src/node/signing/signing-threads.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';

const built = new URL('../../dist/node/signing/signing-threads.js', import.meta.url).href;
const { SigningThreads }: typeof threads = await import(built);

const CHECKS = 3_000;
const secret = randomBytes(32);
const publicKey = fastestEd25519.publicKeyOf(secret);

/** Good, forged, by another key, malformed, and good again. */
function check(i: number) {
  const message = new TextEncoder().encode(`message ${i}`);
  const signature = fastestEd25519.sign(secret, message);
  if (i % 5 === 1) signature[7] = (signature[7] ?? 0) ^ 1;
  if (i % 5 === 2) return { publicKey: fastestEd25519.publicKeyOf(randomBytes(32)), message, signature };
  if (i % 5 === 3) return { publicKey, message, signature: signature.subarray(1 + (i % 63)) };
  return { publicKey, message, signature };
}

describe('signing threads', () => {
  const pool = new SigningThreads();
  afterAll(() => pool.close());
  const checks = Array.from({ length: CHECKS }, (_, i) => check(i));
  const expected = checks.map((_, i) => i % 5 === 0 || i % 5 === 4);

  it('answer in the order of the questions, before threads are worth starting and with them', async () => {
    expect(await pool.verifyMany(checks.slice(0, 10))).toEqual(expected.slice(0, 10));
    expect(await pool.verifyMany(checks)).toEqual(expected);
    const parts = Array.from({ length: 30 }, (_, i) => pool.verifyMany(checks.slice(i * 100, (i + 1) * 100)));
    expect((await Promise.all(parts)).flat()).toEqual(expected);
  });

  it('whose threads have ended fail what is asked of them instead of leaving it unanswered', async () => {
    const ended = new SigningThreads();
    await ended.verifyMany(checks);
    const asked = ended.verifyMany(checks);
    const failed = expect(asked).rejects.toThrow('a signing thread failed: it ended');
    await ended.close();
    await failed;
    await expect(ended.verifyMany(checks)).rejects.toThrow('a signing thread failed: it ended');
  });
});
