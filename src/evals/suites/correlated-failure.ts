// How alike the seats err, what that leaves of their number, and what an adversary needs besides what they get wrong together.
import { type Diversity, diversityOf, votesBySeats } from '../measures/diversity.ts';
import type { PairFigures } from '../measures/error-pairs.ts';
import { AIMS, ODDS, type ToleranceFigures } from '../measures/fault-tolerance.ts';
import { PAIR_MEASURES, type PairMeasure } from '../measures/pair-measures.ts';
import type { CurvesSection, FiguresSection, MatrixSection, Section } from '../results/eval-result.ts';
import {
  COUNCIL_RULE,
  councilRows,
  figuresSection,
  isDefined,
  point,
  type Row,
} from '../results/figure-rows.ts';
import { completeTable, type VerdictTable } from '../verdicts/verdict-table.ts';
import { outcomesSection, seatTable } from './accuracy.ts';

export function correlatedFailureSections(table: VerdictTable, seed: number): readonly Section[] {
  return diversitySections(table, diversityOf(table, seed));
}

/** Everything that is known of how independent these voters are. */
export function diversitySections(table: VerdictTable, diversity: Diversity): readonly Section[] {
  const { n, q } = diversity.quorum;
  return [
    independence(table, diversity),
    pairFigures(diversity),
    correlationMatrix(table, diversity),
    effectiveVotesCurve(diversity),
    figuresSection(
      {
        id: 'council',
        title: `All ${n} as one council: ${q} must approve`,
        about: COUNCIL_RULE,
      },
      councilRows(diversity.council),
    ),
    ...toleranceSections(diversity.tolerance, diversity.quorum),
    seatTable(diversity.voters),
    outcomesSection(completeTable(table)),
  ];
}

function independence({ voters }: VerdictTable, { majority, effectiveVotes }: Diversity): FiguresSection {
  const rows: Row[] = [
    {
      id: 'effective-votes',
      label: `effective votes of these ${voters.length} (Kish)`,
      figure: effectiveVotes,
      unit: 'number',
      better: 'higher',
    },
    { id: 'mean-accuracy', label: 'right, over all voters', figure: majority.meanAccuracy, better: 'higher' },
    {
      id: 'best-accuracy',
      label: `right, the best voter (${voters[majority.best]?.name ?? ''})`,
      figure: majority.bestAccuracy,
      better: 'higher',
    },
    { id: 'majority', label: 'right, the plain majority', figure: majority.majority, better: 'higher' },
    {
      id: 'independent',
      label: 'right, the majority if errors were independent',
      figure: majority.independent,
      better: 'higher',
    },
    { id: 'gap', label: 'what shared errors cost the majority', figure: majority.gap, better: 'lower' },
    {
      id: 'over-best',
      label: 'what the majority adds to its best voter',
      figure: majority.overBest,
      better: 'higher',
    },
  ];
  return figuresSection(
    {
      id: 'independence',
      title: 'How many votes these voters are worth',
      about:
        'Over the items that all voters answered. An abstention counts as wrong, a tie of the majority half. The best voter was picked on these very items, which flatters it.',
    },
    rows,
  );
}

const MEASURED: Readonly<Record<PairMeasure, string>> = {
  errorCorrelation: 'error correlation',
  cohenKappa: 'Cohen’s κ of verdicts',
  agreementWhenWrong: 'same verdict where both are wrong',
  capa: 'agreement beyond accuracy (CAPA)',
};

function pairFigures({ pairs, byDomain }: Diversity): FiguresSection {
  const rowsOf = (group: PairFigures, name: string, measures: readonly PairMeasure[]): Row[] =>
    measures.map((measure) => ({
      id: `${name}-${measure}`,
      label: `${MEASURED[measure]}, ${name} (${group.defined === group.pairs ? group.pairs : `${group.defined} of ${group.pairs}`} pairs)`,
      figure: group.figures[measure],
      unit: measure === 'agreementWhenWrong' ? 'share' : 'number',
      better: 'lower',
    }));
  return figuresSection(
    {
      id: 'pairs',
      title: 'How alike two voters err',
      about:
        'Means over the pairs for which each is defined. An error correlation of 0 is that of two who err independently, 1 that of two who always err together; κ also counts what they get right together. Two that are both wrong say the same unless one abstains.',
    },
    [
      ...rowsOf(pairs, 'all', PAIR_MEASURES),
      ...byDomain.flatMap(({ domain, within, across }) => [
        ...rowsOf(within, `within one ${domain}`, ['errorCorrelation', 'capa']),
        ...rowsOf(across, `across ${domain === 'family' ? 'families' : `${domain}s`}`, [
          'errorCorrelation',
          'capa',
        ]),
      ]),
    ],
  );
}

