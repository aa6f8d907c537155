// What a council counts out of single verdicts, by the rule it decides by (protocol 4.7), and how often that is wrong. The two
// ways of being wrong are not alike (protocol 1.4): a wrong approval needs q seats, a wrong rejection only n−q+1, so they are
// never added up here.
import type { Quorum } from '../../consensus/quorum.ts';
import { outcomeOf } from '../../council/tally.ts';
import { APPROVE, MISSING, REJECT, type VerdictTable } from '../verdicts/verdict-table.ts';

/** `undecided` is the basis `no-quorum`: not approved, and yet not opposed on the merits. */
export type CouncilOutcome = 'approved' | 'rejected' | 'undecided';

export function councilOutcome(approvals: number, rejections: number, quorum: Quorum): CouncilOutcome {
  const others = quorum.n - approvals - rejections;
  const tally = { approve: approvals, reject: rejections, abstain: others, missing: 0 };
  const { outcome, basis } = outcomeOf(tally, quorum);
  if (outcome === 'approved') return 'approved';
  return basis === 'opposed' ? 'rejected' : 'undecided';
}

/** By item, how many voters approve and how many reject. */
export interface Counts {
  readonly approvals: Uint16Array;
  readonly rejections: Uint16Array;
  /** voters without a verdict */
  readonly missing: Uint16Array;
}

export function countsOf({ items, verdicts }: VerdictTable): Counts {
  const empty = (): Uint16Array => new Uint16Array(items.names.length);
  const counts = { approvals: empty(), rejections: empty(), missing: empty() };
  for (const row of verdicts) {
    for (let item = 0; item < row.length; item++) {
      const verdict = row[item];
      if (verdict === APPROVE) counts.approvals[item] = (counts.approvals[item] ?? 0) + 1;
      else if (verdict === REJECT) counts.rejections[item] = (counts.rejections[item] ?? 0) + 1;
      else if (verdict === MISSING) counts.missing[item] = (counts.missing[item] ?? 0) + 1;
    }
  }
  return counts;
}
