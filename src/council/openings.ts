// What a reveal opens, worked out once for each. A reveal is looked at when it comes, when it is proposed and when it
// is executed, and two hashes over a whole ballot each time would be most of what counting costs.
import { commitmentOf } from '../signing/commitment.ts';
import type { Digest } from '../signing/digest.ts';
import { ballotDigest } from './ballot.ts';
import type { BallotRevealed } from './entry.ts';

export interface Opening {
  /** the commitment that seat, salt and ballot open (protocol 4.4) */
  readonly opens: Digest;
  readonly ballotDigest: Digest;
}

export class Openings {
  readonly #councilId: Digest;
  readonly #known = new WeakMap<BallotRevealed, Opening>();

  constructor(councilId: Digest) {
    this.#councilId = councilId;
  }

  of(entry: BallotRevealed): Opening {
    const known = this.#known.get(entry);
    if (known !== undefined) return known;
    const { epoch, caseId, seat, salt, ballot } = entry;
    const opening = {
      opens: commitmentOf({ councilId: this.#councilId, epoch, caseId, seat, salt, ballot }),
      ballotDigest: ballotDigest(ballot),
    };
    this.#known.set(entry, opening);
    return opening;
  }
}
