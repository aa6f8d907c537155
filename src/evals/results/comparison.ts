// Two results of evals held against each other: what changed, and whether it is more than noise. Councils on the same items are
// compared item by item (paired-outcomes.ts); figures by their intervals, as if independent (difference.ts). Among many figures some
// differ by chance alone, so how many were compared is said, and which differences stand when all are looked at together.
import { Random } from '../../simulation/random.ts';
import type { Figure } from '../measures/figure.ts';
import { DEED_BETTER, DEED_LABELS } from './council-deeds.ts';
import { chanceOf, difference, type Estimate, LEVEL, standing } from './difference.ts';
import type { EvalResult, FigureRow, Source, Unit } from './eval-result.ts';
import { type Pairing, pairedOutcomes } from './paired-outcomes.ts';

/** `changed`: more than noise, and neither way is better. */
export type Reading = 'better' | 'worse' | 'changed' | 'noise';

export interface Change {
  /** of the section, and of the row in it */
  readonly section: string;
  readonly id: string;
  /** the title of the section */
  readonly title: string;
  readonly label: string;
  readonly unit: Unit;
  /** which way is better, where one is */
  readonly better: FigureRow['better'] | undefined;
  readonly before: Figure;
  readonly after: Figure;
  /** after less before */
  readonly difference: Estimate;
  /** item by item; from two intervals as if independent; or counted on both sides, where nothing is left to chance */
  readonly basis: 'paired' | 'independent' | 'counted';
  /** how likely so great a difference is by chance alone */
  readonly chance: number;
  readonly reading: Reading;
  /** still more than noise when all that was compared is looked at together (Holm 1979) */
  readonly stands: boolean;
}

/** What only one of the two has. */
export interface Unmatched {
  readonly section: string;
  readonly id: string;
  readonly title: string;
  readonly label: string;
}

