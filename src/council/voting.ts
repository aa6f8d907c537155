// Sealed ballots come in, and after the close they are opened (protocol 4.4, 4.6). The first of each counts; what
// contradicts it never displaces it, it is evidence. A case is judged by its panel to the end: under the panel's epoch
// and by the keys its chairs had then, whoever sits there now (protocol 6.1).
import type { Admission } from '../consensus/application.ts';
import { type Ballot, verdictFollows } from './ballot.ts';
import type { Policy } from './charter.ts';
import type { Draft } from './draft.ts';
import type { BallotCommitted, BallotRevealed } from './entry.ts';
import type { BallotFault } from './misbehaviour.ts';
import type { Rules } from './rules.ts';

/** Enters the commitment into the draft when it answers 'now'. */
export function commitBallot(draft: Draft, entry: BallotCommitted): Admission {
  const { caseId, epoch, seat, commitment } = entry;
  const open = draft.open.get(caseId);
  if (open === undefined) return withoutCase(draft, entry);
  if (epoch !== open.panel) return 'never';
  const standing = open.seats[seat - 1];
  if (standing === undefined || standing.kind === 'vacant') return 'never';
  if (standing.kind === 'waiting') {
    if (open.phase !== 'commit') return 'never';
    draft.setStanding(open, seat, { kind: 'committed', commitment });
    return 'now';
  }
  if (standing.commitment === commitment) return 'never';
  return draft.mark({ seat, epoch, fault: 'two-commitments', caseId }) ? 'now' : 'never'; // protocol 4.4
}

/** Opens the ballot in the draft when it answers 'now'. */
export function revealBallot(draft: Draft, entry: BallotRevealed, rules: Rules): Admission {
  const { caseId, epoch, seat } = entry;
  const open = draft.open.get(caseId);
  if (open === undefined) return withoutCase(draft, entry);
  if (epoch !== open.panel) return 'never';
  const standing = open.seats[seat - 1];
  if (standing === undefined || standing.kind === 'vacant') return 'never';
  if (open.phase === 'commit') return 'later';
  if (standing.kind === 'waiting') return 'never';

  const { commitment } = standing;
  const { opens, ballotDigest } = rules.openings.of(entry);
  const fault = faultOf(opens === commitment, entry.ballot, open.policy);
  if (standing.kind !== 'committed') {
    return fault !== undefined && draft.mark({ seat, epoch, fault, caseId }) ? 'now' : 'never';
  }
  if (fault === undefined) {
    draft.setStanding(open, seat, { kind: 'opened', commitment, ballot: entry.ballot, ballotDigest });
  } else {
    // a false opening is signed by the seat itself, so nobody else could have spoilt its ballot
    draft.setStanding(open, seat, { kind: 'false', commitment });
    draft.mark({ seat, epoch, fault, caseId });
  }
  return 'now';
}

function faultOf(isOpened: boolean, ballot: Ballot, policy: Policy): BallotFault | undefined {
  if (!isOpened) return 'false-reveal';
  return verdictFollows(ballot, policy) ? undefined : 'verdict-not-following';
}

/** A ballot may come before the case it is for, but not after its decision, nor after the epoch it was made in. */
function withoutCase(draft: Draft, { caseId, epoch }: BallotCommitted | BallotRevealed): Admission {
  return draft.isDecided(caseId) || epoch !== draft.epoch ? 'never' : 'later';
}
