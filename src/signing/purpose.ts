// Every signature carries what it was made for: purpose, council and epoch stand in the signed bytes, so that
// one made for another purpose, council or epoch never verifies (protocol 2.2).
import { concat, utf8 } from './bytes.ts';
import type { Digest } from './digest.ts';

export type Epoch = number & { readonly brand: 'Epoch' };

/** What an Ed25519 signature can be for. A BLS proof of possession names its purpose by itself: bls-rule.ts says why. */
export const PURPOSES = [
  'proposal',
  'vote-1',
  'vote-2',
  'timeout',
  'case.opened',
  'dossier.held',
  'dossier.offered',
  'dossier.wanted',
  'dossier.given',
  'ballot.committed',
  'ballot.revealed',
  'evidence.found',
  'roster.changed',
  'roster.approved',
  'seats.suspected',
  'seat.alive',
  'seat.running',
] as const;

export type Purpose = (typeof PURPOSES)[number];

export interface SigningContext {
  readonly purpose: Purpose;
  readonly councilId: Digest;
  readonly epoch: Epoch;
}

/** `"conclave/v1/" ‖ purpose ‖ 0 ‖ councilId ‖ 0 ‖ epoch ‖ 0 ‖ payload` (protocol 2.2). */
export function signedBytes(context: SigningContext, payload: Uint8Array): Uint8Array {
  return concat(utf8(`conclave/v1/${context.purpose}\0${context.councilId}\0${context.epoch}\0`), payload);
}
