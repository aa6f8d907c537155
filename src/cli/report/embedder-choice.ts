// What compares reasons by meaning for a report. By default a small model in this process: reasons are confidential, and
// go to a maker's server only when a person says so.
import { ConclaveError } from '../../errors.ts';
import { accessTo, type Environment } from '../../providers/credentials.ts';
import type { Embedder } from '../../seats/grounds/embedder.ts';
import { inProcessEmbedder } from '../../seats/grounds/energetic-embedder.ts';
import { googleEmbedder } from '../../seats/grounds/google-embedder.ts';
import { lexicalEmbedder } from '../../seats/grounds/lexical-embedder.ts';
import { ollamaEmbedder } from '../../seats/grounds/ollama-embedder.ts';
import { openaiEmbedder } from '../../seats/grounds/openai-embedder.ts';

const REMOTE = {
  openai: { make: openaiEmbedder, model: 'text-embedding-3-small' },
  google: { make: googleEmbedder, model: 'gemini-embedding-001' },
  ollama: { make: ollamaEmbedder, model: 'nomic-embed-text' },
} as const;

export const EMBEDDERS = ['in-process', 'words', 'openai', 'google', 'ollama'] as const;

/** `openai`, or `openai:text-embedding-3-large`. */
export function embedderNamed(asked: string | undefined, environment: Environment): () => Promise<Embedder> {
  const [name = '', model] = (asked ?? 'in-process').split(/:(.*)/s);
  if (name === 'in-process') return inProcessEmbedder;
  if (name === 'words') return async () => lexicalEmbedder();
  if (name !== 'openai' && name !== 'google' && name !== 'ollama')
    throw new ConclaveError('usage', `--embedder: expected one of ${EMBEDDERS.join(', ')}, found "${name}"`);
  const { key, baseUrl } = accessOrNothing(name, environment);
  const remote = REMOTE[name];
  const options = { model: model ?? remote.model, baseUrl, ...(key === undefined ? {} : { apiKey: key }) };
  return async () => remote.make(options);
}

function accessOrNothing(name: string, environment: Environment): ReturnType<typeof accessTo> {
  try {
    return accessTo({ provider: name, host: name }, environment);
  } catch (error) {
    throw new ConclaveError('unavailable', `--embedder: ${error instanceof Error ? error.message : name}`);
  }
}
