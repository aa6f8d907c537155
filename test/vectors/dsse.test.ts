// The envelope that the DSSE specification publishes: its encoding, and its signature by node:crypto over ours.
import { createPublicKey, verify } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { fromBase64, textOf, utf8 } from '../../src/signing/bytes.ts';
import { pae } from '../../src/signing/pae.ts';

const FILE = join(import.meta.dirname, '../../../shared/vectors/dsse/dsse-vector.json');

const coordinate = z.string().transform((decimal) => {
  const hex = BigInt(decimal).toString(16).padStart(64, '0');
  return Buffer.from(hex, 'hex').toString('base64url');
});

const vector = z.object({
  pae: z.object({ payloadType: z.string(), payload: z.string(), pae: z.string() }),
  ecdsa_p256_key: z.object({ x: coordinate, y: coordinate }),
  envelope: z.object({
    payload: z.string(),
    payloadType: z.string(),
    signatures: z.array(z.object({ sig: z.string() })).length(1),
  }),
});

describe.skipIf(!existsSync(FILE))('the DSSE vector (skipped without ../shared)', () => {
  it('is encoded as published', () => {
    const { payloadType, payload, pae: published } = vector.parse(JSON.parse(readFileSync(FILE, 'utf8'))).pae;
    expect(textOf(pae(payloadType, utf8(payload)))).toBe(published);
  });

  it('verifies over our encoding', () => {
    const { ecdsa_p256_key, envelope } = vector.parse(JSON.parse(readFileSync(FILE, 'utf8')));
    const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', ...ecdsa_p256_key }, format: 'jwk' });
    const bytes = pae(envelope.payloadType, fromBase64(envelope.payload));
    const signature = fromBase64(envelope.signatures[0]?.sig ?? '');
    const options = { key, dsaEncoding: 'ieee-p1363' as const };
    expect(verify('sha256', bytes, options, signature)).toBe(true);
    expect(verify('sha256', pae('another/type', utf8('hello world')), options, signature)).toBe(false);
  });
});

it('lengths are counted in bytes, not in characters', () => {
  expect(textOf(pae('a/b', utf8('é€𝄞')))).toBe('DSSEv1 3 a/b 9 é€𝄞');
  expect(textOf(pae('', new Uint8Array()))).toBe('DSSEv1 0  0 ');
});

it('the published encoding of "hello world" stands here as a fact', () => {
  expect(textOf(pae('http://example.com/HelloWorld', utf8('hello world')))).toBe(
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  );
});
