// `conclave eval report`: results that were kept, as one page.
import { readResults } from '../../evals/results/result-file.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { checkOutputs, writeOutputs } from './outputs.ts';

export async function report(
  files: readonly string[],
  { out }: { readonly out: string },
  terminal: Terminal,
): Promise<ExitCode> {
  checkOutputs([out]);
  const results = files.flatMap((file) => readResults(file));
  const written = await writeOutputs([out], results, terminal);
  terminal.result({ suites: results.map(({ suite }) => suite.name), written });
  return EXIT.yes;
}
