// A dossier on its way: encrypted once, cut into pieces, handed out on request; and put together again on the other
// side, each piece held against the digest that was signed for it. The side that receives asks, so that it decides
// how much is under way, and a lost piece is asked for again.
import type { CaseId } from '../../council/case.ts';
import { type Dossier, dossierBytes, parseDossier } from '../../council/dossier.ts';
import { ConclaveError, invariant } from '../../errors.ts';
import {
  type BoxContext,
  CONTENT_KEY_BYTES,
  openBox,
  openContent,
  sealBox,
  sealContent,
} from '../../signing/box.ts';
import { concat, fromBase64, toBase64 } from '../../signing/bytes.ts';
import { type Digest, digestOfBytes } from '../../signing/digest.ts';
import type { KeyPair } from '../../signing/key-holder.ts';
import type { Randomness } from '../../signing/key-seal.ts';
import {
  encodeDossierMessage,
  MAX_PARCEL_BYTES,
  type Parcel,
  PIECE_BYTES,
  PIECES_A_REQUEST,
} from './dossier-message.ts';

/** A node as the roster has it: where dossiers are encrypted to. */
export interface BoxHolder {
  readonly name: string;
  readonly x25519: string;
}

export type ParcelPurpose = Omit<BoxContext, 'recipient'>;

export interface PackedDossier {
  readonly parcel: Parcel;
  readonly keys: readonly { readonly node: string; readonly box: string }[];
  readonly pieces: readonly Uint8Array[];
}

/** For all these nodes; one whose key is not a key is left out, and will have to ask another. */
export function packDossier(
  dossier: Dossier,
  nodes: readonly BoxHolder[],
  purpose: ParcelPurpose,
  random: Randomness,
): PackedDossier {
  const contentKey = random(CONTENT_KEY_BYTES);
  const sealed = sealContent(contentKey, dossierBytes(dossier), purpose, random);
  invariant(sealed.length <= MAX_PARCEL_BYTES, 'the largest dossier fits into a parcel');
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < sealed.length; at += PIECE_BYTES) pieces.push(sealed.subarray(at, at + PIECE_BYTES));
  const keys = nodes.flatMap((node) => boxedFor(node, contentKey, purpose, random) ?? []);
  return { parcel: { bytes: sealed.length, pieces: pieces.map(digestOfBytes) }, keys, pieces };
}

function boxedFor(
  { name, x25519 }: BoxHolder,
  contentKey: Uint8Array,
  purpose: ParcelPurpose,
  random: Randomness,
): PackedDossier['keys'][number] | undefined {
  try {
    const box = sealBox(fromBase64(x25519), contentKey, { ...purpose, recipient: name }, random);
    return { node: name, box: toBase64(box) };
  } catch (error) {
    if (error instanceof ConclaveError && error.code === 'bad-input') return undefined;
    throw error;
  }
}

/** Throws bad input, or gives nothing, for what was not packed for this node and this case. */
export function unpackDossier(
  sealed: Uint8Array,
  box: string,
  keys: KeyPair,
  context: BoxContext,
): Dossier | undefined {
  const { recipient: _, ...purpose } = context;
  const contentKey = openBox(keys, fromBase64(box), context);
  const plain = contentKey && openContent(contentKey, sealed, purpose);
  return plain && parseDossier(plain);
}

/** A parcel being put together. */
export class ParcelAssembly {
  readonly name: Digest;
  readonly caseId: CaseId;
  readonly parcel: Parcel;
  readonly #pieces: (Uint8Array | undefined)[];
  #missing: number;
  /** when something of it last came */
  movedMs: number;

  constructor(name: Digest, caseId: CaseId, parcel: Parcel, nowMs: number) {
    this.name = name;
    this.caseId = caseId;
    this.parcel = parcel;
    this.#pieces = parcel.pieces.map(() => undefined);
    this.#missing = parcel.pieces.length;
    this.movedMs = nowMs;
  }

  get complete(): boolean {
    return this.#missing === 0;
  }

  /** The next pieces to ask for. */
  wanted(): number[] {
    const missing = this.#pieces.flatMap((piece, i) => (piece === undefined ? [i] : []));
    return missing.slice(0, PIECES_A_REQUEST);
  }

  /** False for a piece that is not the one signed for, or is here already. */
  take(index: number, bytes: Uint8Array, nowMs: number): boolean {
    const expected = this.parcel.pieces[index];
    if (expected === undefined || this.#pieces[index] !== undefined) return false;
    if (digestOfBytes(bytes) !== expected) return false;
    this.#pieces[index] = Uint8Array.from(bytes);
    this.#missing -= 1;
    this.movedMs = nowMs;
    return true;
  }

  /** Undefined when the pieces do not make up what was announced. */
  whole(): Uint8Array | undefined {
    const sealed = concat(...this.#pieces.flatMap((piece) => piece ?? []));
    return this.complete && sealed.length === this.parcel.bytes ? sealed : undefined;
  }
}

/** Parcels that are being handed out; the oldest goes when there is no room. */
const MAX_STOCKED = 16;

export class ParcelStock {
  readonly #parcels = new Map<Digest, readonly Uint8Array[]>();

  keep(name: Digest, pieces: readonly Uint8Array[]): void {
    this.#parcels.set(name, pieces);
    if (this.#parcels.size <= MAX_STOCKED) return;
    for (const oldest of this.#parcels.keys()) {
      this.#parcels.delete(oldest);
      break;
    }
  }

  /** The messages that hold these pieces; those of a parcel that is not here, or that it has not, are left out. */
  pieces(parcel: Digest, wanted: readonly number[]): Uint8Array[] {
    const pieces = this.#parcels.get(parcel) ?? [];
    return [...new Set(wanted)].flatMap((index) => {
      const bytes = pieces[index];
      return bytes === undefined ? [] : [encodeDossierMessage({ kind: 'piece', parcel, index, bytes })];
    });
  }
}
