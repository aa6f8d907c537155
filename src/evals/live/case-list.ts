// A list of labelled cases, a line each, as JSON Lines or as the CSV that spreadsheets write: where the case lies, what is expected of
// it, and perhaps what to call it and which others it shares a question with.
import { gunzipSync } from 'node:zlib';
import { CsvError, parse } from 'csv-parse/sync';
import * as z from 'zod';
import { line } from '../../council/field-rules.ts';
import { badInput, type ErrorPlace } from '../../errors.ts';
import { readBounded } from '../../providers/text-file.ts';
import { shown } from '../../seats/answer.ts';
import { malformedCsv } from '../verdicts/read-csv.ts';

/** `split`: a case on which good seats may differ; no verdict on it is the right one. */
const EXPECTATIONS = ['approve', 'reject', 'split'] as const;
export type Expectation = (typeof EXPECTATIONS)[number];

const CSV_LIST = /\.csv(?:\.gz)?$/;
const MAX_LIST_BYTES = 16 * 1024 * 1024;
export const MAX_NAME_CHARS = 100;

const name = line(MAX_NAME_CHARS);
const listedSchema = z
  .strictObject({
    case: line(1000),
    expected: z.enum(EXPECTATIONS),
    item: z.exactOptional(name),
    cluster: z.exactOptional(name),
  })
  .readonly();

export interface ListedCase {
  readonly said: z.infer<typeof listedSchema>;
  readonly place: ErrorPlace;
}

/** A file is CSV or JSON Lines by its name; `.gz` is unzipped. */
export function readCaseList(list: string): readonly ListedCase[] {
  const rows = CSV_LIST.test(list) ? csvRows(list) : jsonRows(list);
  return rows.map(({ value, place }) => ({ said: listed(value, place), place }));
}

interface WrittenRow {
  /** not looked at yet */
  readonly value: unknown;
  readonly place: ErrorPlace;
}

function jsonRows(list: string): readonly WrittenRow[] {
  const rows: WrittenRow[] = [];
  for (const [i, written] of textOf(list).split('\n').entries()) {
    if (written.trim() === '') continue;
    const place = { file: list, line: i + 1 };
    try {
      rows.push({ value: JSON.parse(written), place });
    } catch {
      throw badInput('expected a JSON object a line', place);
    }
  }
  return rows;
}

const CSV_COLUMNS: readonly string[] = Object.keys(listedSchema.unwrap().shape);

/** A header with the columns in any order, and a row a case; an empty cell says nothing. */
function csvRows(list: string): readonly WrittenRow[] {
  const [header, ...rows] = csvCells(list);
  if (header === undefined) return [];
  const { cells: names, place } = header;
  const strange = names.find((named, i) => !CSV_COLUMNS.includes(named) || names.indexOf(named) !== i);
  if (strange !== undefined || !names.includes('case') || !names.includes('expected')) {
    const what = strange === undefined ? names.join(',') : strange;
    throw badInput(
      `expected a header with case, expected and perhaps item, cluster, separated by commas, found "${shown(what.slice(0, MAX_NAME_CHARS))}"`,
      place,
    );
  }
  return rows.map(({ cells, place }) => {
    if (cells.length !== names.length)
      throw badInput(`expected ${names.length} cells, as the header has, found ${cells.length}`, place);
    const said = names.map((named, i) => [named, cells[i]]).filter(([, cell]) => cell !== '');
    return { value: Object.fromEntries(said), place };
  });
}

interface Cells {
  readonly cells: readonly string[];
  readonly place: ErrorPlace;
}

function csvCells(list: string): readonly Cells[] {
  const rows: Cells[] = [];
  let ended = 0;
  try {
    parse(textOf(list), {
      bom: true,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      on_record: (cells: readonly string[], { lines }) => {
        const isBlank = cells.length === 1 && cells[0]?.trim() === '';
        if (!isBlank) rows.push({ cells, place: { file: list, line: ended + 1 } });
        ended = lines;
        return null;
      },
    });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw malformedCsv(cause, { file: list, line: ended + 1 });
  }
  return rows;
}

function listed(value: unknown, place: ErrorPlace): z.infer<typeof listedSchema> {
  const read = listedSchema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw badInput(
    `expected {"case", "expected", "item"?, "cluster"?}: ${where === '' ? '' : `${where}: `}${issue?.message ?? ''}`,
    place,
  );
}

function textOf(list: string): string {
  const bytes = readBounded(list, MAX_LIST_BYTES);
  try {
    const plain = list.endsWith('.gz') ? gunzipSync(bytes, { maxOutputLength: MAX_LIST_BYTES }) : bytes;
    return new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch {
    throw badInput(`expected UTF-8 text of at most ${MAX_LIST_BYTES} bytes, gzipped where it ends in .gz`, {
      file: list,
    });
  }
}
