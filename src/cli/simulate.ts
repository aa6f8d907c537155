// `conclave simulate`: attacks the consensus with seeded schedules of faults. What it finds it can find again: the
// same seed plays the same schedule, step by step, with its trace.
import { resolve } from 'node:path';
import { ConclaveError } from '../errors.ts';
import { readTextFile } from '../providers/text-file.ts';
import {
  BEHAVIOURS,
  type Behaviour,
  type FoundViolation,
  runTwins,
  SIMULATION_KINDS,
  type SimulationKind,
  type SimulationReport,
  simulate,
  type TwinsReport,
} from '../simulation/simulate.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { counted, padEnd, padStart, plural, visible } from './layout.ts';
import type { Terminal } from './terminal.ts';

export interface SimulateWords {
  readonly seats: number;
  readonly byzantine?: number;
  readonly behaviour?: string;
  readonly kind?: string;
  readonly epochs?: true;
  readonly seeds: number;
  readonly seed?: number;
  readonly twins?: string;
}

const MAX_TWINS_BYTES = 64 * 1024 * 1024;
const VIOLATIONS_SHOWN = 5;
const TRACE_LINES_SHOWN = 40;

/** A run and how long it took. */
type Timed<T> = T & { readonly tookMs: number };

export async function simulateFaults(words: SimulateWords, terminal: Terminal): Promise<ExitCode> {
  if (words.twins !== undefined) return playTwins(words.twins, terminal);
  const kinds = kindsOf(words);
  const reports = kinds.map((kind) => run(kind, words, terminal));
  const violations = reports.flatMap(({ kind, violations: found }) =>
    found.map((one) => ({ run: kind, ...one })),
  );
  const [first] = reports;

  const { colors } = terminal;
  const tolerated = reports.every((report) => report.tolerated);
  if (violations.length === 0) {
    terminal.say(
      '',
      `  ${colors.green('✓')} no violation in ${plural(
        sum(reports, ({ schedules }) => schedules),
        'schedule',
      )}`,
      '',
    );
  } else {
    // One trace is read at a time; the others can be asked for by their seeds.
    for (const [i, one] of violations.slice(0, VIOLATIONS_SHOWN).entries()) {
      terminal.say(...violationRows(one, words, terminal, i === 0 ? TRACE_LINES_SHOWN : 0));
    }
    terminal.say('', `  ${colors.red('✗')} ${plural(violations.length, 'violation')}`);
    if (!tolerated) terminal.say('  (more seats lie than are tolerated, so this had to be possible)');
    terminal.say('');
  }
  terminal.result({
    ok: violations.length === 0,
    seats: words.seats,
    byzantine: first?.byzantine ?? 0,
    tolerated,
    behaviour: words.behaviour ?? 'any',
    schedules: sum(reports, ({ schedules }) => schedules),
    violations,
    runs: reports.map(({ kind, schedules, views, blocks, events, tookMs }) => ({
      kind,
      schedules,
      views,
      blocks,
      events,
      tookMs,
    })),
    ...(words.seed === undefined ? {} : { seed: words.seed, trace: first?.trace ?? [] }),
  });
  return violations.length === 0 ? EXIT.yes : EXIT.no;
}

/** All kinds, since each finds what the others miss (protocol 3.11), unless the words point at one. */
function kindsOf(words: SimulateWords): readonly SimulationKind[] {
  const { kind, behaviour, seed, byzantine, seats, epochs } = words;
  if (epochs !== undefined && kind === undefined) return ['timed'];
  if (kind !== undefined) {
    const known = SIMULATION_KINDS.find((name) => name === kind);
    if (known !== undefined) return [known];
    throw new ConclaveError(
      'usage',
      `--kind: expected ${SIMULATION_KINDS.join(', ')}, found "${kind.slice(0, 40)}"`,
    );
  }
  if (behaviour !== undefined) return [isOfTheBallot(behaviour) ? 'council' : 'timed'];
  if (seed !== undefined) return ['timed'];
  const lonely = seats < 4 || byzantine === 0;
  return SIMULATION_KINDS.filter((name) => name !== 'untimed' || !lonely);
}

function isOfTheBallot(behaviour: string): boolean {
  return BEHAVIOURS.indexOf(behaviourOf(behaviour)) > BEHAVIOURS.indexOf('twins');
}

function behaviourOf(text: string): Behaviour {
  const known = BEHAVIOURS.find((name) => name === text);
  if (known !== undefined) return known;
  throw new ConclaveError(
    'usage',
    `--behaviour: expected ${BEHAVIOURS.join(', ')}, found "${text.slice(0, 40)}"`,
  );
}

