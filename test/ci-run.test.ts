// `.ci/run` counts what vitest counted, and never closes with success when nothing ran. `npm` is played by a script
// here, so that each way a run can end is tried.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-ci-'));
  mkdirSync(join(folder, '.ci'));
  mkdirSync(join(folder, 'bin'));
  cpSync(join(root, '.ci', 'run'), join(folder, '.ci', 'run'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How the run ends when `npm test` writes this report and exits so. */
function endOf(
  report: object | undefined,
  exit: number,
): { readonly status: number | null; readonly last: string } {
  const writing = report === undefined ? '' : `echo '${JSON.stringify(report)}' > "\${5#--outputFile.json=}"`;
  const npm = join(folder, 'bin', 'npm');
  writeFileSync(npm, `#!/bin/sh\necho "$@" > "${folder}/asked"\n${writing}\nexit ${exit}\n`);
  chmodSync(npm, 0o755);
  const run = spawnSync(join(folder, '.ci', 'run'), {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}` },
  });
  return { status: run.status, last: run.stdout.trimEnd().split('\n').at(-1) ?? '' };
}

const counts = (passed: number, failed: number, pending: number, testResults: object[] = []) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: pending,
  numTodoTests: 0,
  testResults,
});

describe('.ci/run', () => {
  it('calls the command of the README', () => {
    endOf(counts(1, 0, 0), 0);
    expect(execFileSync('cat', [join(folder, 'asked')], { encoding: 'utf8' })).toMatch(
      /^test -- --reporter=default /,
    );
  });

  it.each([
    ['all passed', counts(7, 0, 0), 0, 0, '7 passed, 0 failed'],
    ['some skipped', counts(7, 0, 2), 0, 0, '7 passed, 0 failed, 2 skipped'],
    ['some failed', counts(7, 2, 0), 1, 1, '7 passed, 2 failed'],
    [
      'a file did not load',
      counts(7, 0, 0, [{ status: 'failed', assertionResults: [] }]),
      1,
      1,
      '7 passed, 1 failed',
    ],
    ['an error outside of any test', counts(7, 0, 0), 1, 1, '7 passed, 1 failed'],
    ['no test ran', counts(0, 0, 0), 0, 1, '0 passed, 1 failed'],
    ['the check failed before any test', undefined, 2, 1, '0 passed, 1 failed'],
  ])('%s', (_, report, exit, status, last) => {
    expect(endOf(report, exit)).toEqual({ status, last });
  });
});
