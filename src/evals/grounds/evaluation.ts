// How well grounds are told apart, measured on labelled pairs: the threshold is chosen on the tuning half, everything is
// counted on the held-out half, and no rate stands without its n and its interval. Pairs go through the very clustering
// that reports use: two reasons, one criterion, one finding; they share a cluster or they do not.
import type { Finding } from '../../council/quantise.ts';
import { gather } from '../../seats/grounds/clusters.ts';
import { cosine, type Embedder } from '../../seats/grounds/embedder.ts';
import { oppositionOf, readingOf } from '../../seats/grounds/negation.ts';
import type { LabelledPair, LabelledPairs } from '../../seats/grounds/pairs.ts';
import { plainReason } from '../../seats/grounds/statements.ts';
import { asSeatId } from '../../signing/seat-id.ts';
import { type Figure, shareFigure } from '../measures/figure.ts';

export interface GroundsFigures {
  readonly embedder: string;
  readonly threshold: number;
  readonly pairs: number;
  /** of the pairs that shared a cluster, those labelled as the same ground */
  readonly precision: Figure;
  /** of the pairs labelled as the same ground, those that shared a cluster */
  readonly recall: Figure;
  /** opposed pairs that shared a cluster, had one been found met and the other not: 0, by construction */
  readonly opposedWithOpposedFindings: Figure;
  /** opposed pairs that shared a cluster under equal findings */
  readonly opposedWithEqualFindings: Figure;
  /** the same of those in which one denies the other in words */
  readonly negatedWithEqualFindings: Figure;
  /** what the embedder alone would have put together, without looking for denials */
  readonly opposedBySimilarityAlone: Figure;
}

/** How the search for denials does without any embedder. */
export interface OppositionFigures {
  /** of opposed pairs, those noticed */
  readonly found: Figure;
  /** of pairs that are not opposed, those taken for it */
  readonly falseAlarms: Figure;
}

export interface GroundsEvaluation {
  readonly figures: readonly GroundsFigures[];
  readonly opposition: OppositionFigures;
}

export async function evaluateGrounds(
  { heldOut }: Pick<LabelledPairs, 'heldOut'>,
  embedders: readonly Embedder[],
): Promise<GroundsEvaluation> {
  const figures: GroundsFigures[] = [];
  for (const embedder of embedders) {
    figures.push(figuresOf(heldOut, embedder, await vectorsOf(heldOut, embedder)));
  }
  const opposed = heldOut.filter(({ label }) => label === 'opposed');
  const others = heldOut.filter(({ label }) => label !== 'opposed');
  return {
    figures,
    opposition: { found: shareOf(opposed, isOpposition), falseAlarms: shareOf(others, isOpposition) },
  };
}

/** Precision counts twice: a ground wrongly shared claims support that is not there, one wrongly split is only untidy. */
const BETA = 0.5;

/** The threshold with the best F½ on the tuning half; of equally good ones the highest, which merges least. */
export async function chooseThreshold(
  { tuning }: Pick<LabelledPairs, 'tuning'>,
  embedder: Embedder,
): Promise<number> {
  const vectors = await vectorsOf(tuning, embedder);
  let best = { threshold: 1, score: -1 };
  for (let percent = 5; percent <= 95; percent++) {
    const threshold = percent / 100;
    const shares = sharesCluster(vectors, threshold);
    const together = tuning.filter(shares);
    const right = together.filter(({ label }) => label === 'same-ground').length;
    const wanted = tuning.filter(({ label }) => label === 'same-ground').length;
    const score = ((1 + BETA ** 2) * right) / (together.length + BETA ** 2 * wanted);
    if (score >= best.score) best = { threshold, score };
  }
  return best.threshold;
}

type Vectors = ReadonlyMap<string, Float32Array>;

function figuresOf(pairs: readonly LabelledPair[], embedder: Embedder, vectors: Vectors): GroundsFigures {
  const { name, threshold } = embedder;
  const shares = sharesCluster(vectors, threshold);
  const opposed = pairs.filter(({ label }) => label === 'opposed');
  const isSame = ({ label }: LabelledPair): boolean => label === 'same-ground';
  return {
    embedder: name,
    threshold,
    pairs: pairs.length,
    precision: shareOf(pairs.filter(shares), isSame),
    recall: shareOf(pairs.filter(isSame), shares),
    opposedWithOpposedFindings: shareOf(opposed, sharesCluster(vectors, threshold, ['met', 'not-met'])),
    opposedWithEqualFindings: shareOf(opposed, shares),
    negatedWithEqualFindings: shareOf(
      opposed.filter(({ negated }) => negated),
      shares,
    ),
    opposedBySimilarityAlone: shareOf(opposed, ({ a, b }) => cosineOf(vectors, a, b) >= threshold),
  };
}

function sharesCluster(
  vectors: Vectors,
  threshold: number,
  [one, other]: readonly [Finding, Finding] = ['met', 'met'],
): (pair: LabelledPair) => boolean {
  return ({ criterion, a, b }) => {
    const statements = [
      { seat: asSeatId(1), developer: 'a', criterion, finding: one, text: plainReason(a) },
      { seat: asSeatId(2), developer: 'b', criterion, finding: other, text: plainReason(b) },
    ];
    return gather(statements, vectors, threshold).clusters.length === 1;
  };
}

async function vectorsOf(pairs: readonly LabelledPair[], embedder: Embedder): Promise<Vectors> {
  const texts = [...new Set(pairs.flatMap(({ a, b }) => [plainReason(a), plainReason(b)]))];
  const vectors = await embedder.embed(texts);
  return new Map(
    texts.flatMap((text, i) => {
      const vector = vectors[i];
      return vector === undefined ? [] : [[text, vector] as const];
    }),
  );
}

function isOpposition({ a, b }: LabelledPair): boolean {
  return oppositionOf(readingOf(a), readingOf(b)) !== undefined;
}

function cosineOf(vectors: Vectors, a: string, b: string): number {
  const [one, other] = [vectors.get(plainReason(a)), vectors.get(plainReason(b))];
  return one === undefined || other === undefined ? -1 : cosine(one, other);
}

function shareOf<T>(of: readonly T[], holds: (one: T) => boolean): Figure {
  return shareFigure(of.filter(holds).length, of.length);
}
