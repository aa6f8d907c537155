// When a question is asked again, after how long, and when another model is asked: rules without state, so that a
// table can hold them to what they promise.
import type { Backing, Prompt, ProviderError, ProviderErrorCode, Sampling } from './contract.ts';
import { estimatePromptTokens } from './cost.ts';

/** Of one model, the first included. */
export const MAX_ATTEMPTS = 4;
/** Before the second attempt at most; twice as long before each one after it. */
export const BACK_OFF_MS = 1000;
const LONGEST_BACK_OFF_MS = 30_000;
/** How much longer an answer may be after one that was cut off. */
const ENLARGEMENT = 2;

/** What says that a model cannot be had at present, whatever it is asked. */
const OUT_OF_REACH: ReadonlySet<ProviderErrorCode> = new Set([
  'auth',
  'quota',
  'rejected',
  'server',
  'rate-limit',
  'timeout',
]);

export function isOutOfReach({ code }: ProviderError): boolean {
  return OUT_OF_REACH.has(code);
}

export interface BackOff {
  /** how many have failed */
  readonly attempts: number;
  readonly backOffMs: number;
  /** at least 0, below 1 */
  readonly random: () => number;
}

/**
 * Full jitter: anything up to a bound that doubles, so that questions which failed together do not come back
 * together. What a host asks for comes on top of none of it and below all of it.
 */
export function waitMs(
  { retryAfterMs = 0 }: ProviderError,
  { attempts, backOffMs, random }: BackOff,
): number {
  const bound = Math.min(LONGEST_BACK_OFF_MS, backOffMs * 2 ** (attempts - 1));
  const asked = Number.isNaN(retryAfterMs) ? 0 : Math.max(0, retryAfterMs);
  return Math.ceil(asked + random() * bound);
}

/** How an answer that was cut off is asked for again; undefined when the model has no room for a longer one. */
export function enlarged(
  sampling: Sampling,
  prompt: Prompt,
  { contextTokens }: Backing,
): Sampling | undefined {
  const room = contextTokens - estimatePromptTokens(prompt);
  const maxTokens = Math.min(sampling.maxTokens * ENLARGEMENT, room);
  return maxTokens > sampling.maxTokens ? { ...sampling, maxTokens } : undefined;
}
