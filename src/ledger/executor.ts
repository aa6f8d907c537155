// The ledger as the engine's application: executing a block means asking the council what its entries do, and
// appending them and what they derived to the log (protocol 3.2, 7.1). States are values: an executed block
// that is never committed leaves nothing behind.
import type { Admission, Application, BlockContext, Execution } from '../consensus/application.ts';
import type { Entry } from '../consensus/block.ts';
import type { Council } from '../council/council.ts';
import { type CouncilRecord, recordBytes } from '../council/records.ts';
import type { CouncilState } from '../council/state.ts';
import { toHex } from '../signing/bytes.ts';
import { asDigest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import { Frontier, leafHash } from './merkle.ts';

export interface LedgerState {
  readonly council: CouncilState;
  readonly log: Frontier;
}

export interface LedgerExecution extends Execution<LedgerState> {
  readonly records: readonly CouncilRecord[];
  /** of `leaves`, so that whoever writes them to a log need not hash them again */
  readonly leafHashes: readonly Uint8Array[];
}

export class LedgerApplication implements Application<LedgerState> {
  readonly #council: Council;
  /** A block is executed by its voter after its proposer, and its entries are leaves both times. */
  readonly #leafHashes = new WeakMap<Entry, Uint8Array>();

  constructor(council: Council) {
    this.#council = council;
  }

  genesis(): LedgerState {
    return { council: this.#council.genesis(), log: Frontier.empty };
  }

  execute(state: LedgerState, context: BlockContext, entries: readonly Entry[]): LedgerExecution | undefined {
    const executed = this.#council.execute(state.council, context, entries);
    if (executed === undefined) return undefined;
    const derived = executed.records.map(recordBytes);
    const leafHashes = [...entries.map((entry) => this.#leafHash(entry)), ...derived.map(leafHash)];
    const log = state.log.append(leafHashes);
    return {
      state: { council: executed.state, log },
      ledgerSize: log.size,
      ledgerRoot: asDigest(toHex(log.root())),
      leaves: [...entries.map(({ bytes }) => bytes), ...derived],
      records: executed.records,
      leafHashes,
    };
  }

  epochOf({ council }: LedgerState): Epoch {
    return this.#council.epochOf(council);
  }

  admits(state: LedgerState, entry: Entry): Admission {
    return this.#council.admits(state.council, entry);
  }

  authorOf(entry: Entry): string {
    return this.#council.authorOf(entry);
  }

  dueAtMs(state: LedgerState): number | undefined {
    return this.#council.dueAtMs(state.council);
  }

  #leafHash(entry: Entry): Uint8Array {
    const known = this.#leafHashes.get(entry);
    if (known !== undefined) return known;
    const hash = leafHash(entry.bytes);
    this.#leafHashes.set(entry, hash);
    return hash;
  }
}
