// SHA-256 by whatever is fastest where this runs. Everything here is named by a digest, so the platform's own hash
// is worth having; where there is none (a browser can only hash in promises) the portable one gives the same bytes.
// Asked for at run time instead of imported, so that whoever uses it stays portable.
import { sha256 as portable } from '@noble/hashes/sha2.js';
import { toHex } from './bytes.ts';

export interface Sha256 {
  bytes(message: Uint8Array): Uint8Array;
  hex(message: Uint8Array): string;
}

export const portableSha256: Sha256 = {
  bytes: portable,
  hex: (message) => toHex(portable(message)),
};

/** Node's, or undefined elsewhere. */
export function nativeSha256(): Sha256 | undefined {
  const crypto = globalThis.process?.getBuiltinModule?.('node:crypto');
  if (crypto?.hash === undefined) return undefined;
  const { hash } = crypto;
  return {
    // A copy, because a Buffer may be a view into memory that others share.
    bytes: (message) => Uint8Array.from(hash('sha256', message, 'buffer')),
    hex: (message) => hash('sha256', message, 'hex'),
  };
}

export const fastestSha256: Sha256 = nativeSha256() ?? portableSha256;
