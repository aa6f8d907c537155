// What an answer costs, before and after: reckoned from a maker's price list and the tokens it counted, or, before
// it is asked, from the most that the question can come to. An estimate errs on the dear side, since a budget is
// kept by it.
import type { Price, Prompt, Question, Usage } from './contract.ts';

const TOKENS_IN_A_PRICE = 1_000_000;

/** Lower-case letters and blanks to a token. English has four to five of them in a word's token; prose of any
 * other tongue in these letters has more than three. */
const PLAIN_CHARS_A_TOKEN = 3;
/** What makers wrap around a prompt: roles, the name of a form, separators. */
const WRAPPING_TOKENS = 64;

/** Undefined prices are nobody's bill. */
export function costUsd(usage: Usage, price: Price | undefined): number {
  if (price === undefined) return 0;
  return (usage.inputTokens * price.inputUsd + usage.outputTokens * price.outputUsd) / TOKENS_IN_A_PRICE;
}

/**
 * At least as many tokens as a text has for the tokenizers in use, by one rule for all of them: three lower-case
 * letters or blanks make a token, any other ASCII character (digits, capitals, signs) is one, and of everything
 * else two bytes of UTF-8 are one. Prose comes out half again too long; tables, code and base64 hardly.
 */
export function estimateTokens(text: string): number {
  let plain = 0;
  let dense = 0;
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code >= 0x61 && code <= 0x7a) || code === 0x20 || code === 0x0a) plain++;
    else if (code < 0x80) dense++;
    // Half of a pair is two bytes of the four that the pair has.
    else bytes += code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 2 : 3;
  }
  return Math.ceil(plain / PLAIN_CHARS_A_TOKEN) + dense + Math.ceil(bytes / 2);
}

/** What a model is sent, form of the answer included. */
export function estimatePromptTokens({ system, user, schema }: Prompt): number {
  return (
    estimateTokens(system) + estimateTokens(user) + estimateTokens(JSON.stringify(schema)) + WRAPPING_TOKENS
  );
}

/** The most that one call can cost: the whole prompt, and an answer as long as it may be. */
export function estimateCostUsd({
  prompt,
  sampling,
  backing,
}: Pick<Question, 'prompt' | 'sampling' | 'backing'>): number {
  if (backing.price === undefined) return 0;
  const usage = { inputTokens: estimatePromptTokens(prompt), outputTokens: sampling.maxTokens };
  return costUsd(usage, backing.price);
}
