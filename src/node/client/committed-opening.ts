// The proof behind an acknowledgement (protocol 8.3): the entry that opened a case is a leaf of the log, a header names
// the tree head it leads to, and a quorum of the roster committed that header. Whoever holds it needs to trust no node.
import { quorumOf } from '../../consensus/quorum.ts';
import { type CaseId, caseIdOf } from '../../council/case.ts';
import { openEntry } from '../../council/entry.ts';
import type { Roster } from '../../council/roster.ts';
import { badInput } from '../../errors.ts';
import { openProof, requireCheckpoint } from '../../ledger/logged.ts';
import { leafHash, verifyInclusion } from '../../ledger/merkle.ts';
import { requireCommitted, requireLinked, rosterVerifier } from '../../ledger/tree-head.ts';
import { toHex } from '../../signing/bytes.ts';
import type { Digest } from '../../signing/digest.ts';
import type { Ed25519 } from '../../signing/ed25519.ts';
import type { Epoch } from '../../signing/purpose.ts';

export interface CommittedOpening {
  readonly caseId: CaseId;
  /** the entry's place in the log, and the height at which a tree head that holds it was named */
  readonly index: number;
  readonly height: number;
  readonly leaf: Uint8Array;
  /** a C2SP tlog-proof */
  readonly proof: Uint8Array;
}

export interface OpeningToVerify {
  readonly caseId: CaseId;
  readonly councilId: Digest;
  readonly leaf: Uint8Array;
  readonly proof: Uint8Array;
  /** those admitted since the genesis, each checked */
  readonly rosterOf: (epoch: Epoch) => Roster | undefined;
}

/** Throws bad input unless the opening of this very case is committed. */
export function verifyOpening(
  { caseId, councilId, leaf, proof, rosterOf }: OpeningToVerify,
  ed25519: Pick<Ed25519, 'verify'>,
): CommittedOpening {
  const { fields } = openEntry(leaf);
  if (fields.kind !== 'case.opened' || caseIdOf(fields.case) !== caseId) {
    throw badInput('the leaf is not the opening of this case');
  }
  const logged = openProof(proof);
  const { index, hashes, checkpoint, head } = logged;
  const [first] = head.headers;
  if (
    first === undefined ||
    first.ledgerSize !== checkpoint.size ||
    first.ledgerRoot !== toHex(checkpoint.root)
  ) {
    throw badInput('the first header names another tree head than the checkpoint');
  }
  if (!verifyInclusion(leafHash(leaf), index, checkpoint.size, hashes, checkpoint.root)) {
    throw badInput(`the opening is not entry ${index} of a log of ${checkpoint.size} with this root`);
  }
  const roster = rosterOf(first.epoch);
  if (roster === undefined) throw badInput(`no roster of epoch ${first.epoch} is known`);
  const commit = requireLinked(head, roster);
  if (commit.signatures.length < quorumOf(roster.seats.length).q)
    throw badInput('expected a quorum of seats');
  requireCheckpoint(logged, councilId, ed25519);
  requireCommitted(commit, rosterVerifier(councilId, roster, ed25519), roster);
  return { caseId, index, height: first.height, leaf, proof };
}
