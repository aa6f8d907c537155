// Who holds keys, what keys they hold, and how keys are made. A seat holds an Ed25519 and a BLS key (protocol
// 2.3); a submitter, an operator and a node's log hold an Ed25519 key, and a node also the X25519 key that what is
// confidential is encrypted to (protocol 8.4).
import { x25519 } from '@noble/curves/ed25519.js';
import { badInput } from '../errors.ts';
import { type Bls, blsSecretFrom } from './bls.ts';
import type { Ed25519 } from './ed25519.ts';
import type { SeatId } from './seat-id.ts';

/** "seat/7", "submitter/acme", "operator/ada", "node/node-1", "log/main": also how an entry names its author. */
export type KeyHolder = string & { readonly brand: 'KeyHolder' };

export interface KeyPair {
  readonly secret: Uint8Array;
  readonly publicKey: Uint8Array;
}

export interface HeldKeys {
  readonly holder: KeyHolder;
  readonly ed25519: KeyPair;
  /** a seat's, with the proof that admits it to a roster */
  readonly bls: (KeyPair & { readonly possession: Uint8Array }) | null;
  /** a node's: 32 raw bytes each, as RFC 7748 has them */
  readonly x25519?: KeyPair;
}

export const KEY_RANDOMNESS_BYTES = 64;

/** Names become file names: no separators, nothing hidden, nothing long. */
const HOLDER =
  /^(?:seat\/[1-9][0-9]{0,2}|(?:submitter|operator|node|log)\/[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$/;

export function asKeyHolder(text: string): KeyHolder {
  if (!HOLDER.test(text)) {
    throw badInput(`expected a key holder such as seat/7 or submitter/acme, found "${text.slice(0, 80)}"`);
  }
  return text as KeyHolder;
}

export function seatHolder(seat: SeatId): KeyHolder {
  return asKeyHolder(`seat/${seat}`);
}

/** "seat-07.json", "submitter-acme.json" */
export function keyFileName(holder: KeyHolder): string {
  const [kind = '', name = ''] = holder.split('/');
  return `${kind}-${kind === 'seat' ? name.padStart(2, '0') : name}.json`;
}

/** Keys from 64 random bytes: the first half makes the Ed25519 seed, the second the BLS or the X25519 secret. */
export function makeKeys(
  holder: KeyHolder,
  randomness: Uint8Array,
  backends: { readonly ed25519: Ed25519; readonly bls: Bls },
): HeldKeys {
  if (randomness.length !== KEY_RANDOMNESS_BYTES) {
    throw badInput(`expected ${KEY_RANDOMNESS_BYTES} bytes of randomness, found ${randomness.length}`);
  }
  const seed = randomness.slice(0, 32);
  const ed25519 = { secret: seed, publicKey: backends.ed25519.publicKeyOf(seed) };
  if (holder.startsWith('node/')) {
    return { holder, ed25519, bls: null, x25519: boxKeysOf(randomness.slice(32)) };
  }
  if (!holder.startsWith('seat/')) return { holder, ed25519, bls: null };
  const secret = blsSecretFrom(randomness.subarray(32));
  const publicKey = backends.bls.publicKeyOf(secret);
  return { holder, ed25519, bls: { secret, publicKey, possession: backends.bls.provePossession(secret) } };
}

/** The X25519 pair of a secret of 32 bytes. */
export function boxKeysOf(secret: Uint8Array): KeyPair {
  return { secret, publicKey: x25519.getPublicKey(secret) };
}
