// The rules a council executes by: its founding documents and what follows from them, worked out once.
import type { Quorum } from '../consensus/quorum.ts';
import { quorumOf } from '../consensus/quorum.ts';
import type { StatementVerifier } from '../consensus/statements.ts';
import type { Digest } from '../signing/digest.ts';
import { type Charter, type Policy, policyDigest } from './charter.ts';
import { capsBroken } from './fault-domains.ts';
import { Openings } from './openings.ts';
import { type Roster, rosterDigest } from './roster.ts';

export interface Constitution {
  readonly councilId: Digest;
  readonly charter: Charter;
  readonly roster: Roster;
}

export interface Rules extends Constitution {
  readonly quorum: Quorum;
  readonly rosterDigest: Digest;
  readonly policyDigests: ReadonlyMap<Policy, Digest>;
  /** it breaks the node cap (protocol 6.2) */
  readonly embedded: boolean;
  readonly statements: StatementVerifier;
  readonly openings: Openings;
}

export function rulesOf(constitution: Constitution, statements: StatementVerifier): Rules {
  const { charter, roster } = constitution;
  return {
    ...constitution,
    quorum: quorumOf(roster.seats.length),
    rosterDigest: rosterDigest(roster),
    policyDigests: new Map(Object.values(charter.policies).map((policy) => [policy, policyDigest(policy)])),
    embedded: capsBroken(roster).some(({ kind }) => kind === 'node'),
    statements,
    openings: new Openings(constitution.councilId),
  };
}
