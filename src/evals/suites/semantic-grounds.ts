// How well the grounds of a decision are told apart (src/seats/grounds): by shared words, and by meaning where the package is there.
import type { Embedder } from '../../seats/grounds/embedder.ts';
import { inProcessEmbedder } from '../../seats/grounds/energetic-embedder.ts';
import { lexicalEmbedder } from '../../seats/grounds/lexical-embedder.ts';
import { loadPairs } from '../../seats/grounds/pairs.ts';
import { evaluateGrounds } from '../grounds/evaluation.ts';
import type { Section } from '../results/eval-result.ts';
import { figuresSection } from '../results/figure-rows.ts';

export async function semanticGroundsSections(pairsFile: string): Promise<readonly Section[]> {
  const { figures, opposition } = await evaluateGrounds(loadPairs(pairsFile), await embedders());
  return [
    ...figures.map((one, i) =>
      figuresSection(
        {
          id: i === 0 ? 'by-words' : 'by-meaning',
          title: `Grounds by ${one.embedder}`,
          about: `On the held-out half of the labelled pairs (${one.pairs}); the threshold ${one.threshold} was chosen on the other half. A ground wrongly shared claims support that is not there.`,
        },
        [
          {
            id: 'precision',
            label: 'put together, and the same ground',
            figure: one.precision,
            better: 'higher',
          },
          { id: 'recall', label: 'the same ground, and put together', figure: one.recall, better: 'higher' },
          {
            id: 'opposed-findings',
            label: 'opposed, with opposed findings, and put together',
            figure: one.opposedWithOpposedFindings,
            better: 'lower',
          },
          {
            id: 'equal-findings',
            label: 'opposed, with equal findings, and put together',
            figure: one.opposedWithEqualFindings,
            better: 'lower',
          },
          {
            id: 'similarity-alone',
            label: 'opposed, and alike enough by similarity alone',
            figure: one.opposedBySimilarityAlone,
            better: 'lower',
          },
        ],
      ),
    ),
    figuresSection(
      {
        id: 'denials',
        title: 'The search for denials',
        about: 'What one reason says and another denies is noticed by rule, whatever the embedder.',
      },
      [
        { id: 'found', label: 'opposed pairs noticed', figure: opposition.found, better: 'higher' },
        {
          id: 'false-alarms',
          label: 'other pairs taken for opposed',
          figure: opposition.falseAlarms,
          better: 'lower',
        },
      ],
    ),
  ];
}

async function embedders(): Promise<readonly Embedder[]> {
  const inProcess = await inProcessEmbedder();
  return inProcess.kind === 'semantic' ? [lexicalEmbedder(), inProcess] : [lexicalEmbedder()];
}
