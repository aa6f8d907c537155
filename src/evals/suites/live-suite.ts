// A suite that asks the council itself: which questions it puts, and what it makes of the answers. Who answers, what it may cost
// and where answers are kept is the command line's matter.
import { quorumOf } from '../../consensus/quorum.ts';
import type { Provider } from '../../providers/contract.ts';
import type { Agents } from '../../seats/agents.ts';
import type { Sitting } from '../../seats/question.ts';
import { modelDigest } from '../../seats/seat-file.ts';
import type { Digest } from '../../signing/digest.ts';
import { type AnswerJournal, isWorthAskingAgain } from '../live/answer-journal.ts';
import { askCouncil, type CouncilRun, type Course, outstanding, shortfallsOf } from '../live/ask-council.ts';
import { consistencySections } from '../live/consistency-sections.ts';
import { tableOfAnswers } from '../live/council-table.ts';
import { readCases } from '../live/eval-cases.ts';
import { injectionSections } from '../live/injection-sections.ts';
import { injectionVariants, loadInjections } from '../live/injections.ts';
import { invarianceSections } from '../live/invariance-sections.ts';
import { QuestionPlan } from '../live/question-plan.ts';
import { sourcesOf } from '../live/run-sources.ts';
import { AS_WRITTEN, invarianceVariants, type Variant } from '../live/variants.ts';
import type { Section } from '../results/eval-result.ts';
import type { VerdictTable } from '../verdicts/verdict-table.ts';
import type { SuiteFile, SuiteVoters } from './suite-file.ts';

/** A council that can be asked. */
export interface AskedCouncil {
  readonly agents: Agents;
  /** before anything is asked: says what it may cost, and throws when it is not to be */
  readonly admit: (sittings: readonly Sitting[]) => Promise<void>;
  /** who answers at a repetition, from 0 */
  readonly provider: (repetition: number) => Provider;
  readonly journal: AnswerJournal;
  readonly signal: AbortSignal;
  readonly onProgress: (course: Course) => void;
}

export interface LiveAnswers {
  readonly run: CouncilRun;
  /** the cases of known truth, as they are written */
  readonly table: VerdictTable;
  /** by seat, what answered */
  readonly models: readonly Digest[];
  readonly sources: ReturnType<typeof sourcesOf>;
  readonly limits: readonly string[];
  /** questions without an answer that another run would ask: it was stopped, out of money, or makers were out of reach */
  readonly unanswered: number;
}

type LiveVoters = Extract<SuiteVoters, { readonly from: 'live' }>;

export async function askFor(
  measure: SuiteFile['measure'],
  { cases, repetitions }: Pick<LiveVoters, 'cases' | 'repetitions'>,
  { agents, admit, provider, journal, signal, onProgress }: AskedCouncil,
): Promise<LiveAnswers> {
  const plan = new QuestionPlan({
    agents,
    cases: await readCases(cases),
    variants: variantsFor(measure, agents),
    repetitions,
    repeated: measure === 'self-consistency' ? 'all' : 'as-written',
  });
  const asked = outstanding(plan, journal, provider(0));
  if (asked.length > 0) await admit(asked);
  const run = await askCouncil(plan, { provider, journal, signal, onProgress });
  return {
    run,
    table: tableOfAnswers(run),
    models: agents.seats.map((seat) => modelDigest(seat, run.answering)),
    sources: sourcesOf(run, 'cases'),
    limits: shortfallsOf(run),
    unanswered: plan.askings.filter((asking) => {
      const answer = run.answers[plan.indexOf(asking)];
      return answer === undefined || isWorthAskingAgain(answer);
    }).length,
  };
}

function variantsFor(measure: SuiteFile['measure'], { prompts }: Agents): readonly Variant[] {
  switch (measure) {
    case 'prompt-injection':
      return [AS_WRITTEN, ...injectionVariants(loadInjections())];
    case 'invariance':
      return [AS_WRITTEN, ...invarianceVariants(prompts)];
    default:
      return [AS_WRITTEN];
  }
}

/** What is measured on the answers themselves; undefined where it is measured on the table of verdicts like any other. */
export function askedSections(
  measure: SuiteFile['measure'],
  { run }: LiveAnswers,
): readonly Section[] | undefined {
  const quorum = quorumOf(run.plan.agents.seats.length);
  switch (measure) {
    case 'prompt-injection':
      return injectionSections(run, quorum);
    case 'invariance':
      return invarianceSections(run, quorum);
    case 'self-consistency':
      return consistencySections(run, quorum);
    default:
      return undefined;
  }
}
