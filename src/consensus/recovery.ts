// A node starts from what its store gives back; there is no other way to start (protocol 3.7, 8.2). A store
// that gives back less than was promised to peers stops the node: to vote again could be to vote twice.
import { ConclaveError } from '../errors.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { Application } from './application.ts';
import type { Bench } from './bench.ts';
import type { Block, View } from './block.ts';
import { BlockTree, genesisPosition, type Position } from './block-tree.ts';
import { type Certificate, genesisCertificate } from './certificates.ts';
import type { DurableState } from './effects.ts';
import type { EngineDependencies } from './engine.ts';
import type { HighCertificates } from './outbox.ts';
import { noVotes, VotingRules } from './voting-rules.ts';

export interface Restored extends HighCertificates {
  readonly rules: readonly VotingRules[];
  readonly view: View;
  /** durable blocks that are not committed yet */
  readonly blocks: readonly Block[];
}

/** The committed chain executed again, through all its epochs. */
export interface Replayed<State> {
  /** of the epoch that goes on */
  readonly tree: BlockTree<State>;
  /** the highest commit certificate of a block of that epoch */
  readonly commit: Certificate | undefined;
}

export function replay<State>(
  genesis: Block['digest'],
  { application, benchOf, durable }: EngineDependencies<State>,
): Replayed<State> {
  let tree = beginEpoch(genesisPosition(genesis, application), application, benchOf);
  let commit: Certificate | undefined;
  for (const { block, commit: own } of durable.committed) {
    tree.commit(block);
    if (own !== null && own.view > (commit?.view ?? 0)) commit = own;
    if (!tree.hasEnded) continue;
    tree = beginEpoch(tree.tip, application, benchOf);
    commit = undefined;
  }
  return { tree, commit };
}

/** Nobody is passed over at an epoch's start: chairs may have changed hands (protocol 6.1). */
export function beginEpoch<State>(
  end: Position<State>,
  application: Application<State>,
  benchOf: (state: State) => Bench,
): BlockTree<State> {
  return new BlockTree(end, application, benchOf(end.state).leaders);
}

export function restore<State>(
  { tree, commit: committed }: Replayed<State>,
  { seats, signerOf }: Bench,
  stored: DurableState,
): Restored {
  const { epoch, start } = tree;
  const durable = ofEpoch(stored, epoch);
  const genesis = {
    prepare: genesisCertificate('prepare', epoch, start.digest, start),
    commit: genesisCertificate('commit', epoch, start.digest, start),
  };
  let commit = durable.certificates?.commit ?? genesis.commit;
  if (committed !== undefined && committed.view > commit.view) commit = committed;
  let prepare = durable.certificates?.prepare ?? genesis.prepare;
  if (commit.view > prepare.view) prepare = commit;
  const timeout = durable.certificates?.timeout ?? null;
  const blocks = durable.blocks.filter(({ header }) => header.height > tree.tip.height);
  for (const block of blocks) tree.add(block);
  const rules = seats.map((seat) => {
    const votes = durable.votes.find((held) => held.seat === seat) ?? noVotes(seat, epoch);
    if (votes.lock > prepare.view) {
      throw lost(
        `seat ${seat} is locked on view ${votes.lock}, the highest certificate is of view ${prepare.view}`,
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

/**
 * What was written in this epoch. What is of an earlier one binds nobody any more: its last block is committed, and
 * the first write of the next may not have come. Nothing can be of a later one, whose first write follows the commit.
 */
function ofEpoch({ votes, certificates, blocks, committed }: DurableState, epoch: Epoch): DurableState {
  const later = [...votes, certificates?.commit].find((record) => record && record.epoch > epoch);
  if (later !== undefined) {
    throw lost(`it knows something of epoch ${later.epoch}, and its committed chain is in epoch ${epoch}`);
  }
  return {
    votes: votes.filter((held) => held.epoch === epoch),
    certificates: certificates?.commit.epoch === epoch ? certificates : undefined,
    blocks: blocks.filter(({ header }) => header.epoch === epoch),
    committed,
  };
}

function lost(what: string): ConclaveError {
  return new ConclaveError('storage', `the store has lost something: ${what}`);
}
