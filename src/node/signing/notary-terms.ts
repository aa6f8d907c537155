// What the notary is told of each epoch before it signs or certifies in it (protocol 6.1, 6.3): whose keys of this node sit
// in it, and how its roster came to be, which every certificate shows from the genesis on.
import type { Quorum } from '../../consensus/quorum.ts';
import type { Decision } from '../../council/records.ts';
import { FIRST_EPOCH, type Roster } from '../../council/roster.ts';
import { invariant } from '../../errors.ts';
import type { SeatEndorsement } from '../../ledger/certify.ts';
import { publishedBlockOf } from '../../ledger/published-blocks.ts';
import { type RosterLink, rosterLink } from '../../ledger/roster-links.ts';
import type { Epoch } from '../../signing/purpose.ts';
import type { CouncilStore } from '../../storage/council-store.ts';
import type { LedgerPublisher } from '../ledger-publisher.ts';
import type { OwnSeats } from '../own-seats.ts';
import type { EndorsingKeys, Notary } from './notary.ts';

export interface NotaryTermsOptions {
  readonly quorum: Quorum;
}

export interface NotaryTermsDependencies {
  readonly store: CouncilStore;
  /** of every epoch so far: the seats of the one in which it is decided sign a decision (protocol 6.1) */
  readonly rosters: () => ReadonlyMap<Epoch, Roster>;
  readonly own: Pick<OwnSeats, 'endorsing'>;
  readonly notary: Notary;
  readonly publisher: LedgerPublisher;
}

export class NotaryTerms {
  readonly #options: NotaryTermsOptions;
  readonly #dependencies: NotaryTermsDependencies;
  /** epochs that the notary was told of, and those that it can certify in */
  readonly #begun = new Set<Epoch>([FIRST_EPOCH]);
  readonly #certifiable = new Set<Epoch>([FIRST_EPOCH]);

  constructor(options: NotaryTermsOptions, dependencies: NotaryTermsDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  async endorse(decision: Decision, payload: Uint8Array): Promise<readonly SeatEndorsement[]> {
    const { notary } = this.#dependencies;
    const { epoch } = decision;
    if (!this.#begun.has(epoch)) {
      this.#begun.add(epoch);
      const roster = this.rosterOf(decision);
      notary.begin({ roster, keys: this.#keysIn(roster) });
    }
    return notary.endorse(payload, epoch);
  }

  /** A certificate shows how each roster was admitted, by ledger that is published before any decision under it is. */
  async beginCertifying(decision: Decision): Promise<void> {
    const { epoch, height } = decision;
    if (this.#certifiable.has(epoch)) return;
    const { notary, publisher } = this.#dependencies;
    await publisher.published(height);
    const links = this.#linksUpTo(epoch);
    const roster = this.rosterOf(decision);
    notary.begin({ roster, links, keys: this.#keysIn(roster) });
    this.#certifiable.add(epoch);
  }

  /** How each roster since the genesis came to be, for whoever asks which is in force (protocol 6.3). */
  async rosterLinks(): Promise<readonly RosterLink[]> {
    const { publisher, rosters, store } = this.#dependencies;
    const latest = Math.max(...rosters().keys()) as Epoch;
    const end = latest === FIRST_EPOCH ? undefined : store.endOf((latest - 1) as Epoch);
    if (end !== undefined) await publisher.published(end.block.header.height);
    return this.#linksUpTo(latest);
  }

  rosterOf({ epoch }: Decision): Roster {
    const roster = this.#dependencies.rosters().get(epoch);
    invariant(roster !== undefined, `a decision is of an epoch that has begun, not ${epoch}`);
    return roster;
  }

  /** From what is published. */
  #linksUpTo(epoch: Epoch): readonly RosterLink[] {
    const later = [...this.#dependencies.rosters()].filter(([of]) => of !== FIRST_EPOCH && of <= epoch);
    return later.map(([of, roster]) => this.#linkTo(of, roster));
  }

  #linkTo(epoch: Epoch, roster: Roster): RosterLink {
    const { publisher, store } = this.#dependencies;
    const end = store.endOf((epoch - 1) as Epoch);
    invariant(end !== undefined, `the end of epoch ${epoch - 1} is committed`);
    const { block, commit, derived, suffix } = end;
    const proof = suffix.map(({ header }) => header);
    const { quorum } = this.#options;
    const published = publishedBlockOf(block.header, block.entries.length, commit, quorum, proof);
    return rosterLink({ block: published, derived, roster }, publisher.log);
  }

  #keysIn(roster: Roster): readonly EndorsingKeys[] {
    return this.#dependencies.own.endorsing(roster).map(({ seat, secrets }) => ({ seat, ...secrets }));
  }
}
