// Ed25519 by node:crypto (OpenSSL): there wherever Node is, some ten times as fast as the portable backend. The
// portable verifier must not import this file.
import { Buffer } from 'node:buffer';
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { equalBytes, fromHex, toHex } from './bytes.ts';
import { acceptable, type Ed25519, requireSecret } from './ed25519.ts';
import { Recent } from './recent.ts';

// RFC 8410: the whole DER of a key is a fixed prefix and 32 bytes.
const SPKI_PREFIX = fromHex('302a300506032b6570032100');
const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420');

/** Many rosters of 33, and the submitters of a charter. */
const PUBLIC_KEYS_REMEMBERED = 4096;

const publicKeys = new Recent<KeyObject>(PUBLIC_KEYS_REMEMBERED);

/** By the identity of the secret's array, so that a secret is forgotten when its owner forgets it. */
const privateKeys = new WeakMap<Uint8Array, { readonly bytes: Uint8Array; readonly key: KeyObject }>();

export const nodeEd25519: Ed25519 = {
  publicKeyOf(secret) {
    const der = createPublicKey(privateKey(secret)).export({ type: 'spki', format: 'der' });
    return Uint8Array.from(der.subarray(SPKI_PREFIX.length));
  },

  sign(secret, message) {
    return Uint8Array.from(sign(null, message, privateKey(secret)));
  },

  verify(publicKey, message, signature) {
    if (!acceptable(publicKey, signature)) return false;
    try {
      return verify(null, message, publicKeyObject(publicKey), signature);
    } catch {
      return false; // OpenSSL refuses some malformed keys by throwing
    }
  },
};

function publicKeyObject(publicKey: Uint8Array): KeyObject {
  return publicKeys.of(toHex(publicKey), () =>
    createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' }),
  );
}

function privateKey(secret: Uint8Array): KeyObject {
  requireSecret(secret);
  const known = privateKeys.get(secret);
  // An array may be overwritten with another secret, or wiped: then its key is made anew.
  if (known !== undefined && equalBytes(known.bytes, secret)) return known.key;
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, secret]), format: 'der', type: 'pkcs8' });
  privateKeys.set(secret, { bytes: Uint8Array.from(secret), key });
  return key;
}
