// Signs decisions for the seats of this node and makes certificates of what the seats signed (protocol 7.2). A BLS
// signature costs a third of a millisecond even with the native backend, and a decision takes one a seat, so a
// node that can hands this to worker threads (signing-threads.ts); this is the work itself, on whatever thread.
import type { Founding } from '../../council/genesis.ts';
import { type Roster, type RosterSeat, sitterOf } from '../../council/roster.ts';
import { invariant } from '../../errors.ts';
import { type Certification, Certifier, type SeatEndorsement } from '../../ledger/certify.ts';
import { certifiedBytes } from '../../ledger/decision-statement.ts';
import type { RosterLink } from '../../ledger/roster-links.ts';
import { type Bls, nobleBls } from '../../signing/bls.ts';
import { loadBlst } from '../../signing/bls-blst.ts';
import { equalBytes, toBase64 } from '../../signing/bytes.ts';
import { fastestEd25519 } from '../../signing/ed25519-fastest.ts';
import type { Epoch } from '../../signing/purpose.ts';
import type { SeatId } from '../../signing/seat-id.ts';

/** The secrets a seat signs decisions with. */
export interface EndorsingKeys {
  readonly seat: SeatId;
  readonly ed25519: Uint8Array;
  readonly bls: Uint8Array;
}

export interface NotaryOptions {
  readonly founding: Pick<Founding, 'genesis' | 'roster'>;
  readonly keys: readonly EndorsingKeys[];
}

/** What a notary must know of an epoch after the first, before it signs or certifies anything of it (protocol 6.1). */
export interface NotaryTerm {
  readonly roster: Roster;
  /** how the rosters from the second up to this one were admitted; needed to certify, not to sign */
  readonly links?: readonly RosterLink[];
  /** keys that were not there from the beginning */
  readonly keys: readonly EndorsingKeys[];
}

/** Every `of`-th seat, from the `part`-th on: several hands sign for the seats of one node. */
export interface Share {
  readonly part: number;
  readonly of: number;
}

export interface Notary {
  begin(term: NotaryTerm): void;
  /** What each seat of this node signs in an epoch about a decision, or its share of them. */
  endorse(payload: Uint8Array, epoch: Epoch, share?: Share): Promise<readonly SeatEndorsement[]>;
  certify(
    payload: Uint8Array,
    epoch: Epoch,
    endorsements: readonly SeatEndorsement[],
  ): Promise<Certification>;
  close(): Promise<void>;
}

/** The native backend where its binary is, else the portable one: the bytes are the same. */
export async function fastestBls(): Promise<Bls> {
  return (await loadBlst()) ?? nobleBls;
}

const WHOLE: Share = { part: 0, of: 1 };

interface Term {
  readonly keys: readonly EndorsingKeys[];
  /** undefined until it is known how its roster was admitted */
  readonly certifier: Certifier | undefined;
}

export class NotaryHere implements Notary {
  readonly #founding: NotaryOptions['founding'];
  readonly #bls: Bls;
  readonly #terms = new Map<Epoch, Term>();
  #held: readonly EndorsingKeys[];

  constructor({ founding, keys }: NotaryOptions, bls: Bls) {
    this.#founding = founding;
    this.#held = keys;
    this.#bls = bls;
    this.begin({ roster: founding.roster, links: [], keys: [] });
  }

  begin({ roster, links, keys }: NotaryTerm): void {
    this.#held = [...this.#held, ...keys.filter((key) => !this.#held.some((held) => isSame(held, key)))];
    const { genesis, roster: first } = this.#founding;
    const sitting = roster.seats.flatMap(
      ({ seat }) =>
        this.#held.find((held) => held.seat === seat && isKeyOf(held, sitterOf(roster, seat))) ?? [],
    );
    const means = { ed25519: fastestEd25519, bls: this.#bls };
    const certifier = links && new Certifier({ genesis, roster: first, links }, means);
    const known = this.#terms.get(roster.epoch)?.certifier;
    this.#terms.set(roster.epoch, { keys: sitting, certifier: certifier ?? known });
  }

  async endorse(
    payload: Uint8Array,
    epoch: Epoch,
    { part, of } = WHOLE,
  ): Promise<readonly SeatEndorsement[]> {
    const message = certifiedBytes(payload);
    const keys = this.#term(epoch).keys.filter((_, i) => i % of === part);
    return keys.map(({ seat, ed25519, bls }) => ({
      seat,
      envelope: fastestEd25519.sign(ed25519, message),
      share: this.#bls.sign(bls, message),
    }));
  }

  async certify(
    payload: Uint8Array,
    epoch: Epoch,
    endorsements: readonly SeatEndorsement[],
  ): Promise<Certification> {
    const { certifier } = this.#term(epoch);
    invariant(certifier !== undefined, `it is known how the roster of epoch ${epoch} was admitted`);
    return certifier.certify(payload, endorsements);
  }

  async close(): Promise<void> {}

  #term(epoch: Epoch): Term {
    const term = this.#terms.get(epoch);
    invariant(term !== undefined, `the notary was told of epoch ${epoch}`);
    return term;
  }
}

function isSame(one: EndorsingKeys, other: EndorsingKeys): boolean {
  return one.seat === other.seat && equalBytes(one.ed25519, other.ed25519);
}

function isKeyOf({ ed25519 }: EndorsingKeys, chair: RosterSeat | undefined): boolean {
  return chair !== undefined && toBase64(fastestEd25519.publicKeyOf(ed25519)) === chair.ed25519;
}
