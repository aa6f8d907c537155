// Which configuration judges for a seat: the one whose digest stands in the roster of the case's panel (protocol 6.1).
// A swap must not change the model of a case in flight, nor must a restart after it; so every configuration that was
// ever in force here is kept in the node's directory, `agents/seat-07-<digest>.json`, and looked up by its digest.

import type { Provenance } from '../../council/ballot.ts';
import type { RosterSeat } from '../../council/roster.ts';
import { modelDigest, type SeatFile } from '../../seats/seat-file.ts';
import { recordOf, seatFromRecord } from '../../seats/seat-record.ts';
import type { Digest } from '../../signing/digest.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import type { Folder } from '../../storage/folder.ts';

/** In a node's directory. */
export const AGENTS_FOLDER = 'agents';
/** Of all seats and epochs together; more than are kept are read again. */
const MAX_REMEMBERED = 2_048;

export interface AgentShelfOptions {
  /** what answers for the seats: a stand-in has other digests than the models it stands in for (protocol 6.4) */
  readonly answering: { readonly name: string; readonly provenance: Provenance };
}

export interface AgentShelfDependencies {
  readonly folder: Folder;
}

export class AgentShelf {
  readonly #answering: AgentShelfOptions['answering'];
  readonly #folder: Folder;
  readonly #known = new Map<string, SeatFile>();

  constructor({ answering }: AgentShelfOptions, { folder }: AgentShelfDependencies) {
    this.#answering = answering;
    this.#folder = folder;
  }

  /** Durable when it resolves: before a roster names them, and before anything is judged by them. */
  async keep(seats: readonly SeatFile[]): Promise<void> {
    const files = seats.flatMap((seat) => {
      const path = this.#pathOf(seat.seat, modelDigest(seat, this.#answering));
      this.#remember(path, seat);
      return this.#folder.read(path) === undefined ? [{ path, bytes: recordOf(seat) }] : [];
    });
    if (files.length > 0) await this.#folder.write(files);
  }

  /** As the chair names it; undefined where it was never here. A swap may have put it there a moment ago. */
  find({ seat, model }: Pick<RosterSeat, 'seat' | 'model'>): SeatFile | undefined {
    const path = this.#pathOf(seat, model);
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const bytes = this.#folder.read(path);
    const found = bytes === undefined ? undefined : seatFromRecord(bytes);
    // A file that says something else than its name is no configuration that anybody put into a roster.
    if (found?.seat !== seat || modelDigest(found, this.#answering) !== model) return undefined;
    this.#remember(path, found);
    return found;
  }

  #pathOf(seat: SeatId, model: Digest): string {
    return `seat-${String(seat).padStart(2, '0')}-${model}.json`;
  }

  #remember(path: string, seat: SeatFile): void {
    if (this.#known.size < MAX_REMEMBERED) this.#known.set(path, seat);
  }
}
