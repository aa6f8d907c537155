// `conclave bench`: figures of this machine, each with its workload, how often it was measured, and its goal. What
// misses its goal is listed like the rest, and makes the exit code 1.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { ConclaveError } from '../errors.ts';
import { type Figure, judged, type Measured } from './bench/figure.ts';
import { MEASUREMENTS, type Measurement, type Scale } from './bench/measurements.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { padEnd, padStart, wrap } from './layout.ts';
import type { Terminal } from './terminal.ts';

export interface BenchOptions {
  readonly quick?: boolean;
  readonly only?: string;
  /** what several processes do over Redis: over a server of its own, or over those that are named */
  readonly redis?: string | true;
}

export async function bench(options: BenchOptions, terminal: Terminal): Promise<ExitCode> {
  if (options.redis === undefined) return measureAll(MEASUREMENTS, options, terminal);
  const { machineMeasurements } = await import('./bench/machines.ts');
  if (options.redis !== true) {
    const { redisServers } = await import('../transport/redis/redis-servers.ts');
    return measureAll(machineMeasurements(redisServers(options.redis)), options, terminal);
  }
  const { startPrivateRedis } = await import('./private-redis.ts');
  const folder = mkdtempSync(join(tmpdir(), 'conclave-bench-redis-'));
  const redis = await startPrivateRedis(folder, { appendOnly: false });
  try {
    return await measureAll(machineMeasurements([redis.url]), options, terminal);
  } finally {
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureAll(
  measurements: readonly Measurement[],
  options: BenchOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const scale: Scale = options.quick === true ? 'quick' : 'full';
  const chosen = measurements.filter(({ about }) => about.includes((options.only ?? '').toLowerCase()));
  if (chosen.length === 0) {
    const known = measurements.map(({ about }) => about).join('; ');
    throw new ConclaveError('usage', `--only: expected words of one of these: ${known}`);
  }
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    /** what others were doing meanwhile; every figure is the worse for it */
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
  const { colors } = terminal;
  const gigabytes = Math.round(machine.memoryBytes / 2 ** 30);
  terminal.say(
    '',
    `  ${machine.cpu}, ${machine.cores} cores, ${gigabytes} GB, Node ${machine.node}, ${machine.platform}`,
    ...(machine.loadBefore > machine.cores / 2
      ? wrap(
          `others keep this machine busy (load ${machine.loadBefore}): what takes time seems slower than it is`,
          76,
        ).map((line) => colors.yellow(`  ${line}`))
      : []),
    ...(scale === 'quick'
      ? [colors.dim('  --quick: smaller workloads, so take the figures for what they are')]
      : []),
    '',
  );
  const figures: Figure[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'conclave-bench-'));
  try {
    for (const { about, measure } of chosen) {
      const note = (progress: string): void =>
        terminal.draw([colors.dim(`  measuring ${about}: ${progress}`)]);
      note('');
      const world = { scale, folder: mkdtempSync(join(folder, 'run-')), note };
      for await (const measured of measure(world)) {
        const figure = judged(measured);
        figures.push(figure);
        terminal.say(...figureRows(figure, terminal));
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const missed = figures.filter(({ reached }) => reached === 'missed' || reached === 'short of the goal');
  terminal.say(
    missed.length === 0
      ? `  ${colors.green('✓')} every goal is met`
      : `  ${colors.red('✗')} not met: ${missed.map(({ name }) => name).join(', ')}`,
    '',
  );
  terminal.result({ ok: missed.length === 0, scale, machine, figures });
  return missed.length === 0 ? EXIT.yes : EXIT.no;
}

const NAME_COLUMNS = 36;

function figureRows(figure: Figure, { colors, columns }: Terminal): string[] {
  const { name, workload, n, value, unit, reached } = figure;
  const sign = {
    met: colors.green('✓'),
    'short of the goal': colors.yellow('~'),
    missed: colors.red('✗'),
    'no goal': ' ',
  }[reached];
  const amount = `${spelled(value)} ${unit}`;
  return [
    `  ${sign} ${padEnd(name, NAME_COLUMNS)} ${padStart(amount, 13)}   ${colors.dim(goalOf(figure))}`.trimEnd(),
    ...wrap(`${workload}; n = ${n}`, columns - 8).map((line) => colors.dim(`      ${line}`)),
  ];
}

function goalOf({ goal, reached }: Figure): string {
  if (goal === undefined) return '';
  const sign = goal.bound === 'at least' ? '≥' : '≤';
  const least = goal.least === undefined || reached === 'met' ? '' : `, least ${spelled(goal.least)}`;
  return `goal ${sign} ${spelled(goal.value)}${least}`;
}

function spelled(value: Measured['value']): string {
  return value.toLocaleString('en-US', {
    maximumFractionDigits: Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0,
  });
}