function run(kind: SimulationKind, words: SimulateWords, terminal: Terminal): Timed<SimulationReport> {
  const { seats, byzantine, behaviour, epochs, seed } = words;
  const seeds = seed === undefined ? words.seeds : 1;
  const started = performance.now();
  let drawnAt = started;
  const report = simulate({
    kind,
    seats,
    seeds,
    ...(byzantine === undefined ? {} : { byzantine }),
    ...(behaviour === undefined ? {} : { behaviour: behaviourOf(behaviour) }),
    ...(epochs === undefined ? {} : { epochs }),
    ...(seed === undefined ? {} : { firstSeed: seed, tracing: true }),
    onSchedule: (done, violations) => {
      if (performance.now() - drawnAt < 100) return;
      drawnAt = performance.now();
      terminal.draw([
        `  ${padEnd(kind, 10)} ${done} of ${seeds} schedules, ${plural(violations, 'violation')}`,
      ]);
    },
  });
  const tookMs = Math.round(performance.now() - started);
  if (seed !== undefined && report.violations.length === 0) terminal.say(...report.trace.map(visible));
  terminal.say(kindRow(report, tookMs, terminal));
  return { ...report, tookMs };
}

function kindRow(report: SimulationReport, tookMs: number, { colors }: Terminal): string {
  const { kind, violations, schedules, views, blocks, seats, byzantine } = report;
  const sign = violations.length === 0 ? colors.green('✓') : colors.red('✗');
  const rate = counted((schedules * 1000) / Math.max(1, tookMs));
  const world =
    kind === 'directed' ? 'each with what must come of it' : `${plural(seats, 'seat')}, ${byzantine} lying`;
  const went = `${counted(views)} views, ${counted(blocks)} blocks`;
  return `  ${sign} ${padEnd(kind, 9)}${padStart(counted(schedules), 7)} schedules  ${padEnd(world, 30)} ${colors.dim(`${went}, ${rate}/s`)}`;
}

function violationRows(
  violation: FoundViolation & { readonly run: SimulationKind },
  words: SimulateWords,
  { colors }: Terminal,
  traceLines: number,
): string[] {
  const { seed, kind, text, trace, scenario, run: found } = violation;
  const again =
    scenario === undefined
      ? [`  again: conclave simulate ${againWords(found, seed, words)}`]
      : [`  scenario: ${scenario}`];
  return [
    '',
    `  ${colors.red(kind)} with seed ${seed}: ${visible(text)}`,
    ...lastOf(trace, traceLines).map((line) => colors.dim(`  ${visible(line)}`)),
    ...again,
  ];
}

function againWords(
  kind: SimulationKind,
  seed: number,
  { seats, byzantine, behaviour }: SimulateWords,
): string {
  return [
    `--kind ${kind}`,
    `--seats ${seats}`,
    ...(byzantine === undefined ? [] : [`--byzantine ${byzantine}`]),
    ...(behaviour === undefined ? [] : [`--behaviour ${behaviour}`]),
    `--seed ${seed}`,
  ].join(' ');
}

function playTwins(file: string, terminal: Terminal): ExitCode {
  const path = resolve(file);
  const text = readTextFile(path, MAX_TWINS_BYTES);
  const started = performance.now();
  let drawnAt = started;
  const report = runTwins(text, path, (done, violations) => {
    if (performance.now() - drawnAt < 100) return;
    drawnAt = performance.now();
    terminal.draw([`  twins      ${done} scenarios, ${plural(violations, 'violation')}`]);
  });
  const tookMs = Math.round(performance.now() - started);
  terminal.say(...twinsRows(report, tookMs, terminal));
  terminal.result({ ok: report.violations.length === 0, ...report, timings: { simulateMs: tookMs } });
  return report.violations.length === 0 ? EXIT.yes : EXIT.no;
}

function twinsRows(report: TwinsReport, tookMs: number, { colors }: Terminal): string[] {
  const { violations, scenarios, runs, seats, twins, mostViewsToCommit } = report;
  const told = violations
    .slice(0, VIOLATIONS_SHOWN)
    .flatMap(({ scenario, reading, kind, text, trace }) => [
      '',
      `  ${colors.red(kind)} in scenario ${scenario}, rounds ${reading}: ${visible(text)}`,
      ...lastOf(trace, TRACE_LINES_SHOWN).map((line) => colors.dim(`  ${visible(line)}`)),
    ]);
  const sign = violations.length === 0 ? colors.green('✓') : colors.red('✗');
  return [
    ...told,
    `  ${sign} ${plural(scenarios, 'Twins scenario')} of ${seats} seats with ${plural(twins, 'twin')}: ${plural(violations.length, 'violation')}`,
    colors.dim(
      `    each played twice, rounds read by view and by time: ${counted(runs)} runs, ${counted(tookMs)} ms;`,
    ),
    colors.dim(`    after healing everything was committed within ${plural(mostViewsToCommit, 'view')}`),
  ];
}

const sum = <T>(list: readonly T[], of: (one: T) => number): number =>
  list.reduce((total, one) => total + of(one), 0);

const lastOf = <T>(list: readonly T[], count: number): readonly T[] =>
  list.slice(list.length - Math.min(count, list.length));
