// BLS signatures (protocol 2.3): what others import, and the portable backend, @noble/curves, which runs wherever
// JavaScript does and is the only one the offline verifier uses. The rule before it is in bls-rule.ts.
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { BLS_SUITE, type Bls, badSignature, withRule } from './bls-rule.ts';
import { toHex } from './bytes.ts';
import { Recent } from './recent.ts';

export {
  BLS_PUBLIC_BYTES,
  BLS_SECRET_BYTES,
  BLS_SIGNATURE_BYTES,
  BLS_SUITE,
  type Bls,
  blsSecretFrom,
} from './bls-rule.ts';

const scheme = bls12_381.longSignatures;

type PublicPoint = InstanceType<typeof bls12_381.G1.Point>;

/** Decoding a key costs 2 ms (a square root and the subgroup check), so the keys in use are kept decoded. */
const KEYS_REMEMBERED = 1024;
const keys = new Recent<PublicPoint>(KEYS_REMEMBERED);

/** `fromBytes` also checks the curve and the subgroup. */
function keyOf(bytes: Uint8Array): PublicPoint {
  return keys.of(toHex(bytes), () => bls12_381.G1.Point.fromBytes(bytes));
}

function hashed(message: Uint8Array) {
  return scheme.hash(message, BLS_SUITE);
}

/** False when the bytes are malformed, on which noble throws. */
function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}

export const nobleBls: Bls = withRule({
  publicKeyOf: (secret) => scheme.getPublicKey(secret).toBytes(),

  sign: (secret, message) => scheme.Signature.toBytes(scheme.sign(hashed(message), secret)),

  verify: (publicKey, message, signature) =>
    holds(() => scheme.verify(scheme.Signature.fromBytes(signature), hashed(message), keyOf(publicKey))),

  aggregateSignatures(signatures) {
    try {
      const points = signatures.map((bytes) => scheme.Signature.fromBytes(bytes));
      return scheme.Signature.toBytes(scheme.aggregateSignatures(points));
    } catch {
      throw badSignature();
    }
  },

  verifyAggregate: (publicKeys, message, signature) =>
    holds(() => {
      const point = scheme.Signature.fromBytes(signature);
      return scheme.verify(point, hashed(message), scheme.aggregatePublicKeys(publicKeys.map(keyOf)));
    }),

  isPublicKey: (bytes) => holds(() => !keyOf(bytes).is0()),

  isSignature: (bytes) =>
    holds(() => {
      scheme.Signature.fromBytes(bytes);
      return true;
    }),
});
