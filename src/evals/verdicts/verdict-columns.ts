// The columns of recorded verdicts: what a row must say, what it may say, and under which names a file says it. Other
// people's recordings name things their own way (LLMBar says `base_model` for the family), so names can be given.
import { badInput, type ErrorPlace } from '../../errors.ts';
import { shown } from '../../seats/answer.ts';

const REQUIRED = ['dataset', 'item', 'label', 'model', 'vendor', 'verdict'] as const;
const OPTIONAL = ['cluster', 'family', 'host', 'lens', 'prompt', 'confidence'] as const;
export const COLUMNS = [...REQUIRED, ...OPTIONAL] as const;
export type Column = (typeof COLUMNS)[number];

export interface Columns {
  /** by column, the name a file has for it */
  readonly names: Readonly<Record<Column, string>>;
  /** those that must be there: the required ones, and those that were asked for by name */
  readonly wanted: readonly Column[];
}

/** What one row says, not looked at yet. */
export type Row = Readonly<Partial<Record<Column, unknown>>>;

export function columnsNamed(given: Readonly<Partial<Record<Column, string>>>): Columns {
  const names = {
    dataset: 'dataset',
    item: 'item',
    label: 'label',
    model: 'model',
    vendor: 'vendor',
    verdict: 'verdict',
    cluster: 'cluster',
    family: 'family',
    host: 'host',
    lens: 'lens',
    prompt: 'prompt',
    confidence: 'confidence',
    ...given,
  };
  const wanted = COLUMNS.filter((column) => isRequired(column) || given[column] !== undefined);
  return { names, wanted };
}

function isRequired(column: Column): boolean {
  return REQUIRED.some((required) => required === column);
}

export function unexpected(name: string, expected: string, value: unknown, place: ErrorPlace): Error {
  return badInput(`expected ${expected} in "${shown(name)}", found ${found(value)}`, place);
}

const SHOWN_CHARS = 60;

/** A value as a message may show it: it is a stranger's. */
export function found(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(shown(value.slice(0, SHOWN_CHARS)));
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  return Array.isArray(value) ? 'a list' : 'an object';
}
