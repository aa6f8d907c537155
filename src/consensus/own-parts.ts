// What the seats of a node have signed that may still matter, to be said again exactly as it was (protocol 3.7).
import type { BlockTree } from './block-tree.ts';
import type { Proposal, Timeout, Vote } from './messages.ts';
import type { Ordering } from './ordering.ts';

export function ownParts<State>(
  { view, high, rules }: Pick<Ordering<State>, 'view' | 'high' | 'rules'>,
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
