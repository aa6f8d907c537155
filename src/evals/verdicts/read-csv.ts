// Verdicts as CSV (RFC 4180): a header with the columns in any order, others among them, and a row a verdict.
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { badInput } from '../../errors.ts';
import { COLUMNS, type Column, type Columns, found, type Row } from './verdict-columns.ts';
import { linesIn, MAX_LINE_BYTES, type Place, wholeLines } from './verdict-file.ts';

export async function readCsv(
  chunks: AsyncIterable<Buffer>,
  columns: Columns,
  file: string,
  add: (row: Row, place: Place) => void,
): Promise<void> {
  const place = { file, line: 1 };
  /** the line that the last row ended with; a quoted cell may hold several */
  let ended = 0;
  let rowOf: ((cells: readonly string[]) => Row) | undefined;
  const parser = parse({
    bom: true,
    record_delimiter: ['\r\n', '\n'],
    max_record_size: MAX_LINE_BYTES,
    on_record: (cells: readonly string[], { lines }) => {
      place.line = ended + 1;
      ended = lines;
      if (rowOf === undefined) rowOf = rowsUnder(cells, columns, place);
      else add(rowOf(cells), place);
      return null;
    },
  });
  // No record ever comes out of it, but its end does.
  parser.resume();
  let fed = 0;
  const blocks = async function* (): AsyncGenerator<Buffer> {
    for await (const block of wholeLines(chunks, file, () => fed)) {
      yield block;
      fed += linesIn(block);
    }
  };
  try {
    await pipeline(blocks, parser);
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    // What it stumbles over may be far behind the quotation mark that is wrong: the row's first line is named.
    throw malformedCsv(cause, { file, line: ended + 1 });
  }
}

/** What is wrong, in words. */
export function malformedCsv({ code }: { readonly code: string }, place: Place): Error {
  return badInput(`expected CSV: ${MISTAKES.get(code) ?? code}`, place);
}

const MISTAKES: ReadonlyMap<string, string> = new Map([
  ['CSV_RECORD_INCONSISTENT_FIELDS_LENGTH', 'this row has more or fewer cells than the header'],
  ['CSV_QUOTE_NOT_CLOSED', 'a quotation mark is never closed'],
  ['CSV_INVALID_CLOSING_QUOTE', 'something follows a closing quotation mark'],
  ['INVALID_OPENING_QUOTE', 'a quotation mark stands inside a cell that does not begin with one'],
  ['CSV_MAX_RECORD_SIZE', `a row is longer than ${MAX_LINE_BYTES} characters`],
]);

/** What cells mean under a header. An empty cell says nothing. */
function rowsUnder(
  header: readonly string[],
  { names, wanted }: Columns,
  place: Place,
): (cells: readonly string[]) => Row {
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined) throw badInput(`expected each column once, found ${found(twice)} twice`, place);
  const lacking = wanted.map((column) => names[column]).filter((name) => !header.includes(name));
  if (lacking.length > 0) {
    const commas = header.some((name) => /[;\t]/.test(name)) ? ', separated by commas' : '';
    throw badInput(`expected a header with the columns ${lacking.join(', ')} as well${commas}`, place);
  }
  const places = COLUMNS.map((column) => [column, header.indexOf(names[column])] as const);
  return (cells) => {
    const row: Partial<Record<Column, unknown>> = {};
    for (const [column, at] of places) {
      const cell = cells[at];
      if (cell === undefined || cell === '') continue;
      row[column] = column === 'confidence' ? numberIn(cell) : cell;
    }
    return row;
  };
}

function numberIn(cell: string): unknown {
  return /^\d{1,3}$/.test(cell) ? Number(cell) : cell;
}
