// What a council counts out of single verdicts, by the rule it decides by (protocol 4.7), and how often that is wrong. The two
// ways of being wrong are not alike (protocol 1.4): a wrong approval needs q seats, a wrong rejection only n−q+1, so they are
// never added up here.
import type { Quorum } from '../../consensus/quorum.ts';
import { outcomeOf } from '../../council/tally.ts';
import { APPROVE, REJECT, type VerdictTable } from '../verdicts/verdict-table.ts';
import { ClusteredShare } from './clustered-share.ts';
import type { Figure } from './figure.ts';

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
}

export function countsOf({ items, verdicts }: Pick<VerdictTable, 'items' | 'verdicts'>): Counts {
  const empty = (): Uint16Array => new Uint16Array(items.names.length);
  const counts = { approvals: empty(), rejections: empty() };
  for (const row of verdicts) {
    for (let item = 0; item < row.length; item++) {
      const verdict = row[item];
      if (verdict === APPROVE) counts.approvals[item] = (counts.approvals[item] ?? 0) + 1;
      else if (verdict === REJECT) counts.rejections[item] = (counts.rejections[item] ?? 0) + 1;
    }
  }
  return counts;
}

/** What a council makes of items of known truth. */
export interface CouncilFigures {
  /** of the items to be rejected, those approved */
  readonly wrongApprovals: Figure;
  /** of the items to be approved, those opposed on the merits */
  readonly wrongRejections: Figure;
  /** of the items to be approved, those not approved, opposed or undecided */
  readonly blocked: Figure;
  /** of all items, those neither approved nor opposed on the merits */
  readonly undecided: Figure;
}

export function councilFigures(items: VerdictTable['items'], counts: Counts, quorum: Quorum): CouncilFigures {
  return councilShares(items, (item) =>
    councilOutcome(counts.approvals[item] ?? 0, counts.rejections[item] ?? 0, quorum),
  );
}

export function councilShares(
  { labels, clusters }: VerdictTable['items'],
  outcomeAt: (item: number) => CouncilOutcome,
): CouncilFigures {
  const shares = {
    wrongApprovals: new ClusteredShare(),
    wrongRejections: new ClusteredShare(),
    blocked: new ClusteredShare(),
    undecided: new ClusteredShare(),
  };
  labels.forEach((label, item) => {
    const cluster = clusters[item] ?? 0;
    const outcome = outcomeAt(item);
    shares.undecided.add(cluster, outcome === 'undecided' ? 1 : 0);
    if (label === REJECT) shares.wrongApprovals.add(cluster, outcome === 'approved' ? 1 : 0);
    if (label !== APPROVE) return;
    shares.wrongRejections.add(cluster, outcome === 'rejected' ? 1 : 0);
    shares.blocked.add(cluster, outcome === 'approved' ? 0 : 1);
  });
  return {
    wrongApprovals: shares.wrongApprovals.figure(),
    wrongRejections: shares.wrongRejections.figure(),
    blocked: shares.blocked.figure(),
    undecided: shares.undecided.figure(),
  };
}