export interface SourceChange {
  readonly what: Source['what'];
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export interface Comparison {
  readonly changes: readonly Change[];
  readonly gone: readonly Unmatched[];
  readonly added: readonly Unmatched[];
  /** what the two were made from, where it is not the same */
  readonly sources: readonly SourceChange[];
  /** items that pairs of outcomes share, and that only one of a pair has */
  readonly shared: number;
  readonly apart: number;
  /** differences that chance has a part in */
  readonly compared: number;
  /** so many of them would be taken for more than noise if nothing had changed */
  readonly byChance: number;
  readonly beyondNoise: number;
  readonly standing: number;
}

/** Shares of outcomes: compared item by item where that can be, and then not once more as if independent. */
const TOLD_BY_PAIRS: ReadonlySet<string> = new Set(['wrong-approvals', 'wrong-rejections', 'undecided']);

type Judged = Omit<Change, 'stands'>;

export function compareResults(
  before: EvalResult,
  after: EvalResult,
  { seed }: { readonly seed: number },
): Comparison {
  const rows = matched(rowsOf(before), rowsOf(after));
  const pairings = pairedSections(before, after, new Random(seed));
  const judged = [
    ...pairings.flatMap(({ section, title, pairing }) => pairedChanges(section, title, pairing)),
    ...rows.both
      .filter(([old]) => pairings.length === 0 || !TOLD_BY_PAIRS.has(old.id))
      .map(([old, now]) => rowChange(old, now)),
  ];
  const open = judged.filter(({ basis }) => basis !== 'counted');
  const stands = standing(open.map(({ chance }) => chance));
  const marks = new Map(open.map((change, i) => [change, stands[i] ?? false]));
  const changes = judged.map((change) => ({
    ...change,
    stands: marks.get(change) ?? change.reading !== 'noise',
  }));
  return {
    changes,
    gone: rows.gone,
    added: rows.added,
    sources: sourceChanges(before.sources, after.sources),
    shared: sum(pairings.map(({ pairing }) => pairing.shared)),
    apart: sum(pairings.map(({ pairing }) => pairing.apart)),
    compared: open.length,
    byChance: LEVEL * open.length,
    beyondNoise: open.filter(({ reading }) => reading !== 'noise').length,
    standing: stands.filter((one) => one).length,
  };
}

interface PlacedRow extends FigureRow {
  readonly section: string;
  readonly title: string;
}

function rowsOf({ sections }: EvalResult): readonly PlacedRow[] {
  return sections.flatMap((section) =>
    section.kind === 'figures'
      ? section.rows.map((row) => ({ ...row, section: section.id, title: section.title }))
      : [],
  );
}

/** A row that is written in another unit now is another row. */
function matched(
  before: readonly PlacedRow[],
  after: readonly PlacedRow[],
): {
  readonly both: readonly (readonly [PlacedRow, PlacedRow])[];
  readonly gone: readonly Unmatched[];
  readonly added: readonly Unmatched[];
} {
  const key = ({ section, id, unit }: PlacedRow): string => JSON.stringify([section, id, unit]);
  const now = new Map(after.map((row) => [key(row), row]));
  const was = new Set(before.map(key));
  return {
    both: before.flatMap((row) => {
      const match = now.get(key(row));
      return match === undefined ? [] : [[row, match] as const];
    }),
    gone: before.filter((row) => !now.has(key(row))).map(unmatched),
    added: after.filter((row) => !was.has(key(row))).map(unmatched),
  };
}

function unmatched({ section, id, title, label }: PlacedRow): Unmatched {
  return { section, id, title, label };
}

function rowChange(old: PlacedRow, now: PlacedRow): Judged {
  const { section, title, id, label, unit, figure: after } = now;
  const before = old.figure;
  const gap = difference(before, after);
  const counted = before.method === 'exact' && after.method === 'exact';
  // Resamples that were all alike show a small sample, not certainty.
  const sure = [before, after].some(({ method, low, high }) => method !== 'exact' && low === high);
  const chance = sure && !counted ? 1 : chanceOf(gap);
  const better = old.better === now.better ? now.better : undefined;
  return {
    ...{ section, id, title, label, unit, better, before, after, chance },
    difference: gap,
    basis: counted ? 'counted' : 'independent',
    reading: readingOf(gap.value, chance, better),
  };
}

interface PairedSection {
  readonly section: string;
  readonly title: string;
  readonly pairing: Pairing;
}

function pairedSections(before: EvalResult, after: EvalResult, random: Random): readonly PairedSection[] {
  if (!onSameItems(before, after)) return [];
  return before.sections.flatMap((old) => {
    if (old.kind !== 'outcomes') return [];
    const now = after.sections.find(({ kind, id }) => kind === 'outcomes' && id === old.id);
    if (now?.kind !== 'outcomes') return [];
    const pairing = pairedOutcomes(old, now, random);
    return pairing === undefined ? [] : [{ section: now.id, title: now.title, pairing }];
  });
}

/** Items of one name are one item only where they are of the same bytes, and synthetic ones where they are of the same draw too. */
function onSameItems(before: EvalResult, after: EvalResult): boolean {
  const madeOf = ({ sources, seed }: EvalResult): string => {
    const items = sources.filter(({ what }) => what === 'data' || what === 'cases' || what === 'fit');
    const drawn = items.some(({ what }) => what === 'fit');
    return JSON.stringify([items.map(({ what, digest }) => [what, digest]).sort(), drawn ? seed : null]);
  };
  return madeOf(before) === madeOf(after);
}

function pairedChanges(section: string, title: string, { deeds }: Pairing): readonly Judged[] {
  return deeds.map(({ deed, before, after, difference: gap, differing }) => {
    // With few clusters that differ the bootstrap promises too much; not even a coin that falls alike each time would
    // be remarkable before the sixth (the exact sign test).
    const chance = Math.max(chanceOf(gap), Math.min(1, 2 ** (1 - differing)));
    return {
      ...{ section, id: deed, title, label: DEED_LABELS[deed], before, after, chance },
      better: DEED_BETTER[deed],
      unit: 'share',
      difference: gap,
      basis: 'paired',
      reading: readingOf(gap.value, chance, DEED_BETTER[deed]),
    };
  });
}

function readingOf(value: number, chance: number, better: FigureRow['better']): Reading {
  if (chance >= LEVEL) return 'noise';
  if (better === undefined) return 'changed';
  return value > 0 === (better === 'higher') ? 'better' : 'worse';
}

/** The same bytes under another name are no change. */
function sourceChanges(before: readonly Source[], after: readonly Source[]): readonly SourceChange[] {
  const key = ({ what, name }: Source): string => JSON.stringify([what, name]);
  const bytes = ({ what, digest }: Source): string => JSON.stringify([what, digest]);
  const only = (sources: readonly Source[], others: readonly Source[]): ReadonlyMap<string, Source> => {
    const known = new Set(others.map(bytes));
    return new Map(sources.filter((one) => !known.has(bytes(one))).map((source) => [key(source), source]));
  };
  const was = only(before, after);
  const is = only(after, before);
  return [...new Map([...was, ...is])].map(([place, { what, name }]) => ({
    what,
    name,
    before: was.get(place)?.digest,
    after: is.get(place)?.digest,
  }));
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
