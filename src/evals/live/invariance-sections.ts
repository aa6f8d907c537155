// What a result shows of invariance: how many verdicts follow a change that bears on nothing, by kind of change, by seat, and in the
// outcome of the council; the same for recorded voters that differ in one attribute, such as the order in which they were shown two answers.
import type { Quorum } from '../../consensus/quorum.ts';
import type { FigureRow, Section } from '../results/eval-result.ts';
import { MISSING, type VerdictTable } from '../verdicts/verdict-table.ts';
import type { CouncilRun } from './ask-council.ts';
import { councilTable } from './council-table.ts';
import { type Flips, flipsBetween, outcomeFlips, pairedTables, votersDifferingIn } from './flips.ts';
import { AS_WRITTEN } from './variants.ts';

const AGAIN = { name: 'asked-again', title: 'asked again, nothing changed' };

interface Compared {
  readonly name: string;
  readonly title: string;
  readonly overall: Flips;
  readonly byVoter: readonly Flips[];
  readonly outcomes: FigureRow['figure'];
}

/** Every variant of the run against the cases as they are written; asking again, where that was done, tells what chance alone does. */
export function invarianceSections(run: CouncilRun, quorum: Quorum): readonly Section[] {
  const before = councilTable(run);
  const compared = comparedWith(run, before, quorum);
  const columns = compared.map(({ title }) => ({ label: title, unit: 'share' as const }));
  return [
    {
      kind: 'figures',
      id: 'invariance',
      title: 'Verdicts that follow what must not matter',
      about:
        'Of the verdicts that seats gave on the merits both times, the share that is another one after the change. Cases without a right verdict are included: a verdict need not be right to be steady. The interval is by cluster of cases.',
      rows: compared.map(({ name, title, overall }) => ({
        id: name,
        label: title,
        unit: 'share',
        figure: overall.flipped,
        better: 'lower',
      })),
    },
    {
      kind: 'table',
      id: 'invariance-directions',
      title: 'Which way they turn',
      about:
        'Of rejections, those that became approvals; of approvals, those that became rejections; of right verdicts, those spoilt, of wrong ones, those mended; of all answers, those that are an abstention on one side only; and of the cases, those that the council as a whole decides otherwise. Seats that a change does not reach keep the verdict they gave.',
      columns: [
        { label: 'change' },
        ...['to approve', 'to reject', 'spoilt', 'mended', 'silenced', 'outcomes changed'].map((label) => ({
          label,
          unit: 'share' as const,
        })),
      ],
      rows: compared.map(({ title, overall, outcomes }) => [
        title,
        overall.toApprove,
        overall.toReject,
        overall.spoilt,
        overall.mended,
        overall.silenced,
        outcomes,
      ]),
    },
    {
      kind: 'table',
      id: 'invariance-by-seat',
      title: 'By seat',
      about:
        'The share of a seat’s verdicts that is another one after each change; nothing where the change does not reach the seat.',
      columns: [{ label: 'seat' }, { label: 'lens' }, ...columns],
      rows: before.voters.map(({ name, domains }, voter) => [
        name,
        domains.lens ?? null,
        ...compared.map(({ byVoter }) => {
          const flipped = byVoter[voter]?.flipped;
          return flipped === undefined || flipped.n === 0 ? null : flipped;
        }),
      ]),
    },
  ];
}

function comparedWith(run: CouncilRun, before: VerdictTable, quorum: Quorum): readonly Compared[] {
  const { plan } = run;
  const compare = (name: string, title: string, after: VerdictTable, whole = after): Compared => ({
    name,
    title,
    ...flipsBetween(before, after),
    outcomes: outcomeFlips(before, whole, quorum),
  });
  const again =
    plan.repetitions > 1 ? [compare(AGAIN.name, AGAIN.title, councilTable(run, { repetition: 1 }))] : [];
  const changed = plan.variants
    .filter(({ name }) => name !== AS_WRITTEN.name)
    .map((variant) => {
      const after = councilTable(run, { variant: variant.name });
      const reached = plan.agents.seats.map((seat) => variant.ofSeat(seat) !== undefined);
      return compare(variant.name, variant.title, after, withUnreached(before, after, reached));
    });
  return [...again, ...changed];
}

/** A seat that is asked the very same thing is not asked again: its verdict stands, on the items that others were asked about. */
function withUnreached(before: VerdictTable, after: VerdictTable, reached: readonly boolean[]): VerdictTable {
  const applies = after.items.names.map((_, item) => after.verdicts.some((row) => row[item] !== MISSING));
  const verdicts = after.verdicts.map((row, voter) =>
    reached[voter] === false
      ? row.map((_, item) => (applies[item] === true ? (before.verdicts[voter]?.[item] ?? MISSING) : MISSING))
      : row,
  );
  return { ...after, verdicts };
}

/** Recorded voters whose names differ in one part only, counted from 0: `model|prompt|swap=False` and `model|prompt|swap=True`. */
export function recordedInvarianceSections(
  table: VerdictTable,
  part: number,
  what: string,
): readonly Section[] {
  const pairs = votersDifferingIn(table, part);
  const { overall, byVoter } = flipsBetween(...pairedTables(table, pairs));
  return [
    {
      kind: 'figures',
      id: `recorded-invariance-${part}`,
      title: `Recorded verdicts that follow the ${what}`,
      about: `Of the verdicts on the merits of two recorded voters that differ in the ${what} only, the share that differs, over ${pairs.length} such pairs. The interval is by cluster of items; the pairs are those that were recorded, not a sample of any.`,
      rows: [
        {
          id: 'flipped',
          label: 'verdicts that differ',
          unit: 'share',
          figure: overall.flipped,
          better: 'lower',
        },
        {
          id: 'spoilt',
          label: 'right ones that become wrong',
          unit: 'share',
          figure: overall.spoilt,
          better: 'lower',
        },
        { id: 'mended', label: 'wrong ones that become right', unit: 'share', figure: overall.mended },
      ],
    },
    {
      kind: 'table',
      id: `recorded-invariance-${part}-pairs`,
      title: 'By pair',
      about: `Which voters, what the ${what} was before and after, and the share of verdicts that differ.`,
      columns: [
        { label: 'voter' },
        { label: 'before' },
        { label: 'after' },
        { label: 'differ', unit: 'share' },
        { label: 'to approve', unit: 'share' },
        { label: 'to reject', unit: 'share' },
      ],
      rows: pairs.map(({ shared, from, to }, i) => [
        shared,
        from,
        to,
        byVoter[i]?.flipped ?? null,
        byVoter[i]?.toApprove ?? null,
        byVoter[i]?.toReject ?? null,
      ]),
    },
  ];
}
