// Embeddings of an Ollama server: for those who want a better embedder than the one in process and nobody else's
// machine.
import {
  ASSUMED_THRESHOLD,
  type Embedder,
  inBatches,
  REMOTE_TIMEOUT_MS,
  type RemoteEmbedding,
} from './embedder.ts';

export function ollamaEmbedder({ model, apiKey, baseUrl, threshold }: RemoteEmbedding): Embedder {
  const name = `ollama ${model}`;
  return {
    name,
    kind: 'semantic',
    threshold: threshold ?? ASSUMED_THRESHOLD,
    tuned: threshold !== undefined,
    embed: async (texts, signal) => {
      const { Ollama } = await import('ollama');
      const client = new Ollama({
        ...(baseUrl === undefined ? {} : { host: baseUrl }),
        ...(apiKey === undefined ? {} : { headers: { authorization: `Bearer ${apiKey}` } }),
        // the SDK knows no deadline and takes no signal for this call
        fetch: (input, init) => fetch(input, { ...init, signal: within(signal) }),
      });
      return inBatches(name, texts, async (batch) => {
        const { embeddings } = await client.embed({ model, input: [...batch] });
        return embeddings;
      });
    },
  };
}

function within(signal: AbortSignal | undefined): AbortSignal {
  const deadline = AbortSignal.timeout(REMOTE_TIMEOUT_MS);
  return signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
}
