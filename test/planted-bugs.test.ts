// The simulator must find what it is for: each of these bugs is planted in a copy of the sources and must be
// noticed within the stated number of schedules, and the sources as they are must pass the very same schedules.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulate } from '../src/simulation/simulate.ts';
import { EPOCH_MUTANTS } from './mutants/epochs.ts';
import { JUDGING_MUTANTS } from './mutants/judging.ts';
import { LEFT_OUT_MUTANTS } from './mutants/left-out.ts';
import { applyEdit, type Hunt, type Mutant } from './mutants/mutant.ts';
import { ORDERING_MUTANTS } from './mutants/ordering.ts';

interface Outcome {
  readonly schedules: number;
  readonly seed?: number;
  readonly kind?: string;
  readonly text?: string;
}

const root = join(import.meta.dirname, '..');
const nursery = mkdtempSync(join(tmpdir(), 'conclave-planted-'));
const MUTANTS: readonly Mutant[] = [
  ...ORDERING_MUTANTS,
  ...JUDGING_MUTANTS,
  ...LEFT_OUT_MUTANTS,
  ...EPOCH_MUTANTS,
];

const run = promisify(execFile);
/** tsx stands on it; a bundle starts three times as fast as the sources through tsx. */
const esbuild = createRequire(createRequire(import.meta.url).resolve('tsx')).resolve('esbuild/bin/esbuild');

/** One snapshot, so that all mutants are of the same sources. */
beforeAll(() => copySources(root, join(nursery, 'snapshot')));
afterAll(() => rmSync(nursery, { recursive: true, force: true }));

function copySources(from: string, to: string): void {
  for (const part of ['src', join('test', 'mutants'), 'package.json', 'tsconfig.json']) {
    cpSync(join(from, part), join(to, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(to, 'node_modules'));
}

/** A program that hunts the mutant: the sources with its edits made, in one file. */
async function plant({ edits }: Mutant, at: string): Promise<string> {
  copySources(join(nursery, 'snapshot'), at);
  for (const edit of edits) {
    const file = join(at, 'src', edit.file);
    writeFileSync(file, applyEdit(readFileSync(file, 'utf8'), edit));
  }
  const bundle = join(at, 'hunter.mjs');
  const hunter = join(at, 'test', 'mutants', 'hunter.ts');
  await run(esbuild, [hunter, '--bundle', '--platform=node', '--format=esm', `--outfile=${bundle}`], {
    cwd: at,
  });
  return bundle;
}

async function hunt(wanted: Hunt, hunter: string): Promise<Outcome> {
  const { stdout } = await run(process.execPath, [hunter, JSON.stringify(wanted)], { maxBuffer: 1 << 24 });
  return JSON.parse(stdout);
}

describe.concurrent('a planted bug is found:', () => {
  it.for(MUTANTS.map((mutant, index) => [mutant.name, mutant, index] as const))(
    '%s',
    { timeout: 120_000 },
    async ([, mutant, index]) => {
      const hunter = await plant(mutant, join(nursery, `mutant-${index}`));
      const { schedules, kind, seed } = await hunt(mutant.hunt, hunter);
      expect(kind, `${schedules} schedules found nothing`).toBeDefined();
      expect(seed).toBeLessThan(mutant.hunt.kind === 'directed' ? 1_000 : mutant.hunt.seeds);
    },
  );
});

describe('without it the same schedules pass:', () => {
  it.for(
    widest(MUTANTS.map((mutant) => mutant.hunt)).map((wanted) => [JSON.stringify(wanted), wanted] as const),
  )('%s', { timeout: 120_000 }, ([, wanted]) => {
    const found = simulate(wanted).violations.map(({ seed, kind, text }) => ({ seed, kind, text }));
    expect(found).toEqual([]);
  });
});

/** Of hunts that differ in the number of seeds only, the one with the most. */
function widest(hunts: readonly Hunt[]): readonly Hunt[] {
  const byWorld = new Map<string, Hunt>();
  for (const wanted of hunts) {
    const world = JSON.stringify({ ...wanted, seeds: 0 });
    const known = byWorld.get(world);
    if (known === undefined || known.seeds < wanted.seeds) byWorld.set(world, wanted);
  }
  return [...byWorld.values()];
}
