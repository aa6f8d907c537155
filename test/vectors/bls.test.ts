// Ethereum's BLS12-381 vectors, through both backends behind the one rule. Two folders ask for more than the
// council uses: aggregates over different messages are put to the libraries themselves, and hashing to the curve
// is noble's alone, since blst's binding keeps it to itself.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { BLS_SUITE, nobleBls } from '../../src/signing/bls.ts';
import { loadBlst } from '../../src/signing/bls-blst.ts';
import { fromHex, toHex, utf8 } from '../../src/signing/bytes.ts';

const FOLDER = join(import.meta.dirname, '../../../shared/vectors/eth-bls12-381-tests');

const native = await import('@chainsafe/blst').catch(() => undefined);
const fast = await loadBlst();
const backends = [{ name: 'noble', bls: nobleBls }, ...(fast ? [{ name: 'blst', bls: fast }] : [])];

const hex = z.string().transform((text) => fromHex(text.replace(/^0x/, '')));
const verdict = z.boolean();

/** Every case of a folder as [name, input, output]; a folder without cases fails instead of passing idly. */
function cases<I, O>(folder: string, input: z.ZodType<I>, output: z.ZodType<O>): [string, I, O][] {
  const files = readdirSync(join(FOLDER, folder)).filter((name) => name.endsWith('.json'));
  expect(files.length).toBeGreaterThan(0);
  const shape = z.object({ input, output });
  return files.map((name) => {
    const found = shape.parse(JSON.parse(readFileSync(join(FOLDER, folder, name), 'utf8')));
    return [name, found.input, found.output];
  });
}

function attempt<T>(make: () => T): T | null {
  try {
    return make();
  } catch {
    return null;
  }
}

const oneOf = z.object({ pubkey: hex, message: hex, signature: hex });
const many = z.object({ pubkeys: z.array(hex), messages: z.array(hex), signature: hex });

describe.skipIf(!existsSync(FOLDER))('the Ethereum BLS vectors (skipped without ../shared)', () => {
  it('are run through both backends wherever the native one loads', () => {
    expect(backends.map(({ name }) => name)).toEqual(native ? ['noble', 'blst'] : ['noble']);
  });

  describe.each(backends)('with $name', ({ bls }) => {
    it('sign: gives the bytes named, and refuses the secret zero', () => {
      const input = z.object({ privkey: hex, message: hex });
      for (const [name, { privkey, message }, output] of cases('sign', input, hex.nullable())) {
        expect(
          attempt(() => bls.sign(privkey, message)),
          name,
        ).toEqual(output);
      }
    });

    it('verify: says what is said, the infinite key refused', () => {
      for (const [name, { pubkey, message, signature }, output] of cases('verify', oneOf, verdict)) {
        expect(bls.verify(pubkey, message, signature), name).toBe(output);
      }
    });

    it('aggregate: gives the bytes named, and refuses to aggregate nothing', () => {
      for (const [name, signatures, output] of cases('aggregate', z.array(hex), hex.nullable())) {
        expect(
          attempt(() => bls.aggregateSignatures(signatures)),
          name,
        ).toEqual(output);
      }
    });

    it('fast_aggregate_verify: says what is said, an infinite key among good ones refused', () => {
      const input = z.object({ pubkeys: z.array(hex), message: hex, signature: hex });
      for (const [name, { pubkeys, message, signature }, output] of cases(
        'fast_aggregate_verify',
        input,
        verdict,
      )) {
        expect(bls.verifyAggregate(pubkeys, message, signature), name).toBe(output);
      }
    });

    it('batch_verify: a set holds when each of it does', () => {
      const input = z.object({ pubkeys: z.array(hex), messages: z.array(hex), signatures: z.array(hex) });
      for (const [name, { pubkeys, messages, signatures }, output] of cases('batch_verify', input, verdict)) {
        const none = new Uint8Array();
        const each = pubkeys.map((key, i) => bls.verify(key, messages[i] ?? none, signatures[i] ?? none));
        expect(each.every(Boolean), name).toBe(output);
      }
    });

    it('deserialization_G1: decodes what decodes, but the identity is no key', () => {
      for (const [name, { pubkey }, output] of cases(
        'deserialization_G1',
        z.object({ pubkey: hex }),
        verdict,
      )) {
        const identity = name === 'deserialization_succeeds_infinity_with_true_b_flag.json';
        expect(bls.isPublicKey(pubkey), name).toBe(output && !identity);
      }
    });

    it('deserialization_G2: decodes what decodes', () => {
      for (const [name, { signature }, output] of cases(
        'deserialization_G2',
        z.object({ signature: hex }),
        verdict,
      )) {
        expect(bls.isSignature(signature), name).toBe(output);
      }
    });
  });

  it('aggregate_verify: noble itself says what is said', () => {
    const scheme = bls12_381.longSignatures;
    for (const [name, { pubkeys, messages, signature }, output] of cases('aggregate_verify', many, verdict)) {
      const items = messages.map((message, i) => ({
        message: scheme.hash(message, BLS_SUITE),
        publicKey: pubkeys[i] ?? new Uint8Array(),
      }));
      const holds = attempt(() => scheme.verifyBatch(signature, items)) ?? false;
      expect(holds, name).toBe(output);
    }
  });

  it.skipIf(native === undefined)('aggregate_verify: blst itself says what is said', () => {
    for (const [name, { pubkeys, messages, signature }, output] of cases('aggregate_verify', many, verdict)) {
      const holds = attempt(() =>
        native?.aggregateVerify(
          messages,
          pubkeys.map((key) => native.PublicKey.fromBytes(key, true)),
          native.Signature.fromBytes(signature, true, false),
        ),
      );
      expect(holds ?? false, name).toBe(output);
    }
  });

  it('hash_to_G2: noble itself gives the points named', () => {
    const input = z.object({ msg: z.string() });
    const output = z.object({ x: z.string(), y: z.string() });
    for (const [name, { msg }, { x, y }] of cases('hash_to_G2', input, output)) {
      const point = bls12_381.G2.hashToCurve(utf8(msg), {
        DST: 'QUUX-V01-CS02-with-BLS12381G2_XMD:SHA-256_SSWU_RO_',
      }).toAffine();
      const spelt = ({ c0, c1 }: { c0: bigint; c1: bigint }): string =>
        [c0, c1].map((part) => `0x${part.toString(16).padStart(96, '0')}`).join(',');
      expect([spelt(point.x), spelt(point.y)], name).toEqual([x, y]);
    }
  });
});

// One case typed in from those vectors (sign_case_84d45c9c7cca6b92), so that a stranger's clone has something.
describe.each(backends)('a published BLS signature, with $name', ({ bls }) => {
  const secret = fromHex('328388aff0d4a5b7dc9205abd374e7e98f3cd9f3418edb4eafda5fb16473d216');
  const message = new Uint8Array(32).fill(0xab);

  it('is made and verifies', () => {
    const signature = bls.sign(secret, message);
    expect(toHex(signature)).toBe(
      'ae82747ddeefe4fd64cf9cedb9b04ae3e8a43420cd255e3c7cd06a8d88b7c7f8638543719981c5d16fa3527c468c25f0' +
        '026704a6951bde891360c7e8d12ddee0559004ccdbe6046b55bae1b257ee97f7cdb955773d7cf29adf3ccbb9975e4eb9',
    );
    expect(bls.verify(bls.publicKeyOf(secret), message, signature)).toBe(true);
    expect(bls.verify(bls.publicKeyOf(secret), message.subarray(1), signature)).toBe(false);
  });
});
