// One call of a maker, whichever it is: bounded by the question's time, withdrawn by its signal, and failed only with
// a ProviderError. Adapters may throw what their SDK throws.
import { type Call, callError } from './call-errors.ts';
import { type Answer, ProviderError, type Question, type Usage } from './contract.ts';
import { safeMessage } from './safe-message.ts';
import { SYSTEM_CLOCK, TimeLimit } from './time-limit.ts';

/** A maker's adapter: it asks once, heeds the signal and lets errors through as they come. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Answer>;

export interface CallOptions {
  readonly secrets: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

export async function call(ask: Ask, question: Question, { secrets, signal }: CallOptions): Promise<Answer> {
  const told = (): Call => ({ question, secrets, nowMs: Date.now() });
  const late = (): ProviderError => new ProviderError('timeout', safeMessage({ code: 'timeout' }, told()));
  const limit = new TimeLimit({ timeoutMs: question.timeoutMs, late, outer: signal }, SYSTEM_CLOCK);
  try {
    // Raced, so that an SDK which is deaf to its signal holds nobody up.
    const answer = await limit.race(
      limit.signal.aborted ? new Promise<never>(() => {}) : ask(question, limit.signal),
    );
    return withoutSecrets(answer, secrets);
  } catch (error) {
    // An SDK may be quicker to say that it was stopped than the limit is to say why.
    throw callError(limit.signal.aborted ? limit.signal.reason : error, told());
  } finally {
    limit.end();
  }
}

/** A maker, or a gateway before it, may repeat the key it was sent; what it says is kept, shown and recorded. */
function withoutSecrets(answer: Answer, secrets: readonly string[]): Answer {
  const without = (text: string): string =>
    secrets.reduce((left, secret) => left.replaceAll(secret, '…'), text);
  const { text, model, requestId } = answer;
  return {
    ...answer,
    text: without(text),
    model: without(model),
    ...(requestId === undefined ? {} : { requestId: without(requestId) }),
  };
}

/** How an answer ended, in the maker's words brought to one form. */
export type Ending = 'whole' | 'truncated' | 'refusal' | 'content-filter';

export interface Reply {
  readonly text: string;
  readonly ending: Ending;
  readonly model: string;
  readonly usage?: Usage | undefined;
  readonly requestId?: string | undefined;
}

/** Only a whole answer that says something is one. */
export function answerOf({ text, ending, model, usage, requestId }: Reply, question: Question): Answer {
  const fail = (
    code: 'truncated' | 'refusal' | 'content-filter' | 'malformed',
    why?: string,
  ): ProviderError => {
    const message = safeMessage({ code, why }, { question, secrets: [] });
    return new ProviderError(code, message, usage === undefined ? {} : { usage });
  };
  if (ending !== 'whole') throw fail(ending);
  if (text.trim() === '') throw fail('malformed', 'it is empty');
  return {
    text,
    model,
    provenance: 'live',
    ...(usage === undefined ? {} : { usage }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}
