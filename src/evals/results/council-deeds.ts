// What a council makes of items of known truth: decided rightly, wrongly approved, wrongly rejected, or left undecided, each as a
// share of the items on which it is possible, with its interval by cluster.
import { ClusteredShare } from '../measures/clustered-share.ts';
import type { Figure } from '../measures/figure.ts';
import type { FigureRow, OutcomesSection } from './eval-result.ts';

/** What a council can do with an item; the two ways of being wrong are never added up (protocol 1.4). */
export const DEEDS = ['right', 'wrong-approval', 'wrong-rejection', 'undecided'] as const;
export type Deed = (typeof DEEDS)[number];

/** Of which items each is a share: a wrong approval is possible only where approving is wrong. */
export function possible(deed: Deed, label: string): boolean {
  if (deed === 'wrong-approval') return label === 'R';
  if (deed === 'wrong-rejection') return label === 'A';
  return true;
}

/** Right is what the truth says: approved, rejected, or undecided where nothing can be said. */
export function done(deed: Deed, label: string, outcome: string): boolean {
  switch (deed) {
    case 'right':
      return outcome === (label === '-' ? 'U' : label);
    case 'wrong-approval':
      return label === 'R' && outcome === 'A';
    case 'wrong-rejection':
      return label === 'A' && outcome === 'R';
    case 'undecided':
      return outcome === 'U';
  }
}

export const DEED_LABELS: Readonly<Record<Deed, string>> = {
  right: 'Decided as the truth says',
  'wrong-approval': 'Wrong approvals, of what should be rejected',
  'wrong-rejection': 'Wrong rejections, of what should be approved',
  undecided: 'Undecided',
};

/** Whether it is better to leave undecided depends on what it would have been. */
export const DEED_BETTER: Readonly<Record<Deed, FigureRow['better']>> = {
  right: 'higher',
  'wrong-approval': 'lower',
  'wrong-rejection': 'lower',
  undecided: undefined,
};

/** Those that are possible on any of the items. */
export function deedFigures(
  section: OutcomesSection,
): readonly { readonly deed: Deed; readonly figure: Figure }[] {
  const { items, labels, outcomes, clusters } = section;
  return DEEDS.flatMap((deed) => {
    const share = new ClusteredShare();
    for (const i of items.keys()) {
      const label = labels.charAt(i);
      if (possible(deed, label)) share.add(clusters[i] ?? 0, done(deed, label, outcomes.charAt(i)) ? 1 : 0);
    }
    const figure = share.figure();
    return figure.n === 0 ? [] : [{ deed, figure }];
  });
}
