// Sealed boxes: bytes that only the holder of one X25519 key can read, made by somebody who needs no key of their own
// (protocol 8.4). HPKE's base mode in the small (RFC 9180: ephemeral key, HKDF, one AEAD call): X25519, HKDF-SHA-256,
// XChaCha20-Poly1305. What a box was made for is part of its key, so a box cannot be shown as another. It says nothing
// about who made it: whoever needs to know looks at the signature beside it.
//
// What goes to several nodes is encrypted once under a content key of its own, and that key is boxed for each of them.
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { badInput } from '../errors.ts';
import { concat } from './bytes.ts';
import { canonicalBytes } from './canonical.ts';
import type { Digest } from './digest.ts';
import { boxKeysOf, type KeyPair } from './key-holder.ts';
import type { Randomness } from './key-seal.ts';

export const X25519_KEY_BYTES = 32;
export const CONTENT_KEY_BYTES = 32;

const NONCE_BYTES = 24;
const TAG_BYTES = 16;
export const BOX_OVERHEAD_BYTES = X25519_KEY_BYTES + TAG_BYTES;
export const CONTENT_OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES;

/** What a box is for: opened for anything else, it does not open. */
export interface BoxContext {
  readonly councilId: Digest;
  readonly purpose: 'dossier.offered' | 'dossier.given';
  /** the name of the node it is for */
  readonly recipient: string;
  readonly caseId: Digest;
}

/** Throws bad input for a public key that nobody can hold: one of small order. */
export function sealBox(
  publicKey: Uint8Array,
  plain: Uint8Array,
  context: BoxContext,
  random: Randomness,
): Uint8Array {
  const ephemeral = boxKeysOf(random(X25519_KEY_BYTES));
  const shared = sharedSecret(ephemeral.secret, publicKey);
  if (shared === undefined) throw badInput(`the X25519 key of ${context.recipient} is not a key`);
  const { key, nonce, bound } = derived(shared, ephemeral.publicKey, publicKey, context);
  return concat(ephemeral.publicKey, xchacha20poly1305(key, nonce, bound).encrypt(plain));
}

/** Undefined for whatever was not sealed for this key and this context, to the last bit. */
export function openBox(keys: KeyPair, box: Uint8Array, context: BoxContext): Uint8Array | undefined {
  if (box.length < BOX_OVERHEAD_BYTES) return undefined;
  const ephemeral = box.slice(0, X25519_KEY_BYTES);
  const shared = sharedSecret(keys.secret, ephemeral);
  if (shared === undefined) return undefined;
  const { key, nonce, bound } = derived(shared, ephemeral, keys.publicKey, context);
  return decrypted(key, nonce, bound, box.subarray(X25519_KEY_BYTES));
}

/** Under a content key of its own, bound to what it is for. */
export function sealContent(
  key: Uint8Array,
  plain: Uint8Array,
  context: Omit<BoxContext, 'recipient'>,
  random: Randomness,
): Uint8Array {
  const nonce = random(NONCE_BYTES);
  return concat(nonce, xchacha20poly1305(key, nonce, boundBytes(context)).encrypt(plain));
}

export function openContent(
  key: Uint8Array,
  sealed: Uint8Array,
  context: Omit<BoxContext, 'recipient'>,
): Uint8Array | undefined {
  if (key.length !== CONTENT_KEY_BYTES || sealed.length < CONTENT_OVERHEAD_BYTES) return undefined;
  const nonce = sealed.subarray(0, NONCE_BYTES);
  return decrypted(key, nonce, boundBytes(context), sealed.subarray(NONCE_BYTES));
}

/** Undefined where a key of small order would make the secret the same for everybody (RFC 7748, 6.1). */
function sharedSecret(secret: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
  if (publicKey.length !== X25519_KEY_BYTES) return undefined;
  try {
    const shared = x25519.getSharedSecret(secret, publicKey);
    return shared.some((byte) => byte !== 0) ? shared : undefined;
  } catch {
    return undefined;
  }
}

/** Both public keys go in as they were spelled: X25519 ignores a bit of them, and a box must not. */
function derived(shared: Uint8Array, ephemeral: Uint8Array, recipient: Uint8Array, context: BoxContext) {
  const bound = boundBytes(context);
  const bytes = hkdf(sha256, shared, concat(ephemeral, recipient), bound, CONTENT_KEY_BYTES + NONCE_BYTES);
  return { key: bytes.subarray(0, CONTENT_KEY_BYTES), nonce: bytes.subarray(CONTENT_KEY_BYTES), bound };
}

function boundBytes(context: object): Uint8Array {
  return canonicalBytes({ ...context, suite: 'conclave/box/v1/x25519-hkdf-sha256-xchacha20poly1305' });
}

function decrypted(
  key: Uint8Array,
  nonce: Uint8Array,
  bound: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  try {
    return xchacha20poly1305(key, nonce, bound).decrypt(sealed);
  } catch {
    return undefined;
  }
}
