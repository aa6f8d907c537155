// From a decision and what the seats signed to a certificate (protocol 7.2, 7.3). Every signature is checked by
// the key of its own seat before it goes in; a seat goes in with both its signatures or not at all, so that the
// two sets in a certificate are the same seats and neither can be thinned out afterwards.
import { type Quorum, quorumOf } from '../consensus/quorum.ts';
import type { Founding } from '../council/genesis.ts';
import { rosterDigest, sitterOf } from '../council/roster.ts';
import { ConclaveError } from '../errors.ts';
import { BLS_SUITE, type Bls } from '../signing/bls-rule.ts';
import { fromBase64, utf8 } from '../signing/bytes.ts';
import type { Digest } from '../signing/digest.ts';
import type { Ed25519 } from '../signing/ed25519.ts';
import type { SeatId } from '../signing/seat-id.ts';
import { formatEnvelope, formatQuorum, formatRosters } from './certificate.ts';
import { certifiedBytes } from './decision-statement.ts';
import type { RosterLink } from './roster-links.ts';
import { bitmapOf } from './seat-bitmap.ts';

/** What one seat signed: the same bytes twice (protocol 7.2). */
export interface SeatEndorsement {
  readonly seat: SeatId;
  /** Ed25519, for the DSSE envelope */
  readonly envelope: Uint8Array;
  /** BLS, to be aggregated */
  readonly share: Uint8Array;
}

export interface Certification {
  /** undefined while fewer than q seats signed truly */
  readonly certificate: Uint8Array | undefined;
  readonly seats: readonly SeatId[];
  /** seats with a false signature */
  readonly refused: readonly SeatId[];
}

export interface CertificationDependencies {
  readonly ed25519: Pick<Ed25519, 'verify'>;
  readonly bls: Pick<Bls, 'verify' | 'verifyAggregate' | 'aggregateSignatures'>;
}

interface Candidate extends SeatEndorsement {
  readonly blsKey: Uint8Array;
}

export interface CertifierOptions extends Pick<Founding, 'genesis' | 'roster'> {
  /** how each roster after the first was admitted, up to the one whose seats sign */
  readonly links?: readonly RosterLink[];
}

/** Makes the certificates of one epoch; what all of them share is spelled once. Vacant chairs sign nothing. */
export class Certifier {
  readonly #rosterDigest: Digest;
  readonly #rosterLine: string;
  /** undefined for a vacant chair */
  readonly #blsKeys: readonly (Uint8Array | undefined)[];
  readonly #ed25519Keys: readonly (Uint8Array | undefined)[];
  readonly #quorum: Quorum;
  readonly #dependencies: CertificationDependencies;

  constructor(
    { genesis, roster: first, links = [] }: CertifierOptions,
    dependencies: CertificationDependencies,
  ) {
    const roster = links.at(-1)?.roster ?? first;
    this.#rosterDigest = rosterDigest(roster);
    this.#rosterLine = formatRosters([{ admittedBy: { genesis }, roster: first }, ...links]);
    const sitters = roster.seats.map(({ seat }) => sitterOf(roster, seat));
    this.#blsKeys = sitters.map((sitter) => sitter && fromBase64(sitter.bls));
    this.#ed25519Keys = sitters.map((sitter) => sitter && fromBase64(sitter.ed25519));
    this.#quorum = quorumOf(roster.seats.length);
    this.#dependencies = dependencies;
  }

  /** Endorsements in any order; a second one of a seat is ignored. */
  certify(payload: Uint8Array, endorsements: readonly SeatEndorsement[]): Certification {
    const message = certifiedBytes(payload);
    const refused: SeatId[] = [];
    const candidates = this.#trueEnvelopes(message, firstOfEachSeat(endorsements), refused);
    const { sound, aggregate } = this.#trueShares(message, candidates, refused);
    const seats = sound.map(({ seat }) => seat);
    const { n, q } = this.#quorum;
    if (sound.length < q || aggregate === undefined) return { certificate: undefined, seats, refused };
    const signatures = sound.map(({ seat, envelope }) => ({ seat, signature: envelope }));
    const quorum = {
      roster: this.#rosterDigest,
      seats: bitmapOf(seats, n),
      signature: aggregate,
      suite: BLS_SUITE,
    };
    const certificate = utf8(formatEnvelope(payload, signatures) + formatQuorum(quorum) + this.#rosterLine);
    return { certificate, seats, refused };
  }

  #trueEnvelopes(
    message: Uint8Array,
    endorsements: readonly SeatEndorsement[],
    refused: SeatId[],
  ): readonly Candidate[] {
    const candidates: Candidate[] = [];
    for (const endorsement of endorsements) {
      const key = this.#ed25519Keys[endorsement.seat - 1];
      const blsKey = this.#blsKeys[endorsement.seat - 1];
      const holds =
        key !== undefined && this.#dependencies.ed25519.verify(key, message, endorsement.envelope);
      if (holds && blsKey !== undefined) candidates.push({ ...endorsement, blsKey });
      else refused.push(endorsement.seat);
    }
    return candidates;
  }

  /**
   * One check for all where all are true, which is nearly always; one by one to name the seat that lied. (Two
   * false shares may cancel each other. Then their aggregate is true all the same, and that is what is kept.)
   */
  #trueShares(
    message: Uint8Array,
    candidates: readonly Candidate[],
    refused: SeatId[],
  ): { readonly sound: readonly Candidate[]; readonly aggregate: Uint8Array | undefined } {
    const { bls } = this.#dependencies;
    const aggregate = this.#aggregate(message, candidates);
    if (aggregate !== undefined || candidates.length === 0) return { sound: candidates, aggregate };
    const sound = candidates.filter(({ seat, blsKey, share }) => {
      const holds = bls.verify(blsKey, message, share);
      if (!holds) refused.push(seat);
      return holds;
    });
    return { sound, aggregate: this.#aggregate(message, sound) };
  }

  /** Undefined unless it holds. */
  #aggregate(message: Uint8Array, candidates: readonly Candidate[]): Uint8Array | undefined {
    const { bls } = this.#dependencies;
    if (candidates.length === 0) return undefined;
    try {
      const aggregate = bls.aggregateSignatures(candidates.map(({ share }) => share));
      const keys = candidates.map(({ blsKey }) => blsKey);
      return bls.verifyAggregate(keys, message, aggregate) ? aggregate : undefined;
    } catch (error) {
      if (error instanceof ConclaveError && error.code === 'bad-input') return undefined; // no point of the group
      throw error;
    }
  }
}

function firstOfEachSeat(endorsements: readonly SeatEndorsement[]): readonly SeatEndorsement[] {
  const bySeat = new Map<SeatId, SeatEndorsement>();
  for (const endorsement of endorsements) {
    if (!bySeat.has(endorsement.seat)) bySeat.set(endorsement.seat, endorsement);
  }
  return [...bySeat.values()].sort((a, b) => a.seat - b.seat);
}
