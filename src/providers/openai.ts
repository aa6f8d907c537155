// OpenAI's own API.
import type { Ask } from './call.ts';
import type { Access } from './credentials.ts';
import { askOpenai, openaiClient } from './openai-wire.ts';

export async function openai(access: Access): Promise<Ask> {
  return askOpenai(await openaiClient(access), { maxTokens: 'max_completion_tokens', seed: 'seed' });
}
