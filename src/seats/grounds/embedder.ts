// What turns reasons into vectors whose angle says how near they are in meaning. Vectors only ever propose that two
// reasons may be one ground; findings and denials decide first (clusters.ts). What an embedder sends is checked at this
// door: a maker's server, or a package, may send anything.
import { ConclaveError } from '../../errors.ts';

export interface Embedder {
  /** as it stands in the report: `openai text-embedding-3-small`, `lexical`, … */
  readonly name: string;
  /** a lexical one sees shared words and letters only, and says so in every report */
  readonly kind: 'semantic' | 'lexical';
  /** the cosine from which two reasons count as the same ground */
  readonly threshold: number;
  /** whether the threshold was chosen on the tuning half of evals/grounds, rather than assumed */
  readonly tuned: boolean;
  /** One vector of length 1 for each text, in order, and the same for a text whatever stands beside it. */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<readonly Float32Array[]>;
}

/** For an embedder behind a maker's API. Keys and addresses come from outside (providers/credentials.ts). */
export interface RemoteEmbedding {
  readonly model: string;
  readonly apiKey?: string;
  readonly baseUrl?: string;
  readonly threshold?: number;
}

/** Not measured here: a live model's threshold is to be chosen with `evaluateGrounds` and a key. */
export const ASSUMED_THRESHOLD = 0.75;
export const REMOTE_BATCH = 64;
export const REMOTE_TIMEOUT_MS = 30_000;
const MAX_DIMENSIONS = 16_384;

/** The vectors of an embedder's answer, each of length 1, or an error that says what was wrong with them. */
export function unitVectors(name: string, expected: number, answer: unknown): readonly Float32Array[] {
  if (!Array.isArray(answer) || answer.length !== expected) {
    const found = Array.isArray(answer) ? `${answer.length}` : 'something else';
    throw unusable(name, `expected ${expected} vectors, found ${found}`);
  }
  const vectors = answer.map((vector: unknown) => unitVector(name, vector));
  const [first] = vectors;
  if (vectors.some(({ length }) => length !== first?.length))
    throw unusable(name, 'vectors differ in length');
  return vectors;
}

/** Nothing of what a server or an SDK said goes into the message: it may repeat a key or a text. */
export function embeddingFailed(name: string, error: unknown): ConclaveError {
  if (error instanceof ConclaveError) return error;
  const status = statusOf(error);
  return unusable(name, status === undefined ? 'it is out of reach' : `it answered with HTTP ${status}`);
}

export function unusable(name: string, why: string): ConclaveError {
  return new ConclaveError('unavailable', `embeddings of ${name}: ${why}`);
}

/** Calls `embed` for a batch at a time; there are at most `count / REMOTE_BATCH` calls, one after the other. */
export async function inBatches(
  name: string,
  texts: readonly string[],
  embed: (batch: readonly string[]) => Promise<unknown>,
): Promise<readonly Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (let at = 0; at < texts.length; at += REMOTE_BATCH) {
    const batch = texts.slice(at, at + REMOTE_BATCH);
    let answer: unknown;
    try {
      answer = await embed(batch);
    } catch (error) {
      throw embeddingFailed(name, error);
    }
    vectors.push(...unitVectors(name, batch.length, answer));
    if (vectors.at(-1)?.length !== vectors[0]?.length) throw unusable(name, 'vectors differ in length');
  }
  return vectors;
}

/** The cosine of two vectors of length 1. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return Math.max(-1, Math.min(1, sum));
}

function unitVector(name: string, vector: unknown): Float32Array {
  if (!(vector instanceof Float32Array) && !Array.isArray(vector)) {
    throw unusable(name, 'a vector is no list of numbers');
  }
  if (vector.length === 0 || vector.length > MAX_DIMENSIONS) {
    throw unusable(name, `a vector has ${vector.length} dimensions`);
  }
  const unit = new Float32Array(vector.length);
  let square = 0;
  for (let i = 0; i < unit.length; i++) {
    const value: unknown = vector[i];
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw unusable(name, 'a vector holds something that is no number');
    }
    square += value * value;
    unit[i] = value;
  }
  const length = Math.sqrt(square);
  if (!(length > 0 && length < Number.MAX_VALUE)) throw unusable(name, 'a vector has no direction');
  for (let i = 0; i < unit.length; i++) unit[i] = (unit[i] ?? 0) / length;
  return unit;
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const status: unknown =
    'status' in error ? error.status : 'status_code' in error ? error.status_code : undefined;
  return typeof status === 'number' && Number.isInteger(status) ? status : undefined;
}
