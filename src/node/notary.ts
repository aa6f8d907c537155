// Signs decisions for the seats of this node and makes certificates of what the seats signed (protocol 7.2). A BLS
// signature costs a third of a millisecond even with the native backend, and a decision takes one a seat, so a
// node that can hands this to worker threads (signing-threads.ts); this is the work itself, on whatever thread.
import type { Founding } from '../council/genesis.ts';
import { type Certification, Certifier, type SeatEndorsement } from '../ledger/certify.ts';
import { certifiedBytes } from '../ledger/decision-statement.ts';
import { type Bls, nobleBls } from '../signing/bls.ts';
import { loadBlst } from '../signing/bls-blst.ts';
import { fastestEd25519 } from '../signing/ed25519-fastest.ts';
import type { SeatId } from '../signing/seat-id.ts';

/** The secrets a seat signs decisions with. */
export interface EndorsingKeys {
  readonly seat: SeatId;
  readonly ed25519: Uint8Array;
  readonly bls: Uint8Array;
}

export interface NotaryOptions {
  readonly founding: Pick<Founding, 'genesis' | 'roster'>;
  readonly keys: readonly EndorsingKeys[];
}

/** Every `of`-th seat, from the `part`-th on: several hands sign for the seats of one node. */
export interface Share {
  readonly part: number;
  readonly of: number;
}

export interface Notary {
  /** What each seat of this node signs about a decision, or its share of them. */
  endorse(payload: Uint8Array, share?: Share): Promise<readonly SeatEndorsement[]>;
  certify(payload: Uint8Array, endorsements: readonly SeatEndorsement[]): Promise<Certification>;
  close(): Promise<void>;
}

/** The native backend where its binary is, else the portable one: the bytes are the same. */
export async function fastestBls(): Promise<Bls> {
  return (await loadBlst()) ?? nobleBls;
}

const WHOLE: Share = { part: 0, of: 1 };

export class NotaryHere implements Notary {
  readonly #keys: readonly EndorsingKeys[];
  readonly #certifier: Certifier;
  readonly #bls: Bls;

  constructor({ founding, keys }: NotaryOptions, bls: Bls) {
    this.#keys = keys;
    this.#bls = bls;
    this.#certifier = new Certifier(founding, { ed25519: fastestEd25519, bls });
  }

  async endorse(payload: Uint8Array, { part, of } = WHOLE): Promise<readonly SeatEndorsement[]> {
    const message = certifiedBytes(payload);
    const keys = this.#keys.filter((_, i) => i % of === part);
    return keys.map(({ seat, ed25519, bls }) => ({
      seat,
      envelope: fastestEd25519.sign(ed25519, message),
      share: this.#bls.sign(bls, message),
    }));
  }

  async certify(payload: Uint8Array, endorsements: readonly SeatEndorsement[]): Promise<Certification> {
    return this.#certifier.certify(payload, endorsements);
  }

  async close(): Promise<void> {}
}
