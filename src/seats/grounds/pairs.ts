// The labelled pairs of reasons (evals/grounds): read at the door, and divided into the half that thresholds are chosen on
// and the half that is only measured on.
import * as z from 'zod';
import { line, slug } from '../../council/field-rules.ts';
import { conform, readYamlFile } from '../../providers/written-document.ts';
import { utf8 } from '../../signing/bytes.ts';
import { digestOfBytes } from '../../signing/digest.ts';

export const PAIR_LABELS = ['same-ground', 'different-ground', 'opposed'] as const;
export type PairLabel = (typeof PAIR_LABELS)[number];

const MAX_PAIRS = 2_000;

const pair = z
  .strictObject({
    id: z
      .string()
      .max(80)
      .regex(/^[a-z][a-z0-9-]*$/, 'expected lower-case words joined by "-"'),
    /** pairs of one topic share sentences, so they stay together */
    topic: slug,
    sector: line(60),
    criterion: slug,
    label: z.enum(PAIR_LABELS),
    /** of an opposed pair: one denies what the other says */
    negated: z.exactOptional(z.boolean()),
    a: line(600),
    b: line(600),
  })
  .refine(({ label, negated }) => (label === 'opposed') === (negated !== undefined), {
    message: 'expected "negated" with opposed pairs, and only with them',
    path: ['label'],
  })
  .refine(({ a, b }) => a !== b, { message: 'expected two different reasons', path: ['b'] })
  .readonly();

const pairsSchema = z
  .strictObject({
    version: z.literal(1),
    seed: slug,
    pairs: z
      .array(pair)
      .min(1)
      .max(MAX_PAIRS)
      .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'expected distinct ids')
      .readonly(),
  })
  .readonly();

export type LabelledPair = z.infer<typeof pair>;

export interface LabelledPairs {
  readonly tuning: readonly LabelledPair[];
  readonly heldOut: readonly LabelledPair[];
}

export function loadPairs(file: string): LabelledPairs {
  const { seed, pairs } = conform(readYamlFile(file), pairsSchema, 'pairs');
  const held = pairs.map(({ topic }) => isHeldOut(seed, topic));
  return {
    tuning: pairs.filter((_, i) => held[i] === false),
    heldOut: pairs.filter((_, i) => held[i] === true),
  };
}

/** By the first bit of a digest: a topic added later moves no other. */
function isHeldOut(seed: string, topic: string): boolean {
  return Number.parseInt(digestOfBytes(utf8(`${seed}/${topic}`)).slice(0, 1), 16) >= 8;
}
