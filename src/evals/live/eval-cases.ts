// Labelled cases as people keep them: folders of cases (evals/cases), single case files, or a list with a line a case (case-list.ts).
// Read whole at the door, before a question is put to anybody; a case that stands there twice would weigh twice, so it is refused.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { CaseSource } from '../../council/case-file.ts';
import { badInput, type ErrorPlace } from '../../errors.ts';
import { loadCase } from '../../seats/case-folder.ts';
import { type Expectation, MAX_NAME_CHARS, readCaseList } from './case-list.ts';

export interface EvalCase {
  readonly item: string;
  /** cases that share a question are resampled together */
  readonly cluster: string;
  readonly expected: Expectation | undefined;
  readonly source: CaseSource;
}

const CASE_FILE = 'case.yaml';
const LIST = /\.(?:jsonl|ndjson|csv)(?:\.gz)?$/;
const CASE_FILES: ReadonlySet<string> = new Set(['.yaml', '.yml', '.json']);
const MAX_CASES = 10_000;
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
  for (const { said: listed, place } of readCaseList(list)) {
    const { case: named, ...said } = listed;
    const file = resolve(dirname(list), named);
    if (!existsSync(file)) throw badInput(`expected a case file, there is none at "${named}"`, place);
    const isFolder = statSync(file).isDirectory();
    found.push({ item: itemOf(file), ...said, file: isFolder ? join(file, CASE_FILE) : file, place });
  }
  if (found.length === 0) throw badInput('expected a case on each line, found none', { file: list });
  return found;
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
