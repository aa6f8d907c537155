// Verdicts that change where nothing changed that bears on the truth: the same voters on the same items, before and after. Only
// verdicts on the merits are compared; that a voter fell silent, or spoke where it had been silent, is counted apart. Live variants
// come as two tables; of recorded verdicts, voters whose names differ in one part only (`model|prompt|swap=False`) are paired.
import type { Quorum } from '../../consensus/quorum.ts';
import { invariant } from '../../errors.ts';
import { ClusteredShare } from '../measures/clustered-share.ts';
import { councilOutcome, countsOf } from '../measures/council-outcomes.ts';
import type { Figure } from '../measures/figure.ts';
import {
  ABSTAIN,
  APPROVE,
  MISSING,
  REJECT,
  type VerdictTable,
  withVoters,
} from '../verdicts/verdict-table.ts';

export interface Flips {
  /** of verdicts on the merits before and after, those that differ */
  readonly flipped: Figure;
  /** of rejections, those that became approvals */
  readonly toApprove: Figure;
  /** of approvals, those that became rejections */
  readonly toReject: Figure;
  /** of right verdicts, those that became wrong */
  readonly spoilt: Figure;
  /** of wrong verdicts, those that became right */
  readonly mended: Figure;
  /** of all answers, those that are an abstention on one side only */
  readonly silenced: Figure;
}

const MEASURES = ['flipped', 'toApprove', 'toReject', 'spoilt', 'mended', 'silenced'] as const;

export function flipsBetween(
  before: VerdictTable,
  after: VerdictTable,
): { readonly overall: Flips; readonly byVoter: readonly Flips[] } {
  refuseUnaligned(before, after);
  const overall = new FlipCount();
  const byVoter = before.voters.map((_, voter) => {
    const own = new FlipCount();
    for (let item = 0; item < before.items.names.length; item++) {
      const then = before.verdicts[voter]?.[item] ?? MISSING;
      const now = after.verdicts[voter]?.[item] ?? MISSING;
      const { clusters, labels } = before.items;
      const about = { cluster: clusters[item] ?? 0, label: labels[item] ?? MISSING };
      own.add(then, now, about);
      overall.add(then, now, about);
    }
    return own.figures();
  });
  return { overall: overall.figures(), byVoter };
}

class FlipCount {
  readonly #shares = new Map(MEASURES.map((measure) => [measure, new ClusteredShare()]));

  add(
    before: number,
    after: number,
    { cluster, label }: { readonly cluster: number; readonly label: number },
  ): void {
    if (before === MISSING || after === MISSING) return;
    const count = (measure: (typeof MEASURES)[number], is: boolean): void =>
      this.#shares.get(measure)?.add(cluster, is ? 1 : 0);
    count('silenced', (before === ABSTAIN) !== (after === ABSTAIN));
    if (before === ABSTAIN || after === ABSTAIN) return;
    const differs = before !== after;
    count('flipped', differs);
    if (before === REJECT) count('toApprove', differs);
    if (before === APPROVE) count('toReject', differs);
    if (label === APPROVE || label === REJECT) count(before === label ? 'spoilt' : 'mended', differs);
  }

  figures(): Flips {
    const of = (measure: (typeof MEASURES)[number]): Figure =>
      (this.#shares.get(measure) ?? new ClusteredShare()).figure();
    return {
      flipped: of('flipped'),
      toApprove: of('toApprove'),
      toReject: of('toReject'),
      spoilt: of('spoilt'),
      mended: of('mended'),
      silenced: of('silenced'),
    };
  }
}

/** Of items on which no verdict is missing, those on which the council decides otherwise after than before. */
export function outcomeFlips(before: VerdictTable, after: VerdictTable, quorum: Quorum): Figure {
  refuseUnaligned(before, after);
  const share = new ClusteredShare();
  const [then, now] = [countsOf(before), countsOf(after)];
  const isComplete = (item: number): boolean =>
    [...before.verdicts, ...after.verdicts].every((row) => row[item] !== MISSING);
  before.items.names.forEach((_, item) => {
    if (!isComplete(item)) return;
    const outcomes = [then, now].map(({ approvals, rejections }) =>
      councilOutcome(approvals[item] ?? 0, rejections[item] ?? 0, quorum),
    );
    share.add(before.items.clusters[item] ?? 0, outcomes[0] === outcomes[1] ? 0 : 1);
  });
  return share.figure();
}

export interface VoterPair {
  /** the parts both share, and the one in which they differ */
  readonly shared: string;
  readonly from: string;
  readonly to: string;
  /** numbers of the voters */
  readonly before: number;
  readonly after: number;
}

/** Names have parts with `|` between them; every voter is paired with each later one that differs in the `part`-th part only. */
export function votersDifferingIn({ voters }: VerdictTable, part: number): readonly VoterPair[] {
  const alike = new Map<string, { readonly value: string; readonly voter: number }[]>();
  voters.forEach(({ name }, voter) => {
    const parts = name.split('|');
    const value = parts[part];
    if (value === undefined) return;
    const shared = parts.map((text, i) => (i === part ? '*' : text)).join('|');
    alike.set(shared, [...(alike.get(shared) ?? []), { value, voter }]);
  });
  return [...alike].flatMap(([shared, list]) =>
    list.flatMap((one, i) =>
      list.slice(i + 1).map((other) => ({
        shared,
        from: one.value,
        to: other.value,
        before: one.voter,
        after: other.voter,
      })),
    ),
  );
}

/** The two sides of the pairs, as tables of the same items. */
export function pairedTables(
  table: VerdictTable,
  pairs: readonly VoterPair[],
): readonly [before: VerdictTable, after: VerdictTable] {
  return [
    withVoters(
      table,
      pairs.map(({ before }) => before),
    ),
    withVoters(
      table,
      pairs.map(({ after }) => after),
    ),
  ];
}

function refuseUnaligned(before: VerdictTable, after: VerdictTable): void {
  invariant(before.voters.length === after.voters.length, 'as many voters before as after');
  invariant(
    before.items.names.length === after.items.names.length &&
      before.items.names.every((name, item) => name === after.items.names[item]),
    'the same items before and after',
  );
}
