// Verifies a decision certificate offline, with nothing but the genesis digest (protocol 7.4). It checks
// everything and believes nothing; what it imports runs in a browser too. The checks go from what is cheap and
// says most to what is dear, and stop at the first that fails: after that, nothing would mean what it says.
//
// @example
//   const { status, failed, decision } = verifyCertificate({ certificate, proof, anchor });
import type { Genesis } from '../council/genesis.ts';
import type { Decision } from '../council/records.ts';
import { badInput, ConclaveError } from '../errors.ts';
import { nobleBls } from '../signing/bls.ts';
import type { Bls } from '../signing/bls-rule.ts';
import { type Digest, digestOf } from '../signing/digest.ts';
import { type Ed25519, nobleEd25519 } from '../signing/ed25519.ts';
import { parseCertificate } from './certificate.ts';
import { requireConsistentCount, requireConsistentMarks } from './counting.ts';
import { type DecisionStatement, parseStatement } from './decision-statement.ts';
import { requireEnvelopeSignatures, requireQuorum, requireQuorumSignature } from './endorsements.ts';
import { openProof, requireCheckpoint, requireInclusion, requireTreeHead } from './logged.ts';
import { admitRosters, requireAdmissions, requireNamedRosters, requirePossession } from './roster-chain.ts';
import { requireCommitted, rosterVerifier } from './tree-head.ts';

/** In the order in which they are made. */
export const CHECKS = [
  'form',
  'statement',
  'rosters',
  'anchor',
  'council',
  'tally',
  'marks',
  'quorum',
  'proof-form',
  'inclusion',
  'tree-head',
  'checkpoint',
  'envelope-signatures',
  'commit-signatures',
  'quorum-signature',
  'possession',
] as const;
export type CheckName = (typeof CHECKS)[number];

export interface Check {
  readonly name: CheckName;
  readonly ok: boolean;
  /** what was established, or why it could not be */
  readonly detail: string;
}

/** `unanchored`: everything else holds, but there was no genesis digest to trust by. */
export type VerificationStatus = 'valid' | 'invalid' | 'unanchored';

export interface Verification {
  readonly status: VerificationStatus;
  readonly valid: boolean;
  readonly checks: readonly Check[];
  /** the check that failed */
  readonly failed: CheckName | undefined;
  /** what the certificate says, true or not; undefined when it says nothing legible */
  readonly decision: Decision | undefined;
  /** the council it says it comes from */
  readonly councilId: Digest | undefined;
}

export interface CertificateToVerify {
  readonly certificate: Uint8Array;
  /** the `.tlog-proof` that stands beside it */
  readonly proof?: Uint8Array | undefined;
  /** the digest of the council's genesis, or the genesis itself, from a source you trust */
  readonly anchor?: Digest | Genesis | undefined;
}

export interface VerifierBackends {
  readonly ed25519: Pick<Ed25519, 'verify'>;
  readonly bls: Pick<Bls, 'verifyAggregate' | 'verifyPossession'>;
}

const PORTABLE: VerifierBackends = { ed25519: nobleEd25519, bls: nobleBls };

/** Never throws on hostile input. Another backend than the portable one changes the speed and nothing else. */
export function verifyCertificate(
  input: CertificateToVerify,
  backends: VerifierBackends = PORTABLE,
): Verification {
  const run = new Run();
  try {
    judge(input, backends, run);
  } catch (error) {
    if (!(error instanceof CheckFailed)) throw error;
  }
  return run.result();
}

