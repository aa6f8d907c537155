// The rules a council executes by: its founding documents and what follows from them, worked out once. Rosters come
// and go with the epochs; what follows from one is worked out once for each.

import { type Quorum, quorumOf } from '../consensus/quorum.ts';
import type { StatementVerifier } from '../consensus/statements.ts';
import type { Digest } from '../signing/digest.ts';
import { type Charter, type Policy, policyDigest } from './charter.ts';
import { capsBroken } from './fault-domains.ts';
import { Openings } from './openings.ts';
import type { Roster } from './roster.ts';
import type { CouncilState } from './state.ts';

export interface Constitution {
  readonly councilId: Digest;
  readonly charter: Charter;
  /** of the first epoch */
  readonly roster: Roster;
}

/** Checks statements of ordering by the rosters that a state knows. */
export type StatementsOf = (rosters: CouncilState['rosters']) => StatementVerifier;

export interface Rules extends Constitution {
  /** of every epoch: the number of chairs never changes (protocol 5.2) */
  readonly quorum: Quorum;
  readonly policyDigests: ReadonlyMap<Policy, Digest>;
  readonly statementsOf: StatementsOf;
  readonly openings: Openings;
}

export function rulesOf(constitution: Constitution, statementsOf: StatementsOf): Rules {
  const { charter, roster } = constitution;
  return {
    ...constitution,
    quorum: quorumOf(roster.seats.length),
    policyDigests: new Map(Object.values(charter.policies).map((policy) => [policy, policyDigest(policy)])),
    statementsOf,
    openings: new Openings(constitution.councilId),
  };
}

const embedded = new WeakMap<Roster, boolean>();

/** Does a roster break the node cap? (protocol 6.2) */
export function isEmbedded(roster: Roster): boolean {
  const known = embedded.get(roster) ?? capsBroken(roster).some(({ kind }) => kind === 'node');
  embedded.set(roster, known);
  return known;
}
