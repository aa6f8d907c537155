import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLS_SUITE, blsSecretFrom, nobleBls } from './bls.ts';
import { loadBlst } from './bls-blst.ts';
import { concat, fromHex, toBase64, toHex, utf8 } from './bytes.ts';

const native = await import('@chainsafe/blst').catch(() => undefined);
const fast = await loadBlst();
const backends = [{ name: 'noble', bls: nobleBls }, ...(fast ? [{ name: 'blst', bls: fast }] : [])];

const R = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;
const scalar = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(64, '0'));
const infinity = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i === 0 ? 0xc0 : 0));

const secrets = [1, 2, 3, 4].map((i) => blsSecretFrom(new Uint8Array(32).fill(i)));
const message = utf8('message');
const publicKeys = secrets.map((secret) => nobleBls.publicKeyOf(secret));
const signatures = secrets.map((secret) => nobleBls.sign(secret, message));
const [secret = new Uint8Array()] = secrets;
const [publicKey = new Uint8Array()] = publicKeys;
const [signature = new Uint8Array()] = signatures;

it('the native backend is there wherever its package loads', () => {
  expect(fast === undefined).toBe(native === undefined);
});

describe.skipIf(fast === undefined)('the two backends', () => {
  const other = fast ?? nobleBls;

  it('give identical keys, signatures, aggregates and proofs', () => {
    const seeds = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(seeds, fc.uint8Array({ maxLength: 100 }), (all, text) => {
        const made = backends.map(({ bls }) => {
          const own = all.map(blsSecretFrom);
          const signed = own.map((one) => bls.sign(one, text));
          return [
            own.map(bls.publicKeyOf),
            signed,
            bls.aggregateSignatures(signed),
            own.map(bls.provePossession),
          ];
        });
        expect(made[1]).toEqual(made[0]);
      }),
      { numRuns: 8 },
    );
  });

  it('agree when a byte of key or signature is changed, and refuse', () => {
    fc.assert(
      fc.property(fc.nat({ max: 48 + 96 - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const both = concat(publicKey, signature);
        both[at] = (both[at] ?? 0) ^ flip;
        const [key, signed] = [both.subarray(0, 48), both.subarray(48)];
        expect(nobleBls.verify(key, message, signed)).toBe(false);
        expect(other.verify(key, message, signed)).toBe(false);
        expect(other.isPublicKey(key)).toBe(nobleBls.isPublicKey(key));
        expect(other.isSignature(signed)).toBe(nobleBls.isSignature(signed));
      }),
      { numRuns: 60 },
    );
  });

  it('make secrets from randomness as the draft says', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 64 }), (randomness) => {
        expect(toHex(blsSecretFrom(randomness))).toBe(
          toHex(native?.SecretKey.fromKeygen(randomness).toBytes() ?? new Uint8Array()),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('the native one runs in a worker thread', async () => {
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      const blst = require(workerData.path);
      const key = blst.SecretKey.fromBytes(workerData.secret);
      parentPort.postMessage(key.sign(workerData.message).toBytes());`;
    const path = createRequire(import.meta.url).resolve('@chainsafe/blst');
    const worker = new Worker(code, { eval: true, workerData: { path, secret, message } });
    const signed = await new Promise<Uint8Array>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    await worker.terminate();
    expect(toBase64(signed)).toBe(toBase64(signature));
  });
});

describe.each(backends)('$name', ({ bls }) => {
  it('verifies what was signed, and nothing else', () => {
    expect(bls.verify(publicKey, message, signature)).toBe(true);
    expect(bls.verify(publicKeys[1] ?? publicKey, message, signature)).toBe(false);
    expect(bls.verify(publicKey, utf8('massage'), signature)).toBe(false);
    expect(bls.verify(publicKey, message, signatures[1] ?? signature)).toBe(false);
  });

  it('verifies an aggregate for exactly the keys that signed', () => {
    const aggregate = bls.aggregateSignatures(signatures);
    expect(bls.verifyAggregate(publicKeys, message, aggregate)).toBe(true);
    expect(bls.verifyAggregate([...publicKeys].reverse(), message, aggregate)).toBe(true);
    expect(bls.verifyAggregate(publicKeys.slice(1), message, aggregate)).toBe(false);
    expect(bls.verifyAggregate([...publicKeys, publicKey], message, aggregate)).toBe(false);
    expect(bls.verifyAggregate(publicKeys, utf8('other'), aggregate)).toBe(false);
    expect(bls.verifyAggregate(publicKeys, message, signature)).toBe(false);
    expect(bls.verifyAggregate([], message, aggregate)).toBe(false);
  });

  it('refuses the identity as a key, alone or among good ones', () => {
    const identity = infinity(48);
    const aggregate = bls.aggregateSignatures(signatures);
    expect(bls.isPublicKey(identity)).toBe(false);
    expect(bls.verify(identity, message, infinity(96))).toBe(false);
    expect(bls.verifyPossession(identity, infinity(96))).toBe(false);
    expect(bls.verifyAggregate([...publicKeys, identity], message, aggregate)).toBe(false);
    // The trap: noble by itself counts the identity as one more signer.
    const scheme = bls12_381.longSignatures;
    const sum = scheme.aggregatePublicKeys([...publicKeys, identity]);
    expect(scheme.verify(aggregate, scheme.hash(message, BLS_SUITE), sum)).toBe(true);
  });

  it('refuses keys that cancel each other, for which no signature would verify everything', () => {
    const opposite = bls.publicKeyOf(scalar(R - BigInt(`0x${toHex(secret)}`)));
    expect(bls.isPublicKey(opposite)).toBe(true);
    expect(bls.verifyAggregate([publicKey, opposite], message, infinity(96))).toBe(false);
  });

  it('refuses the infinite signature under any key', () => {
    expect(bls.verify(publicKey, message, infinity(96))).toBe(false);
    expect(bls.verifyAggregate(publicKeys, message, infinity(96))).toBe(false);
  });

  it('refuses uncompressed points, and any other length', () => {
    const long = bls12_381.G1.Point.fromBytes(publicKey).toBytes(false);
    for (const key of [long, publicKey.subarray(1), concat(publicKey, Uint8Array.of(0)), new Uint8Array()]) {
      expect(bls.isPublicKey(key)).toBe(false);
      expect(bls.verify(key, message, signature)).toBe(false);
      expect(bls.verifyAggregate([key], message, signature)).toBe(false);
    }
    const wide = bls12_381.G2.Point.fromBytes(signature).toBytes(false);
    for (const signed of [
      wide,
      signature.subarray(1),
      concat(signature, Uint8Array.of(0)),
      new Uint8Array(),
    ]) {
      expect(bls.isSignature(signed)).toBe(false);
      expect(bls.verify(publicKey, message, signed)).toBe(false);
      expect(() => bls.aggregateSignatures([signature, signed])).toThrow('expected BLS signatures');
    }
  });

  it('refuses to aggregate nothing, or what is no point', () => {
    expect(() => bls.aggregateSignatures([])).toThrow('at least one');
    const broken = Uint8Array.from(signature);
    broken[95] = (broken[95] ?? 0) ^ 1;
    expect(() => bls.aggregateSignatures([signature, broken])).toThrow('expected BLS signatures');
  });

  it.each<[string, Uint8Array]>([
    ['zero', scalar(0n)],
    ['the order of the group', scalar(R)],
    ['one and the order', scalar(R + 1n)],
    ['31 bytes', scalar(1n).subarray(1)],
    ['33 bytes', concat(Uint8Array.of(0), scalar(1n))],
  ])('refuses %s as a secret, without repeating it', (_, bad) => {
    for (const use of [
      () => bls.sign(bad, message),
      () => bls.publicKeyOf(bad),
      () => bls.provePossession(bad),
    ]) {
      expect(use).toThrow(/^expected a BLS secret: 32 bytes, above zero and below the order of the group$/);
    }
  });
});

describe.each(backends)('a proof of possession with $name', ({ bls }) => {
  const proof = bls.provePossession(secret);

  it('is proved by the one who holds the secret, for that key alone', () => {
    expect(bls.verifyPossession(publicKey, proof)).toBe(true);
    expect(bls.verifyPossession(publicKeys[1] ?? publicKey, proof)).toBe(false);
    expect(bls.verifyPossession(publicKey, signature)).toBe(false);
  });

  it('is no signature of the key as a message', () => {
    expect(bls.verify(publicKey, publicKey, proof)).toBe(false);
    expect(bls.verifyPossession(publicKey, bls.sign(secret, publicKey))).toBe(false);
  });

  it('stops a rogue key, which forges an aggregate without it', () => {
    // A key made as x·G − publicKey lets x alone sign for both, but nobody can sign by it alone.
    const x = secrets[1] ?? secret;
    const { Point } = bls12_381.G1;
    const rogue = Point.fromBytes(bls.publicKeyOf(x)).subtract(Point.fromBytes(publicKey)).toBytes();
    expect(bls.verifyAggregate([publicKey, rogue], message, bls.sign(x, message))).toBe(true);
    expect(bls.verifyPossession(rogue, bls.provePossession(x))).toBe(false);
  });
});

it('refuses less than 32 bytes of randomness for a secret', () => {
  expect(() => blsSecretFrom(new Uint8Array(31))).toThrow('32 bytes of randomness');
});
