// The confidential files of cases, one a case, kept apart from the ledger so that they can be erased (protocol 4.1).
import type { CaseDocument, CaseId } from '../council/case.ts';
import type { CaseSource } from '../council/case-file.ts';
import { type Dossier, dossierBytes, parseDossier, sourceOf } from '../council/dossier.ts';
import type { Folder } from '../storage/folder.ts';

/** Cases under judgement at the same time are few; the rest is read again when it is wanted. */
const MAX_REMEMBERED = 16;

export class DossierShelf {
  readonly #folder: Folder;
  readonly #sources = new Map<CaseId, CaseSource>();

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  /** Durable when it resolves: a seat's receipt says that it can serve the dossier (protocol 4.1). */
  async keep(dossier: Dossier): Promise<void> {
    await this.#folder.write([{ path: pathOf(dossier.caseId), bytes: dossierBytes(dossier) }]);
  }

  /** Undefined where it never came, or was erased. */
  dossier(caseId: CaseId): Dossier | undefined {
    const bytes = this.#folder.read(pathOf(caseId));
    return bytes && parseDossier(bytes);
  }

  /** What seats judge by: the same for all of them, so it is read once. */
  source(caseId: CaseId, document: CaseDocument): CaseSource | undefined {
    const known = this.#sources.get(caseId);
    if (known !== undefined) return known;
    const dossier = this.dossier(caseId);
    if (dossier === undefined) return undefined;
    const source = sourceOf(document, dossier);
    this.#sources.set(caseId, source);
    if (this.#sources.size > MAX_REMEMBERED) {
      for (const oldest of this.#sources.keys()) {
        this.#sources.delete(oldest);
        break;
      }
    }
    return source;
  }

  async erase(caseId: CaseId): Promise<void> {
    this.#sources.delete(caseId);
    await this.#folder.remove([pathOf(caseId)]);
  }
}

function pathOf(caseId: CaseId): string {
  return `${caseId}.json`;
}
