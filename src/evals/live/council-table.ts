// Answers of the council as a table of verdicts, in which every measure sees them, with the ballots beside it so that they can be
// tallied by criterion as well (protocol 4.8). A case on which seats may differ has no right verdict: it has no label, and is left
// out where verdicts are held against labels.
import type { Quorum } from '../../consensus/quorum.ts';
import type { Ballot } from '../../council/ballot.ts';
import type { Policy } from '../../council/charter.ts';
import { tallyFindings } from '../../council/tally.ts';
import { badInput } from '../../errors.ts';
import { presentationOf } from '../../seats/seat-file.ts';
import {
  APPROVE,
  CODE_OF,
  MISSING,
  NO_CONFIDENCE,
  REJECT,
  tableOf,
  type VerdictTable,
  type Voter,
  withItems,
} from '../verdicts/verdict-table.ts';
import type { SeatAnswer } from './answer-journal.ts';
import type { CouncilRun } from './ask-council.ts';
import type { QuestionPlan } from './question-plan.ts';
import { AS_WRITTEN } from './variants.ts';

/** No right verdict; what is not labelled is not counted as right or wrong. */
export const UNLABELLED = MISSING;

export interface Asked {
  /** a variant's name; unless said, as written */
  readonly variant?: string;
  /** from 0 */
  readonly repetition?: number;
}

export interface CouncilTable extends VerdictTable {
  /** by voter, by item */
  readonly answers: readonly (readonly (SeatAnswer | undefined)[])[];
  /** by item */
  readonly policies: readonly Policy[];
}

/** Every case that was asked about, those without a label included. */
export function councilTable(run: CouncilRun, { variant, repetition = 0 }: Asked = {}): CouncilTable {
  const { plan, answers } = run;
  const number = variantNumber(plan, variant ?? AS_WRITTEN.name);
  const clusters = new Map<string, number>();
  for (const { cluster } of plan.cases) if (!clusters.has(cluster)) clusters.set(cluster, clusters.size);
  const given = plan.agents.seats.map((_, seat) =>
    plan.cases.map((_, item) => answers[plan.indexOf({ item, variant: number, repetition, seat })]),
  );
  const bytes = (of: (answer: SeatAnswer | undefined) => number) =>
    given.map((row) => Uint8Array.from(row, of));
  const table = tableOf({
    voters: votersOf(run),
    items: {
      names: plan.cases.map(({ item }) => item),
      labels: Uint8Array.from(plan.cases, ({ expected }) =>
        expected === undefined || expected === 'split' ? UNLABELLED : CODE_OF[expected],
      ),
      clusters: Uint32Array.from(plan.cases, ({ cluster }) => clusters.get(cluster) ?? 0),
      clusterCount: clusters.size,
    },
    verdicts: bytes((answer) => (answer === undefined ? MISSING : CODE_OF[answer.ballot.verdict])),
    confidences: bytes((answer) =>
      answer === undefined || answer.ballot.verdict === 'abstain' ? NO_CONFIDENCE : answer.ballot.confidence,
    ),
  });
  return { ...table, answers: given, policies: plan.policies };
}

/** The cases with a right verdict: what accuracy and its kin are measured on. */
export function tableOfAnswers(run: CouncilRun, asked: Asked = {}): VerdictTable {
  return labelledItems(councilTable(run, asked));
}

export function labelledItems(table: VerdictTable): VerdictTable {
  const { labels } = table.items;
  return withItems(
    table,
    [...labels.keys()].filter((item) => isLabel(labels[item])),
  );
}

export function isLabel(code: number | undefined): boolean {
  return code === APPROVE || code === REJECT;
}

/** By item: would it be approved if the council counted by criterion, a quorum of `met` on each mandatory one? */
export function approvedByCriterion({ answers, policies }: CouncilTable, { q }: Quorum): readonly boolean[] {
  return policies.map((policy, item) => {
    const ballots = answers.flatMap((row): Ballot[] => {
      const answer = row[item];
      return answer === undefined ? [] : [answer.ballot];
    });
    const tally = tallyFindings(ballots, policy);
    return policy.criteria.every(({ id, mandatory }) => !mandatory || (tally[id]?.met ?? 0) >= q);
  });
}

/** No seat that a stand-in answers for is shown under a maker's name (protocol 6.4), and a checklist is asked in no form. */
function votersOf({ plan, answering }: CouncilRun): readonly Voter[] {
  return plan.agents.seats.map((seat) => {
    const { name, developer, family, host } = presentationOf(seat, answering);
    const form = answering.provenance === 'offline' ? {} : { prompt: seat.prompt };
    return { name, domains: { developer, family, host, lens: seat.lens, ...form } };
  });
}

function variantNumber({ variants }: QuestionPlan, name: string): number {
  const number = variants.findIndex((variant) => variant.name === name);
  if (number >= 0) return number;
  throw badInput(`expected one of the variants that were asked, found "${name}"`);
}
