// The council's own agents as voters: every question of a plan is put to its seat once, as in a case (seats/judge.ts), and the
// answer is kept before it counts. Who answers, what it may cost and what is cached is the provider's matter. A seat that fails
// abstains with its reason (protocol 4.3); a run that ends early says how far it came.
import { setMaxListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { Provider } from '../../providers/contract.ts';
import { judge } from '../../seats/judge.ts';
import type { Sitting } from '../../seats/question.ts';
import { type AnswerJournal, isWorthAskingAgain, type SeatAnswer } from './answer-journal.ts';
import type { Asking, QuestionPlan } from './question-plan.ts';

/** As many as a council has seats; hosts that bear less say so to the runner. */
const CONCURRENCY = 33;

/** How far a run has come. */
export interface Course {
  readonly of: number;
  /** answered or abstained, now or in an earlier run */
  readonly done: number;
  /** of these, kept from an earlier run and not asked again */
  readonly kept: number;
  /** by reason */
  readonly abstained: Readonly<Record<string, number>>;
  /** what the answers of this run cost, as far as it is known */
  readonly spentUsd: number;
}

export interface AskDependencies {
  /**
   * Who answers the seats at a repetition, from 0: a cache in between has to know that the same question is asked again on purpose
   * (`repetition` of providers/answer-cache.ts). All of them have one name and one provenance.
   */
  readonly provider: (repetition: number) => Provider;
  readonly journal: AnswerJournal;
  readonly signal?: AbortSignal;
  readonly onProgress?: (course: Course) => void;
  readonly concurrency?: number;
}

export interface CouncilRun {
  readonly plan: QuestionPlan;
  /** who answered: a council's own models, or what stood in for them */
  readonly answering: Pick<Provider, 'name' | 'provenance'>;
  readonly course: Course;
  /** by the plan's index; undefined where nothing was asked or nothing came back */
  readonly answers: readonly (SeatAnswer | undefined)[];
}

/** Ends when all is asked, or when the signal says so and what was under way is withdrawn. */
export async function askCouncil(
  plan: QuestionPlan,
  { provider, journal, signal, onProgress = () => {}, concurrency = CONCURRENCY }: AskDependencies,
): Promise<CouncilRun> {
  const providers = Array.from({ length: plan.repetitions }, (_, repetition) => provider(repetition));
  const [first] = providers;
  const { name, provenance } = first ?? provider(0);
  const answering = { name, provenance };
  const answers: (SeatAnswer | undefined)[] = [];
  const abstained: Record<string, number> = {};
  let [done, kept, spentUsd, next] = [0, 0, 0, 0];
  const courseNow = (): Course => ({
    of: plan.askings.length,
    done,
    kept,
    abstained: { ...abstained },
    spentUsd,
  });
  const count = (asking: Asking, answer: SeatAnswer): void => {
    answers[plan.indexOf(asking)] = answer;
    done++;
    const { reason } = answer.ballot;
    if (reason !== null) abstained[reason] = (abstained[reason] ?? 0) + 1;
    onProgress(courseNow());
  };

  const ended = new AbortController();
  const stop = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
  // Every question under way listens for its withdrawal.
  setMaxListeners(concurrency + 1, stop);
  const work = async (): Promise<void> => {
    for (;;) {
      const asking = plan.askings[next++];
      if (asking === undefined || stop.aborted) return;
      const key = plan.keyOf(asking, answering);
      const known = keptAnswer(key, journal);
      if (known !== undefined) {
        kept++;
        count(asking, known);
        continue;
      }
      const answer = await ask(asking, key, providers[asking.repetition], plan, stop);
      if (answer !== undefined) {
        journal.keep(answer);
        spentUsd += answer.costUsd ?? 0;
        count(asking, answer);
      }
      // A stand-in answers without ever waiting; signals and whoever draws the progress get their turn here.
      await turn();
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, work));
  } catch (error) {
    // What cannot be kept is not paid for either.
    ended.abort();
    throw error;
  }
  return { plan, answering, course: courseNow(), answers };
}

/** What a run would still ask: what its price is to be named for. */
export function outstanding(
  plan: QuestionPlan,
  journal: AnswerJournal,
  answering: Pick<Provider, 'name' | 'provenance'>,
): readonly Sitting[] {
  return plan.askings
    .filter((asking) => keptAnswer(plan.keyOf(asking, answering), journal) === undefined)
    .map(({ sitting }) => sitting);
}

function keptAnswer(key: SeatAnswer['key'], journal: AnswerJournal): SeatAnswer | undefined {
  const known = journal.answerTo(key);
  return known === undefined || isWorthAskingAgain(known) ? undefined : known;
}

async function ask(
  { sitting }: Asking,
  key: SeatAnswer['key'],
  provider: Provider | undefined,
  { agents }: QuestionPlan,
  signal: AbortSignal,
): Promise<SeatAnswer | undefined> {
  if (provider === undefined) return undefined;
  const judgement = await judge(sitting, { provider, prompts: agents.prompts, signal });
  if (judgement === undefined) return undefined;
  const { ballot, rationale, reasons, flags, servedBy, costUsd } = judgement;
  return { key, ballot, rationale, reasons, flags, servedBy, costUsd };
}

/** What a result of this run has to say of what it does not show, in whole sentences. */
export function shortfallsOf({ course, answering, plan }: CouncilRun): readonly string[] {
  const { of, done, abstained } = course;
  const failed = Object.entries(abstained).sort(([a], [b]) => a.localeCompare(b));
  const sum = failed.reduce((total, [, number]) => total + number, 0);
  const reasons = failed.map(([reason, number]) => `${number} ${reason}`).join(', ');
  return [
    ...(answering.provenance === 'offline'
      ? [
          'No model was asked: the checklist that stands in for models read the cases by rule, says the same each time and knows no order of criteria and no form of prompt. What is measured of it is the machinery, not a council of models.',
        ]
      : []),
    ...(done < of
      ? [`The run ended early: ${done} of ${of} questions are answered; the others count as missing.`]
      : []),
    ...(sum > 0 ? [`${sum} of ${done} answers are abstentions for a failure or by choice: ${reasons}.`] : []),
    `${plan.cases.length} cases are few, and they were written by the makers of the council; the intervals say what that leaves open, not how other cases would fare.`,
  ];
}
