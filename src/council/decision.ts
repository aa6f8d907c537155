// From opened ballots to a decision (protocol 4.7, 4.8): a count, never a judgement. The decision names everything
// it rests on by digest, so that anyone with the ledger can count again.
import type { Digest } from '../signing/digest.ts';
import { asSeatId, type SeatId } from '../signing/seat-id.ts';
import type { Ballot, Provenance } from './ballot.ts';
import { policyDigest } from './charter.ts';
import type { Moment } from './draft.ts';
import type { Decision, Flag } from './records.ts';
import { type Roster, rosterDigest } from './roster.ts';
import { isEmbedded, type Rules } from './rules.ts';
import type { OpenCase } from './state.ts';
import {
  isDiscursiveDilemma,
  isPivotalWithholding,
  outcomeOf,
  tallyFindings,
  tallyVerdicts,
} from './tally.ts';

interface Counted {
  readonly seat: SeatId;
  readonly ballot: Ballot;
  readonly digest: Digest;
}

/** The roster that judged, and the one in force now, whose seats sign (protocol 6.1). */
export interface Rosters {
  readonly panel: Roster;
  readonly roster: Roster;
}

export function decisionOf(
  open: OpenCase,
  { panel, roster }: Rosters,
  { height, timeMs }: Moment,
  rules: Rules,
): Decision {
  const { caseId, document, policy, seats } = open;
  const { charter, quorum } = rules;
  const counted: Counted[] = [];
  const withheld: SeatId[] = [];
  seats.forEach((standing, i) => {
    const seat = asSeatId(i + 1);
    if (standing.kind === 'opened')
      counted.push({ seat, ballot: standing.ballot, digest: standing.ballotDigest });
    else if (standing.kind !== 'waiting' && standing.kind !== 'vacant') withheld.push(seat);
  });
  const ballots = counted.map(({ ballot }) => ballot);
  const tally = tallyVerdicts(ballots, quorum);
  const byCriterion = tallyFindings(ballots, policy);
  const { outcome, basis } = outcomeOf(tally, quorum);

  const flags = new Set<Flag>();
  // What either roster is, the decision is: one machine that judged, or one machine that signs.
  if (isEmbedded(panel) || isEmbedded(roster)) flags.add('embedded');
  if (panel.trial || roster.trial || ballots.some(({ provenance }) => provenance !== 'live'))
    flags.add('trial'); // protocol 6.4
  if (isPivotalWithholding(tally, withheld.length, quorum)) flags.add('pivotal-withholding');
  if (basis === 'no-quorum') flags.add('human-review');
  if (isDiscursiveDilemma(tally, byCriterion, policy, quorum))
    flags.add('discursive-dilemma').add('human-review');

  return {
    kind: 'case.decided',
    caseId,
    type: document.type,
    subject: document.subject,
    attempt: document.attempt,
    outcome,
    basis,
    tally,
    threshold: quorum.q,
    seats: quorum.n,
    byCriterion,
    flags: [...flags].sort(),
    provenance: provenanceOf(ballots),
    ballots: counted.map(({ seat, ballot, digest }) => ({ seat, verdict: ballot.verdict, ballot: digest })),
    withheld,
    panel: rosterDigest(panel),
    roster: rosterDigest(roster),
    policy: rules.policyDigests.get(policy) ?? policyDigest(policy),
    epoch: roster.epoch,
    height,
    timeMs,
    validUntilMs: outcome === 'approved' ? timeMs + charter.validityMs : null,
  };
}

function provenanceOf(ballots: readonly Ballot[]): Readonly<Record<Provenance, number>> {
  const count = (wanted: Provenance) => ballots.filter(({ provenance }) => provenance === wanted).length;
  return {
    live: count('live'),
    recorded: count('recorded'),
    replay: count('replay'),
    offline: count('offline'),
  };
}
