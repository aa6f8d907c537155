// Counting. An approval needs q approvals of all n chairs, whoever voted; not approving is the default and needs no
// quorum (protocol 4.7). The counts by criterion show on what grounds (protocol 4.8).
import type { Quorum } from '../consensus/quorum.ts';
import type { Ballot } from './ballot.ts';
import type { Policy } from './charter.ts';

export interface Tally {
  readonly approve: number;
  readonly reject: number;
  readonly abstain: number;
  /** chairs whose ballot does not count: never committed, never opened, or opened falsely */
  readonly missing: number;
}

export interface CriterionTally {
  readonly met: number;
  readonly notMet: number;
  readonly insufficient: number;
}

export type ByCriterion = Readonly<Record<string, CriterionTally>>;

export const OUTCOMES = ['approved', 'rejected'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const BASES = ['quorum', 'opposed', 'no-quorum'] as const;
export type Basis = (typeof BASES)[number];

export function tallyVerdicts(ballots: readonly Ballot[], { n }: Quorum): Tally {
  const count = (verdict: Ballot['verdict']) => ballots.filter((ballot) => ballot.verdict === verdict).length;
  return {
    approve: count('approve'),
    reject: count('reject'),
    abstain: count('abstain'),
    missing: n - ballots.length,
  };
}

export function tallyFindings(ballots: readonly Ballot[], policy: Policy): ByCriterion {
  const count = (id: string, finding: string) =>
    ballots.filter((ballot) => ballot.findings[id] === finding).length;
  return Object.fromEntries(
    policy.criteria.map(({ id }) => [
      id,
      { met: count(id, 'met'), notMet: count(id, 'not-met'), insufficient: count(id, 'insufficient') },
    ]),
  );
}

export function outcomeOf(
  tally: Tally,
  { n, q }: Quorum,
): { readonly outcome: Outcome; readonly basis: Basis } {
  if (tally.approve >= q) return { outcome: 'approved', basis: 'quorum' };
  // n−q+1 rejections made approval impossible on the merits; short of that, absence and abstention decided it
  return { outcome: 'rejected', basis: tally.reject >= n - q + 1 ? 'opposed' : 'no-quorum' };
}

/**
 * The discursive dilemma: on every mandatory criterion a quorum finds it met, and yet no quorum approves, because
 * each seat misses another one (protocol 4.8).
 */
export function isDiscursiveDilemma(
  tally: Tally,
  byCriterion: ByCriterion,
  policy: Policy,
  { q }: Quorum,
): boolean {
  const mandatory = policy.criteria.filter((criterion) => criterion.mandatory);
  return tally.approve < q && mandatory.every(({ id }) => (byCriterion[id]?.met ?? 0) >= q);
}

/** Could those who committed and did not open have changed the outcome? (protocol 4.6) */
export function isPivotalWithholding(tally: Tally, withheld: number, { q }: Quorum): boolean {
  return tally.approve < q && q <= tally.approve + withheld;
}
