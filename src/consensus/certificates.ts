// TYPES ONLY so far; verification follows.
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { Height, View } from './block.ts';
import type { Signature } from './statements.ts';

export interface SeatSignature {
  readonly seat: SeatId;
  readonly signature: Signature;
}

/** q votes of one phase for one block (protocol 3.4, 3.5). Genesis is an implicit one of view 0, unsigned. */
export interface Certificate {
  readonly kind: 'prepare' | 'commit';
  readonly epoch: Epoch;
  readonly view: View;
  readonly height: Height;
  readonly block: Digest;
  /** by ascending seat */
  readonly signatures: readonly SeatSignature[];
}

export interface TimeoutReport extends SeatSignature {
  readonly prepareView: View;
}

/** q timeouts of one view, with the one highest prepare certificate they report (protocol 3.6). */
export interface TimeoutCertificate {
  readonly epoch: Epoch;
  readonly view: View;
  readonly reports: readonly TimeoutReport[];
  readonly high: Certificate;
}
