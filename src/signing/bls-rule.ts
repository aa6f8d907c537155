// BLS12-381 signatures, min-pk (48-byte keys in G1, 96-byte signatures in G2), used only for decision
// certificates (protocol 2.3, draft-irtf-cfrg-bls-signature-05). What a backend must do, and the rule that
// stands before each. The portable backend is in bls.ts, the fast one in bls-blst.ts; both give the same bytes.
import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { badInput } from '../errors.ts';
import { concat, utf8 } from './bytes.ts';

/** The ciphersuite, which is also the domain separation tag of every message. */
export const BLS_SUITE = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_';

export const BLS_SECRET_BYTES = 32;
export const BLS_PUBLIC_BYTES = 48;
export const BLS_SIGNATURE_BYTES = 96;

/** What returns a boolean says false of malformed bytes too and never throws; the rest throw bad input. */
export interface Bls {
  publicKeyOf(secret: Uint8Array): Uint8Array;
  sign(secret: Uint8Array, message: Uint8Array): Uint8Array;
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  aggregateSignatures(signatures: readonly Uint8Array[]): Uint8Array;
  /**
   * One message, many keys, their aggregated signature. Sound only for keys whose possession was proved:
   * otherwise a key can be made up from the others' so that it cancels them.
   */
  verifyAggregate(publicKeys: readonly Uint8Array[], message: Uint8Array, signature: Uint8Array): boolean;
  /** Canonical, in the subgroup, and not the identity. */
  isPublicKey(bytes: Uint8Array): boolean;
  /** Canonical and in the subgroup. The identity is one, as the draft has it, and verifies under no key. */
  isSignature(bytes: Uint8Array): boolean;
  provePossession(secret: Uint8Array): Uint8Array;
  verifyPossession(publicKey: Uint8Array, proof: Uint8Array): boolean;
}

/** What a backend adds to what is the same for all; it is asked only about keys and signatures of due shape. */
export type BlsBackend = Omit<Bls, 'provePossession' | 'verifyPossession'>;

/** Puts the rule of protocol 2.3 before a backend, so that backends cannot differ in what they look at. */
export function withRule(backend: BlsBackend): Bls {
  const verify: Bls['verify'] = (publicKey, message, signature) =>
    isKeyShaped(publicKey) && isSignatureShaped(signature) && backend.verify(publicKey, message, signature);
  const sign: Bls['sign'] = (secret, message) => backend.sign(requireBlsSecret(secret), message);
  const publicKeyOf: Bls['publicKeyOf'] = (secret) => backend.publicKeyOf(requireBlsSecret(secret));
  return {
    publicKeyOf,
    sign,
    verify,
    aggregateSignatures(signatures) {
      if (signatures.length === 0) throw badInput('expected at least one signature to aggregate, found none');
      if (!signatures.every(isSignatureShaped)) throw badSignature();
      return backend.aggregateSignatures(signatures);
    },
    verifyAggregate: (publicKeys, message, signature) =>
      publicKeys.length > 0 &&
      publicKeys.every(isKeyShaped) &&
      isSignatureShaped(signature) &&
      backend.verifyAggregate(publicKeys, message, signature),
    isPublicKey: (bytes) => isKeyShaped(bytes) && backend.isPublicKey(bytes),
    isSignature: (bytes) => isSignatureShaped(bytes) && backend.isSignature(bytes),
    provePossession: (secret) => sign(secret, possessionBytes(publicKeyOf(secret))),
    verifyPossession: (publicKey, proof) => verify(publicKey, possessionBytes(publicKey), proof),
  };
}

/**
 * What a proof of possession signs. It names its purpose but, unlike everything else that is signed (protocol
 * 2.2), neither council nor epoch: the council's id is a digest that covers the roster and thus this very
 * proof, and a proof that a key is possessed says the same in every council. The draft would tell it from
 * messages by a tag of its own (BLS_POP_…); blst's binding has its tag built in, so proofs would be left to
 * the portable backend, thirty times as slow. A prefix in the signed bytes separates as well: all else that a
 * BLS key signs begins with "DSSEv1 ".
 */
function possessionBytes(publicKey: Uint8Array): Uint8Array {
  return concat(utf8('conclave/v1/bls.possession\0'), publicKey);
}

/** KeyGen of the draft (section 2.3): a secret from at least 32 bytes of randomness. */
export function blsSecretFrom(randomness: Uint8Array): Uint8Array {
  if (randomness.length < 32) throw badInput(`expected 32 bytes of randomness, found ${randomness.length}`);
  let salt = utf8('BLS-SIG-KEYGEN-SALT-');
  for (;;) {
    salt = sha256(salt);
    const pseudorandom = extract(sha256, concat(randomness, Uint8Array.of(0)), salt);
    const scalar = bigEndian(expand(sha256, pseudorandom, Uint8Array.of(0, 48), 48)) % GROUP_ORDER;
    if (scalar !== 0n)
      return Uint8Array.from({ length: 32 }, (_, i) => Number((scalar >> BigInt(8 * (31 - i))) & 0xffn));
  }
}

export function badSignature(): Error {
  return badInput(
    `expected BLS signatures: ${BLS_SIGNATURE_BYTES} bytes that encode a point of the subgroup`,
  );
}

const GROUP_ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

function requireBlsSecret(secret: Uint8Array): Uint8Array {
  const scalar = secret.length === BLS_SECRET_BYTES ? bigEndian(secret) : 0n;
  // The value stays out of the message: it is a secret.
  if (scalar === 0n || scalar >= GROUP_ORDER) {
    throw badInput('expected a BLS secret: 32 bytes, above zero and below the order of the group');
  }
  return secret;
}

// The three top bits of a point: compressed, infinity, sign of y. Compressed is the only spelling accepted.
const COMPRESSED = 0x80;
const INFINITY = 0x40;

/** The identity is refused here, for every backend: noble would add it to an aggregate without complaint. */
function isKeyShaped(bytes: Uint8Array): boolean {
  const flags = bytes[0] ?? 0;
  return bytes.length === BLS_PUBLIC_BYTES && (flags & COMPRESSED) !== 0 && (flags & INFINITY) === 0;
}

function isSignatureShaped(bytes: Uint8Array): boolean {
  return bytes.length === BLS_SIGNATURE_BYTES && ((bytes[0] ?? 0) & COMPRESSED) !== 0;
}

function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}
