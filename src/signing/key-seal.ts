// How the secrets of a council's directory are sealed: one key for the directory, derived from a passphrase by
// scrypt once, and XChaCha20-Poly1305 under a fresh nonce for each file. Randomness comes from the caller.
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { scrypt } from '@noble/hashes/scrypt.js';
import * as z from 'zod';
import { badInput } from '../errors.ts';
import { fromBase64, fromHex, toBase64, toHex, utf8 } from './bytes.ts';

/** Fresh random bytes, as many as asked. */
export type Randomness = (length: number) => Uint8Array;

export const KEY_SALT_BYTES = 32;
const NONCE_BYTES = 24;

/** Memory 128·N·r bytes (64 MiB), time ∝ N·r·p: about a second in JavaScript, spent once a directory. */
export const SCRYPT_COST = { N: 2 ** 16, r: 8, p: 2 } as const;

/** What a file may ask of us: a hostile one must neither hang a node nor exhaust its memory. */
const MOST_MEMORY_BYTES = 256 * 1024 * 1024;
const MOST_WORK = 2 ** 21;

export const scryptSchema = z
  .strictObject({
    N: z
      .int()
      .min(2)
      .max(2 ** 20),
    p: z.int().min(1).max(16),
    r: z.int().min(1).max(32),
    salt: z.string().regex(/^[0-9a-f]{64}$/),
  })
  .refine(({ N }) => (N & (N - 1)) === 0, 'N is a power of two')
  .refine(({ N, r }) => 128 * N * r <= MOST_MEMORY_BYTES, `at most ${MOST_MEMORY_BYTES} bytes of memory`)
  .refine(({ N, r, p }) => N * r * p <= MOST_WORK, `N·r·p at most ${MOST_WORK}`);

export type ScryptParameters = z.infer<typeof scryptSchema>;

export const sealedSchema = z.strictObject({
  box: z.string().max(2048),
  nonce: z.string().regex(/^[0-9a-f]{48}$/),
});

export type Sealed = z.infer<typeof sealedSchema>;

/** The directory's key. NFKC, so that a passphrase is the same on every keyboard. */
export function deriveKey(passphrase: string, { N, r, p, salt }: ScryptParameters): Uint8Array {
  if (passphrase === '') throw badInput('expected a passphrase for the key directory, found an empty one');
  const maxmem = MOST_MEMORY_BYTES + 1024 * 1024;
  return scrypt(utf8(passphrase.normalize('NFKC')), fromHex(salt), { N, r, p, dkLen: 32, maxmem });
}

export function seal(key: Uint8Array, bound: Uint8Array, secret: Uint8Array, random: Randomness): Sealed {
  const nonce = random(NONCE_BYTES);
  return { box: toBase64(xchacha20poly1305(key, nonce, bound).encrypt(secret)), nonce: toHex(nonce) };
}

/** The secret, or undefined when key, bound bytes or box are not those it was sealed with. */
export function unseal(key: Uint8Array, bound: Uint8Array, { box, nonce }: Sealed): Uint8Array | undefined {
  try {
    return xchacha20poly1305(key, fromHex(nonce), bound).decrypt(fromBase64(box));
  } catch {
    return undefined;
  }
}