/** Developers stand together, the largest first; within one the most accurate first. */
function correlationMatrix({ voters }: VerdictTable, diversity: Diversity): MatrixSection {
  const developerOf = (voter: number): string => voters[voter]?.domains.developer ?? '';
  const sizes = new Map<string, number>();
  for (const { domains } of voters) {
    sizes.set(domains.developer ?? '', (sizes.get(domains.developer ?? '') ?? 0) + 1);
  }
  const accuracy = (voter: number): number => diversity.voters[voter]?.accuracy.value ?? 0;
  const order = voters
    .map((_, voter) => voter)
    .sort(
      (a, b) =>
        (sizes.get(developerOf(b)) ?? 0) - (sizes.get(developerOf(a)) ?? 0) ||
        (developerOf(a) < developerOf(b) ? -1 : developerOf(a) > developerOf(b) ? 1 : 0) ||
        accuracy(b) - accuracy(a),
    );
  return {
    kind: 'matrix',
    id: 'error-correlation',
    title: 'Error correlation, voter by voter',
    about:
      'Developers stand together. A block that is stronger in colour than its surroundings errs as one; a whole that is strong in colour errs as one whoever made it.',
    names: order.map((voter) => voters[voter]?.name ?? ''),
    groups: order.map(developerOf),
    values: order.map((a) => order.map((b) => diversity.correlations[a]?.[b] ?? null)),
  };
}

function effectiveVotesCurve(diversity: Diversity): CurvesSection {
  const { n } = diversity.quorum;
  const points = votesBySeats(diversity, Math.max(n, 33)).flatMap((figure, i) =>
    isDefined(figure) ? [point(i + 1, figure)] : [],
  );
  return {
    kind: 'curves',
    id: 'effective-votes-by-seats',
    title: 'Effective votes against seats',
    about:
      'What more seats as alike as these would add: votes = k / (1 + (k − 1) ρ). With ρ above 0 they stay below 1 / ρ, however many there are.',
    x: { label: 'seats', unit: 'count' },
    y: { label: 'effective votes', unit: 'number' },
    series: [{ name: 'as alike as these', points }],
    marks: [{ x: 33, label: 'a council' }],
  };
}

const AIM_WORDS = { 'wrong-approval': 'wrong approval', block: 'block' } as const;
const OWNED_WORDS = {
  'by-lot': 'seats drawn by lot',
  'most-careful-first': 'the most careful seats',
} as const;

export function toleranceSections(
  tolerance: readonly ToleranceFigures[],
  { n, f, q }: Diversity['quorum'],
): readonly Section[] {
  const reached = (odds: number): string => `${odds * 100} %`;
  return [
    figuresSection(
      {
        id: 'effective-fault-tolerance',
        title: 'Seats an adversary must own',
        about: `The fewest owned seats that make a wrong approval, or a block of what should be approved, likelier than 1 %, 5 % and 50 %, given what honest seats get wrong together. Nominally ${f} liars of ${n} are tolerated; 0 means that honest seats alone are wrong as often. Were all honest seats right, it would take ${q} and ${n - q + 1}.`,
      },
      tolerance.flatMap(({ aim, ownership, seatsNeeded }) =>
        ODDS.map((odds, i) => ({
          id: `${aim}-${ownership}-${odds}`,
          label: `${AIM_WORDS[aim]} > ${reached(odds)}, ${OWNED_WORDS[ownership]}`,
          figure: seatsNeeded[i],
          unit: 'count' as const,
          better: 'higher' as const,
        })),
      ),
    ),
    ...AIMS.map(
      (aim): CurvesSection => ({
        kind: 'curves',
        id: `owned-${aim}`,
        title: aim === 'block' ? 'Blocks against seats owned' : 'Wrong approvals against seats owned',
        about:
          'Owned seats vote as the adversary likes, all others as they do. Which seats are owned matters: those that err anyway are no gain.',
        x: { label: 'seats owned', unit: 'count' },
        y: {
          label: aim === 'block' ? 'blocked, of what should be approved' : 'approved, of what should not be',
          unit: 'share',
        },
        series: tolerance
          .filter((one) => one.aim === aim)
          .map(({ ownership, success }) => ({
            name: OWNED_WORDS[ownership],
            points: success.flatMap((figure, owned) => (isDefined(figure) ? [point(owned, figure)] : [])),
          })),
        marks: [{ x: f, label: `f = ${f}` }],
      }),
    ),
  ];
}
