// What a peer that is behind, or a message that was lost, needs to hear (protocol 3.5, 3.7, 3.9): how far a node is, and what
// its seats have signed that may still matter, said again exactly as it was.
import type { Entry } from './block.ts';
import type { BlockTree } from './block-tree.ts';
import type { Proposal, Status, Timeout, Vote } from './messages.ts';
import type { Ordering } from './ordering.ts';

export interface StatusWishes {
  /** for an answer */
  readonly ask?: boolean;
  /** only how far it is */
  readonly bare?: boolean;
  readonly entries?: readonly Entry[];
}

type Told<State> = Pick<Ordering<State>, 'view' | 'high' | 'rules'>;

export function statusOf<State>(
  ordering: Told<State>,
  tree: BlockTree<State>,
  { ask = false, bare = false, entries = [] }: StatusWishes,
): Status {
  const { view, high } = ordering;
  const { prepare, commit, timeout: timeoutCertificate } = high;
  const parts = bare ? [] : ownParts(ordering, tree);
  return { kind: 'status', view, prepare, commit, timeoutCertificate, parts, entries, ask };
}

function ownParts<State>(
  { view, high, rules }: Told<State>,
  tree: BlockTree<State>,
): (Proposal | Vote | Timeout)[] {
  const parts: (Proposal | Vote | Timeout)[] = [];
  for (const { votes } of rules) {
    if (votes.proposal !== null && votes.proposal.view >= view) {
      const { block: digest, view: _, ...proposal } = votes.proposal;
      const block = tree.block(digest);
      if (block !== undefined) parts.push({ ...proposal, block });
    }
    if (votes.vote1 !== null && votes.vote1.view > high.prepare.view) parts.push(votes.vote1);
    if (votes.vote2 !== null && votes.vote2.view > high.commit.view) parts.push(votes.vote2);
    if (votes.timeout !== null && votes.timeout.view >= view) parts.push(votes.timeout);
  }
  return parts;
}
