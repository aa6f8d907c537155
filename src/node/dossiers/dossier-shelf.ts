// The confidential files of cases, kept apart from ledger and store so that they can be erased (protocol 4.1): for
// each case its dossier, and how the seats came to their ballots.
//
// What is erased stays erased: `erasures.jsonl` names the case and the time, and a case that stands there is neither
// kept, nor served, nor fetched again. The list is this node's own note: it shows its operator that the files were
// removed here, and when. It is not signed and proves nothing to others, nor anything about other nodes, backups,
// or what a model's provider keeps.
import type { CaseDocument, CaseId } from '../../council/case.ts';
import type { CaseSource } from '../../council/case-file.ts';
import { type Dossier, dossierBytes, parseDossier, sourceOf } from '../../council/dossier.ts';
import { badInput } from '../../errors.ts';
import { textOf, utf8 } from '../../signing/bytes.ts';
import { canonicalText } from '../../signing/canonical.ts';
import { asDigest } from '../../signing/digest.ts';
import { asSeatId, type SeatId } from '../../signing/seat-id.ts';
import type { Folder } from '../../storage/folder.ts';

/** Cases under judgement at the same time are few; the rest is read again when it is wanted. */
const MAX_REMEMBERED = 16;

export class DossierShelf {
  readonly #folder: Folder;
  readonly #sources = new Map<CaseId, CaseSource>();
  /** when each was erased */
  readonly #erased: Map<CaseId, number>;

  constructor(folder: Folder) {
    this.#folder = folder;
    this.#erased = erasuresIn(folder.read(ERASURES));
  }

  /** When the files of a case were erased here; undefined where they were not. */
  erasedMs(caseId: CaseId): number | undefined {
    return this.#erased.get(caseId);
  }

  /** Durable when it resolves: a seat's receipt says that it can serve the dossier (protocol 4.1). */
  async keep(dossier: Dossier): Promise<void> {
    if (this.#erased.has(dossier.caseId))
      throw badInput(`the dossier of case ${dossier.caseId} was erased here`);
    await this.#folder.write([{ path: pathOf(dossier.caseId), bytes: dossierBytes(dossier) }]);
  }

  /** Undefined where it never came, or was erased. */
  dossier(caseId: CaseId): Dossier | undefined {
    if (this.#erased.has(caseId)) return undefined;
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
    // A seat may be at work while the case is erased.
    if (this.#erased.has(caseId)) return;
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

  /** Of a case that never was: nothing is noted, for nothing happened. */
  async discard(caseId: CaseId): Promise<void> {
    this.#sources.delete(caseId);
    await this.#folder.remove([pathOf(caseId)]);
  }

  /**
   * Removes everything confidential of a case, for good when it resolves. False when nothing of it was here; it is
   * noted all the same, so that it never comes.
   */
  async erase(caseId: CaseId, nowMs: number): Promise<boolean> {
    const files = [pathOf(caseId), judgementsOf(caseId), groundsOf(caseId), `${caseId}${OFFER_ENDING}`];
    const found = files.some((path) => this.#folder.read(path) !== undefined);
    if (!this.#erased.has(caseId)) this.#erased.set(caseId, nowMs);
    this.#sources.delete(caseId);
    const lines = [...this.#erased].map(
      ([erased, erasedMs]) => `${canonicalText({ caseId: erased, erasedMs })}\n`,
    );
    const list = { path: ERASURES, bytes: utf8(lines.join('')) };
    await this.#folder.write([list]);
    // Crash here: the case counts as erased and its files are still there. To erase it again removes them.
    await this.#folder.remove(files);
    // Written again because that syncs the folder, and with it the removal.
    await this.#folder.write([list]);
    return found;
  }
}

const ERASURES = 'erasures.jsonl';
/** A note beside a dossier whose case is not open yet (dossier-offers.ts). */
export const OFFER_ENDING = '.offered.json';

/** Without a last line that a crash cut short: then the files had not been touched. */
function erasuresIn(bytes: Uint8Array | undefined): Map<CaseId, number> {
  const lines = bytes === undefined ? [] : textOf(bytes).split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, caseId, erasedMs] = /^\{"caseId":"([0-9a-f]{64})","erasedMs":(\d{1,16})\}$/.exec(line) ?? [];
      return caseId === undefined ? [] : [[asDigest(caseId), Number(erasedMs)] as const];
    }),
  );
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
