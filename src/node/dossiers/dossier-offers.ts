// Dossiers that are held here for cases which are not open yet. A receipt says that the dossier can be served, so it
// is kept until its case is open, or can never be: another attempt took its place. A submitter may have as many
// waiting as it may have cases open, so that not even a submitter can fill the disk.
import * as z from 'zod';
import { type CaseDocument, type CaseId, caseIdOf, caseSchema, questionOf } from '../../council/case.ts';
import type { Charter } from '../../council/charter.ts';
import { readCanonical } from '../../council/field-rules.ts';
import type { CouncilState } from '../../council/state.ts';
import { ConclaveError } from '../../errors.ts';
import { canonicalBytes } from '../../signing/canonical.ts';
import type { Folder } from '../../storage/folder.ts';
import { type DossierShelf, OFFER_ENDING } from './dossier-shelf.ts';

/** Of one submitter's dossiers that wait, all together. */
const MAX_BYTES_A_SUBMITTER = 512 * 1024 * 1024;

const noteSchema = z.strictObject({ bytes: z.int().min(0), case: caseSchema });

interface Offer {
  readonly document: CaseDocument;
  readonly bytes: number;
}

export class DossierOffers {
  readonly #charter: Charter;
  readonly #folder: Folder;
  readonly #offers = new Map<CaseId, Offer>();

  constructor(charter: Charter, folder: Folder) {
    this.#charter = charter;
    this.#folder = folder;
  }

  /** What was held before a restart. A note that cannot be read is of no case that could still be opened. */
  async load(): Promise<void> {
    for (const name of await this.#folder.names('')) {
      const bytes = name.endsWith(OFFER_ENDING) ? this.#folder.read(name) : undefined;
      if (bytes === undefined) continue;
      try {
        const note = readCanonical('offer', noteSchema, bytes);
        this.#offers.set(caseIdOf(note.case), { document: note.case, bytes: note.bytes });
      } catch (error) {
        if (!(error instanceof ConclaveError) || error.code !== 'bad-input') throw error;
        await this.#folder.remove([name]);
      }
    }
  }

  /** Why another dossier of this submitter is not taken; undefined when it is. */
  refusal(document: CaseDocument, bytes: number, state: CouncilState): string | undefined {
    const submitter = this.#charter.submitters.find(({ id }) => id === document.submitter);
    if (submitter === undefined) return 'the charter does not name this submitter';
    if (this.#offers.has(caseIdOf(document))) return undefined;
    // Those opened since they were last let go of wait for nothing, and a submitter must not wait for that either.
    const waiting = [...this.#offers]
      .filter(([caseId, offer]) => offer.document.submitter === submitter.id && !isOpened(caseId, state))
      .map(([, offer]) => offer);
    if (waiting.length >= submitter.quota) {
      return `${waiting.length} dossiers of ${submitter.id} wait for their cases to be opened, and no more are taken`;
    }
    const held = waiting.reduce((sum, offer) => sum + offer.bytes, bytes);
    return held > MAX_BYTES_A_SUBMITTER
      ? `the dossiers of ${submitter.id} that wait are too large`
      : undefined;
  }

  /** Noted before the dossier is kept: one without a note would never be let go of. */
  async note(document: CaseDocument, bytes: number): Promise<void> {
    const caseId = caseIdOf(document);
    await this.#folder.write([
      { path: `${caseId}${OFFER_ENDING}`, bytes: canonicalBytes({ bytes, case: document }) },
    ]);
    this.#offers.set(caseId, { document, bytes });
  }

  /** Lets go of what was opened since, and of what can never be. */
  async settle(state: CouncilState, shelf: DossierShelf): Promise<void> {
    for (const [caseId, { document }] of this.#offers) {
      const opened = isOpened(caseId, state);
      const supplanted = (state.attempts.get(questionOf(document))?.length ?? 0) >= document.attempt;
      if (!opened && !supplanted) continue;
      this.#offers.delete(caseId);
      if (!opened) await shelf.discard(caseId);
      await this.#folder.remove([`${caseId}${OFFER_ENDING}`]);
    }
  }
}

function isOpened(caseId: CaseId, { open, decided }: CouncilState): boolean {
  return open.has(caseId) || decided.has(caseId);
}
