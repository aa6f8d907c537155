// The dossier of an open case that never came here: this node asks the others for it, one after the other, until one
// gives what the case commits to or the case waits for nobody's ballot any more (protocol 4.1, 8.4). At least q − f
// honest seats hold it, so somebody will; a node that answers falsely, slowly or not at all costs some seconds.
import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { PeerId } from '../../consensus/messages.ts';
import type { CaseDocument, CaseId } from '../../council/case.ts';
import { isDossierOf } from '../../council/dossier.ts';
import { nodeNames, type Roster } from '../../council/roster.ts';
import type { OpenCase } from '../../council/state.ts';
import type { BoxContext } from '../../signing/box.ts';
import { fromBase64 } from '../../signing/bytes.ts';
import { signedBytes } from '../../signing/purpose.ts';
import { asPeerId } from '../../transport/transport.ts';
import { panelEpoch, rosterOf } from '../roster/roster-in-force.ts';
import { type Given, parcelName, type Refused, type Signed, signedMessage } from './dossier-message.ts';
import { unpackDossier } from './dossier-parcel.ts';
import { type ExchangeParts, opened } from './exchange-parts.ts';

/** How long a node has to answer that it will give it; the pieces have their own time (parcel-intake.ts). */
const ANSWER_MS = 1_500;
/** Between two rounds through all the others: it doubles up to the cap, and ends with the case. */
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 10_000;
const MAX_ROUNDS = 100_000;

interface Question {
  /** the node that was asked */
  readonly of: string;
  readonly answer: (given: Signed<Given> | undefined) => void;
}

export class DossierFetching {
  readonly #parts: ExchangeParts;
  readonly #fetching = new Map<CaseId, Promise<void>>();
  readonly #asked = new Map<CaseId, Question>();

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  /** All seats of this node wait for the same one. */
  fetch(caseId: CaseId, document: CaseDocument): Promise<void> {
    const known = this.#fetching.get(caseId);
    if (known !== undefined) return known;
    const fetching = this.#bring(caseId, document).finally(() => this.#fetching.delete(caseId));
    this.#fetching.set(caseId, fetching);
    return fetching;
  }

  given(from: PeerId, given: Signed<Given>): void {
    const { caseId } = given.body;
    const question = this.#asked.get(caseId);
    if (question === undefined || question.of !== from) return this.#parts.drop('unasked');
    if (!this.#isFrom(question.of, given)) return this.#parts.drop('stranger');
    question.answer(given);
  }

  /** Anybody could have said it; it costs no more than a turn. */
  refused(from: PeerId, { caseId }: Refused): void {
    const question = this.#asked.get(caseId);
    if (question === undefined || question.of !== from) return this.#parts.drop('unasked');
    question.answer(undefined);
  }

  async #bring(caseId: CaseId, document: CaseDocument): Promise<void> {
    const { node, founding, self } = this.#parts;
    let pauseMs = FIRST_PAUSE_MS;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const open = node.state.open.get(caseId);
      const roster = open && rosterOf(founding, node.state, panelEpoch(open));
      if (open === undefined || roster === undefined) return;
      const others = holdersOf(roster, self);
      const first = others.length === 0 ? 0 : randomInt(others.length);
      for (let i = 0; i < others.length; i++) {
        if (!this.#isWanted(open)) return;
        const holder = others[(first + i) % others.length] ?? '';
        if (await this.#askOne(holder, open, document)) return;
      }
      // Not referenced: a process that is to end does not wait for a dossier.
      await pause(pauseMs, undefined, { ref: false });
      pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS);
    }
  }

  /** Ballots are sealed in the first phase only; afterwards nobody here could use it. */
  #isWanted({ caseId }: OpenCase): boolean {
    const { node, isClosed } = this.#parts;
    const { state, shelf } = node;
    const isOpen = state.open.get(caseId)?.phase === 'commit' && !isClosed();
    return isOpen && shelf.erasedMs(caseId) === undefined;
  }

  async #askOne(holder: string, open: OpenCase, document: CaseDocument): Promise<boolean> {
    const { founding, self, boxKeys, node, intake, drop } = this.#parts;
    const { caseId } = open;
    const given = await this.#answerOf(holder, open);
    if (given === undefined) return false;
    const { body, payload } = given;
    if (body.key.node !== self) return false;
    const sealed = await intake.collect(asPeerId(holder), parcelName(payload), caseId, body.parcel);
    if (sealed === undefined) return false;
    const { councilId } = founding;
    const context: BoxContext = { councilId, purpose: 'dossier.given', recipient: self, caseId };
    const dossier = opened(() => unpackDossier(sealed, body.key.box, boxKeys, context));
    // The document stands on the ledger: what it commits to is the dossier, whoever brings it.
    if (dossier === undefined || !isDossierOf(document, dossier)) {
      drop('false-dossier');
      return false;
    }
    if (!this.#isWanted(open)) return true;
    await node.shelf.keep(dossier);
    return true;
  }

  #answerOf(holder: string, open: OpenCase): Promise<Signed<Given> | undefined> {
    const { founding, self, own, node, ed25519, send } = this.#parts;
    const { councilId } = founding;
    const { caseId } = open;
    const epoch = panelEpoch(open);
    const roster = rosterOf(founding, node.state, epoch);
    const [asking] = roster === undefined ? [] : own.in(roster);
    if (asking === undefined) return Promise.resolve(undefined);
    const [seat, secret] = asking;
    const message = signedMessage('wanted', { caseId, epoch, node: self, of: holder, seat }, (payload) =>
      ed25519.sign(secret, signedBytes({ purpose: 'dossier.wanted', councilId, epoch }, payload)),
    );
    return new Promise((resolve) => {
      const answer = (given: Signed<Given> | undefined): void => {
        clearTimeout(timer);
        this.#asked.delete(caseId);
        resolve(given);
      };
      const timer = setTimeout(() => answer(undefined), ANSWER_MS);
      timer.unref();
      this.#asked.set(caseId, { of: holder, answer });
      send(asPeerId(holder), message);
    });
  }

  #isFrom(holder: string, { body, payload, signature }: Signed<Given>): boolean {
    const { founding, node, ed25519 } = this.#parts;
    const seat = rosterOf(founding, node.state, body.epoch)?.seats[body.seat - 1];
    if (seat === undefined || seat.node !== holder) return false;
    const context = { purpose: 'dossier.given', councilId: founding.councilId, epoch: body.epoch } as const;
    return ed25519.verify(fromBase64(seat.ed25519), signedBytes(context, payload), signature);
  }
}

/** The other nodes that seats of the panel sit at. */
function holdersOf(roster: Roster, self: PeerId): string[] {
  return nodeNames(roster).filter((node) => node !== `${self}`);
}
