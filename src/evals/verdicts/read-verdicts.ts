// Recorded verdicts, read from files into one table: JSON Lines or CSV, zipped or not, streamed, so that ten million of them
// take the memory of the table and little more. Whatever is wrong is said with file and line, and nothing is passed over:
// a verdict lost or counted twice would be a wrong figure that nobody sees.
import { basename } from 'node:path';
import { badInput } from '../../errors.ts';
import { readCsv } from './read-csv.ts';
import { readJsonLines } from './read-json-lines.ts';
import { TableBuilder } from './table-builder.ts';
import { type Column, columnsNamed } from './verdict-columns.ts';
import { VerdictFile } from './verdict-file.ts';
import type { VerdictTable } from './verdict-table.ts';

export interface ReadVerdicts {
  readonly table: VerdictTable;
  /** as the rows call it; several are joined by " + ", and then each item carries its dataset's name before its own */
  readonly dataset: string;
  readonly sources: readonly VerdictSource[];
}

export interface VerdictSource {
  readonly name: string;
  /** SHA-256 of the file's bytes */
  readonly digest: string;
  /** verdicts in it */
  readonly count: number;
}

export interface ReadOptions {
  /** where files have another name for a column; a column that is named here must be there */
  readonly columns?: Readonly<Partial<Record<Column, string>>>;
}

/** Files are told apart by their names: `.csv` or `.csv.gz`, else JSON Lines; `.gz` is unzipped. */
export async function readVerdicts(
  files: readonly string[],
  { columns: given = {} }: ReadOptions = {},
): Promise<ReadVerdicts> {
  const columns = columnsNamed(given);
  const builder = new TableBuilder(columns.names);
  const sources: VerdictSource[] = [];
  for (const file of files) {
    const before = builder.count;
    const opened = await VerdictFile.open(file);
    try {
      const read = /\.csv(?:\.gz)?$/i.test(file) ? readCsv : readJsonLines;
      await read(opened.chunks(), columns, file, (row, place) => builder.add(row, place));
      const count = builder.count - before;
      if (count === 0) throw badInput('expected verdicts, found none', { file });
      sources.push({ name: basename(file), digest: opened.digest(), count });
    } finally {
      await opened.close();
    }
  }
  return { ...builder.finish(), sources };
}
