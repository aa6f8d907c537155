// The fast BLS backend: @chainsafe/blst, native code, there only where its binary is. A running node uses it
// when it can; the portable verifier must not import this file.

import { type Bls, badSignature, withRule } from './bls-rule.ts';
import { toHex } from './bytes.ts';
import { Recent } from './recent.ts';

type Blst = typeof import('@chainsafe/blst');
type PublicKey = import('@chainsafe/blst').PublicKey;
type Signature = import('@chainsafe/blst').Signature;

const KEYS_REMEMBERED = 4096;

/** The native backend, or undefined on a machine it was not built for: then `nobleBls` does the same, slower. */
export async function loadBlst(): Promise<Bls | undefined> {
  try {
    return blstBls(await import('@chainsafe/blst'));
  } catch {
    return undefined;
  }
}

function blstBls(blst: Blst): Bls {
  const keys = new Recent<PublicKey>(KEYS_REMEMBERED);

  /** Checked for curve, subgroup and identity when decoded, so `verify` need not check again. */
  function keyOf(bytes: Uint8Array): PublicKey {
    return keys.of(toHex(bytes), () => blst.PublicKey.fromBytes(bytes, true));
  }

  /** Checked for curve and subgroup; the identity decodes, and then verifies nothing. */
  function signatureOf(bytes: Uint8Array): Signature {
    return blst.Signature.fromBytes(bytes, true, false);
  }

  function holds(check: () => boolean): boolean {
    try {
      return check();
    } catch {
      return false; // blst throws on malformed points
    }
  }

  return withRule({
    publicKeyOf: (secret) => Uint8Array.from(blst.SecretKey.fromBytes(secret).toPublicKey().toBytes()),

    sign: (secret, message) => Uint8Array.from(blst.SecretKey.fromBytes(secret).sign(message).toBytes()),

    verify: (publicKey, message, signature) =>
      holds(() => blst.verify(message, keyOf(publicKey), signatureOf(signature))),

    aggregateSignatures(signatures) {
      try {
        return Uint8Array.from(blst.aggregateSignatures(signatures.map(signatureOf)).toBytes());
      } catch {
        throw badSignature();
      }
    },

    verifyAggregate: (publicKeys, message, signature) =>
      holds(() => blst.fastAggregateVerify(message, publicKeys.map(keyOf), signatureOf(signature))),

    isPublicKey: (bytes) =>
      holds(() => {
        keyOf(bytes);
        return true;
      }),

    isSignature: (bytes) =>
      holds(() => {
        signatureOf(bytes);
        return true;
      }),
  });
}
