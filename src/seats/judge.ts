// From a case to a ballot: the seat's question is put to its provider, the answer is read as hostile input, and code
// turns the findings into a verdict (protocol 4.2, 4.3). A model that fails is an event: the seat abstains and
// says why. Nothing here throws.
import { abstention, type Ballot, ballotFrom } from '../council/ballot.ts';
import {
  type Answer,
  type Provider,
  ProviderError,
  type Question,
  type Usage,
} from '../providers/contract.ts';
import { utf8 } from '../signing/bytes.ts';
import { type Digest, digestOfBytes } from '../signing/digest.ts';
import { type AnswerFlag, type ReadAnswer, readAnswer, shown } from './answer.ts';
import { mergeAnswers } from './portions.ts';
import { promptDigest } from './prompt.ts';
import type { Prompts } from './prompt-files.ts';
import { promptedSeat, questionsOf, type Sitting } from './question.ts';
import { modelDigest } from './seat-file.ts';

export interface Judgement {
  readonly ballot: Ballot;
  /** the text whose digest stands in the ballot; it belongs into the dossier */
  readonly rationale: string;
  /** by criterion, in the seat's own words */
  readonly reasons: Readonly<Record<string, string>>;
  /** what came back, if anything did; where the case was divided, one after the other */
  readonly raw: string | null;
  /** what says that it answered */
  readonly servedBy: string | null;
  readonly usage: Usage | null;
  /** as far as it is known, failed attempts included */
  readonly costUsd: number | null;
  readonly requestIds: readonly string[];
  readonly flags: readonly AnswerFlag[];
}

export interface JudgeDependencies {
  readonly provider: Provider;
  readonly prompts: Prompts;
  /** the seat's own limit apart, no answer is of use later than this */
  readonly mostMs?: number;
  readonly signal?: AbortSignal;
}

/** Undefined when there is to be no ballot: the question was withdrawn, or a trial has the seat keep silent. */
export async function judge(
  sitting: Sitting,
  { provider, prompts, mostMs = Number.POSITIVE_INFINITY, signal }: JudgeDependencies,
): Promise<Judgement | undefined> {
  const { seat, source, policy } = sitting;
  const { criteria } = policy;
  const { provenance } = provider;
  const mark = {
    model: modelDigest(seat, provider),
    prompt: promptDigest(promptedSeat(seat), { caseType: source.type, criteria }, prompts),
    provenance,
  };
  const abstain = (reason: string, why: string, answers: readonly Answer[] = []): Judgement => {
    const rationale = shown(why);
    const ballot = abstention(reason, { ...mark, rationale: digestOfText(rationale) });
    return { ballot, rationale, reasons: {}, flags: [], ...accountOf(answers) };
  };

  // A stand-in reads the case as it is; only a model has a context that the case may not fit.
  const asked = questionsOf(sitting, prompts, { whole: !isModel(provider) });
  if (asked.kind === 'too-long') return abstain('too-long', asked.why);
  let heard: readonly Heard[];
  try {
    const timeoutMs = Math.min(seat.limits.timeoutMs, mostMs);
    const beganMs = performance.now();
    const earlyMs = Math.min(MOST_EARLY_MS, timeoutMs * EARLY_SHARE);
    const leftMs = (): number => Math.max(1, Math.floor(timeoutMs - earlyMs - (performance.now() - beganMs)));
    heard = await inTime(timeoutMs, signal, (stop) =>
      Promise.all(
        asked.questions.map((question) => hear(provider, stop, () => ({ ...question, timeoutMs: leftMs() }))),
      ),
    );
  } catch (error) {
    if (!(error instanceof ProviderError)) return abstain('unexpected', String(error));
    if (error.code === 'silent' || error.code === 'cancelled') return undefined;
    return abstain(error.code, error.message);
  }
  const answers = heard.flatMap((one) => one.answers);
  const read = mergeAnswers(
    asked.portions,
    heard.map((one) => one.read),
    policy,
  );
  if (read.kind === 'none') return abstain(read.reason, read.why, answers);
  const { findings, reasons, confidence, rationale, flags } = read;
  const told = { ...mark, provenance: provenanceOf(answers, provider), confidence };
  return {
    ballot: ballotFrom(findings, policy, { ...told, rationale: digestOfText(rationale) }),
    rationale,
    reasons: Object.fromEntries(reasons),
    flags: isServedByAnother(sitting, answers) ? [...flags, 'served-by-another'] : flags,
    ...accountOf(answers),
  };
}

