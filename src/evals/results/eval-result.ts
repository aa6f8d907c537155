// What a suite found, as one JSON document: figures, curves, matrices and tables that name themselves, so that the report draws
// and `eval compare` compares any suite without knowing it. Nothing in it depends on the clock: same data, same seed, same bytes.
import * as z from 'zod';
import { DECEPTIVE } from '../../council/field-rules.ts';

export const RESULT_KIND = 'conclave-eval';

/** One line or nothing. Results come from strangers as well, and are shown on terminals and pages. */
const text = z
  .string()
  .max(4000)
  .refine(
    (value) => !/[\n\t]/.test(value) && !DECEPTIVE.test(value),
    'expected one line without control, direction or invisible characters',
  );
/** NaN and infinities do not survive JSON; what is not defined is null. */
const number = z.number();

export const figure = z
  .strictObject({
    value: number,
    low: number,
    high: number,
    n: z.number().min(0),
    method: z.enum(['wilson', 'bootstrap', 'simulation', 'exact']),
  })
  .readonly()
  .refine(({ low, high }) => low <= high, 'expected an interval from low to high');

/** How numbers are written: 0.82 as 82 %, as itself, or as a count. */
export const UNITS = ['share', 'number', 'count', 'usd'] as const;
const unit = z.enum(UNITS);

const heading = {
  /** stable, within the result: figures are compared by section and row */
  id: text,
  title: text,
  /** what is shown and how to read it, in whole sentences */
  about: text,
};

/** Lists that stand side by side are read by one number. */
function requireLength(
  list: { readonly length: number },
  length: number,
  path: (string | number)[],
  context: z.RefinementCtx,
): void {
  if (list.length === length) return;
  context.addIssue({
    code: 'custom',
    path,
    message: `expected as many as there are beside it, ${length}, found ${list.length}`,
  });
}

const figures = z
  .strictObject({
    kind: z.literal('figures'),
    ...heading,
    rows: z
      .array(
        z
          .strictObject({
            id: text,
            label: text,
            unit,
            figure,
            /** which way is better, where one is */
            better: z.exactOptional(z.enum(['higher', 'lower'])),
          })
          .readonly(),
      )
      .readonly(),
  })
  .readonly();

const axis = z.strictObject({ label: text, unit }).readonly();

const curves = z
  .strictObject({
    kind: z.literal('curves'),
    ...heading,
    x: axis,
    y: axis,
    series: z
      .array(
        z
          .strictObject({
            name: text,
            points: z
              .array(
                z
                  .strictObject({
                    x: number,
                    y: number,
                    /** the 95 % interval of y */
                    low: z.exactOptional(number),
                    high: z.exactOptional(number),
                    n: z.exactOptional(number),
                  })
                  .readonly(),
              )
              .readonly(),
          })
          .readonly(),
      )
      .readonly(),
    /** upright lines that mean something: the quorum, f */
    marks: z.array(z.strictObject({ x: number, label: text }).readonly()).readonly(),
    /** the line on which y equals x, for calibration */
    diagonal: z.exactOptional(z.boolean()),
  })
  .readonly();

const matrix = z
  .strictObject({
    kind: z.literal('matrix'),
    ...heading,
    /** rows and columns, in the order shown */
    names: z.array(text).readonly(),
    /** what each belongs to, the developer for voters; neighbours of one group stand together */
    groups: z.array(text).readonly(),
    /** from -1 to 1 */
    values: z.array(z.array(number.nullable()).readonly()).readonly(),
  })
  .readonly()
  .superRefine(({ names, groups, values }, context) => {
    const size = names.length;
    requireLength(groups, size, ['groups'], context);
    requireLength(values, size, ['values'], context);
    for (const [i, row] of values.entries()) requireLength(row, size, ['values', i], context);
  });

const table = z
  .strictObject({
    kind: z.literal('table'),
    ...heading,
    columns: z.array(z.strictObject({ label: text, unit: z.exactOptional(unit) }).readonly()).readonly(),
    /** a figure is shown with its interval */
    rows: z.array(z.array(z.union([text, number, figure, z.null()])).readonly()).readonly(),
  })
  .readonly();

/** What the council as a whole said of each item: what two results on the same items are compared by. */
const outcomes = z
  .strictObject({
    kind: z.literal('outcomes'),
    ...heading,
    items: z.array(text).readonly(),
    clusters: z.array(z.number().int().min(0)).readonly(),
    /** a letter an item: A approve, R reject, - neither */
    labels: z.string().regex(/^[AR-]*$/, 'expected the letters A, R and - only'),
    /** a letter an item: A approved, R rejected, U undecided */
    outcomes: z.string().regex(/^[ARU]*$/, 'expected the letters A, R and U only'),
    /** by item, how many of the seats gave the right verdict */
    right: z.array(z.number().int().min(0)).readonly(),
    seats: z.number().int().min(1),
  })
  .readonly()
  .superRefine(({ items, clusters, labels, outcomes, right }, context) => {
    for (const [key, list] of Object.entries({ clusters, labels, outcomes, right }))
      requireLength(list, items.length, [key], context);
  });

const section = z.discriminatedUnion('kind', [figures, curves, matrix, table, outcomes]);

export const resultSchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    kind: z.literal(RESULT_KIND),
    suite: z.strictObject({ name: text, title: text, question: text }).readonly(),
    /** what made it, to be typed again */
    command: text,
    seed: z.number().int().min(0),
    /** what it was made from, by SHA-256 */
    sources: z
      .array(
        z
          .strictObject({
            what: z.enum(['suite', 'data', 'prompts', 'roster', 'fit', 'cases']),
            name: text,
            digest: z.string().regex(/^[0-9a-f]{64}$/),
            /** verdicts, seats or cases in it */
            count: z.exactOptional(z.number().int().min(0)),
          })
          .readonly(),
      )
      .readonly(),
    /** what this does not show, in whole sentences */
    limits: z.array(text).readonly(),
    sections: z.array(section).readonly(),
  })
  .readonly();

export type EvalResult = z.infer<typeof resultSchema>;
export type Source = EvalResult['sources'][number];
export type Section = z.infer<typeof section>;
export type FiguresSection = z.infer<typeof figures>;
export type FigureRow = FiguresSection['rows'][number];
export type CurvesSection = z.infer<typeof curves>;
export type MatrixSection = z.infer<typeof matrix>;
export type TableSection = z.infer<typeof table>;
export type OutcomesSection = z.infer<typeof outcomes>;
export type Unit = z.infer<typeof unit>;