function judge(
  { certificate, proof, anchor }: CertificateToVerify,
  backends: VerifierBackends,
  run: Run,
): void {
  const file = run.check('form', () => parseCertificate(certificate), 'three lines of canonical JSON');
  const statement = run.check(
    'statement',
    () => parseStatement(file.payload),
    'an in-toto statement of a decision',
  );
  const { decision } = statement;
  run.says(statement);
  const admitted = run.check(
    'rosters',
    () => admitRosters(file.rosters),
    admittedDetail(file.rosters.length),
  );
  const { councilId, rosters } = admitted;
  run.anchor(anchor, councilId);
  const named = run.check(
    'council',
    () => requireNamedRosters(statement, file.quorum, admitted),
    'statement and signatures name this council, its epoch and its roster',
  );
  const { panel, roster } = named;
  run.check(
    'tally',
    () => requireConsistentCount(decision, panel),
    `${decision.tally.approve} approvals of ${decision.seats}, ${decision.threshold} needed: ${decision.outcome}`,
  );
  run.check('marks', () => requireConsistentMarks(decision, named), 'flags, provenance and validity follow');
  const seats = run.check(
    'quorum',
    () => requireQuorum(file, roster),
    `at least ${decision.threshold} distinct seats, the same in both sets`,
  );
  const logged = run.check(
    'proof-form',
    () => openProof(proof),
    'a C2SP tlog-proof with the headers that vouch for it',
  );
  run.check(
    'inclusion',
    () => requireInclusion(decision, logged),
    `the decision is entry ${logged.index} of the log`,
  );
  const commit = run.check(
    'tree-head',
    () => requireTreeHead(decision, logged, roster),
    'the headers are one chain, and the first names the tree head',
  );
  run.check(
    'checkpoint',
    () => requireCheckpoint(logged, councilId, backends.ed25519),
    'the checkpoint is of this log and names the same tree head',
  );
  run.check(
    'envelope-signatures',
    () => requireEnvelopeSignatures(file, roster, backends.ed25519),
    `${file.signatures.length} Ed25519 signatures of the statement`,
  );
  run.check(
    'commit-signatures',
    () => {
      requireAdmissions(admitted, backends.ed25519);
      requireCommitted(commit, rosterVerifier(councilId, roster, backends.ed25519), roster);
    },
    'a quorum of seats committed the block that names the tree head',
  );
  run.check(
    'quorum-signature',
    () => requireQuorumSignature(file, seats, roster, backends.bls),
    `the aggregate of ${seats.length} BLS signatures of the statement`,
  );
  run.check(
    'possession',
    () => requirePossession(rosters, backends.bls),
    'every seat proved that it holds its BLS key',
  );
}

function admittedDetail(epochs: number): string {
  const caps = 'keeps its caps or is marked a trial';
  return epochs === 1
    ? `the genesis admits the roster, and the roster ${caps}`
    : `the genesis admits the first of ${epochs} rosters, each admits the next, and each ${caps}`;
}

class CheckFailed extends Error {}

class Run {
  readonly #checks: Check[] = [];
  #failed: CheckName | undefined;
  #anchored = false;
  #said: DecisionStatement | undefined;

  /** Passes on what a check established; a check that throws bad input has failed. */
  check<T>(name: CheckName, judged: () => T, detail: string): T {
    try {
      const established = judged();
      this.#checks.push({ name, ok: true, detail });
      return established;
    } catch (error) {
      if (!(error instanceof ConclaveError) || error.code !== 'bad-input') throw error;
      this.#checks.push({ name, ok: false, detail: error.message });
      this.#failed = name;
      throw new CheckFailed();
    }
  }

  says(statement: DecisionStatement): void {
    this.#said = statement;
  }

  /** No anchor, no "valid" (protocol 7.4): without one the other checks go on, and the answer says so. */
  anchor(anchor: Digest | Genesis | undefined, councilId: Digest): void {
    if (anchor === undefined) {
      this.#checks.push({ name: 'anchor', ok: false, detail: 'no genesis digest was given to trust by' });
      return;
    }
    const trusted = typeof anchor === 'string' ? anchor : digestOf(anchor);
    this.check(
      'anchor',
      () => {
        if (trusted !== councilId) throw badInput(`expected the genesis ${trusted}, found ${councilId}`);
      },
      `the genesis is ${councilId}`,
    );
    this.#anchored = true;
  }

  result(): Verification {
    const status = this.#failed !== undefined ? 'invalid' : this.#anchored ? 'valid' : 'unanchored';
    return {
      status,
      valid: status === 'valid',
      checks: this.#checks,
      failed: this.#failed,
      decision: this.#said?.decision,
      councilId: this.#said?.councilId,
    };
  }
}
