// What another threshold would have done: for each number of approvals that could be asked for, what is approved wrongly and what is
// blocked. The quorum of the protocol is one point of this curve, chosen for agreement (protocol 1.1), not by these figures.
import { APPROVE, REJECT, type VerdictTable } from '../verdicts/verdict-table.ts';
import { ClusteredShare } from './clustered-share.ts';
import { countsOf } from './council-outcomes.ts';
import type { Figure } from './figure.ts';

export interface SweepPoint {
  readonly threshold: number;
  /** of the items to be rejected, those with so many approvals */
  readonly wrongApprovals: Figure;
  /** of the items to be approved, those with fewer */
  readonly blocked: Figure;
}

export function thresholdSweep(table: VerdictTable): readonly SweepPoint[] {
  const { approvals } = countsOf(table);
  const { labels, clusters } = table.items;
  return table.voters.map((_, i) => {
    const threshold = i + 1;
    const wrongApprovals = new ClusteredShare();
    const blocked = new ClusteredShare();
    labels.forEach((label, item) => {
      const reached = (approvals[item] ?? 0) >= threshold;
      if (label === REJECT) wrongApprovals.add(clusters[item] ?? 0, reached ? 1 : 0);
      if (label === APPROVE) blocked.add(clusters[item] ?? 0, reached ? 0 : 1);
    });
    return { threshold, wrongApprovals: wrongApprovals.figure(), blocked: blocked.figure() };
  });
}
