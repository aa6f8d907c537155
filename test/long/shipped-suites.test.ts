// Every suite that comes with conclave, as commands, offline: within five minutes altogether, and twice the same bytes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readResults } from '../../src/evals/results/result-file.ts';
import { conclave, projectRoot, temporaryFolder } from '../cli/conclave.ts';

const MOST_MS = 5 * 60_000;

it('the shipped suites take less than five minutes together, and give the same result again', {
  timeout: 3 * MOST_MS,
}, async () => {
  const evals = join(projectRoot, 'evals');
  const suites = readdirSync(evals)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(evals, name));
  expect(suites.length).toBeGreaterThanOrEqual(13);
  const bytes: string[] = [];
  let last = '';
  for (const name of ['first', 'again']) {
    const folder = temporaryFolder();
    last = folder;
    const began = performance.now();
    const run = await conclave(['eval', 'run', ...suites, '--offline', '-o', 'all.json', '-o', 'all.html'], {
      cwd: folder,
      timeoutMs: MOST_MS,
    });
    expect(run.exit, `${name}: ${run.stderr}`).toBe(0);
    expect(performance.now() - began).toBeLessThan(MOST_MS);
    bytes.push(
      readFileSync(join(folder, 'all.json'), 'utf8') + readFileSync(join(folder, 'all.html'), 'utf8'),
    );
  }
  expect(bytes[1]).toBe(bytes[0]);
  // The simulator finds nothing with as many liars as are tolerated, and something with one more.
  const liars = readResults(join(last, 'all.json')).find(({ suite }) => suite.name === 'protocol-liars');
  const [figures] = liars?.sections ?? [];
  const found =
    figures?.kind === 'figures' ? figures.rows.map(({ id, figure }) => [id, figure.value > 0]) : [];
  expect(Object.fromEntries(found)).toEqual({
    timed: false,
    untimed: false,
    council: false,
    directed: false,
    'untimed-beyond': true,
  });
});
