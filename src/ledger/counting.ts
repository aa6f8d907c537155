// Counting a decision again from what its statement names (protocol 4.6–4.8, 6.2, 6.4). The findings behind the
// ballots are not here, only their digests; everything that follows from verdicts and seats is counted anew. Who judged
// is the panel; who signs is the roster in force (protocol 6.1).
import { type Quorum, quorumOf } from '../consensus/quorum.ts';
import type { Decision, Flag } from '../council/records.ts';
import { type Roster, sitterOf } from '../council/roster.ts';
import { isEmbedded } from '../council/rules.ts';
import { isPivotalWithholding, outcomeOf } from '../council/tally.ts';
import { badInput } from '../errors.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { NamedRosters } from './roster-chain.ts';

/** Throws unless tally, threshold, outcome and basis follow from the ballots and the panel. */
export function requireConsistentCount(decision: Decision, panel: Roster): void {
  const { ballots, withheld, tally, byCriterion } = decision;
  const quorum = quorumOf(panel.seats.length);
  requireAscending(
    ballots.map(({ seat }) => seat),
    quorum,
    'counted ballots',
  );
  requireAscending(withheld, quorum, 'withheld ballots');
  const vacant = [...ballots.map(({ seat }) => seat), ...withheld].find((seat) => !sitterOf(panel, seat));
  if (vacant !== undefined) throw badInput(`seat ${vacant} was vacant in the panel and judged nothing`);
  if (withheld.some((seat) => ballots.some((ballot) => ballot.seat === seat))) {
    throw badInput('a seat both voted and withheld its ballot');
  }
  if (decision.seats !== quorum.n || decision.threshold !== quorum.q) {
    throw badInput(
      `expected a threshold of ${quorum.q} of ${quorum.n}, found ${decision.threshold} of ${decision.seats}`,
    );
  }
  for (const verdict of ['approve', 'reject', 'abstain'] as const) {
    const counted = ballots.filter((ballot) => ballot.verdict === verdict).length;
    if (tally[verdict] !== counted) {
      throw badInput(`expected ${counted} ballots to ${verdict} in the tally, found ${tally[verdict]}`);
    }
  }
  if (tally.missing !== quorum.n - ballots.length) {
    throw badInput(
      `expected ${quorum.n - ballots.length} missing ballots in the tally, found ${tally.missing}`,
    );
  }
  const { outcome, basis } = outcomeOf(tally, quorum);
  if (decision.outcome !== outcome || decision.basis !== basis) {
    throw badInput(`expected ${outcome} by ${basis}, found ${decision.outcome} by ${decision.basis}`);
  }
  const found = Object.entries(byCriterion);
  if (found.length === 0) throw badInput('expected at least one criterion');
  for (const [id, { met, notMet, insufficient }] of found) {
    // An abstention has no findings; every other ballot has one for each criterion (protocol 4.3).
    if (met + notMet + insufficient !== tally.approve + tally.reject) {
      throw badInput(`the findings on "${id}" are not those of the counted ballots`);
    }
  }
}

/** Throws unless flags, provenance and validity follow from the count and the rosters. */
export function requireConsistentMarks(decision: Decision, rosters: NamedRosters): void {
  const { flags, provenance, ballots, outcome, timeMs, validUntilMs } = decision;
  const answers = provenance.live + provenance.recorded + provenance.replay + provenance.offline;
  if (answers !== ballots.length) throw badInput('the provenance counted is not that of the ballots');
  const expected = flagsOf(decision, rosters);
  if (flags.join() !== expected.join()) {
    throw badInput(`expected the flags [${expected.join(', ')}], found [${flags.join(', ')}]`);
  }
  if ((outcome === 'approved') !== (validUntilMs !== null))
    throw badInput('only an approval is valid until a time');
  if (validUntilMs !== null && validUntilMs <= timeMs) throw badInput('the approval ended before it began');
}

function flagsOf(decision: Decision, { panel, roster }: NamedRosters): readonly Flag[] {
  const { tally, basis, ballots, provenance, withheld } = decision;
  const quorum = quorumOf(roster.seats.length);
  // Which criteria are mandatory stands in the charter, so the dilemma itself is the ledger's to show.
  const dilemma = decision.flags.includes('discursive-dilemma') && tally.approve < quorum.q;
  const flags: Flag[] = [];
  if (dilemma) flags.push('discursive-dilemma');
  if (isEmbedded(panel) || isEmbedded(roster)) flags.push('embedded');
  if (dilemma || basis === 'no-quorum') flags.push('human-review');
  if (isPivotalWithholding(tally, withheld.length, quorum)) flags.push('pivotal-withholding');
  if (panel.trial || roster.trial || provenance.live < ballots.length) flags.push('trial'); // protocol 6.4
  return flags;
}

function requireAscending(seats: readonly SeatId[], { n }: Quorum, what: string): void {
  let last = 0;
  for (const seat of seats) {
    if (seat <= last) throw badInput(`expected ${what} by ascending seat, each once; found seat ${seat}`);
    if (seat > n) throw badInput(`expected ${what} of ${n} seats, found seat ${seat}`);
    last = seat;
  }
}
