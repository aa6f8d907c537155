// From a case to a ballot: the seat's question is put to its provider, the answer is read as hostile input, and code
// turns the findings into a verdict (protocol 4.2, 4.3). A model that fails is an event: the seat abstains and
// says why. Nothing here throws.
import { randomBytes } from 'node:crypto';
import { abstention, type Ballot, ballotFrom } from '../council/ballot.ts';
import type { CaseSource } from '../council/case-file.ts';
import type { Policy } from '../council/charter.ts';
import { type Answer, type Provider, ProviderError, type Question } from '../providers/contract.ts';
import { utf8 } from '../signing/bytes.ts';
import { type Digest, digestOfBytes } from '../signing/digest.ts';
import { type AnswerFlag, readAnswer, shown } from './answer.ts';
import { type PromptedSeat, promptDigest, promptFor } from './prompt.ts';
import type { Prompts } from './prompt-files.ts';
import { backingOf, modelDigest, type SeatFile } from './seat-file.ts';

export interface Judgement {
  readonly ballot: Ballot;
  /** the text whose digest stands in the ballot; it belongs into the dossier */
  readonly rationale: string;
  /** what came back, if anything did */
  readonly raw: string | null;
  /** what says that it answered */
  readonly servedBy: string | null;
  readonly flags: readonly AnswerFlag[];
}

export interface Sitting {
  readonly caseId: string;
  readonly seat: SeatFile;
  readonly source: CaseSource;
  readonly policy: Policy;
}

export interface JudgeDependencies {
  readonly provider: Provider;
  readonly prompts: Prompts;
  readonly signal?: AbortSignal;
}

/** In the marks around evidence, which evidence must not be able to write (seats/prompt-fence.ts). */
const NONCE_BYTES = 16;

/** Undefined when there is to be no ballot: the question was withdrawn, or a trial has the seat keep silent. */
export async function judge(
  { caseId, seat, source, policy }: Sitting,
  { provider, prompts, signal }: JudgeDependencies,
): Promise<Judgement | undefined> {
  const nonce = randomBytes(NONCE_BYTES).toString('hex');
  const question = questionOf({ caseId, seat, source, policy }, { prompts, nonce });
  const mark = {
    model: modelDigest(seat, provider),
    prompt: promptDigest(promptedSeat(seat), { caseType: source.type, criteria: policy.criteria }, prompts),
    provenance: provider.provenance,
  };
  const abstain = (reason: string, why: string, answer?: Answer): Judgement => {
    const rationale = shown(why);
    return {
      ballot: abstention(reason, { ...mark, rationale: digestOfText(rationale) }),
      rationale,
      raw: answer?.text ?? null,
      servedBy: answer?.model ?? null,
      flags: [],
    };
  };

  let answer: Answer;
  try {
    answer = await askInTime(provider, question, seat.limits.timeoutMs, signal);
  } catch (error) {
    if (!(error instanceof ProviderError)) return abstain('unexpected', String(error));
    if (error.code === 'silent' || error.code === 'cancelled') return undefined;
    return abstain(error.code, error.message);
  }
  const read = readAnswer(answer.text, policy, source.evidence);
  if (read.kind === 'none') return abstain(read.reason, read.why, answer);
  const { findings, confidence, rationale, flags } = read;
  const told = { ...mark, provenance: answer.provenance, confidence, rationale: digestOfText(rationale) };
  return {
    ballot: ballotFrom(findings, policy, told),
    rationale,
    raw: answer.text,
    servedBy: answer.model,
    flags,
  };
}

export function questionOf(
  { caseId, seat, source, policy }: Sitting,
  words: { readonly prompts: Prompts; readonly nonce: string },
): Question {
  const facts = { subject: source.subject, title: source.title, ...source.fields };
  const { criteria } = policy;
  const { evidence } = source;
  const about = { caseType: source.type, facts, criteria, evidence };
  return {
    caseId,
    seat: seat.seat,
    backing: backingOf(seat),
    prompt: promptFor(promptedSeat(seat), about, words),
    lens: seat.lens,
    stance: seat.stance,
    strictness: seat.strictness,
    ...about,
    sampling: seat.sampling,
    timeoutMs: seat.limits.timeoutMs,
  };
}

function promptedSeat({ seat, lens, stance, strictness, prompt }: SeatFile): PromptedSeat {
  return { seat, lens, stance, strictness, form: prompt };
}

/** A provider should heed its signal; should it not, the seat still abstains before the deadline. */
async function askInTime(
  provider: Provider,
  question: Question,
  timeoutMs: number,
  outer: AbortSignal | undefined,
): Promise<Answer> {
  const inner = new AbortController();
  let stop: (error: ProviderError) => void = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = (error) => {
      reject(error);
      inner.abort(error);
    };
  });
  const withdraw = () => stop(new ProviderError('cancelled', 'the question was withdrawn'));
  const timer = setTimeout(
    () => stop(new ProviderError('timeout', `no answer within ${timeoutMs} ms`)),
    timeoutMs,
  );
  outer?.addEventListener('abort', withdraw, { once: true });
  if (outer?.aborted === true) withdraw();
  try {
    return await Promise.race([stopped, provider.ask(question, inner.signal)]);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', withdraw);
  }
}

function digestOfText(text: string): Digest {
  return digestOfBytes(utf8(text));
}
