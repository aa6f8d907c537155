// The simulator must find what it is for: each of these bugs is planted in a copy of the sources and must be
// noticed within the stated number of schedules, and the sources as they are must pass the very same schedules.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { simulate } from '../src/simulation/simulate.ts';
import { JUDGING_MUTANTS } from './mutants/judging.ts';
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
const MUTANTS: readonly Mutant[] = [...ORDERING_MUTANTS, ...JUDGING_MUTANTS];

afterAll(() => rmSync(nursery, { recursive: true, force: true }));

/** A copy of the sources with the mutant's edits made. */
function plant({ edits }: Mutant, at: string): void {
  cpSync(join(root, 'src'), join(at, 'src'), { recursive: true });
  cpSync(join(root, 'test', 'mutants'), join(at, 'test', 'mutants'), { recursive: true });
  cpSync(join(root, 'package.json'), join(at, 'package.json'));
  cpSync(join(root, 'tsconfig.json'), join(at, 'tsconfig.json'));
  symlinkSync(join(root, 'node_modules'), join(at, 'node_modules'));
  for (const edit of edits) {
    const file = join(at, 'src', edit.file);
    writeFileSync(file, applyEdit(readFileSync(file, 'utf8'), edit));
  }
}

async function hunt(wanted: Hunt, at: string): Promise<Outcome> {
  const hunter = join(at, 'test', 'mutants', 'hunter.ts');
  const ran = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', hunter, JSON.stringify(wanted)],
    {
      cwd: at,
      maxBuffer: 1 << 24,
    },
  );
  return JSON.parse(ran.stdout);
}

describe.concurrent('a planted bug is found:', () => {
  it.for(MUTANTS.map((mutant, index) => [mutant.name, mutant, index] as const))(
    '%s',
    { timeout: 120_000 },
    async ([, mutant, index]) => {
      const at = join(nursery, `mutant-${index}`);
      plant(mutant, at);
      const { schedules, kind, seed } = await hunt(mutant.hunt, at);
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
