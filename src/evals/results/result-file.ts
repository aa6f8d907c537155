// The file that `conclave eval` writes and reads again: the results of one run, in the order of its suites.
import * as z from 'zod';
import { badInput } from '../../errors.ts';
import { readBounded } from '../../providers/text-file.ts';
import { type EvalResult, resultSchema } from './eval-result.ts';

const KIND = 'conclave-evals';
/** How such a file begins. */
export const RESULTS_HEAD = `{"schemaVersion":1,"kind":"${KIND}",`;
const MAX_RESULT_BYTES = 256 * 1024 * 1024;
const MOST_RESULTS = 1000;

const fileSchema = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal(KIND),
  results: z
    .array(resultSchema)
    .min(1)
    .max(MOST_RESULTS)
    .readonly()
    // Suites are compared with those of the same name.
    .superRefine((results, context) => {
      const seen = new Set<string>();
      for (const [i, { suite }] of results.entries()) {
        if (seen.has(suite.name)) {
          const message = `expected each suite once, found "${suite.name}" again`;
          context.addIssue({ code: 'custom', path: [i, 'suite', 'name'], message });
        }
        seen.add(suite.name);
      }
    }),
});

/** The same bytes for the same results. */
export function writtenResults(results: readonly EvalResult[]): string {
  return `${JSON.stringify({ schemaVersion: 1, kind: KIND, results })}\n`;
}

export function readResults(file: string): readonly EvalResult[] {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(readBounded(file, MAX_RESULT_BYTES)));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw badInput(`expected results of conclave eval (JSON): ${error.message}`, { file });
  }
  const read = fileSchema.safeParse(value);
  if (read.success) return read.data.results;
  const [issue] = read.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw badInput(
    `expected results of conclave eval; ${where === '' ? '' : `${where}: `}${issue?.message ?? 'something else'}`,
    { file },
  );
}
