// One call of a maker, whichever it is: bounded by the question's time, withdrawn by its signal, and failed only with
// a ProviderError. Adapters may throw what their SDK throws.
import { type Call, callError } from './call-errors.ts';
import { type Answer, ProviderError, type Question, type Usage } from './contract.ts';
import { safeMessage } from './safe-message.ts';

/** A maker's adapter: it asks once, heeds the signal and lets errors through as they come. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Answer>;

export interface CallOptions {
  readonly secrets: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

export async function call(ask: Ask, question: Question, { secrets, signal }: CallOptions): Promise<Answer> {
  const told = (): Call => ({ question, secrets, nowMs: Date.now() });
  const inner = new AbortController();
  let refuse = (_: ProviderError): void => {};
  const stopped = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  const stop = (code: 'timeout' | 'cancelled'): void => {
    refuse(new ProviderError(code, safeMessage({ code }, told())));
    inner.abort();
  };
  const withdraw = (): void => stop(isTimeout(signal?.reason) ? 'timeout' : 'cancelled');
  const timer = setTimeout(() => stop('timeout'), question.timeoutMs);
  signal?.addEventListener('abort', withdraw, { once: true });
  try {
    if (signal?.aborted === true) withdraw();
    // Raced, so that an SDK which is deaf to its signal holds nobody up.
    return await Promise.race([stopped, inner.signal.aborted ? stopped : ask(question, inner.signal)]);
  } catch (error) {
    throw callError(error, told());
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', withdraw);
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof ProviderError
    ? reason.code === 'timeout'
    : reason instanceof Error && reason.name === 'TimeoutError';
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
  const fail = (code: 'truncated' | 'refusal' | 'content-filter' | 'malformed'): ProviderError => {
    const message = safeMessage({ code }, { question, secrets: [] });
    return new ProviderError(code, message, usage === undefined ? {} : { usage });
  };
  if (ending !== 'whole') throw fail(ending);
  if (text.trim() === '') throw fail('malformed');
  return {
    text,
    model,
    provenance: 'live',
    ...(usage === undefined ? {} : { usage }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}
