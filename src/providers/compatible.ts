// Hosts that speak OpenAI's protocol under their own address (credentials.ts says which and where): Mistral, DeepSeek,
// xAI, Groq, Together, OpenRouter, and servers of one's own such as vLLM and llama.cpp.
import type { Ask } from './call.ts';
import type { Access } from './credentials.ts';
import { askOpenai, type Dialect, openaiClient } from './openai-wire.ts';

/** The older name of the token limit is the one that all of them know. */
const COMMON: Dialect = { maxTokens: 'max_tokens', seed: 'seed' };

const DIALECTS: Readonly<Record<string, Dialect>> = {
  // Mistral refuses fields that it does not know.
  mistral: { maxTokens: 'max_tokens', seed: 'random_seed' },
};

export async function compatible(access: Access, host: string): Promise<Ask> {
  const dialect = Object.hasOwn(DIALECTS, host) ? DIALECTS[host] : undefined;
  return askOpenai(await openaiClient(access), dialect ?? COMMON);
}
