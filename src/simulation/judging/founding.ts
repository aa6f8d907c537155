// A simulated council's founding documents, and stand-in signatures for its entries: as with statements, a row in
// a table that only the owner of a key can add.
import { quorumOf } from '../../consensus/quorum.ts';
import type { Charter, Policy } from '../../council/charter.ts';
import type { SignBytes } from '../../council/entry.ts';
import { type Founding, found } from '../../council/genesis.ts';
import { FIRST_EPOCH, type Roster } from '../../council/roster.ts';
import { equalBytes, toBase64, utf8 } from '../../signing/bytes.ts';
import { digestOf } from '../../signing/digest.ts';
import { allSeats, type SeatId } from '../../signing/seat-id.ts';
import { signatureOfRow } from '../signature-table.ts';

export const SUBMITTER = 'client';
export const WINDOWS = { commitMs: 500, revealMs: 400 } as const;
export const ATTEMPTS = 2;

/** Two criteria that must be met and one that need not. */
export const POLICY: Policy = {
  criteria: [
    { id: 'safety', title: 'Safety', text: 'Is it safe?', mandatory: true },
    { id: 'oversight', title: 'Oversight', text: 'Can people step in?', mandatory: true },
    { id: 'clarity', title: 'Clarity', text: 'Is it well described?', mandatory: false },
  ],
};

/** The roster may bring real keys; then the submitter's is theirs to give too. */
export function simulatedFounding(n: number, given?: { roster: Roster; submitter: string }): Founding {
  const charter: Charter = {
    name: 'Simulated council',
    windows: WINDOWS,
    driftMs: 100,
    validityMs: 86_400_000,
    attempts: ATTEMPTS,
    submitters: [{ id: SUBMITTER, ed25519: given?.submitter ?? keyOf('submitter'), quota: 8 }],
    policies: { certification: POLICY },
  };
  const roster = given?.roster ?? standInRoster(n);
  return found({ charter, roster, createdMs: 0, nonce: 'ab'.repeat(32) });
}

export function standInRoster(n: number): Roster {
  return {
    epoch: FIRST_EPOCH,
    trial: quorumOf(n).f === 0,
    seats: allSeats(n).map((seat) => ({
      seat,
      name: `Seat ${seat}`,
      node: `node-${seat}`,
      developer: `developer-${seat}`,
      family: `family-${seat}`,
      host: `host-${seat}`,
      model: digestOf({ model: seat }),
      ed25519: keyOf(`seat ${seat}`),
      bls: bytesFor(`bls ${seat}`, 48),
      possession: bytesFor(`possession ${seat}`, 96),
    })),
  };
}

function keyOf(owner: string): string {
  return bytesFor(owner, 32);
}

function bytesFor(owner: string, length: number): string {
  const bytes = new Uint8Array(length);
  bytes.set(utf8(owner).subarray(0, length));
  return toBase64(bytes);
}

/** Who can sign which entries, and who checks them. */
export interface EntryKeys {
  signerOf(seat: SeatId): SignBytes;
  submitter(): SignBytes;
  verify(publicKey: string, message: Uint8Array, signature: string): boolean;
}

interface Row {
  readonly publicKey: string;
  readonly message: Uint8Array;
}

export class EntryTable implements EntryKeys {
  readonly #rows = new Map<string, Row>();

  signerOf(seat: SeatId): SignBytes {
    return this.#signer(keyOf(`seat ${seat}`));
  }

  submitter(): SignBytes {
    return this.#signer(keyOf('submitter'));
  }

  verify(publicKey: string, message: Uint8Array, signature: string): boolean {
    const row = this.#rows.get(signature);
    return row !== undefined && row.publicKey === publicKey && equalBytes(row.message, message);
  }

  #signer(publicKey: string): SignBytes {
    return (message) => {
      const signature = signatureOfRow(this.#rows.size);
      this.#rows.set(signature, { publicKey, message });
      return signature;
    };
  }
}
