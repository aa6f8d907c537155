// A suite as people write it (evals/*.yaml): a question, who votes, and what is measured. Paths in it are relative to its file.
import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { line, slug } from '../../council/field-rules.ts';
import { conform, readYamlFile } from '../../providers/written-document.ts';
import { COLUMNS } from '../verdicts/verdict-columns.ts';

/** Measured on any verdicts, recorded, synthetic or asked for. */
export const TABLE_MEASURES = [
  'accuracy',
  'correlated-failure',
  'vendor-outage',
  'vendor-compromise',
  'shared-backdoor',
  'targeted-blocking',
  'threshold-sweep',
  'aggregation-attacks',
  'calibration',
] as const;
export type TableMeasure = (typeof TABLE_MEASURES)[number];

/** Measured by asking the council the same thing in several ways. */
const ASKED_MEASURES = ['prompt-injection', 'self-consistency', 'invariance'] as const;

/** Measured on no table of verdicts. */
const OTHER_MEASURES = ['many-councils', 'semantic-grounds', 'protocol-liars'] as const;

const MEASURES = [...TABLE_MEASURES, ...ASKED_MEASURES, ...OTHER_MEASURES] as const;
type SuiteMeasure = (typeof MEASURES)[number];

const path = line(400);
const MAX_SYNTHETIC_ITEMS = 10_000_000;
const MAX_REPETITIONS = 100;

const synthetic = z
  .strictObject({
    from: z.literal('synthetic'),
    /** a model of voters that was fitted to a recording */
    fit: path,
    /** how many items to draw of each kind */
    approve: z.int().min(0).max(MAX_SYNTHETIC_ITEMS),
    reject: z.int().min(0).max(MAX_SYNTHETIC_ITEMS),
  })
  .readonly();

const recorded = z
  .strictObject({
    from: z.literal('recorded'),
    files: z.array(path).min(1).max(100).readonly(),
    /** where the files call a column otherwise: `family: base_model` */
    columns: z.partialRecord(z.enum(COLUMNS), line(100)).default({}),
  })
  .readonly();

const live = z
  .strictObject({
    from: z.literal('live'),
    /** folders of cases, case files, or lists of cases with expected outcomes */
    cases: z.array(path).min(1).max(100).readonly(),
    repetitions: z.int().min(1).max(MAX_REPETITIONS).default(1),
  })
  .readonly();

const suiteSchema = z
  .strictObject({
    suite: slug,
    title: line(120),
    question: line(600),
    measure: z.enum(MEASURES),
    seed: z
      .int()
      .min(0)
      .max(2 ** 31),
    voters: z.exactOptional(z.discriminatedUnion('from', [synthetic, recorded, live])),
    /** a council drawn by lot from the voters; without it all of them are one */
    council: z.exactOptional(
      z.strictObject({ seats: z.int().min(1).max(1000), cap: z.int().min(1).max(1000) }).readonly(),
    ),
    /** what the parts of recorded voters' names are: model|prompt|order (invariance) */
    parts: z.array(line(60)).max(10).default([]).readonly(),
    /** how many councils to draw (many-councils) */
    councils: z.exactOptional(z.int().min(1).max(1_000_000)),
    /** labelled pairs of reasons (semantic-grounds) */
    pairs: z.exactOptional(path),
    /** schedules of each kind (protocol-liars) */
    schedules: z.exactOptional(z.int().min(1).max(1_000_000)),
  })
  .superRefine(({ measure, voters, council, parts, councils, pairs, schedules }, context) => {
    const need = (holds: boolean, key: string, why: string): void => {
      if (!holds) context.addIssue({ code: 'custom', path: [key], message: why });
    };
    const isOther = OTHER_MEASURES.some((other) => other === measure);
    need(
      isOther || voters !== undefined,
      'voters',
      `expected voters, for ${measure} is measured on verdicts`,
    );
    const isMany = measure === 'many-councils';
    need(
      !isMany || voters?.from === 'synthetic',
      'voters',
      'expected synthetic voters, for nobody can ask so many',
    );
    need(!isMany || council !== undefined, 'council', 'expected the seats and the cap of each council');
    need(!isMany || councils !== undefined, 'councils', 'expected how many councils');
    need(measure !== 'semantic-grounds' || pairs !== undefined, 'pairs', 'expected a file of labelled pairs');
    need(measure !== 'protocol-liars' || schedules !== undefined, 'schedules', 'expected how many schedules');
    const useless = (written: boolean, key: string, user: SuiteMeasure): void =>
      need(!written || measure === user, key, `expected none, for ${measure} does not use it, only ${user}`);
    useless(parts.length > 0, 'parts', 'invariance');
    useless(councils !== undefined, 'councils', 'many-councils');
    useless(pairs !== undefined, 'pairs', 'semantic-grounds');
    useless(schedules !== undefined, 'schedules', 'protocol-liars');
    const asked = ASKED_MEASURES.some((one) => one === measure);
    need(
      !asked || voters?.from === 'live',
      'voters',
      `expected live voters, for ${measure} asks them several times`,
    );
  })
  .readonly();

export type SuiteFile = z.infer<typeof suiteSchema>;
export type SuiteVoters = NonNullable<SuiteFile['voters']>;

export interface Suite {
  readonly file: string;
  readonly written: SuiteFile;
  /** a path of the suite, from where its file stands */
  readonly at: (path: string) => string;
}

export function readSuite(file: string): Suite {
  const written = conform(readYamlFile(file), suiteSchema, 'suite');
  return { file, written, at: (named) => resolve(dirname(file), named) };
}
