// A submitter's end of the line `dossiers`: offers a case's dossier to every node, hands out the pieces that nodes ask
// for, and gathers their seats' receipts until a quorum says that it holds the dossier (protocol 4.1). Said again
// until then; nodes that have it answer the same. Every receipt is checked by the key of its seat.
import { randomBytes } from 'node:crypto';
import type { PeerId } from '../../consensus/messages.ts';
import { quorumOf } from '../../consensus/quorum.ts';
import type { PreparedCase } from '../../council/dossier.ts';
import { type Receipt, receiptMessage } from '../../council/entry.ts';
import type { Roster } from '../../council/roster.ts';
import { ConclaveError } from '../../errors.ts';
import { fromBase64 } from '../../signing/bytes.ts';
import type { Digest } from '../../signing/digest.ts';
import type { Ed25519 } from '../../signing/ed25519.ts';
import { type Epoch, signedBytes } from '../../signing/purpose.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import { asPeerId, type Transport } from '../../transport/transport.ts';
import {
  type DossierMessage,
  decodeDossierMessage,
  type Held,
  parcelName,
  payloadOf,
  signedMessage,
} from '../dossiers/dossier-message.ts';
import { ParcelStock, packDossier } from '../dossiers/dossier-parcel.ts';

const OFFER_AGAIN_MS = 1_000;
const MAX_AGAIN_MS = 8_000;

export interface OfferingOptions {
  readonly councilId: Digest;
  /** of the submitter */
  readonly secret: Uint8Array;
  /** whose nodes it is encrypted to */
  readonly roster: Roster;
  readonly rosterOf: (epoch: Epoch) => Roster | undefined;
}

export interface OfferingDependencies {
  /** the line `dossiers` */
  readonly transport: Transport;
  readonly ed25519: Ed25519;
}

export interface Gathered {
  readonly epoch: Epoch;
  /** by ascending seat */
  readonly receipts: readonly Receipt[];
}

export class DossierOffering {
  readonly #options: OfferingOptions;
  readonly #dependencies: OfferingDependencies;
  readonly #prepared: PreparedCase;
  readonly #stock = new ParcelStock();
  readonly #message: Uint8Array;
  readonly #receipts = new Map<Epoch, Map<SeatId, Receipt>>();
  readonly #silent: Set<string>;
  #looked: () => void = () => {};
  /** by node, why it does not hold the dossier */
  readonly refusals = new Map<string, string>();
  /** how many bytes the encrypted dossier has */
  readonly bytes: number;

  constructor(prepared: PreparedCase, options: OfferingOptions, dependencies: OfferingDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#prepared = prepared;
    const { councilId, roster, secret } = options;
    const { caseId, document, dossier } = prepared;
    const { nodes } = roster;
    if (nodes === undefined) {
      throw new ConclaveError(
        'usage',
        'one process hosts every seat of this council: conclave review submits to it',
      );
    }
    const random = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));
    const packed = packDossier(dossier, nodes, { councilId, purpose: 'dossier.offered', caseId }, random);
    const { epoch } = roster;
    this.bytes = packed.parcel.bytes;
    this.#message = signedMessage(
      'offered',
      { case: document, epoch, keys: packed.keys, parcel: packed.parcel },
      (payload) =>
        dependencies.ed25519.sign(
          secret,
          signedBytes({ purpose: 'dossier.offered', councilId, epoch }, payload),
        ),
    );
    this.#stock.keep(parcelName(payloadOf(this.#message)), packed.pieces);
    this.#silent = new Set(nodes.map(({ name }) => name));
    dependencies.transport.onMessage((from, bytes) => this.#receive(from, bytes));
  }

  /** Undefined when no quorum holds it in time, or so many refuse that none can. */
  gather(withinMs: number): Promise<Gathered | undefined> {
    return new Promise((resolve) => {
      let againMs = OFFER_AGAIN_MS;
      let again: NodeJS.Timeout | undefined;
      const end = (gathered: Gathered | undefined): void => {
        clearTimeout(again);
        clearTimeout(late);
        this.#looked = () => {};
        resolve(gathered);
      };
      const say = (): void => {
        for (const node of this.#silent) this.#dependencies.transport.send(asPeerId(node), this.#message);
        again = setTimeout(say, againMs);
        againMs = Math.min(2 * againMs, MAX_AGAIN_MS);
      };
      const late = setTimeout(() => end(this.#gathered()), withinMs);
      this.#looked = () => {
        const gathered = this.#gathered();
        if (gathered !== undefined || this.isHopeless) end(gathered);
      };
      say();
    });
  }

  /** Seats that hold it, of whatever epoch has most. */
  get held(): number {
    return Math.max(0, ...[...this.#receipts.values()].map(({ size }) => size));
  }

  #receive(from: PeerId, bytes: Uint8Array): void {
    let message: DossierMessage;
    try {
      message = decodeDossierMessage(bytes);
    } catch (error) {
      if (error instanceof ConclaveError && error.code === 'bad-input') return;
      throw error;
    }
    if (message.kind === 'pieces') {
      const { parcel, pieces } = message.body;
      for (const piece of this.#stock.pieces(parcel, pieces)) this.#dependencies.transport.send(from, piece);
    } else if (message.kind === 'held' && message.body.caseId === this.#prepared.caseId) {
      this.#hold(from, message.body);
      this.#looked();
    } else if (message.kind === 'refused' && message.body.caseId === this.#prepared.caseId) {
      if (!this.#silent.has(from)) return;
      this.refusals.set(from, message.body.why);
      this.#looked();
    }
  }

  #hold(from: PeerId, { caseId, epoch, receipts }: Held): void {
    const { councilId, rosterOf } = this.#options;
    const roster = rosterOf(epoch);
    if (roster === undefined) return;
    const message = receiptMessage(caseId, { councilId, epoch });
    const known = this.#receipts.get(epoch) ?? new Map<SeatId, Receipt>();
    this.#receipts.set(epoch, known);
    for (const receipt of receipts) {
      const seat = roster.seats[receipt.seat - 1];
      if (seat === undefined || seat.vacant === true || known.has(receipt.seat)) continue;
      const key = fromBase64(seat.ed25519);
      if (!this.#dependencies.ed25519.verify(key, message, fromBase64(receipt.sig))) continue;
      known.set(receipt.seat, receipt);
      // Its node has said so by this seat's signature, whoever carried it here.
      this.#silent.delete(seat.node);
      this.refusals.delete(from);
    }
  }

  #gathered(): Gathered | undefined {
    const { q } = quorumOf(this.#options.roster.seats.length);
    for (const [epoch, receipts] of this.#receipts) {
      if (receipts.size < q) continue;
      return { epoch, receipts: [...receipts.values()].sort((a, b) => a.seat - b.seat) };
    }
    return undefined;
  }

  /** So many nodes refuse it that no quorum can be had. */
  get isHopeless(): boolean {
    const { seats } = this.#options.roster;
    const refusing = seats.filter(({ node }) => this.refusals.has(node)).length;
    return refusing > seats.length - quorumOf(seats.length).q;
  }
}
