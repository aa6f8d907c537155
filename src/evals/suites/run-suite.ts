// Runs a suite: gets its voters, measures, and says what it was made from and what it does not show. Nothing here depends on the
// clock or on chance but by the seed, so the same suite on the same data gives the same result, byte for byte.
import { basename } from 'node:path';
import { badInput, unreachable } from '../../errors.ts';
import { readBounded } from '../../providers/text-file.ts';
import { digestOfBytes } from '../../signing/digest.ts';
import { Random } from '../../simulation/random.ts';
import { attackSections } from '../attacks/attack-sections.ts';
import { runAttacks } from '../attacks/run-attacks.ts';
import { SeatCaps } from '../compose/seat-caps.ts';
import { calibrationSections } from '../live/calibration-sections.ts';
import { votersDifferingIn } from '../live/flips.ts';
import { recordedInvarianceSections } from '../live/invariance-sections.ts';
import { type EvalResult, RESULT_KIND, type Section, type Source } from '../results/eval-result.ts';
import { drawTable, newItems } from '../synthetic/draw-table.ts';
import { type LatentModel, readLatentModel } from '../synthetic/latent-model.ts';
import { type ReadOptions, readVerdicts } from '../verdicts/read-verdicts.ts';
import { completeTable, type VerdictTable, withVoters } from '../verdicts/verdict-table.ts';
import { accuracySections } from './accuracy.ts';
import { correlatedFailureSections } from './correlated-failure.ts';
import { sharedBackdoorSections, targetedBlockingSections, vendorSections } from './domain-failure.ts';
import { type AskedCouncil, askedSections, askFor, type LiveAnswers } from './live-suite.ts';
import { manyCouncilsSections } from './many-councils.ts';
import { protocolLiarsSections } from './protocol-liars.ts';
import { semanticGroundsSections } from './semantic-grounds.ts';
import { type Suite, TABLE_MEASURES, type TableMeasure } from './suite-file.ts';
import { thresholdSweepSections } from './threshold-sweep.ts';

export interface SuiteOptions {
  /** what is typed to make this result again */
  readonly command: string;
  /** in place of the suite's own */
  readonly seed?: number;
  /** recorded verdicts in place of the suite's voters */
  readonly verdicts?: { readonly files: readonly string[]; readonly columns: ReadOptions['columns'] };
}

/** What was found, and what it rests on. */
export interface Finding {
  readonly sections: readonly Section[];
  readonly sources: readonly Source[];
  readonly limits: readonly string[];
}

export interface SuiteDependencies {
  /** the council to ask, for a suite that asks one */
  readonly council: (suite: Suite) => Promise<AskedCouncil>;
  /** hears of what was measured of the council's own seats */
  readonly onAnswers: (suite: Suite, seed: number, answers: LiveAnswers) => void;
  readonly onProgress: (done: number, of: number) => void;
}

export async function runSuite(
  suite: Suite,
  options: SuiteOptions,
  dependencies: SuiteDependencies,
): Promise<EvalResult> {
  const { written, file } = suite;
  const seed = options.seed ?? written.seed;
  const { sections, sources, limits } = await findingOf(suite, seed, options, dependencies);
  return {
    schemaVersion: 1,
    kind: RESULT_KIND,
    suite: { name: written.suite, title: written.title, question: written.question },
    command: options.command,
    seed,
    sources: [{ what: 'suite', name: basename(file), digest: digestOfFile(file) }, ...sources],
    limits,
    sections,
  };
}

async function findingOf(
  suite: Suite,
  seed: number,
  { verdicts }: SuiteOptions,
  { council, onAnswers, onProgress }: SuiteDependencies,
): Promise<Finding> {
  const { measure, voters, pairs, schedules } = suite.written;
  if (verdicts !== undefined && !TAKES_VERDICTS.has(measure)) {
    throw badInput(`${measure} is not measured on recorded verdicts, so it takes none`, { file: suite.file });
  }
  if (measure === 'protocol-liars') {
    const limits = [
      'The simulator knows the attacks that its authors know; no violation in it is no proof. Seats other than four are simulated with conclave simulate --seats.',
    ];
    return { sections: protocolLiarsSections(schedules ?? 1, seed, onProgress), sources: [], limits };
  }
  if (measure === 'semantic-grounds') {
    const file = suite.at(pairs ?? '');
    return {
      sections: await semanticGroundsSections(file),
      sources: [{ what: 'data', name: basename(file), digest: digestOfFile(file) }],
      limits: ['The pairs were written and labelled by the makers of the council, for certifications only.'],
    };
  }
  if (measure === 'many-councils') return manyCouncils(suite, seed);
  if (voters?.from === 'live' && verdicts === undefined) {
    const cases = voters.cases.map(suite.at);
    const answers = await askFor(measure, { ...voters, cases }, await council(suite));
    onAnswers(suite, seed, answers);
    const asked = askedSections(measure, answers);
    const complete = completeTable(answers.table);
    // A run that was stopped before any case was answered by all has nothing to count yet.
    const none = complete.items.names.length === 0;
    const sections = asked ?? (none ? [] : sectionsOf(tableMeasure(suite), complete, seed));
    return { sections, sources: answers.sources, limits: answers.limits };
  }
  const found = await tableFor(suite, verdicts, seed);
  if (measure === 'invariance') return { ...found, sections: recordedSections(suite, found.table) };
  const { table, limits } = completed(found, suite.file);
  return { ...found, limits, sections: sectionsOf(tableMeasure(suite), table, seed) };
}

