// Ed25519 (RFC 8032): the key of a seat's identity, votes and envelopes (protocol 2.3). One rule decides what
// may be looked at at all and stands before every backend, because libraries differ in just these corners; the
// portable backend is here, faster ones in ed25519-node.ts and ed25519-sodium.ts, and tests hold them against each other.
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { badInput } from '../errors.ts';
import { concat, equalBytes } from './bytes.ts';

export interface Ed25519 {
  /** The public key of a 32-byte secret seed. */
  publicKeyOf(secret: Uint8Array): Uint8Array;
  sign(secret: Uint8Array, message: Uint8Array): Uint8Array;
  /** False for whatever does not verify, malformed bytes included; never throws. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** One signature to check among many. */
export interface SignatureCheck {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

export const ED25519_SECRET_BYTES = 32;
export const ED25519_PUBLIC_BYTES = 32;
export const ED25519_SIGNATURE_BYTES = 64;

/**
 * The acceptance rule (protocol 2.3): canonical A and R, neither of small order (the identity is), S < L.
 * Whether A is on the curve is left to the backends, which agree about it.
 */
export function acceptable(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return (
    signature.length === ED25519_SIGNATURE_BYTES &&
    isAcceptablePublicKey(publicKey) &&
    isCanonicalOfLargeOrder(signature, 0) &&
    isBelow(signature, 32, GROUP_ORDER)
  );
}

/** What a roster asks of a key before it is admitted; on the curve is checked by `verify`. */
export function isAcceptablePublicKey(publicKey: Uint8Array): boolean {
  return publicKey.length === ED25519_PUBLIC_BYTES && isCanonicalOfLargeOrder(publicKey, 0);
}

export function requireSecret(secret: Uint8Array): void {
  if (secret.length !== ED25519_SECRET_BYTES) {
    throw badInput(`expected an Ed25519 secret of ${ED25519_SECRET_BYTES} bytes, found ${secret.length}`);
  }
}

/** The portable backend: it runs wherever JavaScript does. */
export const nobleEd25519: Ed25519 = {
  publicKeyOf(secret) {
    requireSecret(secret);
    return ed25519.getPublicKey(secret);
  },

  sign(secret, message) {
    requireSecret(secret);
    return ed25519.sign(message, secret);
  },

  verify(publicKey, message, signature) {
    return acceptable(publicKey, signature) && satisfiesEquation(publicKey, message, signature);
  },
};

/**
 * R = S·B − k·A, compared as bytes: RFC 8032's equation without the cofactor, which is the one node:crypto
 * checks. noble's own `verify` multiplies by the cofactor even with `zip215: false`, so it accepts signatures
 * by keys with a small-order part that node:crypto refuses, and two honest nodes could disagree.
 */
function satisfiesEquation(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const R = signature.subarray(0, 32);
  let A: InstanceType<typeof ed25519.Point>;
  try {
    A = ed25519.Point.fromBytes(publicKey, false);
  } catch {
    return false; // not on the curve
  }
  const k = modOrder(sha512(concat(R, publicKey, message)));
  const S = littleEndian(signature.subarray(32));
  const expected = ed25519.Point.BASE.multiplyUnsafe(S).subtract(A.multiplyUnsafe(k));
  return equalBytes(expected.toBytes(), R);
}

// The order L of the group and the prime p of the field, as little-endian bytes: what is compared is encodings.
const GROUP_ORDER = littleEndianBytes(2n ** 252n + 27742317777372353535851937790883648493n);
const FIELD_PRIME = littleEndianBytes(2n ** 255n - 19n);

/** The y of the eight points of small order: 1 (identity), −1, 0 and two of order eight; x may have either sign. */
const SMALL_ORDER_Y = [
  1n,
  2n ** 255n - 20n,
  0n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
].map(littleEndianBytes);

function isCanonicalOfLargeOrder(bytes: Uint8Array, at: number): boolean {
  // Copied explicitly: `slice` of a Node Buffer is a view, and what is checked must never be altered.
  const y = Uint8Array.from(bytes.subarray(at, at + 32));
  y[31] = (y[31] ?? 0) & 0x7f; // the top bit is the sign of x
  return isBelow(y, 0, FIELD_PRIME) && !SMALL_ORDER_Y.some((small) => equalBytes(small, y));
}

function isBelow(bytes: Uint8Array, at: number, bound: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    const difference = (bytes[at + i] ?? 0) - (bound[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return value;
}

function littleEndianBytes(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function modOrder(bytes: Uint8Array): bigint {
  return littleEndian(bytes) % ed25519.Point.Fn.ORDER;
}
