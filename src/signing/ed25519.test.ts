import { ed25519 as noble } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex, utf8 } from './bytes.ts';
import { acceptable, isAcceptablePublicKey, nobleEd25519 } from './ed25519.ts';
import { fastestEd25519, verifyMany } from './ed25519-fastest.ts';
import { nodeEd25519 } from './ed25519-node.ts';
import { loadSodium } from './ed25519-sodium.ts';

const backends = [
  { name: 'noble', ed25519: nobleEd25519 },
  { name: 'node', ed25519: nodeEd25519 },
  // Where its binary is missing there is nothing to hold against the others, and node:crypto stands in for it.
  { name: 'sodium', ed25519: loadSodium() ?? nodeEd25519 },
];

const { Point } = noble;
const L = Point.Fn.ORDER;
const P = Point.Fp.ORDER;

const secretBytes = () => fc.uint8Array({ minLength: 32, maxLength: 32 });
const messageBytes = () => fc.uint8Array({ maxLength: 100 });

function encoded(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function decoded(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** The eight points of small order: multiples of one of order eight. */
const generator = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
const smallPoints = Array.from({ length: 8 }, (_, i) => generator.multiplyUnsafe(BigInt(i)));

/** Encodings that name a point of small order in any spelling: also with y ≥ p, and x = 0 with a sign. */
const smallEncodings = [0n, 1n, P - 1n, P, P + 1n]
  .flatMap((y) => [encoded(y), encoded(y | (1n << 255n))])
  .concat(smallPoints.map((point) => point.toBytes()));

/** A signature by a·B + A's small part, whose R has a small part too; only its maker chooses these. */
function crafted(a: bigint, r: bigint, smallA: number, smallR: number, message: Uint8Array) {
  const part = (i: number) => smallPoints[i] ?? Point.ZERO;
  const publicKey = Point.BASE.multiply(a).add(part(smallA)).toBytes();
  const R = (r === 0n ? Point.ZERO : Point.BASE.multiply(r)).add(part(smallR)).toBytes();
  const k = decoded(sha512(concat(R, publicKey, message))) % L;
  return { publicKey, message, signature: concat(R, encoded((r + k * a) % L)) };
}

/** What all backends say, which must be the same. */
function verdict(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const said = new Set(backends.map(({ ed25519 }) => ed25519.verify(publicKey, message, signature)));
  expect(said.size).toBe(1);
  return said.has(true);
}

const secret = new Uint8Array(32).fill(7);
const message = utf8('message');
const publicKey = nodeEd25519.publicKeyOf(secret);
const signature = nodeEd25519.sign(secret, message);

describe('the backends', () => {
  it('give the same keys and signatures, which verify with either', () => {
    fc.assert(
      fc.property(secretBytes(), messageBytes(), (seed, text) => {
        const key = nodeEd25519.publicKeyOf(seed);
        const signed = nodeEd25519.sign(seed, text);
        expect(nobleEd25519.publicKeyOf(seed)).toEqual(key);
        expect(nobleEd25519.sign(seed, text)).toEqual(signed);
        expect(verdict(key, text, signed)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('agree when any bits of key, message or signature are flipped, and refuse', () => {
    fc.assert(
      fc.property(fc.nat({ max: 32 + 7 + 64 - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const all = concat(publicKey, message, signature);
        all[at] = (all[at] ?? 0) ^ flip;
        const parts = [all.subarray(0, 32), all.subarray(32, 39), all.subarray(39)] as const;
        expect(verdict(...parts)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it('agree about random bytes', () => {
    fc.assert(
      fc.property(secretBytes(), secretBytes(), secretBytes(), messageBytes(), (key, R, S, text) => {
        verdict(key, text, concat(R, S));
      }),
      { numRuns: 100 },
    );
  });

  it('agree about keys and signatures with small parts, made by who holds the key', () => {
    const scalar = fc.bigInt({ min: 1n, max: L - 1n });
    const small = fc.integer({ min: 0, max: 7 });
    let accepted = 0;
    let refused = 0;
    fc.assert(
      fc.property(scalar, scalar, small, small, messageBytes(), (a, r, smallA, smallR, text) => {
        const made = crafted(a, r, smallA, smallR, text);
        if (verdict(made.publicKey, made.message, made.signature)) accepted++;
        else refused++;
      }),
      { numRuns: 150 },
    );
    // Both happen: the small parts may cancel, and a rule that refused all would agree as well.
    expect(Math.min(accepted, refused)).toBeGreaterThan(0);
  });

  it("noble's own verify accepts what node:crypto refuses, which is why it is not used", () => {
    const { publicKey: key, message: text, signature: signed } = crafted(5n, 9n, 0, 3, message);
    expect(noble.verify(signed, text, key, { zip215: false })).toBe(true);
    expect(verdict(key, text, signed)).toBe(false);
  });
});

describe('the acceptance rule', () => {
  it('alters nothing that it looks at, not in a Buffer either, whose slices are views', () => {
    const secret = Uint8Array.from({ length: 32 }, (_, i) => i);
    const message = Uint8Array.of(1, 2, 3);
    for (let last = 0; last < 8; last++) {
      secret[31] = last;
      const publicKey = Buffer.from(nodeEd25519.publicKeyOf(secret.slice()));
      const signature = Buffer.from(nodeEd25519.sign(secret.slice(), message));
      const before = Buffer.concat([publicKey, signature]);
      expect(nodeEd25519.verify(publicKey, message, signature)).toBe(true);
      expect(Buffer.concat([publicKey, signature]).equals(before)).toBe(true);
    }
  });

  it('lets an honest signature pass', () => {
    fc.assert(
      fc.property(secretBytes(), messageBytes(), (seed, text) => {
        expect(acceptable(nodeEd25519.publicKeyOf(seed), nodeEd25519.sign(seed, text))).toBe(true);
      }),
    );
  });

  it('knows eight points of small order, in every spelling', () => {
    expect(new Set(smallPoints.map((point) => toHex(point.toBytes()))).size).toBe(8);
    for (const point of smallPoints) expect(point.multiplyUnsafe(8n).equals(Point.ZERO)).toBe(true);
    for (const bytes of smallEncodings) {
      expect(isAcceptablePublicKey(bytes), toHex(bytes)).toBe(false);
      expect(acceptable(bytes, signature), toHex(bytes)).toBe(false);
      expect(acceptable(publicKey, concat(bytes, signature.subarray(32))), toHex(bytes)).toBe(false);
    }
  });

  it('refuses a key of small order, for which one signature would fit many messages', () => {
    for (const bytes of smallEncodings) {
      const R = Point.BASE.multiply(5n).toBytes();
      expect(verdict(bytes, message, concat(R, encoded(5n)))).toBe(false);
    }
  });

  it('refuses an R of small order that its maker could fit', () => {
    for (let small = 0; small < 8; small++) {
      const made = crafted(11n, 0n, 0, small, message);
      expect(verdict(made.publicKey, made.message, made.signature)).toBe(false);
    }
  });

  it('refuses every y that is not below p', () => {
    for (let y = P; y < 2n ** 255n; y++) {
      for (const sign of [0n, 1n << 255n]) {
        expect(isAcceptablePublicKey(encoded(y | sign))).toBe(false);
        expect(acceptable(publicKey, concat(encoded(y | sign), signature.subarray(32)))).toBe(false);
      }
    }
    expect(isAcceptablePublicKey(encoded(P - 2n))).toBe(true);
  });

  it('refuses S + L, S + 2L and so on: one signature has one spelling', () => {
    const R = signature.subarray(0, 32);
    const S = decoded(signature.subarray(32));
    for (let S2 = S + L; S2 < 2n ** 256n; S2 += L) {
      expect(acceptable(publicKey, concat(R, encoded(S2)))).toBe(false);
      expect(verdict(publicKey, message, concat(R, encoded(S2)))).toBe(false);
    }
    expect(acceptable(publicKey, concat(R, encoded(L)))).toBe(false);
    expect(acceptable(publicKey, concat(R, encoded(L - 1n)))).toBe(true);
  });

  it.each([0, 31, 33, 64])('refuses a key of %i bytes', (length) => {
    expect(verdict(new Uint8Array(length).fill(9), message, signature)).toBe(false);
  });

  it.each([0, 32, 63, 65, 128])('refuses a signature of %i bytes', (length) => {
    expect(verdict(publicKey, message, new Uint8Array(length).fill(9))).toBe(false);
  });
});

describe.each(backends)('$name', ({ ed25519 }) => {
  it.each([0, 31, 33, 64])('refuses a secret of %i bytes, without repeating it', (length) => {
    const bad = new Uint8Array(length).fill(0xab);
    for (const use of [() => ed25519.sign(bad, message), () => ed25519.publicKeyOf(bad)]) {
      expect(use).toThrow(`expected an Ed25519 secret of 32 bytes, found ${length}`);
    }
  });

  it('signs with what the array holds now, not with what it held before', () => {
    const reused = Uint8Array.from(secret);
    ed25519.sign(reused, message);
    reused.fill(8);
    expect(ed25519.publicKeyOf(reused)).toEqual(nobleEd25519.publicKeyOf(new Uint8Array(32).fill(8)));
    expect(ed25519.sign(reused, message)).toEqual(nobleEd25519.sign(new Uint8Array(32).fill(8), message));
  });

  it('refuses a key that is no point of the curve', () => {
    const offCurve = encoded(2n);
    expect(() => Point.fromBytes(offCurve)).toThrow();
    expect(ed25519.verify(offCurve, message, signature)).toBe(false);
  });
});

describe('checking many at once', () => {
  it('answers in the order asked, the good and the bad', async () => {
    const checks = Array.from({ length: 300 }, (_, i) => {
      const text = utf8(`message ${i}`);
      const signed = fastestEd25519.sign(secret, text);
      if (i % 3 === 1) signed[40] = (signed[40] ?? 0) ^ 1;
      return {
        publicKey: i % 3 === 2 ? fromHex('00'.repeat(32)) : publicKey,
        message: text,
        signature: signed,
      };
    });
    expect(await verifyMany(checks)).toEqual(checks.map((_, i) => i % 3 === 0));
  });

  it('of nothing answers nothing', async () => expect(await verifyMany([])).toEqual([]));

  it('refuses malformed ones instead of failing', async () => {
    const off = { publicKey: encoded(2n), message, signature };
    const short = { publicKey, message, signature: signature.subarray(1) };
    expect(await verifyMany([off, short, { publicKey, message, signature }])).toEqual([false, false, true]);
  });
});
