// Ed25519 by libsodium: native code that signs and verifies in half the time OpenSSL takes, there only where its
// binary is. What may be looked at at all is decided before it, as for every backend; the equation it checks is
// RFC 8032's without the cofactor, like theirs. The portable verifier must not import this file.
import { createRequire } from 'node:module';
import { equalBytes } from './bytes.ts';
import {
  acceptable,
  ED25519_PUBLIC_BYTES,
  ED25519_SIGNATURE_BYTES,
  type Ed25519,
  requireSecret,
} from './ed25519.ts';

/** What is used of sodium-native, which comes without declarations. */
interface Sodium {
  crypto_sign_seed_keypair(publicKey: Uint8Array, pair: Uint8Array, seed: Uint8Array): void;
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, pair: Uint8Array): void;
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
}

/** Undefined on a machine it was not built for: then node:crypto does the same, slower. */
export function loadSodium(): Ed25519 | undefined {
  try {
    return sodiumEd25519(createRequire(import.meta.url)('sodium-native'));
  } catch {
    return undefined;
  }
}

function sodiumEd25519(sodium: Sodium): Ed25519 {
  /** Seed and public key together, which signing needs; kept as long as the owner keeps the seed's array. */
  const pairs = new WeakMap<Uint8Array, Uint8Array>();

  function pairOf(secret: Uint8Array): Uint8Array {
    requireSecret(secret);
    const known = pairs.get(secret);
    // An array may be overwritten with another secret, or wiped: then its pair is made anew.
    if (known !== undefined && equalBytes(known.subarray(0, secret.length), secret)) return known;
    const pair = new Uint8Array(secret.length + ED25519_PUBLIC_BYTES);
    sodium.crypto_sign_seed_keypair(new Uint8Array(ED25519_PUBLIC_BYTES), pair, secret);
    pairs.set(secret, pair);
    return pair;
  }

  return {
    publicKeyOf: (secret) => pairOf(secret).slice(secret.length),

    sign(secret, message) {
      const signature = new Uint8Array(ED25519_SIGNATURE_BYTES);
      sodium.crypto_sign_detached(signature, message, pairOf(secret));
      return signature;
    },

    verify: (publicKey, message, signature) =>
      acceptable(publicKey, signature) && sodium.crypto_sign_verify_detached(signature, message, publicKey),
  };
}
