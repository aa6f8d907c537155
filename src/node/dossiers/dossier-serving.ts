// A dossier that is held here goes to a node of the panel that lacks it (protocol 4.1, 8.4). Only while the case is
// open: nobody has to judge it before or after, and only at the word of a seat of the panel, to the key that the
// roster has for that seat's node. What was asked of somebody else, or by somebody else, is not answered.
import type { PeerId } from '../../consensus/messages.ts';
import { rosterInForce } from '../../council/state.ts';
import { fromBase64 } from '../../signing/bytes.ts';
import type { Digest } from '../../signing/digest.ts';
import { signedBytes } from '../../signing/purpose.ts';
import { asPeerId } from '../../transport/transport.ts';
import { RateLimit } from '../rate-limit.ts';
import { panelEpoch, rosterOf } from '../roster/roster-in-force.ts';
import {
  encodeDossierMessage,
  parcelName,
  payloadOf,
  type Signed,
  signedMessage,
  type Wanted,
} from './dossier-message.ts';
import { ParcelStock, packDossier } from './dossier-parcel.ts';
import type { ExchangeParts } from './exchange-parts.ts';

/** How often a node may ask for one dossier; each answer encrypts it anew. */
const ANSWERS_A_CASE = { aSecond: 0.5, atOnce: 3 };

export class DossierServing {
  readonly #parts: ExchangeParts;
  readonly #stock: ParcelStock;
  readonly #limit: RateLimit;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
    this.#stock = new ParcelStock();
    this.#limit = new RateLimit(ANSWERS_A_CASE, parts.nowMs);
  }

  async wanted(question: Signed<Wanted>): Promise<void> {
    const { founding, self, own, ed25519, random, node, send, drop } = this.#parts;
    const { caseId, node: asking, of } = question.body;
    const { epoch } = node.state;
    const recipient = this.#recipient(question);
    if (of !== self || recipient === undefined) return drop('stranger');
    if (!this.#limit.allows(`${caseId} ${asking}`)) return drop('too-many');
    const to = asPeerId(asking);
    const dossier = node.shelf.dossier(caseId);
    const [giver] = own.in(rosterInForce(node.state));
    if (dossier === undefined || giver === undefined) {
      const why = node.shelf.erasedMs(caseId) === undefined ? 'it is not here' : 'it was erased here';
      return send(to, encodeDossierMessage({ kind: 'refused', body: { caseId, why } }));
    }
    const { councilId } = founding;
    const packed = packDossier(dossier, [recipient], { councilId, purpose: 'dossier.given', caseId }, random);
    const [key] = packed.keys;
    if (key === undefined) return;
    const [seat, secret] = giver;
    const message = signedMessage('given', { caseId, epoch, key, parcel: packed.parcel, seat }, (payload) =>
      ed25519.sign(secret, signedBytes({ purpose: 'dossier.given', councilId, epoch }, payload)),
    );
    this.#stock.keep(parcelName(payloadOf(message)), packed.pieces);
    send(to, message);
  }

  pieces(
    from: PeerId,
    { parcel, pieces }: { readonly parcel: Digest; readonly pieces: readonly number[] },
  ): void {
    const messages = this.#stock.pieces(parcel, pieces);
    if (messages.length === 0) this.#parts.drop('unasked');
    for (const message of messages) this.#parts.send(from, message);
  }

  /** The node that asks, as the roster of the panel has it; undefined for whoever is not of the panel. */
  #recipient({ body, payload, signature }: Signed<Wanted>) {
    const { founding, node, ed25519 } = this.#parts;
    const open = node.state.open.get(body.caseId);
    if (open === undefined || panelEpoch(open) !== body.epoch) return undefined;
    const roster = rosterOf(founding, node.state, body.epoch);
    const seat = roster?.seats[body.seat - 1];
    if (seat === undefined || seat.vacant === true || seat.node !== body.node) return undefined;
    const context = { purpose: 'dossier.wanted', councilId: founding.councilId, epoch: body.epoch } as const;
    if (!ed25519.verify(fromBase64(seat.ed25519), signedBytes(context, payload), signature)) return undefined;
    // Its key may be another by now than when the panel was fixed.
    const nodes = [...(rosterInForce(node.state).nodes ?? []), ...(roster?.nodes ?? [])];
    return nodes.find(({ name }) => name === body.node);
  }
}
