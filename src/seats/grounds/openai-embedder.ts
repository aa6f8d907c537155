// Embeddings of OpenAI, and of whatever speaks its protocol at another address. Advisory: a failure is told once and not
// repeated, since grounds can do without (grounds.ts) and money is for judging.
import {
  ASSUMED_THRESHOLD,
  type Embedder,
  inBatches,
  REMOTE_TIMEOUT_MS,
  type RemoteEmbedding,
} from './embedder.ts';

export function openaiEmbedder({ model, apiKey = '', baseUrl, threshold }: RemoteEmbedding): Embedder {
  const name = `openai ${model}`;
  return {
    name,
    kind: 'semantic',
    threshold: threshold ?? ASSUMED_THRESHOLD,
    tuned: threshold !== undefined,
    embed: async (texts, signal) => {
      const { OpenAI } = await import('openai');
      const client = new OpenAI({
        apiKey,
        maxRetries: 0,
        timeout: REMOTE_TIMEOUT_MS,
        logLevel: 'off',
        ...(baseUrl === undefined ? {} : { baseURL: baseUrl }),
      });
      return inBatches(name, texts, async (batch) => {
        const request = { model, input: [...batch], encoding_format: 'float' as const };
        const { data } = await client.embeddings.create(request, signal === undefined ? {} : { signal });
        // the protocol numbers its vectors and promises no order
        return [...data].sort((a, b) => a.index - b.index).map(({ embedding }) => embedding);
      });
    },
  };
}
