// The seats of this node in each epoch, with the secrets they sign with: whoever's keys are here sits here. Operators may
// rotate keys from one epoch to the next, and what a seat owes to an earlier one it signs with the keys of that one.
import type { SignatureClaim } from '../council/council.ts';
import { type Roster, type RosterSeat, sitterOf } from '../council/roster.ts';
import { invariant } from '../errors.ts';
import { toBase64 } from '../signing/bytes.ts';
import { fastestEd25519 } from '../signing/ed25519-fastest.ts';
import type { SeatId } from '../signing/seat-id.ts';

export interface SeatSecrets {
  readonly ed25519: Uint8Array;
  readonly bls: Uint8Array;
}

/** The secrets of whoever sits in a chair, if they are here. */
export type SecretsOf = (chair: RosterSeat) => SeatSecrets | undefined;

export interface OwnSeatsDependencies {
  /** told of every signature made here, and of the key in the roster that it is by */
  readonly onSigned?: (claim: SignatureClaim) => void;
}

export interface OwnSeatsOptions {
  /** secrets that entries are signed with; one that is not the key of its chair in an epoch is not used in it */
  readonly seats: ReadonlyMap<SeatId, Uint8Array>;
  /** asked first, and anew in each epoch: where keys are rotated while the node runs */
  readonly secretsOf?: SecretsOf;
}

/** Chairs that nobody sits in (protocol 5.2). */
export function vacantIn(roster: Roster | undefined): ReadonlySet<SeatId> {
  return new Set(roster?.seats.flatMap(({ seat, vacant }) => (vacant === true ? [seat] : [])));
}

export class OwnSeats {
  readonly #options: OwnSeatsOptions;
  readonly #onSigned: OwnSeatsDependencies['onSigned'];
  readonly #byRoster = new WeakMap<Roster, ReadonlyMap<SeatId, Uint8Array>>();

  constructor(options: OwnSeatsOptions, { onSigned }: OwnSeatsDependencies = {}) {
    this.#options = options;
    this.#onSigned = onSigned;
  }

  /** By ascending seat. Keys that come here later than an epoch's start sit in the next, or after a restart. */
  in(roster: Roster): ReadonlyMap<SeatId, Uint8Array> {
    const known = this.#byRoster.get(roster);
    if (known !== undefined) return known;
    const own = new Map<SeatId, Uint8Array>();
    for (const { seat } of roster.seats) {
      const chair = sitterOf(roster, seat);
      const secret = chair && this.#secretOf(chair);
      if (secret !== undefined) own.set(seat, secret);
    }
    this.#byRoster.set(roster, own);
    return own;
  }

  /** In base64. */
  sign(roster: Roster, seat: SeatId, message: Uint8Array): string {
    const secret = this.in(roster).get(seat);
    invariant(secret !== undefined, `seat ${seat} is hosted here in epoch ${roster.epoch}`);
    const signature = toBase64(fastestEd25519.sign(secret, message));
    const publicKey = sitterOf(roster, seat)?.ed25519;
    if (publicKey !== undefined) this.#onSigned?.({ publicKey, message, signature });
    return signature;
  }

  /** What the seats of this node sign decisions with, as far as it was not known from the beginning. */
  endorsing(roster: Roster): readonly { readonly seat: SeatId; readonly secrets: SeatSecrets }[] {
    const { secretsOf } = this.#options;
    return [...this.in(roster).keys()].flatMap((seat) => {
      const chair = sitterOf(roster, seat);
      const secrets = chair && secretsOf?.(chair);
      return secrets === undefined ? [] : [{ seat, secrets }];
    });
  }

  #secretOf(chair: RosterSeat): Uint8Array | undefined {
    const { seats, secretsOf } = this.#options;
    const isKeyOf = (secret: Uint8Array | undefined): secret is Uint8Array =>
      secret !== undefined && toBase64(fastestEd25519.publicKeyOf(secret)) === chair.ed25519;
    return [secretsOf?.(chair)?.ed25519, seats.get(chair.seat)].find(isKeyOf);
  }
}
