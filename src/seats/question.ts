// What a seat asks about a case: one question, or several where it is too long for the models that may be asked.
import { randomBytes } from 'node:crypto';
import type { CaseSource } from '../council/case-file.ts';
import type { Policy } from '../council/charter.ts';
import type { Question } from '../providers/contract.ts';
import { estimateCostUsd, estimatePromptTokens } from '../providers/cost.ts';
import { type Portion, portionsOf, roomFor } from './portions.ts';
import { type PromptedSeat, promptFor } from './prompt.ts';
import type { Prompts } from './prompt-files.ts';
import type { SeatFile } from './seat-file.ts';

export interface Sitting {
  /** whose account it goes on */
  readonly caseId: string;
  readonly seat: SeatFile;
  readonly source: CaseSource;
  readonly policy: Policy;
}

/** In the marks around evidence, which evidence must not be able to write (prompt-fence.ts). */
const NONCE_BYTES = 16;

export type Questions =
  | {
      readonly kind: 'questions';
      readonly portions: readonly Portion[];
      /** one for each portion */
      readonly questions: readonly Question[];
    }
  | { readonly kind: 'too-long'; readonly why: string };

/** `whole`: whoever answers reads the case as it is, however long. */
export function questionsOf(
  sitting: Sitting,
  prompts: Prompts,
  { whole }: { readonly whole: boolean },
): Questions {
  const { seat, source, policy } = sitting;
  const { criteria } = policy;
  const { evidence } = source;
  const nonce = randomBytes(NONCE_BYTES).toString('hex');
  const ask = (portion: Portion): Question => questionOf(sitting, portion, { prompts, nonce });
  if (whole) {
    const portion = { criteria, evidence };
    return { kind: 'questions', portions: [portion], questions: [ask(portion)] };
  }
  const asked = seat.fallback === undefined ? [seat.backing] : [seat.backing, seat.fallback];
  const divided = portionsOf(
    { criteria, evidence },
    {
      tokens: roomFor(asked, seat.sampling),
      measure: (portion) => estimatePromptTokens(ask(portion).prompt),
    },
  );
  if (divided.kind === 'too-long') return divided;
  return { kind: 'questions', portions: divided.portions, questions: divided.portions.map(ask) };
}

/** The most that a seat's questions about a case can cost, each asked once; nothing where it will not be asked. */
export function worstCostUsd(sitting: Sitting, prompts: Prompts): number {
  const asked = questionsOf(sitting, prompts, { whole: false });
  if (asked.kind === 'too-long') return 0;
  return asked.questions.reduce((sum, question) => sum + estimateCostUsd(question), 0);
}

export function promptedSeat({ seat, lens, stance, strictness, prompt }: SeatFile): PromptedSeat {
  return { seat, lens, stance, strictness, form: prompt };
}

function questionOf(
  { caseId, seat, source }: Sitting,
  portion: Portion,
  words: { readonly prompts: Prompts; readonly nonce: string },
): Question {
  const about = {
    caseType: source.type,
    facts: { subject: source.subject, title: source.title, ...source.fields },
    criteria: portion.criteria,
    evidence: portion.evidence,
  };
  const part = portion.part === undefined ? {} : { part: portion.part };
  return {
    caseId,
    seat: seat.seat,
    backing: seat.backing,
    ...(seat.fallback === undefined ? {} : { fallback: seat.fallback }),
    prompt: promptFor(promptedSeat(seat), { ...about, ...part }, words),
    lens: seat.lens,
    stance: seat.stance,
    strictness: seat.strictness,
    ...about,
    sampling: seat.sampling,
    timeoutMs: seat.limits.timeoutMs,
  };
}
