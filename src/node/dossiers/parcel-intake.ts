// Parcels on their way to this node: which pieces to ask for, of whom, and when to give up. Only what a known key has
// signed for is asked for, the bytes under way are bounded, and a sender that stalls makes room for another.
import type { PeerId } from '../../consensus/messages.ts';
import type { CaseId } from '../../council/case.ts';
import type { Digest } from '../../signing/digest.ts';
import { type DossierMessage, encodeDossierMessage, type Parcel } from './dossier-message.ts';
import { ParcelAssembly } from './dossier-parcel.ts';

const MAX_PARCELS = 128;
const MAX_BYTES_UNDER_WAY = 64 * 1024 * 1024;
/** After so long without a piece they are asked for again, and after this the parcel is given up. */
const ASK_AGAIN_MS = 500;
const STALLED_MS = 8_000;
/** Whoever sends so many false pieces is not worth waiting for; from another address anybody could. */
const MAX_FALSE_PIECES = 3;

interface Coming {
  readonly assembly: ParcelAssembly;
  readonly from: PeerId;
  readonly resolve: (sealed: Uint8Array | undefined) => void;
  /** pieces of the last request that have not come */
  awaited: number;
  falsePieces: number;
  askedMs: number;
}

export interface ParcelIntakeDependencies {
  readonly send: (to: PeerId, bytes: Uint8Array) => void;
  readonly nowMs: () => number;
}

export class ParcelIntake {
  readonly #dependencies: ParcelIntakeDependencies;
  readonly #coming = new Map<Digest, Coming>();
  #timer: NodeJS.Timeout | undefined;
  #bytes = 0;
  #closed = false;

  constructor(dependencies: ParcelIntakeDependencies) {
    this.#dependencies = dependencies;
  }

  isComing(name: Digest): boolean {
    return this.#coming.has(name);
  }

  /** The whole parcel; undefined when it stalls, or there is no room for it. */
  collect(from: PeerId, name: Digest, caseId: CaseId, parcel: Parcel): Promise<Uint8Array | undefined> {
    const full = this.#coming.size >= MAX_PARCELS || this.#bytes + parcel.bytes > MAX_BYTES_UNDER_WAY;
    if (full || this.#closed || this.#coming.has(name)) return Promise.resolve(undefined);
    const nowMs = this.#dependencies.nowMs();
    return new Promise((resolve) => {
      const assembly = new ParcelAssembly(name, caseId, parcel, nowMs);
      const coming = { assembly, from, resolve, awaited: 0, falsePieces: 0, askedMs: nowMs };
      this.#coming.set(name, coming);
      this.#bytes += parcel.bytes;
      this.#ask(coming);
      this.#timer ??= setInterval(() => this.#tick(), ASK_AGAIN_MS);
    });
  }

  /** False for what nobody asked for, or is not what was signed for. */
  take(from: PeerId, { parcel, index, bytes }: Extract<DossierMessage, { kind: 'piece' }>): boolean {
    const coming = this.#coming.get(parcel);
    if (coming === undefined) return false;
    if (!coming.assembly.take(index, bytes, this.#dependencies.nowMs())) {
      if (from === coming.from && ++coming.falsePieces >= MAX_FALSE_PIECES) this.#end(coming, undefined);
      return false;
    }
    coming.awaited -= 1;
    if (coming.assembly.complete) this.#end(coming, coming.assembly.whole());
    else if (coming.awaited <= 0) this.#ask(coming);
    return true;
  }

  close(): void {
    this.#closed = true;
    for (const coming of this.#coming.values()) this.#end(coming, undefined);
  }

  #ask(coming: Coming): void {
    const pieces = coming.assembly.wanted();
    coming.awaited = pieces.length;
    coming.askedMs = this.#dependencies.nowMs();
    const body = { parcel: coming.assembly.name, pieces };
    this.#dependencies.send(coming.from, encodeDossierMessage({ kind: 'pieces', body }));
  }

  #tick(): void {
    const nowMs = this.#dependencies.nowMs();
    for (const coming of this.#coming.values()) {
      if (nowMs - coming.assembly.movedMs > STALLED_MS) this.#end(coming, undefined);
      else if (nowMs - Math.max(coming.askedMs, coming.assembly.movedMs) >= ASK_AGAIN_MS) this.#ask(coming);
    }
  }

  #end(coming: Coming, sealed: Uint8Array | undefined): void {
    this.#coming.delete(coming.assembly.name);
    this.#bytes -= coming.assembly.parcel.bytes;
    if (this.#coming.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    coming.resolve(sealed);
  }
}
