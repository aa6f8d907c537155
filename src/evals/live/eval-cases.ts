// Labelled cases as people keep them: folders of cases (evals/cases), single case files, or a list with a line a case (JSON
// Lines or CSV). Read
// whole at the door, before a question is put to anybody; a case that stands there twice would weigh twice, so it is refused.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CsvError, parse } from 'csv-parse/sync';
import * as z from 'zod';
import type { CaseSource } from '../../council/case-file.ts';
import { line } from '../../council/field-rules.ts';
import { badInput, type ErrorPlace } from '../../errors.ts';
import { readBounded } from '../../providers/text-file.ts';
import { shown } from '../../seats/answer.ts';
import { loadCase } from '../../seats/case-folder.ts';
import { malformedCsv } from '../verdicts/read-csv.ts';

/** `split`: a case on which good seats may differ; no verdict on it is the right one. */
export const EXPECTATIONS = ['approve', 'reject', 'split'] as const;
export type Expectation = (typeof EXPECTATIONS)[number];

export interface EvalCase {
  readonly item: string;
  /** cases that share a question are resampled together */
  readonly cluster: string;
  readonly expected: Expectation | undefined;
  readonly source: CaseSource;
}

const CASE_FILE = 'case.yaml';
const LIST = /\.(?:jsonl|ndjson|csv)(?:\.gz)?$/;
const CSV_LIST = /\.csv(?:\.gz)?$/;
const CASE_FILES: ReadonlySet<string> = new Set(['.yaml', '.yml', '.json']);
const MAX_CASES = 10_000;
const MAX_LIST_BYTES = 16 * 1024 * 1024;
const MAX_NAME_CHARS = 100;

const name = line(MAX_NAME_CHARS);
const listedSchema = z
  .strictObject({
    case: line(1000),
    expected: z.enum(EXPECTATIONS),
    item: z.exactOptional(name),
    cluster: z.exactOptional(name),
  })
  .readonly();

/** Where a case stands, and what is said of it there. */
interface Found {
  readonly file: string;
  readonly place: ErrorPlace;
  readonly item: string;
  readonly cluster?: string;
  readonly expected?: Expectation;
}

export async function readCases(paths: readonly string[]): Promise<readonly EvalCase[]> {
  const found = paths.flatMap(casesAt);
  const places = new Map<string, ErrorPlace>();
  for (const { item, place } of found) {
    const known = places.get(item);
    if (known !== undefined)
      throw badInput(`expected each case once, found "${item}" again (first: ${placeText(known)})`, place);
    places.set(item, place);
  }
  if (found.length > MAX_CASES)
    throw badInput(`expected at most ${MAX_CASES} cases, found ${found.length} in ${paths.join(', ')}`);
  const cases: EvalCase[] = [];
  for (const { file, item, cluster = item, expected } of found) {
    const loaded = await loadCase(file);
    cases.push({ item, cluster, expected: expected ?? loaded.expected, source: loaded.source });
  }
  return cases;
}

function casesAt(path: string): readonly Found[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    throw badInput('expected a folder of cases, a case file or a list of cases, there is none', {
      file: path,
    });
  if (stat.isDirectory()) return casesIn(path);
  if (LIST.test(path)) return casesListed(path);
  if (CASE_FILES.has(extname(path))) return [{ file: path, place: { file: path }, item: itemOf(path) }];
  throw badInput('expected a folder, a case file (.yaml) or a list of cases (.jsonl or .csv, .gz too)', {
    file: path,
  });
}

function casesIn(folder: string): readonly Found[] {
  const own = join(folder, CASE_FILE);
  const files = existsSync(own)
    ? [own]
    : readdirSync(folder)
        .sort()
        .map((entry) => join(folder, entry, CASE_FILE))
        .filter((file) => existsSync(file));
  if (files.length === 0)
    throw badInput(`expected a ${CASE_FILE}, or folders that hold one, found none`, { file: folder });
  return files.map((file) => ({ file, place: { file }, item: itemOf(file) }));
}

function casesListed(list: string): readonly Found[] {
  const found: Found[] = [];
  const rows = CSV_LIST.test(list) ? csvRows(list) : jsonRows(list);
  for (const { value, place } of rows) {
    const { case: named, ...said } = listed(value, place);
    const file = resolve(dirname(list), named);
    if (!existsSync(file)) throw badInput(`expected a case file, there is none at "${named}"`, place);
    const isFolder = statSync(file).isDirectory();
    found.push({ item: itemOf(file), ...said, file: isFolder ? join(file, CASE_FILE) : file, place });
  }
  if (found.length === 0) throw badInput('expected a case on each line, found none', { file: list });
  return found;
}

interface ListedRow {
  /** not looked at yet */
  readonly value: unknown;
  readonly place: ErrorPlace;
}

function jsonRows(list: string): readonly ListedRow[] {
  const rows: ListedRow[] = [];
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
function csvRows(list: string): readonly ListedRow[] {
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

/** A case is called after its folder, a file of another name after itself. */
function itemOf(file: string): string {
  const own = basename(file);
  const isNamed = own !== CASE_FILE;
  const item = isNamed ? basename(own, extname(own)) : basename(dirname(resolve(file)));
  return item.slice(0, MAX_NAME_CHARS);
}

function placeText({ file, line }: ErrorPlace): string {
  return line === undefined ? `${file}` : `${file}, line ${line}`;
}
