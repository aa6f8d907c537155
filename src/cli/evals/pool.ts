// Recorded verdicts as commands of `conclave eval` take them: files, and where they call a column otherwise.
import { ConclaveError } from '../../errors.ts';
import type { Source } from '../../evals/results/eval-result.ts';
import { readVerdicts } from '../../evals/verdicts/read-verdicts.ts';
import { COLUMNS, type Column } from '../../evals/verdicts/verdict-columns.ts';
import type { VerdictTable } from '../../evals/verdicts/verdict-table.ts';

export interface PoolOptions {
  readonly column?: readonly string[];
}

export interface Pool {
  readonly table: VerdictTable;
  readonly dataset: string;
  readonly sources: readonly Source[];
}

export async function readPool(files: readonly string[], { column = [] }: PoolOptions): Promise<Pool> {
  const read = await readVerdicts(files, { columns: columnsOf(column) });
  return { ...read, sources: read.sources.map((source) => ({ what: 'data', ...source })) };
}

export function columnsOf(words: readonly string[]): Partial<Record<Column, string>> {
  const columns: Partial<Record<Column, string>> = {};
  for (const word of words) {
    const [name, column, ...more] = word.split('=');
    const known = COLUMNS.find((one) => one === name);
    if (known === undefined || column === undefined || column === '' || more.length > 0) {
      throw new ConclaveError(
        'usage',
        `--column: expected name=column with a name of ${COLUMNS.join(', ')}, found "${word.slice(0, 80)}"`,
      );
    }
    columns[known] = column;
  }
  return columns;
}
