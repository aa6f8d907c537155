// The operators of a council in memory: three, two of whom must approve of whatever the roster is changed to.
import { randomBytes } from 'node:crypto';
import type { Entry } from '../consensus/block.ts';
import type { Operators } from '../council/charter.ts';
import { sealEntry } from '../council/entry.ts';
import { type Roster, type RosterSeat, rosterDigest } from '../council/roster.ts';
import { approvalMessage, type RosterChange } from '../council/roster-change.ts';
import { invariant } from '../errors.ts';
import { toBase64 } from '../signing/bytes.ts';
import type { Digest } from '../signing/digest.ts';
import { fastestEd25519 } from '../signing/ed25519-fastest.ts';

const IDS = ['ada', 'bob', 'cyd'] as const;
const THRESHOLD = 2;
const SECRET_BYTES = 32;

export class MemoryOperators {
  readonly #secrets = new Map(IDS.map((id) => [id, randomBytes(SECRET_BYTES)] as const));

  /** As a charter names them. */
  get named(): Operators {
    const keys = [...this.#secrets].map(([id, secret]) => ({
      id,
      ed25519: toBase64(fastestEd25519.publicKeyOf(secret)),
    }));
    return { threshold: THRESHOLD, keys };
  }

  /** The entry that gives chairs of a roster to others, approved by as many as it takes or by fewer. */
  change(councilId: Digest, from: Roster, seats: readonly RosterSeat[], approving = THRESHOLD): Entry {
    const { epoch } = from;
    const change: RosterChange = { from: rosterDigest(from), seats };
    const message = approvalMessage(change, { councilId, epoch });
    const approvals = [...this.#secrets].slice(0, approving).map(([operator, secret]) => ({
      operator,
      sig: toBase64(fastestEd25519.sign(secret, message)),
    }));
    const [by] = this.#secrets;
    invariant(by !== undefined, 'there are operators');
    const [id, secret] = by;
    return sealEntry(
      { kind: 'roster.changed', by: `operator/${id}`, epoch, change, approvals },
      councilId,
      (bytes) => toBase64(fastestEd25519.sign(secret, bytes)),
    );
  }
}
