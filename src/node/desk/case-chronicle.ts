// What the ledger says of one case, leaf by leaf in the order of the ledger: its opening, commitments, reveals, the
// close, the decision. Every node has the same list, so that a client can hold what one node tells it against what
// another does.
import { type CaseId, caseIdOf } from '../../council/case.ts';
import { openEntry } from '../../council/entry.ts';
import { isRecordLeaf, openRecord } from '../../council/records.ts';
import type { CouncilState } from '../../council/state.ts';
import type { CouncilStore, StoredBlock } from '../../storage/council-store.ts';

export interface CaseLeaf {
  readonly height: number;
  readonly timeMs: number;
  /** its place in the log */
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** A case takes a few dozen blocks; looking further back for an opening is not worth anybody's while. */
const MAX_BLOCKS_BACK = 20_000;
const MAX_REMEMBERED = 256;

export interface ChronicleSource {
  readonly store: CouncilStore;
  readonly state: CouncilState;
}

export class CaseChronicle {
  readonly #openings = new Map<CaseId, CaseLeaf>();

  /** The leaf that opened a case; undefined where it is not on the ledger, or too long ago. */
  opening({ store, state }: ChronicleSource, caseId: CaseId): CaseLeaf | undefined {
    const known = this.#openings.get(caseId);
    if (known !== undefined) return known;
    const open = state.open.get(caseId);
    const decided = state.decided.get(caseId);
    if (open === undefined && decided === undefined) return undefined;
    const last = open === undefined ? decided?.height : heightAt(store, open.openedMs);
    for (let height = last ?? 0, back = 0; height > 0 && back < MAX_BLOCKS_BACK; height--, back++) {
      const stored = store.at(height);
      const found = stored && leavesOf(stored).find(({ bytes }) => opens(bytes, caseId));
      if (found === undefined) continue;
      this.#openings.set(caseId, found);
      if (this.#openings.size > MAX_REMEMBERED) {
        for (const oldest of this.#openings.keys()) {
          this.#openings.delete(oldest);
          break;
        }
      }
      return found;
    }
    return undefined;
  }

  /** Those after the first `after`, at most so many. */
  leaves(source: ChronicleSource, caseId: CaseId, after: number, most: number): CaseLeaf[] {
    const opening = this.opening(source, caseId);
    if (opening === undefined) return [];
    const { store, state } = source;
    const last = state.decided.get(caseId)?.height ?? store.height;
    const found: CaseLeaf[] = [];
    let passed = 0;
    for (let height = opening.height; height <= last && found.length < most; height++) {
      const stored = store.at(height);
      if (stored === undefined) break;
      for (const leaf of leavesOf(stored)) {
        if (!isAbout(leaf.bytes, caseId) || passed++ < after) continue;
        if (found.length < most) found.push(leaf);
      }
    }
    return found;
  }
}

/** The committed block of a time; times ascend (protocol 4.9). */
function heightAt(store: CouncilStore, timeMs: number): number | undefined {
  let low = 1;
  let high = store.height;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((store.at(middle)?.block.header.timeMs ?? Number.POSITIVE_INFINITY) < timeMs) low = middle + 1;
    else high = middle;
  }
  return store.at(low)?.block.header.timeMs === timeMs ? low : undefined;
}

function leavesOf({ block, derived }: StoredBlock): CaseLeaf[] {
  const { height, timeMs, ledgerSize } = block.header;
  const leaves = [...block.entries.map(({ bytes }) => bytes), ...derived];
  const first = ledgerSize - leaves.length;
  return leaves.map((bytes, i) => ({ height, timeMs, index: first + i, bytes }));
}

function opens(leaf: Uint8Array, caseId: CaseId): boolean {
  const said = isRecordLeaf(leaf) ? undefined : openEntry(leaf).fields;
  return said?.kind === 'case.opened' && caseIdOf(said.case) === caseId;
}

function isAbout(leaf: Uint8Array, caseId: CaseId): boolean {
  if (opens(leaf, caseId)) return true;
  const said = isRecordLeaf(leaf) ? openRecord(leaf) : openEntry(leaf).fields;
  const tells = said.kind.startsWith('ballot.') || said.kind.startsWith('case.');
  return tells && 'caseId' in said && said.caseId === caseId;
}