function manyCouncils({ written, at }: Suite, seed: number): Finding {
  const { voters, council, councils } = written;
  if (voters?.from !== 'synthetic' || council === undefined || councils === undefined) {
    throw badInput('expected synthetic voters, a council, and how many of them');
  }
  const { approve, reject } = voters;
  const { model, ...found } = fitted(at(voters.fit));
  const plan = { councils, ...council, items: { approve, reject } };
  return { ...found, sections: manyCouncilsSections(model, plan, seed) };
}

/** What is counted over seats together takes items that all of them answered. */
function completed({ table, limits }: FoundTable, file: string): Pick<FoundTable, 'table' | 'limits'> {
  const complete = completeTable(table);
  const [all, of] = [complete.items.names.length, table.items.names.length];
  if (all === of) return { table, limits };
  if (all === 0) throw badInput(`expected items that every voter answered, found none among ${of}`, { file });
  const words = `Only the ${all} of ${of} items that every voter answered are counted.`;
  return { table: complete, limits: [...limits, words] };
}

/** Voters whose names differ in one part only, part by part. */
function recordedSections({ written, file }: Suite, table: VerdictTable): readonly Section[] {
  const parts = Math.max(...table.voters.map(({ name }) => name.split('|').length));
  const sections = Array.from({ length: parts }, (_, part) => part)
    .filter((part) => votersDifferingIn(table, part).length > 0)
    .flatMap((part) =>
      recordedInvarianceSections(table, part, written.parts[part] ?? `part ${part + 1} of the name`),
    );
  if (sections.length > 0) return sections;
  throw badInput('expected voters whose names differ in one part only, such as "model|prompt|order"', {
    file,
  });
}

function tableMeasure({ written: { measure }, file }: Suite): TableMeasure {
  const known = TABLE_MEASURES.find((one) => one === measure);
  if (known !== undefined) return known;
  throw badInput(`expected a measure of a table of verdicts, found ${measure}`, { file });
}

export function sectionsOf(measure: TableMeasure, table: VerdictTable, seed: number): readonly Section[] {
  switch (measure) {
    case 'accuracy':
      return accuracySections(table, seed);
    case 'correlated-failure':
      return correlatedFailureSections(table, seed);
    case 'vendor-outage':
      return vendorSections(table, 'silent');
    case 'vendor-compromise':
      return vendorSections(table, 'wrong');
    case 'shared-backdoor':
      return sharedBackdoorSections(table);
    case 'targeted-blocking':
      return targetedBlockingSections(table);
    case 'threshold-sweep':
      return thresholdSweepSections(table);
    case 'aggregation-attacks':
      return attackSections(runAttacks(table, { seed }));
    case 'calibration':
      return calibrationSections(table, new Random(seed, 7));
    default:
      return unreachable(measure);
  }
}

interface FoundTable extends Omit<Finding, 'sections'> {
  readonly table: VerdictTable;
}

/** Of the measures that ask the council, one can be read off recorded voters that differ in a part of their names. */
const TAKES_VERDICTS: ReadonlySet<string> = new Set([...TABLE_MEASURES, 'invariance']);

export const RECORDED_LIMIT =
  'Recorded verdicts are of the items recorded, by the models of their day; other cases and other models will differ.';

async function tableFor(
  { written, at, file }: Suite,
  verdicts: SuiteOptions['verdicts'],
  seed: number,
): Promise<FoundTable> {
  const { voters, council } = written;
  const seated = (table: VerdictTable): VerdictTable =>
    council === undefined
      ? table
      : withVoters(table, new SeatCaps(table.voters, council.cap).drawn(council.seats, new Random(seed, 5)));
  if (verdicts === undefined && voters?.from === 'synthetic') {
    const { model, ...found } = fitted(at(voters.fit));
    const items = newItems(voters.approve, voters.reject);
    return { ...found, table: seated(drawTable(model, { items, random: new Random(seed, 6) })) };
  }
  const recorded = voters?.from === 'recorded' ? voters : undefined;
  const given = verdicts ?? (recorded && { files: recorded.files.map(at), columns: recorded.columns });
  if (given === undefined) throw badInput('expected recorded verdicts', { file });
  const read = await readVerdicts(given.files, { columns: given.columns ?? {} });
  return {
    table: seated(read.table),
    sources: read.sources.map((source) => ({ what: 'data', ...source })),
    limits: [RECORDED_LIMIT],
  };
}

function fitted(file: string): Omit<Finding, 'sections'> & { readonly model: LatentModel } {
  const model = readLatentModel(file);
  const { dataset, sha256, voters, items } = model.provenance;
  return {
    model,
    sources: [
      { what: 'fit', name: basename(file), digest: digestOfFile(file), count: model.voters.length },
      { what: 'data', name: `${dataset}, to which it was fitted`, digest: sha256 },
    ],
    limits: [
      `The voters are synthetic, drawn from a model that was fitted to ${voters} recorded models on ${items} items of ${dataset}. Intervals say how much so many drawn items leave open, not how far the model is from the truth.`,
    ],
  };
}

const MAX_FILE_BYTES = 64 * 1024 * 1024;

function digestOfFile(file: string): string {
  return digestOfBytes(readBounded(file, MAX_FILE_BYTES));
}
