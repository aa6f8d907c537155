import { createPrivateKey, createPublicKey, diffieHellman, randomBytes } from 'node:crypto';
import { x25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { type BoxContext, openBox, openContent, sealBox, sealContent } from './box.ts';
import { concat, fromHex, textOf, toHex, utf8 } from './bytes.ts';
import { asDigest } from './digest.ts';
import { boxKeysOf } from './key-holder.ts';

const random = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));
const context: BoxContext = {
  councilId: asDigest('a'.repeat(64)),
  purpose: 'dossier.offered',
  recipient: 'node-1',
  caseId: asDigest('b'.repeat(64)),
};
const { recipient, ...forAll } = context;
const plain = utf8('Not for print.');

const ALICE = '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a';
const BOB = '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb';

describe('X25519 is that of RFC 7748', () => {
  it('section 5.2: scalars times u-coordinates, the unused bit of the second one set', () => {
    for (const [scalar, u, product] of [
      [
        'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
        'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
        'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
      ],
      [
        '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
        'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
        '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
      ],
    ] as const) {
      expect(toHex(x25519.scalarMult(fromHex(scalar), fromHex(u)))).toBe(product);
    }
  });

  it('section 6.1: the keys of Alice and Bob, and what they share', () => {
    const [alice, bob] = [boxKeysOf(fromHex(ALICE)), boxKeysOf(fromHex(BOB))];
    expect(toHex(alice.publicKey)).toBe('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
    expect(toHex(bob.publicKey)).toBe('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
    expect(toHex(x25519.getSharedSecret(alice.secret, bob.publicKey))).toBe(
      '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
    );
  });

  it('node:crypto comes to the same keys and secrets', () => {
    for (let i = 0; i < 8; i++) {
      const [own, other] = [boxKeysOf(random(32)), boxKeysOf(random(32))];
      const publicKey = createPublicKey({ key: spki(other.publicKey), format: 'der', type: 'spki' });
      const privateKey = createPrivateKey({ key: pkcs8(own.secret), format: 'der', type: 'pkcs8' });
      const spelled = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
      expect(toHex(spelled.subarray(-32))).toBe(toHex(own.publicKey));
      expect(toHex(diffieHellman({ privateKey, publicKey }))).toBe(
        toHex(x25519.getSharedSecret(own.secret, other.publicKey)),
      );
    }
  });
});

describe('a sealed box', () => {
  const keys = boxKeysOf(random(32));
  const box = sealBox(keys.publicKey, plain, context, random);

  it('opens for its key and its context, and shows nothing of what is in it', () => {
    expect(openBox(keys, box, context)).toEqual(plain);
    expect(toHex(box)).not.toContain(toHex(plain.subarray(0, 8)));
    expect(toHex(sealBox(keys.publicKey, plain, context, random))).not.toBe(toHex(box));
  });

  it('does not open with any one bit of it changed', () => {
    for (let bit = 0; bit < 8 * box.length; bit++) {
      const changed = Uint8Array.from(box);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(openBox(keys, changed, context), `bit ${bit}`).toBeUndefined();
    }
  });

  it('does not open cut short, lengthened, or for anybody else', () => {
    for (let length = 0; length < box.length; length++) {
      expect(openBox(keys, box.subarray(0, length), context)).toBeUndefined();
    }
    expect(openBox(keys, concat(box, Uint8Array.of(0)), context)).toBeUndefined();
    expect(openBox(boxKeysOf(random(32)), box, context)).toBeUndefined();
  });

  it('does not open as of another council, purpose, node or case', () => {
    const others: BoxContext[] = [
      { ...context, councilId: asDigest('c'.repeat(64)) },
      { ...context, purpose: 'dossier.given' },
      { ...context, recipient: 'node-2' },
      { ...context, caseId: asDigest('c'.repeat(64)) },
    ];
    for (const other of others) expect(openBox(keys, box, other)).toBeUndefined();
  });

  it('is not sealed to a key of small order, and one from such a key does not open', () => {
    // RFC 7748, 6.1: with these the secret would be zero, whoever holds what. In both spellings of the unused bit.
    for (const point of [
      '0000000000000000000000000000000000000000000000000000000000000000',
      '0100000000000000000000000000000000000000000000000000000000000000',
      'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
      'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      '0000000000000000000000000000000000000000000000000000000000000080',
    ]) {
      expect(() => sealBox(fromHex(point), plain, context, random)).toThrow(/node-1 is not a key/);
      expect(openBox(keys, concat(fromHex(point), box.subarray(32)), context)).toBeUndefined();
    }
    expect(() => sealBox(keys.publicKey.subarray(1), plain, context, random)).toThrow(/is not a key/);
  });
});

describe('content for several', () => {
  const key = random(32);
  const sealed = sealContent(key, plain, forAll, random);

  it('is encrypted once, and each node opens it by the key in its own box', () => {
    const nodes = ['node-1', 'node-2', 'node-3'].map((name) => ({ name, keys: boxKeysOf(random(32)) }));
    for (const { name, keys } of nodes) {
      const box = sealBox(keys.publicKey, key, { ...forAll, recipient: name }, random);
      const opened = openBox(keys, box, { ...forAll, recipient: name }) ?? expect.fail('it opens');
      expect(textOf(openContent(opened, sealed, forAll) ?? expect.fail('it opens'))).toBe(textOf(plain));
    }
    expect(recipient).toBe('node-1');
  });

  it('does not open with any one bit changed, under another key, or as another case', () => {
    for (let bit = 0; bit < 8 * sealed.length; bit++) {
      const changed = Uint8Array.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(openContent(key, changed, forAll), `bit ${bit}`).toBeUndefined();
    }
    expect(openContent(random(32), sealed, forAll)).toBeUndefined();
    expect(openContent(key.subarray(1), sealed, forAll)).toBeUndefined();
    expect(openContent(key, sealed.subarray(0, 20), forAll)).toBeUndefined();
    expect(openContent(key, sealed, { ...forAll, caseId: asDigest('c'.repeat(64)) })).toBeUndefined();
    expect(openContent(key, sealed, { ...forAll, purpose: 'dossier.given' })).toBeUndefined();
  });
});

/** RFC 8410: the few bytes before a raw key. */
function spki(key: Uint8Array): Buffer {
  return Buffer.from(concat(fromHex('302a300506032b656e032100'), key));
}

function pkcs8(key: Uint8Array): Buffer {
  return Buffer.from(concat(fromHex('302e020100300506032b656e04220420'), key));
}
