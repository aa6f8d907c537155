// Verdicts as JSON Lines: an object a line, in UTF-8, whatever else it says besides the columns.
import { isAscii } from 'node:buffer';
import { isRecord } from '../../council/field-rules.ts';
import { badInput } from '../../errors.ts';
import { COLUMNS, type Column, type Columns, found, type Row, unexpected } from './verdict-columns.ts';
import { lineTooLong, MAX_LINE_BYTES, type Place, wholeLines } from './verdict-file.ts';

type AnyRecord = Readonly<Record<string, unknown>>;

export async function readJsonLines(
  chunks: AsyncIterable<Buffer>,
  columns: Columns,
  file: string,
  add: (row: Row, place: Place) => void,
): Promise<void> {
  const place = { file, line: 0 };
  const renamed = COLUMNS.some((column) => columns.names[column] !== column);
  for await (const block of wholeLines(chunks, file, () => place.line)) {
    const text = block.toString(isAscii(block) ? 'latin1' : 'utf8');
    let start = place.line === 0 && text.startsWith('\ufeff') ? 1 : 0;
    while (start < text.length) {
      const feed = text.indexOf('\n', start);
      const end = feed < 0 ? text.length : feed;
      place.line++;
      if (end - start > MAX_LINE_BYTES) throw lineTooLong(place);
      const record = recordIn(text.slice(start, end), place);
      add(renamed ? rowOf(record, columns, place) : record, place);
      start = end + 1;
    }
  }
}

function recordIn(line: string, place: Place): AnyRecord {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    const what = line.trim() === '' ? 'an empty line' : 'what is not JSON';
    throw badInput(`expected a verdict as a JSON object, found ${what}`, place);
  }
  if (!isRecord(value)) throw badInput(`expected a verdict as a JSON object, found ${found(value)}`, place);
  return value;
}

/** Takes the columns out of a record by the names that were given for them. */
function rowOf(record: AnyRecord, { names, wanted }: Columns, place: Place): Row {
  const row: Partial<Record<Column, unknown>> = {};
  for (const column of COLUMNS) {
    const name = names[column];
    if (Object.hasOwn(record, name)) row[column] = record[name];
    else if (wanted.includes(column)) throw unexpected(name, 'something', undefined, place);
  }
  return row;
}
