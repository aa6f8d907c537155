// Where results go: files by their ending, rows on the terminal, one object for programs.
import { extname, resolve } from 'node:path';
import { ConclaveError } from '../../errors.ts';
import { EVAL_PAGE_HEAD } from '../../evals/report/page-head.ts';
import type { EvalResult } from '../../evals/results/eval-result.ts';
import { RESULTS_HEAD, writtenResults } from '../../evals/results/result-file.ts';
import { utf8 } from '../../signing/bytes.ts';
import { asTyped } from '../folders.ts';
import { visible, wrap } from '../layout.ts';
import { requireOwn, writeOwn } from '../own-file.ts';
import type { Terminal } from '../terminal.ts';
import { sectionRows } from './section-rows.ts';

/** Refused before anything is measured or paid for. */
export function checkOutputs(files: readonly string[]): void {
  for (const file of files) {
    const head = HEADS[extname(file)];
    if (head === undefined) {
      throw new ConclaveError('usage', `--out: expected a file that ends in .json or .html, found "${file}"`);
    }
    requireOwn(resolve(file), head);
  }
}

/** How what is written begins, by the ending of its name. */
const HEADS: Readonly<Record<string, string>> = { '.json': RESULTS_HEAD, '.html': EVAL_PAGE_HEAD };

/** The absolute paths of what was written. */
export async function writeOutputs(
  files: readonly string[],
  results: readonly EvalResult[],
  terminal: Terminal,
): Promise<readonly string[]> {
  const written: string[] = [];
  for (const file of files) {
    const path = resolve(file);
    // The page draws charts, which takes a library that nothing else needs.
    const text =
      extname(file) === '.html'
        ? (await import('../../evals/report/page.ts')).evalPage(results)
        : writtenResults(results);
    await writeOwn(path, utf8(text), { secret: false });
    terminal.say(`  written to ${asTyped(path)}`);
    written.push(path);
  }
  return written;
}

/** A result as rows that people read in a terminal: its figures, and what they do not show. */
export function showResult(result: EvalResult, terminal: Terminal): void {
  const { colors } = terminal;
  terminal.say(
    '',
    `  ${colors.bold(visible(result.suite.title))}`,
    `  ${colors.dim(visible(result.suite.question))}`,
  );
  terminal.say(...sectionRows(result.sections, terminal), '');
  for (const limit of result.limits) {
    terminal.say(...wrap(visible(limit), terminal.columns - 4).map((line) => `  ${colors.dim(line)}`));
  }
}

/** The command as it was typed, so that it can be typed again. */
export function typedCommand(words: readonly string[] = process.argv.slice(2)): string {
  const quoted = words.map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`,
  );
  return ['conclave', ...quoted].join(' ');
}
