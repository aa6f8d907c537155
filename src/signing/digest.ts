// SHA-256 digests, written as 64 hex digits wherever people or JSON meet them (protocol 2.1).
import { badInput } from '../errors.ts';
import { canonicalBytes } from './canonical.ts';
import { fastestSha256 } from './sha256.ts';

export type Digest = string & { readonly brand: 'Digest' };

export function sha256(bytes: Uint8Array): Uint8Array {
  return fastestSha256.bytes(bytes);
}

export function digestOfBytes(bytes: Uint8Array): Digest {
  return fastestSha256.hex(bytes) as Digest;
}

/** The digest of a value's canonical bytes. */
export function digestOf(value: unknown): Digest {
  return digestOfBytes(canonicalBytes(value));
}

export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);
}

export function asDigest(text: string): Digest {
  if (!isDigest(text))
    throw badInput(`expected a digest of 64 lower-case hex digits, found "${text.slice(0, 80)}"`);
  return text;
}
