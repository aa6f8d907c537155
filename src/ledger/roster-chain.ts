// From the genesis to the roster that signed (protocol 6.3). The genesis names the roster of epoch 1; each later one
// stands on the ledger as `roster.admitted`, in the block that ended the epoch before, which a quorum of that epoch's
// seats committed. So whoever trusts the genesis trusts each roster by the word of the one before it, and no further:
// a roster that too few signed for, that changes more chairs than may change, or that brings a left-out seat back, is
// refused here, whatever its own seats say.
import type { Certificate } from '../consensus/certificates.ts';
import { type Genesis, readFirstRoster, readGenesis } from '../council/genesis.ts';
import { recordBytes } from '../council/records.ts';
import { type Roster, readRoster, rosterDigest, seatOf } from '../council/roster.ts';
import { problemWithStep } from '../council/roster-change.ts';
import { badInput } from '../errors.ts';
import type { Bls } from '../signing/bls-rule.ts';
import { fromBase64, fromHex } from '../signing/bytes.ts';
import { type Digest, digestOf } from '../signing/digest.ts';
import type { Ed25519 } from '../signing/ed25519.ts';
import { Recent } from '../signing/recent.ts';
import type { LaterRoster, QuorumCertificate, RosterChain } from './certificate.ts';
import type { DecisionStatement } from './decision-statement.ts';
import { leafHash, verifyInclusion } from './merkle.ts';
import { requireCommitted, requireLinked, requireSuffix, rosterVerifier } from './tree-head.ts';

/** The rosters of a certificate; their signatures are yet to be checked. */
export interface AdmittedRosters {
  readonly councilId: Digest;
  readonly genesis: Genesis;
  /** of epoch 1, 2, … */
  readonly rosters: readonly Roster[];
  /** what admitted each but the first: the certificate of the block, and whose seats gave it */
  readonly admissions: readonly AdmittingCommit[];
}

interface AdmittingCommit {
  readonly commit: Certificate;
  readonly roster: Roster;
}

/** The roster that judged, and the one whose seats sign. */
export interface NamedRosters {
  readonly panel: Roster;
  readonly roster: Roster;
}

/**
 * Throws unless the genesis names the first roster, each roster follows from the one before as its record says, the
 * record stands in the ledger that the admitting block names, and each roster keeps its caps or is marked (protocol 6.2).
 */
export function admitRosters([first, ...later]: RosterChain): AdmittedRosters {
  const genesis = readGenesis(first.admittedBy.genesis);
  const founders = readFirstRoster(first.roster);
  if (rosterDigest(founders) !== genesis.roster)
    throw badInput('the genesis names another roster than the one here');
  const rosters = [founders];
  const admissions: AdmittingCommit[] = [];
  let current = founders;
  let height = 0;
  for (const link of later) {
    const roster = readRoster(link.roster);
    admissions.push({ commit: requireAdmitted(link, roster, current, rosters), roster: current });
    if (link.admittedBy.record.height <= height) throw badInput('the epochs do not end one after the other');
    height = link.admittedBy.record.height;
    rosters.push(roster);
    current = roster;
  }
  return { councilId: digestOf(genesis), genesis, rosters, admissions };
}

/** The certificate that commits the block which admits a roster, its signatures yet unchecked. */
function requireAdmitted(
  { admittedBy: { record, index, hashes, headers, commit } }: LaterRoster,
  roster: Roster,
  current: Roster,
  earlier: readonly Roster[],
): Certificate {
  const which = `the roster of epoch ${current.epoch + 1}`;
  if (record.epoch !== current.epoch + 1) {
    throw badInput(`expected ${which}, found that of epoch ${record.epoch}`);
  }
  if (record.roster !== rosterDigest(roster)) throw badInput(`${which} is another than its record names`);
  const problem = problemWithStep(current, { ...record, roster }, earlier);
  if (problem !== undefined) throw badInput(`${which} does not follow from the one before it: ${problem}`);
  const certificate = requireLinked({ commit, headers }, current);
  requireSuffix(headers);
  const [last] = headers;
  if (last?.height !== record.height || last.timeMs !== record.timeMs) {
    throw badInput(`${which} was admitted by another block than the one here`);
  }
  const root = fromHex(last.ledgerRoot);
  if (!verifyInclusion(leafHash(recordBytes(record)), index, last.ledgerSize, hashes, root)) {
    throw badInput(`the record of ${which} is not entry ${index} of the ledger that admitted it`);
  }
  return certificate;
}

/** Throws unless every roster but the first was admitted by a quorum of the one before it. */
export function requireAdmissions(
  { councilId, admissions }: Pick<AdmittedRosters, 'councilId' | 'admissions'>,
  ed25519: Pick<Ed25519, 'verify'>,
): void {
  for (const { commit, roster } of admissions) {
    requireCommitted(commit, rosterVerifier(councilId, roster, ed25519), roster);
  }
}

/** The panel and the roster that signs; throws unless statement and signatures name this council and rosters of it. */
export function requireNamedRosters(
  { councilId, decision }: DecisionStatement,
  quorum: QuorumCertificate,
  admitted: Pick<AdmittedRosters, 'councilId' | 'rosters'>,
): NamedRosters {
  const roster = admitted.rosters.at(-1);
  if (roster === undefined || councilId !== admitted.councilId)
    throw badInput('the statement names another council than the genesis');
  if (decision.epoch !== roster.epoch) {
    throw badInput(`the statement is of epoch ${decision.epoch}, the roster of epoch ${roster.epoch}`);
  }
  const digest = rosterDigest(roster);
  if (decision.roster !== digest) throw badInput('the statement names another roster than the one here');
  const panel = admitted.rosters.find((known) => rosterDigest(known) === decision.panel);
  if (panel === undefined) throw badInput('the statement names a panel that is no roster here');
  if (quorum.roster !== digest)
    throw badInput('the quorum certificate names another roster than the one here');
  return { panel, roster };
}

/** A roster stands in every certificate of its epoch, and its proofs cost more than all other checks together. */
const ROSTERS_REMEMBERED = 256;
const proven = new WeakMap<Pick<Bls, 'verifyPossession'>, Recent<true>>();

/**
 * Throws unless every seat of every roster proved that it holds its BLS key (protocol 2.3). Without that, one seat could
 * have chosen its key so that it cancels the others', and sign for all of them. What a backend once found proven is
 * remembered, by the digest of the roster and for that backend; of a later roster only what is new is looked at.
 */
export function requirePossession(rosters: readonly Roster[], bls: Pick<Bls, 'verifyPossession'>): void {
  const known = proven.get(bls) ?? new Recent<true>(ROSTERS_REMEMBERED);
  proven.set(bls, known);
  for (const [i, roster] of rosters.entries()) {
    known.of(rosterDigest(roster), () => {
      requireNewKeysProven(roster, rosters[i - 1], bls);
      return true;
    });
  }
}

function requireNewKeysProven(
  roster: Roster,
  before: Roster | undefined,
  bls: Pick<Bls, 'verifyPossession'>,
): void {
  for (const { seat, bls: key, possession } of roster.seats) {
    const earlier = before && seatOf(before, seat);
    if (earlier?.bls === key && earlier.possession === possession) continue;
    if (!bls.verifyPossession(fromBase64(key), fromBase64(possession))) {
      throw badInput(`seat ${seat} did not prove that it holds its BLS key`);
    }
  }
}
