// From the genesis to the roster that signed (protocol 6.3). Today the chain has one link: the genesis names the
// roster of epoch 1. What is checked here is that the seats are whose they are said to be.
import { type Genesis, readFirstRoster, readGenesis } from '../council/genesis.ts';
import { type Roster, rosterDigest } from '../council/roster.ts';
import { badInput } from '../errors.ts';
import type { Bls } from '../signing/bls-rule.ts';
import { fromBase64 } from '../signing/bytes.ts';
import { type Digest, digestOf } from '../signing/digest.ts';
import { Recent } from '../signing/recent.ts';
import type { ChainedRoster, QuorumCertificate } from './certificate.ts';
import type { DecisionStatement } from './decision-statement.ts';

export interface AdmittedRoster {
  readonly councilId: Digest;
  readonly genesis: Genesis;
  readonly roster: Roster;
}

/** Throws unless the genesis names the roster, and the roster keeps its caps or is marked (protocol 6.2). */
export function admitRosters(chain: readonly ChainedRoster[]): AdmittedRoster {
  const [first, ...later] = chain;
  if (first === undefined || later.length > 0) throw badInput('expected the roster of epoch 1 and no other');
  const genesis = readGenesis(first.admittedBy.genesis);
  const roster = readFirstRoster(first.roster);
  if (rosterDigest(roster) !== genesis.roster)
    throw badInput('the genesis names another roster than the one here');
  return { councilId: digestOf(genesis), genesis, roster };
}

/** Throws unless statement and signatures name this council, this roster and its epoch. */
export function requireNamedRoster(
  { councilId, decision }: DecisionStatement,
  quorum: QuorumCertificate,
  admitted: Pick<AdmittedRoster, 'councilId' | 'roster'>,
): void {
  const digest = rosterDigest(admitted.roster);
  if (councilId !== admitted.councilId)
    throw badInput('the statement names another council than the genesis');
  if (decision.epoch !== admitted.roster.epoch) {
    throw badInput(
      `the statement is of epoch ${decision.epoch}, the roster of epoch ${admitted.roster.epoch}`,
    );
  }
  if (decision.roster !== digest) throw badInput('the statement names another roster than the one here');
  // With one epoch, who judged is who signs.
  if (decision.panel !== digest) throw badInput('the statement names a panel that is not the roster here');
  if (quorum.roster !== digest)
    throw badInput('the quorum certificate names another roster than the one here');
}

/** A roster stands in every certificate of its epoch, and its proofs cost more than all other checks together. */
const ROSTERS_REMEMBERED = 64;
const proven = new WeakMap<Pick<Bls, 'verifyPossession'>, Recent<true>>();

/**
 * Throws unless every seat proved that it holds its BLS key (protocol 2.3). Without that, one seat could have
 * chosen its key so that it cancels the others', and sign for all of them. What a backend once found proven is
 * remembered, by the digest of the roster and for that backend.
 */
export function requirePossession(roster: Roster, bls: Pick<Bls, 'verifyPossession'>): void {
  const rosters = proven.get(bls) ?? new Recent<true>(ROSTERS_REMEMBERED);
  proven.set(bls, rosters);
  rosters.of(rosterDigest(roster), () => {
    for (const { seat, bls: key, possession } of roster.seats) {
      if (!bls.verifyPossession(fromBase64(key), fromBase64(possession))) {
        throw badInput(`seat ${seat} did not prove that it holds its BLS key`);
      }
    }
    return true;
  });
}
