// Stands in where no embedding model can be had: hashed counts of word stems and of the letters within words. It sees that
// two reasons use the same words, not that they mean the same in other words, and its reports say so. Words are not
// weighed by how rare they are among the texts, so that a text has one vector whatever stands beside it.
import type { Embedder } from './embedder.ts';
import { isIdle, stemOf, wordsOf } from './words.ts';

const DIMENSIONS = 2048;
const LETTERS = 4;
const LETTER_WEIGHT = 0.5;
/** Chosen on the tuning half of evals/grounds; a test holds it to that. */
export const LEXICAL_THRESHOLD = 0.07;

export function lexicalEmbedder(): Embedder {
  return {
    name: 'lexical',
    kind: 'lexical',
    threshold: LEXICAL_THRESHOLD,
    tuned: true,
    embed: async (texts) => texts.map(lexicalVector),
  };
}

function lexicalVector(text: string): Float32Array {
  const counts = new Map<string, number>();
  const count = (feature: string, weight: number) => counts.set(feature, (counts.get(feature) ?? 0) + weight);
  for (const word of wordsOf(text)) {
    if (isIdle(word)) continue;
    count(`w ${stemOf(word)}`, 1);
    const padded = `^${word}$`;
    for (let at = 0; at + LETTERS <= padded.length; at++)
      count(`l ${padded.slice(at, at + LETTERS)}`, LETTER_WEIGHT);
  }
  if (counts.size === 0) counts.set(`t ${text}`, 1);
  const vector = new Float32Array(DIMENSIONS);
  for (const [feature, amount] of counts) {
    const hash = hashOf(feature);
    const slot = hash % DIMENSIONS;
    // the sign keeps features that fall into one slot from always adding up
    vector[slot] = (vector[slot] ?? 0) + (hash >>> 31 === 0 ? 1 : -1) * Math.log1p(amount);
  }
  return unit(vector);
}

function unit(vector: Float32Array): Float32Array {
  let square = 0;
  for (const value of vector) square += value * value;
  if (square === 0) vector[0] = square = 1;
  const length = Math.sqrt(square);
  return vector.map((value) => value / length);
}

/** FNV-1a with a finish that spreads the high bits. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
