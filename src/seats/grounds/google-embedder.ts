// Embeddings of Google, over the SDK its seats use. One text a call: what a maker bills is the same, and a server that
// only knows single calls will do.
import {
  ASSUMED_THRESHOLD,
  type Embedder,
  embeddingFailed,
  REMOTE_TIMEOUT_MS,
  type RemoteEmbedding,
  unitVectors,
  unusable,
} from './embedder.ts';

const IN_FLIGHT = 4;

export function googleEmbedder({ model, apiKey = '', baseUrl, threshold }: RemoteEmbedding): Embedder {
  const name = `google ${model}`;
  return {
    name,
    kind: 'semantic',
    threshold: threshold ?? ASSUMED_THRESHOLD,
    tuned: threshold !== undefined,
    embed: async (texts, signal) => {
      const { GoogleGenerativeAI } = await import('@google/generative-ai');
      const address = baseUrl === undefined ? {} : { baseUrl };
      const client = new GoogleGenerativeAI(apiKey).getGenerativeModel(
        { model },
        { timeout: REMOTE_TIMEOUT_MS, ...address },
      );
      const one = async (text: string): Promise<unknown> => {
        const { embedding } = await client.embedContent(text, signal === undefined ? {} : { signal });
        return embedding.values;
      };
      const values: unknown[] = [];
      try {
        for (let at = 0; at < texts.length; at += IN_FLIGHT) {
          // the SDK overlooks a signal that was given before it looked
          if (signal?.aborted === true) throw unusable(name, 'it was told to stop');
          values.push(...(await Promise.all(texts.slice(at, at + IN_FLIGHT).map(one))));
        }
      } catch (error) {
        throw embeddingFailed(name, error);
      }
      return unitVectors(name, texts.length, values);
    },
  };
}
