// A submitter's offer comes in: is it somebody who may, is there room, is it the dossier that the case commits to?
// Then it is put on disk, and only then do the seats of this node say that they hold it (protocol 4.1). Offered
// again, the same answer goes out again: a submitter that was killed, or whose answer was lost, loses nothing.
import type { PeerId } from '../../consensus/messages.ts';
import { type CaseDocument, type CaseId, caseIdOf, questionOf } from '../../council/case.ts';
import { policyOf } from '../../council/charter.ts';
import { type Dossier, isDossierOf } from '../../council/dossier.ts';
import { ConclaveError } from '../../errors.ts';
import type { BoxContext } from '../../signing/box.ts';
import { fromBase64 } from '../../signing/bytes.ts';
import { signedBytes } from '../../signing/purpose.ts';
import { RateLimit } from '../rate-limit.ts';
import { epochInForce } from '../roster/roster-in-force.ts';
import {
  encodeDossierMessage,
  type Held,
  MAX_REASON_CHARS,
  type Offered,
  parcelName,
  type Signed,
} from './dossier-message.ts';
import type { DossierOffers } from './dossier-offers.ts';
import { unpackDossier } from './dossier-parcel.ts';
import { type ExchangeParts, LatestDigests, opened } from './exchange-parts.ts';

/** Receipts and failures remembered, so that an offer repeated costs nothing. */
const MAX_REMEMBERED = 512;
const MAX_EPOCHS_MISSED = 16;
/** Offers of one submitter; each may cost a decryption and a write of megabytes. */
const OFFERS = { aSecond: 100, atOnce: 512 };

export class DossierReceiving {
  readonly #parts: ExchangeParts;
  readonly #offers: DossierOffers;
  readonly #limit: RateLimit;
  readonly #held = new Map<CaseId, Held>();
  readonly #working = new Set<CaseId>();
  readonly #false: LatestDigests;

  constructor(parts: ExchangeParts, offers: DossierOffers) {
    this.#parts = parts;
    this.#offers = offers;
    this.#limit = new RateLimit(OFFERS, parts.nowMs);
    this.#false = new LatestDigests(MAX_REMEMBERED);
  }

  async offered(from: PeerId, offer: Signed<Offered>): Promise<void> {
    const { node, drop } = this.#parts;
    const { body, payload } = offer;
    const document = body.case;
    const name = parcelName(payload);
    if (!this.#isSubmitters(offer)) return drop('stranger');
    if (!this.#limit.allows(document.submitter)) return drop('too-many');
    const caseId = caseIdOf(document);
    const known = this.#held.get(caseId);
    const epoch = epochInForce(node.state);
    if (known !== undefined && known.epoch === epoch && node.shelf.erasedMs(caseId) === undefined) {
      return this.#answer(from, known);
    }
    const why = this.#refusal(caseId, offer);
    if (why !== undefined) return this.#refuse(from, caseId, why);
    if (this.#working.has(caseId)) return;
    this.#working.add(caseId);
    try {
      const dossier = node.shelf.dossier(caseId) ?? (await this.#collected(from, caseId, offer));
      if (dossier === undefined) return;
      if (!isDossierOf(document, dossier)) {
        this.#false.add(name);
        drop('false-dossier');
        return this.#refuse(from, caseId, 'the dossier is not the one the case commits to');
      }
      this.#answer(from, await this.#receipted(document, dossier, body.parcel.bytes));
    } finally {
      this.#working.delete(caseId);
    }
  }

  #isSubmitters({ body, payload, signature }: Signed<Offered>): boolean {
    const { founding, ed25519 } = this.#parts;
    const submitter = founding.charter.submitters.find(({ id }) => id === body.case.submitter);
    if (submitter === undefined) return false;
    const context = { purpose: 'dossier.offered', councilId: founding.councilId, epoch: body.epoch } as const;
    return ed25519.verify(fromBase64(submitter.ed25519), signedBytes(context, payload), signature);
  }

  #refusal(caseId: CaseId, { body, payload }: Signed<Offered>): string | undefined {
    const { founding, node } = this.#parts;
    const { type, attempt } = body.case;
    if (node.shelf.erasedMs(caseId) !== undefined) return 'the dossier was erased here';
    if (policyOf(founding.charter, type) === undefined)
      return `the charter has no policy for a case of type ${type}`;
    if (attempt > founding.charter.attempts)
      return `the charter allows ${founding.charter.attempts} attempts`;
    if (node.state.decided.has(caseId)) return 'the case is decided';
    if (this.#false.has(parcelName(payload))) return 'the dossier is not the one the case commits to';
    if (node.state.open.has(caseId)) return undefined;
    const attempts = node.state.attempts.get(questionOf(body.case))?.length ?? 0;
    if (attempts >= attempt) return `attempt ${attempt} is taken: there were ${attempts} already`;
    return this.#offers.refusal(body.case, body.parcel.bytes, node.state);
  }

  /** Undefined where nothing comes of it, and the submitter knows or will offer it again. */
  async #collected(
    from: PeerId,
    caseId: CaseId,
    { body, payload }: Signed<Offered>,
  ): Promise<Dossier | undefined> {
    const { founding, self, boxKeys, intake, drop } = this.#parts;
    const name = parcelName(payload);
    const box = body.keys.find(({ node }) => node === self)?.box;
    if (box === undefined) {
      this.#refuse(from, caseId, 'the dossier is not encrypted to this node');
      return undefined;
    }
    const sealed = await intake.collect(from, name, caseId, body.parcel);
    if (sealed === undefined) return undefined;
    const { councilId } = founding;
    const context: BoxContext = { councilId, purpose: 'dossier.offered', recipient: self, caseId };
    const dossier = opened(() => unpackDossier(sealed, box, boxKeys, context));
    if (dossier !== undefined) return dossier;
    this.#false.add(name);
    drop('false-dossier');
    this.#refuse(from, caseId, 'the dossier could not be decrypted and read here');
    return undefined;
  }

  async #receipted(document: CaseDocument, dossier: Dossier, bytes: number): Promise<Held> {
    const { node } = this.#parts;
    const { caseId } = dossier;
    await this.#offers.note(document, bytes);
    for (let tries = 0; tries < MAX_EPOCHS_MISSED; tries++) {
      const epoch = epochInForce(node.state);
      // On disk when it resolves. Crash before the answer is sent: the offer comes again.
      const receipts = await node.receiptsFor(document, dossier);
      // The epoch may have ended while the disk was at work; a new one has new receipts.
      if (epoch !== epochInForce(node.state)) continue;
      const held: Held = { caseId, epoch, receipts: [...receipts] };
      this.#held.delete(caseId);
      this.#held.set(caseId, held);
      if (this.#held.size > MAX_REMEMBERED) {
        for (const oldest of this.#held.keys()) {
          this.#held.delete(oldest);
          break;
        }
      }
      return held;
    }
    throw new ConclaveError('internal', 'epochs end faster than a dossier is kept');
  }

  #answer(to: PeerId, body: Held): void {
    this.#parts.send(to, encodeDossierMessage({ kind: 'held', body }));
  }

  #refuse(to: PeerId, caseId: CaseId, why: string): void {
    const body = { caseId, why: why.slice(0, MAX_REASON_CHARS) };
    this.#parts.send(to, encodeDossierMessage({ kind: 'refused', body }));
  }
}
