// A node starts from what its store gives back; there is no other way to start (protocol 3.7, 8.2). A store
// that gives back less than was promised to peers stops the node: to vote again could be to vote twice.
import { ConclaveError } from '../errors.ts';
import type { Block, View } from './block.ts';
import type { BlockTree } from './block-tree.ts';
import type { Certificate } from './certificates.ts';
import type { DurableState } from './effects.ts';
import type { EngineOptions } from './engine.ts';
import type { HighCertificates } from './outbox.ts';
import type { StatementSigner } from './statements.ts';
import { noVotes, VotingRules } from './voting-rules.ts';

export interface Restored extends HighCertificates {
  readonly rules: readonly VotingRules[];
  readonly view: View;
  /** durable blocks that are not committed yet */
  readonly blocks: readonly Block[];
}

export function restore<State>(
  { seats, epoch }: Pick<EngineOptions, 'seats' | 'epoch'>,
  durable: DurableState,
  signerOf: (seat: VotingRules['seat']) => StatementSigner,
  tree: BlockTree<State>,
  genesis: { readonly prepare: Certificate; readonly commit: Certificate },
): Restored {
  let commit = durable.certificates?.commit ?? genesis.commit;
  for (const { block, commit: own } of durable.committed) {
    tree.commit(block);
    if (own !== null && own.view > commit.view) commit = own;
  }
  let prepare = durable.certificates?.prepare ?? genesis.prepare;
  if (commit.view > prepare.view) prepare = commit;
  const timeout = durable.certificates?.timeout ?? null;
  const blocks = durable.blocks.filter(({ header }) => header.height > tree.tip.height);
  for (const block of blocks) tree.add(block);
  const rules = seats.map((seat) => {
    const votes = durable.votes.find((held) => held.seat === seat) ?? noVotes(seat, epoch);
    if (votes.lock > prepare.view) {
      throw new ConclaveError(
        'storage',
        `the store has lost something: seat ${seat} is locked on view ${votes.lock}, the highest certificate is of view ${prepare.view}`,
      );
    }
    const own = new VotingRules(votes, signerOf(seat));
    own.raiseLock(prepare);
    return own;
  });
  // protocol 3.7: nobody returns to a view in which it may have spoken
  const view = Math.max(
    Math.max(prepare.view, commit.view, timeout?.view ?? 0) + 1,
    ...rules.flatMap(({ votes }) => [votes.lastTimeout, votes.vote1?.view ?? 0, votes.vote2?.view ?? 0]),
  ) as View;
  return { prepare, commit, timeout, rules, view, blocks };
}
