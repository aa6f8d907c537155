// The confidential files of cases, kept apart from ledger and store so that they can be erased (protocol 4.1): for
// each case its dossier, and how the seats came to their ballots.
import type { CaseDocument, CaseId } from '../council/case.ts';
import type { CaseSource } from '../council/case-file.ts';
import { type Dossier, dossierBytes, parseDossier, sourceOf } from '../council/dossier.ts';
import { textOf, utf8 } from '../signing/bytes.ts';
import { asSeatId, type SeatId } from '../signing/seat-id.ts';
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

  /** Each a JSON text. Written before the ballots are sealed; should one be judged twice, the later one counts. */
  async keepJudgements(caseId: CaseId, judgements: ReadonlyMap<SeatId, Uint8Array>): Promise<void> {
    const lines = [...judgements].map(([seat, record]) => `{"judgement":${textOf(record)},"seat":${seat}}\n`);
    await this.#folder.append(judgementsOf(caseId), utf8(lines.join('')));
  }

  /** By seat, as they were kept; without those that were erased. */
  judgements(caseId: CaseId): ReadonlyMap<SeatId, Uint8Array> {
    const bytes = this.#folder.read(judgementsOf(caseId));
    const lines = bytes === undefined ? [] : textOf(bytes).split('\n');
    return new Map(lines.flatMap((line) => judgementIn(line) ?? []));
  }

  /** What reasons seats share, a JSON text: advisory, worked out from the judgements and of no use without them. */
  async keepGrounds(caseId: CaseId, grounds: Uint8Array): Promise<void> {
    if (this.#folder.read(judgementsOf(caseId)) === undefined) return;
    await this.#folder.write([{ path: groundsOf(caseId), bytes: grounds }]);
  }

  async erase(caseId: CaseId): Promise<void> {
    this.#sources.delete(caseId);
    await this.#folder.remove([pathOf(caseId), judgementsOf(caseId), groundsOf(caseId)]);
  }
}

/** Undefined for a line that a crash cut short. */
function judgementIn(line: string): [[SeatId, Uint8Array]] | undefined {
  const [, judgement, seat] = /^\{"judgement":(.*),"seat":(\d{1,3})\}$/.exec(line) ?? [];
  if (judgement === undefined || seat === undefined) return undefined;
  return [[asSeatId(Number(seat)), utf8(judgement)]];
}

function groundsOf(caseId: CaseId): string {
  return `${caseId}.grounds.json`;
}

function judgementsOf(caseId: CaseId): string {
  return `${caseId}.judgements.jsonl`;
}

function pathOf(caseId: CaseId): string {
  return `${caseId}.json`;
}
