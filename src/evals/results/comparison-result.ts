// A comparison in the form of a result, so that the page and the terminal show it as they show any other.
import type { Change, Comparison, Unmatched } from './comparison.ts';
import { type EvalResult, RESULT_KIND, type Section, UNITS, type Unit } from './eval-result.ts';

const READINGS: Readonly<Record<Change['reading'], string>> = {
  better: 'better',
  worse: 'worse',
  changed: 'changed',
  noise: 'no more than noise',
};

/** The reading of a change, in words. */
export function readingWords({ reading, stands }: Change): string {
  const words = READINGS[reading];
  return reading === 'noise' || stands ? words : `${words}, unless by chance: many were compared`;
}

/** Leaves room, within what a text of a result may be long, for what is added to it. */
function cut(text: string): string {
  return text.slice(0, 3900);
}

export interface Compared {
  readonly before: EvalResult;
  readonly after: EvalResult;
  /** what made it, to be typed again */
  readonly command: string;
  readonly seed: number;
}

export function comparisonResult(comparison: Comparison, compared: Compared): EvalResult {
  const { before, after, command, seed } = compared;
  const named = (when: string, { sources }: EvalResult): EvalResult['sources'] =>
    sources.map((source) => ({ ...source, name: `${when}: ${cut(source.name)}` }));
  return {
    schemaVersion: 1,
    kind: RESULT_KIND,
    suite: {
      name: 'compare',
      title: `${cut(after.suite.title)}: before and after`,
      question: `What changed, and is it more than noise? ${countWords(comparison)}`,
    },
    command,
    seed,
    sources: [...named('before', before), ...named('after', after)],
    limits: limitsOf(comparison, compared),
    sections: [
      ...pairedSections(comparison),
      ...UNITS.flatMap((unit) => figureTable(comparison, unit)),
      ...unmatchedTable('gone', 'No longer there', comparison.gone),
      ...unmatchedTable('added', 'New', comparison.added),
      ...sourceTable(comparison),
    ],
  };
}

/** Among many some differ by chance alone, so this is said before anything else. */
function countWords({ compared, byChance, beyondNoise, standing }: Comparison): string {
  return `${compared} differences were looked at. If nothing had changed, about ${byChance.toFixed(1)} of them would be taken for more than noise by chance alone; ${beyondNoise} are, and ${standing} of those stand when all are looked at together (Holm 1979).`;
}

function limitsOf(comparison: Comparison, { before, after }: Compared): readonly string[] {
  const { sources, shared, apart, changes } = comparison;
  const limits: string[] = [];
  if (before.suite.name !== after.suite.name) {
    limits.push(
      `The two are results of different suites, ${before.suite.name} and ${after.suite.name}: figures of the same name may not mean the same.`,
    );
  }
  const data = sources.filter(({ what }) => what === 'data' || what === 'cases');
  if (data.length > 0) {
    limits.push(
      'The data differ, so what changed in the voters and what changed in the items they judged cannot be told apart.',
    );
  }
  if (shared > 0) {
    limits.push(
      apart === 0
        ? `Outcomes were compared item by item over ${shared} items that both have.`
        : `Outcomes were compared item by item over the ${shared} items that both have; ${apart} that only one has were left out.`,
    );
  }
  if (changes.some(({ basis }) => basis === 'independent')) {
    limits.push(
      'Other figures were compared as if the two results were independent. Where both judged the same items they mostly are not: then the interval is mostly too wide, and a small real change is taken for noise.',
    );
  }
  limits.push('Curves, matrices and tables are not compared.');
  limits.push(`Before: ${before.command}, seed ${before.seed}. After: ${after.command}, seed ${after.seed}.`);
  return limits;
}

function pairedSections({ changes }: Comparison): readonly Section[] {
  const paired = changes.filter(({ basis }) => basis === 'paired');
  return [...new Set(paired.map(({ section }) => section))].map((section) => {
    const own = paired.filter((change) => change.section === section);
    return {
      kind: 'figures',
      id: `paired-${cut(section)}`,
      title: `${cut(own[0]?.title ?? '')}: the difference, item by item`,
      about:
        'After less before, in percentage points, over the items that both have. Where the interval leaves out 0 and at least six clusters differ, it is more than noise.',
      rows: own.map((change) => ({
        id: change.id,
        label: `${change.label} (${readingWords(change)})`,
        unit: change.unit,
        figure: { ...change.difference, n: change.after.n, method: 'bootstrap' },
        ...(change.better === undefined ? {} : { better: change.better }),
      })),
    };
  });
}

const UNIT_TITLES: Readonly<Record<Unit, string>> = {
  share: 'Shares, before and after',
  number: 'Numbers, before and after',
  count: 'Counts, before and after',
  usd: 'Costs, before and after',
};

function figureTable({ changes }: Comparison, unit: Unit): readonly Section[] {
  const own = changes.filter((change) => change.unit === unit);
  if (own.length === 0) return [];
  return [
    {
      kind: 'table',
      id: `changes-${unit}`,
      title: UNIT_TITLES[unit],
      about:
        'The difference is after less before (of shares: in percentage points), with its 95 % interval: item by item where both results say what the council made of each item, else put together from the two intervals as if they were independent (Newcombe 1998; Zou and Donner 2008).',
      columns: [
        { label: 'Section' },
        { label: 'Figure' },
        { label: 'Before', unit },
        { label: 'After', unit },
        { label: 'Difference', unit },
        { label: 'from', unit },
        { label: 'to', unit },
        { label: 'How' },
        { label: 'Reading' },
      ],
      rows: own.map((change) => [
        change.title,
        change.label,
        change.before,
        change.after,
        change.difference.value,
        change.difference.low,
        change.difference.high,
        change.basis,
        readingWords(change),
      ]),
    },
  ];
}

function unmatchedTable(id: string, title: string, rows: readonly Unmatched[]): readonly Section[] {
  if (rows.length === 0) return [];
  return [
    {
      kind: 'table',
      id,
      title,
      about: 'Figures that only one of the two results has, so that there is nothing to hold them against.',
      columns: [{ label: 'Section' }, { label: 'Figure' }],
      rows: rows.map((row) => [row.title, row.label]),
    },
  ];
}

function sourceTable({ sources }: Comparison): readonly Section[] {
  if (sources.length === 0) return [];
  return [
    {
      kind: 'table',
      id: 'sources',
      title: 'Made from other sources',
      about: 'What the two results were made from, where the digests differ.',
      columns: [{ label: 'What' }, { label: 'Name' }, { label: 'Before' }, { label: 'After' }],
      rows: sources.map(({ what, name, before, after }) => [what, name, before ?? null, after ?? null]),
    },
  ];
}