/** A provider's time ends a little before the seat's: it knows better why there is no answer. */
const EARLY_SHARE = 0.05;
const MOST_EARLY_MS = 250;

interface Heard {
  /** all that came back, those that could not be read included: they were paid for */
  readonly answers: readonly Answer[];
  readonly read: ReadAnswer;
}

/** A model that wrote no answer may well write one when it is asked again (protocol 4.3: malformed after retries). */
const MAX_READINGS = 2;

async function hear(provider: Provider, signal: AbortSignal, ask: () => Question): Promise<Heard> {
  const answers: Answer[] = [];
  for (;;) {
    const question = ask();
    const answer = await provider.ask(question, signal);
    answers.push(answer);
    const read = readAnswer(answer.text, { criteria: question.criteria }, question.evidence);
    const again = read.kind === 'none' && read.reason === 'malformed' && isModel(provider);
    if (!again || answers.length >= MAX_READINGS) return { answers, read };
  }
}

/** Makers name a dated version of what was asked for, or put a folder before it; anything else is another model. */
function isServedByAnother({ seat }: Sitting, answers: readonly Answer[]): boolean {
  const asked = [seat.backing, seat.fallback].flatMap((backing) => backing?.model ?? []);
  return answers.some(
    ({ provenance, model }) => provenance === 'live' && !asked.some((name) => model.includes(name)),
  );
}

/** A stand-in says the same whenever it is asked, and reads a case of any length. */
function isModel({ provenance }: Provider): boolean {
  return provenance === 'live' || provenance === 'recorded';
}

/** All from one source, or the provider's own word for the whole. */
function provenanceOf(answers: readonly Answer[], { provenance }: Provider): Ballot['provenance'] {
  const [first] = answers;
  const alike = answers.every((answer) => answer.provenance === first?.provenance);
  return alike ? (first?.provenance ?? provenance) : provenance;
}

type Account = Pick<Judgement, 'raw' | 'servedBy' | 'usage' | 'costUsd' | 'requestIds'>;

function accountOf(answers: readonly Answer[]): Account {
  const usages = answers.flatMap(({ usage }) => usage ?? []);
  const costs = answers.flatMap(({ costUsd }) => costUsd ?? []);
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
  return {
    raw: answers.length === 0 ? null : answers.map(({ text }) => text).join('\n'),
    servedBy: answers.length === 0 ? null : [...new Set(answers.map(({ model }) => model))].join(', '),
    usage:
      usages.length === 0
        ? null
        : {
            inputTokens: sum(usages.map(({ inputTokens }) => inputTokens)),
            outputTokens: sum(usages.map(({ outputTokens }) => outputTokens)),
          },
    costUsd: costs.length === 0 ? null : sum(costs),
    requestIds: answers.flatMap(({ requestId }) => requestId ?? []),
  };
}

/** A provider should heed its signal; should it not, the seat still abstains before the deadline. */
async function inTime<Result>(
  timeoutMs: number,
  outer: AbortSignal | undefined,
  ask: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
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
    return await Promise.race([stopped, ask(inner.signal)]);
  } catch (error) {
    // One question that failed fails the seat; the others would only be paid for.
    inner.abort(error);
    throw error;
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', withdraw);
  }
}

function digestOfText(text: string): Digest {
  return digestOfBytes(utf8(text));
}
