// Each voter by itself: how often it is right, and the two ways of being wrong apart, since they are not alike (protocol 1.4).
import {
  ABSTAIN,
  APPROVE,
  MISSING,
  REJECT,
  type VerdictTable,
  type Voter,
} from '../verdicts/verdict-table.ts';
import { ClusteredShare } from './clustered-share.ts';
import type { Figure } from './figure.ts';

export interface VoterFigures {
  readonly voter: Voter;
  /** of the items it answered; an abstention is not right */
  readonly accuracy: Figure;
  /** of the items to be rejected that it answered, those it approved */
  readonly wrongApprovals: Figure;
  /** of the items to be approved that it answered, those it rejected */
  readonly wrongRejections: Figure;
  readonly abstentions: Figure;
}

export function voterFigures({ voters, items, verdicts }: VerdictTable): readonly VoterFigures[] {
  return voters.map((voter, v) => {
    const shares = {
      accuracy: new ClusteredShare(),
      wrongApprovals: new ClusteredShare(),
      wrongRejections: new ClusteredShare(),
      abstentions: new ClusteredShare(),
    };
    verdicts[v]?.forEach((verdict, item) => {
      if (verdict === MISSING) return;
      const cluster = items.clusters[item] ?? 0;
      const label = items.labels[item];
      shares.accuracy.add(cluster, verdict === label ? 1 : 0);
      shares.abstentions.add(cluster, verdict === ABSTAIN ? 1 : 0);
      if (label === REJECT) shares.wrongApprovals.add(cluster, verdict === APPROVE ? 1 : 0);
      if (label === APPROVE) shares.wrongRejections.add(cluster, verdict === REJECT ? 1 : 0);
    });
    return {
      voter,
      accuracy: shares.accuracy.figure(),
      wrongApprovals: shares.wrongApprovals.figure(),
      wrongRejections: shares.wrongRejections.figure(),
      abstentions: shares.abstentions.figure(),
    };
  });
}
