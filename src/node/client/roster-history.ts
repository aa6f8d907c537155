// Which roster is in force, as a client finds out who trusts nothing but the genesis: each roster is shown with what the
// quorum of the one before it committed (protocol 6.3), so that a node can hide the latest and never make one up. Of
// what nodes with q seats say the longest is taken: one of them at least is honest, and was there when the epoch ended.
import { quorumOf } from '../../consensus/quorum.ts';
import type { Founding } from '../../council/genesis.ts';
import type { Roster } from '../../council/roster.ts';
import { badInput, ConclaveError } from '../../errors.ts';
import { parseRosters } from '../../ledger/certificate.ts';
import { admitRosters, requireAdmissions, requirePossession } from '../../ledger/roster-chain.ts';
import type { VerifierBackends } from '../../ledger/verifier.ts';
import { fromBase64, textOf } from '../../signing/bytes.ts';
import { ANSWER_WITHIN_MS, type CouncilClient, ofKind } from './council-client.ts';

/** From the genesis to the one that this line shows last. Throws bad input unless each follows from the one before. */
export function verifiedRosters(
  { councilId }: Pick<Founding, 'councilId'>,
  line: string,
  { ed25519, bls }: VerifierBackends,
): readonly Roster[] {
  const admitted = admitRosters(parseRosters(line));
  if (admitted.councilId !== councilId) throw badInput('these are rosters of another council');
  requireAdmissions(admitted, ed25519);
  requirePossession(admitted.rosters, bls);
  return admitted.rosters;
}

/** The last is in force, as far as those know who answer. */
export async function learnRosters(
  client: CouncilClient,
  backends: VerifierBackends,
  withinMs = ANSWER_WITHIN_MS,
): Promise<readonly Roster[]> {
  const { q } = quorumOf(client.roster.seats.length);
  const answers = await client.desk.askAll(
    client.nodes,
    { kind: 'rosters' },
    { withinMs, enough: (soFar) => client.seatsAt(ofKind(soFar, 'rosters').keys()) >= q },
  );
  let longest: readonly Roster[] | undefined;
  for (const [node, { rosters }] of ofKind(answers, 'rosters')) {
    const found = believed(client, node, () =>
      verifiedRosters(client.founding, textOf(fromBase64(rosters)), backends),
    );
    if (found !== undefined && found.length > (longest?.length ?? 0)) longest = found;
  }
  if (longest === undefined) {
    throw new ConclaveError(
      'unavailable',
      `no node says which roster is in force: ${client.nodes.join(', ')} are silent or lie`,
    );
  }
  return longest;
}

function believed<T>(client: CouncilClient, node: string, check: () => T): T | undefined {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ConclaveError) || error.code !== 'bad-input') throw error;
    client.lies.set(node, error.message);
    return undefined;
  }
}
