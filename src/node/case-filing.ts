// Cases that wait to be opened. A submitter is told nothing before its entry is committed (protocol 8.3), so until
// then the entry is kept across restarts and said again; one that can no longer be opened is given up.
import type { Admission } from '../consensus/application.ts';
import type { Entry } from '../consensus/block.ts';
import type { CommittedBlock } from '../consensus/effects.ts';
import type { CaseId } from '../council/case.ts';
import { badInput } from '../errors.ts';
import type { Digest } from '../signing/digest.ts';
import type { CouncilBatch } from '../storage/council-batch.ts';
import type { CouncilStore } from '../storage/council-store.ts';

/** More are refused: a submitter that waits for its answer needs no more. */
export const MAX_FILED_CASES = 1_024;

export interface CaseFilingDependencies {
  readonly store: CouncilStore;
  readonly admits: (entry: Entry) => Admission;
  readonly submit: (entries: readonly Entry[]) => void;
  /** another case took its place: it will never be opened as it is */
  readonly onRefused: (caseId: CaseId) => void;
}

export class CaseFiling {
  readonly #dependencies: CaseFilingDependencies;
  readonly #filed = new Map<Digest, { readonly caseId: CaseId; readonly entry: Entry }>();

  constructor(dependencies: CaseFilingDependencies) {
    this.#dependencies = dependencies;
    for (const [caseId, entry] of dependencies.store.filed())
      this.#filed.set(entry.digest, { caseId, entry });
  }

  get caseIds(): readonly CaseId[] {
    return [...this.#filed.values()].map(({ caseId }) => caseId);
  }

  file(caseId: CaseId, entry: Entry): void {
    const { store, admits, submit } = this.#dependencies;
    if (admits(entry) === 'never') {
      throw badInput(
        `the council would never open case ${caseId}: its type, submitter, attempt or receipts are not in order`,
      );
    }
    if (this.#filed.size >= MAX_FILED_CASES)
      throw badInput(`${MAX_FILED_CASES} cases wait to be opened already`);
    const batch = store.batch();
    batch.file(caseId, entry);
    // Crash before the write: the case was never submitted. After it: it is submitted again at the next start.
    store.write(batch);
    this.#filed.set(entry.digest, { caseId, entry });
    submit([entry]);
  }

  /** Takes off the list, with the same write that commits them, what blocks open. */
  committing(blocks: readonly CommittedBlock[], batch: CouncilBatch): void {
    if (this.#filed.size === 0) return;
    for (const { digest } of blocks.flatMap(({ block }) => block.entries)) {
      const filed = this.#filed.get(digest);
      if (filed === undefined) continue;
      this.#filed.delete(digest);
      batch.unfile(filed.caseId);
    }
  }

  /** Submits again what waits, and gives up what the council will never open. */
  remind(): void {
    if (this.#filed.size === 0) return;
    const { store, admits, submit, onRefused } = this.#dependencies;
    const batch = store.batch();
    const refused = [...this.#filed.values()].filter(({ entry }) => admits(entry) === 'never');
    for (const { caseId, entry } of refused) {
      this.#filed.delete(entry.digest);
      batch.unfile(caseId);
    }
    store.write(batch);
    for (const { caseId } of refused) onRefused(caseId);
    submit([...this.#filed.values()].map(({ entry }) => entry));
  }
}
