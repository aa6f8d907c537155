// Whose an entry is: all the signatures it rests on, each by the key that its author had in the epoch it names, and by no
// other (protocol 2.2, 6.1). Checked once for an entry and a roster: two branches that nobody has committed yet may end
// an epoch with different rosters, and what is true by the one need not be by the other.
import type { Entry } from '../consensus/block.ts';
import type { Bls } from '../signing/bls-rule.ts';
import { fromBase64 } from '../signing/bytes.ts';
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import { Recent } from '../signing/recent.ts';
import { caseIdOf } from './case.ts';
import type { Charter } from './charter.ts';
import {
  type CaseOpened,
  entryMessage,
  type OpenEntry,
  type RosterChanged,
  receiptMessage,
  seatOfAuthor,
} from './entry.ts';
import type { VerifySignature } from './misbehaviour.ts';
import { type Roster, type RosterSeat, sitterOf } from './roster.ts';
import { approvalMessage } from './roster-change.ts';
import type { Constitution } from './rules.ts';
import type { CouncilState } from './state.ts';

/** One signature to check: key and signature in padded base64. */
export interface SignatureClaim {
  readonly publicKey: string;
  readonly message: Uint8Array;
  readonly signature: string;
}

export interface AuthenticityDependencies {
  readonly verifySignature: VerifySignature;
  readonly verifyPossession: Bls['verifyPossession'];
}

interface Claimed {
  /** by whose keys */
  readonly roster: Roster;
  readonly claims: readonly SignatureClaim[] | undefined;
}

interface Examined {
  readonly roster: Roster;
  readonly genuine: boolean;
}

/** A proof of possession costs 25 ms by the portable backend, and a change is looked at several times. */
const PROOFS_REMEMBERED = 1024;

export class Authenticity {
  readonly #councilId: Digest;
  readonly #charter: Charter;
  readonly #dependencies: AuthenticityDependencies;
  readonly #examined = new WeakMap<Entry, Examined>();
  /** until they are checked: they repeat the entry's bytes */
  readonly #claimed = new WeakMap<OpenEntry, Claimed>();
  readonly #proofs = new Recent<boolean>(PROOFS_REMEMBERED);
  /** as they were last seen; only to check ahead by, at most MAX_EPOCHS */
  #rosters: CouncilState['rosters'];

  constructor({ councilId, charter, roster }: Constitution, dependencies: AuthenticityDependencies) {
    this.#councilId = councilId;
    this.#charter = charter;
    this.#dependencies = dependencies;
    this.#rosters = new Map([[roster.epoch, roster]]);
  }

  isGenuine(entry: Entry, open: OpenEntry, rosters: CouncilState['rosters']): boolean {
    this.#rosters = rosters;
    const roster = rosters.get(open.fields.epoch);
    if (roster === undefined) return false;
    const known = this.#examined.get(entry);
    if (known?.roster === roster) return known.genuine;
    const genuine = this.#holds(open, roster);
    this.#claimed.delete(open);
    this.#examined.set(entry, { roster, genuine });
    return genuine;
  }

  claimsOf(open: OpenEntry): readonly SignatureClaim[] | undefined {
    const roster = this.#rosters.get(open.fields.epoch);
    if (roster === undefined) return undefined;
    const claims = this.#claimsBy(open, roster);
    this.#claimed.set(open, { roster, claims });
    return claims;
  }

  #holds(open: OpenEntry, roster: Roster): boolean {
    const claimed = this.#claimed.get(open);
    const claims = claimed?.roster === roster ? claimed.claims : this.#claimsBy(open, roster);
    const { verifySignature } = this.#dependencies;
    const signed =
      claims?.every(({ publicKey, message, signature }) => verifySignature(publicKey, message, signature)) ??
      false;
    // last, as it costs most: nobody has it done without the signatures of the operators
    return signed && (open.fields.kind !== 'roster.changed' || this.#proven(open.fields.change.seats));
  }

  #claimsBy(open: OpenEntry, roster: Roster): readonly SignatureClaim[] | undefined {
    const { fields, signature } = open;
    const author = this.#authorKey(open, roster);
    if (author === undefined) return undefined;
    const claims = [{ publicKey: author, message: entryMessage(open, this.#councilId), signature }];
    switch (fields.kind) {
      case 'case.opened':
        return withOthers(claims, this.#receipts(fields, roster));
      case 'roster.changed':
        return withOthers(claims, this.#approvals(fields));
      case 'ballot.committed':
      case 'ballot.revealed':
      case 'evidence.found':
      case 'seats.suspected':
        return claims;
      default:
        return fields satisfies never;
    }
  }

  #authorKey({ fields }: OpenEntry, roster: Roster): string | undefined {
    switch (fields.kind) {
      case 'case.opened':
        return this.#charter.submitters.find(({ id }) => id === fields.case.submitter)?.ed25519;
      case 'roster.changed':
        return this.#operatorKey(fields.by.slice('operator/'.length));
      case 'ballot.committed':
      case 'ballot.revealed':
      case 'evidence.found':
      case 'seats.suspected':
        return sitterOf(roster, seatOfAuthor(fields.by) ?? 0)?.ed25519;
      default:
        return fields satisfies never;
    }
  }

  #operatorKey(operator: string): string | undefined {
    return this.#charter.operators?.keys.find(({ id }) => id === operator)?.ed25519;
  }

  #receipts({ case: document, epoch, receipts }: CaseOpened, roster: Roster): (SignatureClaim | undefined)[] {
    const message = receiptMessage(caseIdOf(document), this.#context(epoch));
    return receipts.map(({ seat, sig }) => claimOf(sitterOf(roster, seat)?.ed25519, message, sig));
  }

  #approvals({ change, epoch, approvals }: RosterChanged): (SignatureClaim | undefined)[] {
    const message = approvalMessage(change, this.#context(epoch));
    return approvals.map(({ operator, sig }) => claimOf(this.#operatorKey(operator), message, sig));
  }

  #context(epoch: Epoch): { readonly councilId: Digest; readonly epoch: Epoch } {
    return { councilId: this.#councilId, epoch };
  }

  /** Without this a seat could choose a key that cancels the others' and sign for all of them (protocol 2.3). */
  #proven(seats: readonly RosterSeat[]): boolean {
    const { verifyPossession } = this.#dependencies;
    return seats.every(({ bls, possession }) =>
      this.#proofs.of(`${bls}/${possession}`, () =>
        verifyPossession(fromBase64(bls), fromBase64(possession)),
      ),
    );
  }
}

function claimOf(
  publicKey: string | undefined,
  message: Uint8Array,
  signature: string,
): SignatureClaim | undefined {
  return publicKey === undefined ? undefined : { publicKey, message, signature };
}

/** All of them, or none where one is by nobody who could sign. */
function withOthers(
  claims: readonly SignatureClaim[],
  others: readonly (SignatureClaim | undefined)[],
): readonly SignatureClaim[] | undefined {
  const known = others.filter((claim) => claim !== undefined);
  return known.length === others.length ? [...claims, ...known] : undefined;
}
