// What the parts of the exchange of dossiers have in common: whom they work for, and what they are given.
import type { PeerId } from '../../consensus/messages.ts';
import type { CaseDocument } from '../../council/case.ts';
import type { Dossier } from '../../council/dossier.ts';
import type { Receipt } from '../../council/entry.ts';
import type { Founding } from '../../council/genesis.ts';
import type { CouncilState } from '../../council/state.ts';
import { ConclaveError } from '../../errors.ts';
import type { Digest } from '../../signing/digest.ts';
import type { Ed25519 } from '../../signing/ed25519.ts';
import type { KeyPair } from '../../signing/key-holder.ts';
import type { Randomness } from '../../signing/key-seal.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import type { OwnSeats, SecretsOf } from '../own-seats.ts';
import type { DossierShelf } from './dossier-shelf.ts';
import type { ParcelIntake } from './parcel-intake.ts';

/** As much of a node as is needed here. */
export interface DossierNode {
  readonly state: CouncilState;
  readonly shelf: DossierShelf;
  receiptsFor(document: CaseDocument, dossier: Dossier): Promise<readonly Receipt[]>;
}

export interface DossierExchangeOptions {
  readonly founding: Founding;
  readonly self: PeerId;
  /** the seats of this node, with the secrets they sign with */
  readonly seats: ReadonlyMap<SeatId, Uint8Array>;
  /** asked first, and anew in each epoch: where keys are rotated while the node runs */
  readonly secretsOf?: SecretsOf;
  /** the X25519 pair that the roster has for this node */
  readonly boxKeys: KeyPair;
}

/** What the parts of the exchange have in common. */
export interface ExchangeParts extends Omit<DossierExchangeOptions, 'seats' | 'secretsOf'> {
  readonly own: OwnSeats;
  readonly ed25519: Ed25519;
  readonly random: Randomness;
  readonly nowMs: () => number;
  readonly node: DossierNode;
  readonly intake: ParcelIntake;
  readonly send: (to: PeerId, bytes: Uint8Array) => void;
  readonly drop: (why: DropReason) => void;
  /** nothing is worth beginning any more */
  readonly isClosed: () => boolean;
}

export type DropReason =
  | 'malformed'
  | 'too-many'
  | 'stranger' // signed by nobody who may
  | 'false-piece'
  | 'unasked'
  | 'false-dossier'; // not the one the case commits to, or not for us

/** Names of parcels and the like, of which only the latest are remembered. */
export class LatestDigests {
  readonly #most: number;
  readonly #digests = new Set<Digest>();

  constructor(most: number) {
    this.#most = most;
  }

  has(digest: Digest): boolean {
    return this.#digests.has(digest);
  }

  add(digest: Digest): void {
    this.#digests.add(digest);
    if (this.#digests.size <= this.#most) return;
    for (const oldest of this.#digests) {
      this.#digests.delete(oldest);
      break;
    }
  }
}

/** Undefined for what strangers got wrong. */
export function opened<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof ConclaveError && error.code === 'bad-input') return undefined;
    throw error;
  }
}
