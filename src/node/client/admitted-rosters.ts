// The rosters of a council as a client comes to know them: a chain from the genesis, each admitted by a quorum of the
// one before it (protocol 6.3). Whoever sends the chain is not trusted; it proves itself.
import type { Roster } from '../../council/roster.ts';
import { badInput } from '../../errors.ts';
import { parseRosters } from '../../ledger/certificate.ts';
import { admitRosters, requireAdmissions, requirePossession } from '../../ledger/roster-chain.ts';
import type { VerifierBackends } from '../../ledger/verifier.ts';
import { textOf } from '../../signing/bytes.ts';
import type { Digest } from '../../signing/digest.ts';

/** Of epoch 1, 2, …; throws bad input for a chain that does not hold. */
export function rostersSince(
  councilId: Digest,
  line: Uint8Array,
  { ed25519, bls }: VerifierBackends,
): readonly Roster[] {
  const admitted = admitRosters(parseRosters(textOf(line)));
  if (admitted.councilId !== councilId) throw badInput('the rosters are of another council');
  requireAdmissions(admitted, ed25519);
  requirePossession(admitted.rosters, bls);
  return admitted.rosters;
}
