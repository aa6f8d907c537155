// Seats that have lost what they voted, made safe to vote again after a repair: each gives up on a view far above any
// it can have spoken in, through the same voting rules that bind it ever after (protocol 3.6).
import { GENESIS_HEIGHT, GENESIS_VIEW, type View } from '../../consensus/block.ts';
import { type Certificate, genesisCertificate } from '../../consensus/certificates.ts';
import type { CommittedBlock, DurableRecord } from '../../consensus/effects.ts';
import { asSignature, statementBytes } from '../../consensus/statements.ts';
import { noVotes, VotingRules } from '../../consensus/voting-rules.ts';
import { sitterOf } from '../../council/roster.ts';
import { type CouncilState, rosterInForce } from '../../council/state.ts';
import { invariant } from '../../errors.ts';
import { toBase64 } from '../../signing/bytes.ts';
import { fastestEd25519 } from '../../signing/ed25519-fastest.ts';
import { seatHolder } from '../../signing/key-holder.ts';
import type { OpenedDirectory } from '../council-directory.ts';

/** Views that are given up unseen. A view takes a commit, which is published, or a timeout, which takes seconds. */
export const VIEWS_GIVEN_UP = 100_000;

/** What the store must hold of every seat, and of the highest certificates, above a committed tip. */
export function silenced(
  { founding, keysOf }: OpenedDirectory,
  last: CommittedBlock | undefined,
  state: Pick<CouncilState, 'rosters' | 'epoch'>,
): readonly DurableRecord[] {
  const { councilId } = founding;
  const { epoch } = state;
  const roster = rosterInForce(state);
  const implicit = (kind: Certificate['kind']): Certificate => {
    const start = last?.block.header ?? { view: GENESIS_VIEW, height: GENESIS_HEIGHT };
    return genesisCertificate(kind, epoch, last?.block.digest ?? councilId, start);
  };
  // Where the last block ended its epoch, the next one starts from it and nothing is certified in it yet.
  const tip = last?.block.header.epoch === epoch ? (last.commit ?? undefined) : undefined;
  const commit = tip ?? implicit('commit');
  // A commit certificate serves wherever a prepare certificate of its view does (protocol 3.2).
  const prepare = tip ?? implicit('prepare');
  const view = (commit.view + VIEWS_GIVEN_UP) as View;
  const seated = roster.seats.filter(({ seat }) => sitterOf(roster, seat) !== undefined);
  const votes = seated.map(({ seat }): DurableRecord => {
    const { secret } = keysOf(seatHolder(seat)).ed25519;
    const rules = new VotingRules(noVotes(seat, epoch), {
      sign: (statement) =>
        asSignature(toBase64(fastestEd25519.sign(secret, statementBytes(councilId, statement)))),
    });
    rules.raiseLock(prepare);
    const timeout = rules.timeout(view, prepare);
    invariant(timeout !== undefined, 'a seat that never spoke can give up on any view');
    return { kind: 'votes', key: `votes/${seat}`, votes: { ...rules.votes, lastProposal: view } };
  });
  return [{ kind: 'certificates', key: 'certificates', prepare, commit, timeout: null }, ...votes];
}
