// A result with every kind of section, for those who test what shows results; small, and of plausible figures.
import { shareFigure } from '../../src/evals/measures/figure.ts';
import { type EvalResult, RESULT_KIND, type Section } from '../../src/evals/results/eval-result.ts';

const heading = (id: string) => ({ id, title: `The ${id}`, about: `What the ${id} show.` });

export const FIGURES: Extract<Section, { kind: 'figures' }> = {
  kind: 'figures',
  ...heading('figures'),
  rows: [
    {
      id: 'best',
      label: 'Best single voter',
      unit: 'share',
      figure: shareFigure(1511, 1561),
      better: 'higher',
    },
    {
      id: 'votes',
      label: 'Effective votes',
      unit: 'number',
      figure: { value: 2.643, low: 2.51, high: 2.79, n: 51, method: 'bootstrap' },
    },
    {
      id: 'held',
      label: 'Seats of the largest developer',
      unit: 'count',
      figure: { value: 9, low: 9, high: 9, n: 33, method: 'exact' },
    },
    {
      id: 'cost',
      label: 'Cost of a case',
      unit: 'usd',
      figure: { value: 0.412, low: 0.38, high: 0.45, n: 200, method: 'simulation' },
    },
  ],
};

export const CURVES: Extract<Section, { kind: 'curves' }> = {
  kind: 'curves',
  ...heading('curves'),
  x: { label: 'seats owned', unit: 'count' },
  y: { label: 'wrong approvals', unit: 'share' },
  series: ['22 of 33', 'plain majority'].map((name, s) => ({
    name,
    points: [0, 5, 10, 15, 22].map((x) => {
      const y = Math.min(1, 0.01 + (x * (s + 1)) / 44);
      return { x, y, low: y / 2, high: Math.min(1, y + 0.05), n: 1561 };
    }),
  })),
  marks: [{ x: 10, label: 'f = 10' }],
};

export function matrixOf(groups: readonly string[]): Extract<Section, { kind: 'matrix' }> {
  return {
    kind: 'matrix',
    ...heading('matrix'),
    names: groups.map((group, i) => `${group}-${i}`),
    groups,
    values: groups.map((_, i) =>
      groups.map((__, j) => (i === j ? 1 : i + j === 3 ? null : Math.cos(i * j) * 0.8)),
    ),
  };
}

export const TABLE: Extract<Section, { kind: 'table' }> = {
  kind: 'table',
  ...heading('table'),
  columns: [
    { label: 'Voter' },
    { label: 'Accuracy', unit: 'share' },
    { label: 'Abstentions', unit: 'count' },
  ],
  rows: [
    ['gpt-4o', shareFigure(1400, 1561), 3],
    ['o1', shareFigure(1511, 1561), null],
  ],
};

/** Thirty cases of three clusters; the council of 33 approves two that it should not, and rejects three that it should not. */
export const OUTCOMES: Extract<Section, { kind: 'outcomes' }> = {
  kind: 'outcomes',
  ...heading('outcomes'),
  items: Array.from({ length: 30 }, (_, i) => `case ${i}`),
  clusters: Array.from({ length: 30 }, (_, i) => i % 10),
  labels: 'A'.repeat(15) + 'R'.repeat(15),
  outcomes: `${'RRRU'.padEnd(15, 'A')}${'AA'.padEnd(15, 'R')}`,
  right: Array.from({ length: 30 }, (_, i) => (i === 2 ? 0 : i === 0 ? 3 : i === 1 ? 4 : 20 + (i % 13))),
  seats: 33,
};

export function anEvalResult(told: Partial<EvalResult> = {}): EvalResult {
  return {
    schemaVersion: 1,
    kind: RESULT_KIND,
    suite: { name: 'baseline', title: 'Baseline accuracy', question: 'How often are they wrong?' },
    command: 'conclave eval run baseline --seed 7',
    seed: 7,
    sources: [
      { what: 'data', name: 'crux.jsonl.gz', digest: '0123'.repeat(16), count: 79611 },
      { what: 'roster', name: 'council', digest: 'cdef'.repeat(16) },
    ],
    limits: ['The voters were chosen by nobody.'],
    sections: [FIGURES, CURVES, matrixOf(['a', 'a', 'b', 'c']), TABLE, OUTCOMES],
    ...told,
  };
}
