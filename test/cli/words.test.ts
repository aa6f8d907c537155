// The words of the command line: wrong ones exit 64 and say what was expected, help is fast and whole, and a
// reader that closes the pipe early changes nothing.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conclave, projectRoot, resultOf } from './conclave.ts';

/** All that docs/architecture.md promises of this release. */
const COMMANDS = [
  'demo',
  'review',
  'case',
  'verify',
  'report',
  'ledger',
  'simulate',
  'agents',
  'eval',
  'init',
  'keys',
  'repair',
  'node',
  'up',
  'submit',
  'status',
  'watch',
  'dossier',
  'swap',
  'roster',
  'bench',
];

describe('words', () => {
  it.concurrent.each([
    [['coronate']],
    [['verify']],
    [['verify', 'a', 'b']],
    [['verify', 'a', '--genesys', 'b']],
    [['case']],
    [['case', 'crown', 'x']],
    [['agents', 'check', 'a', 'b']],
  ])('%j is wrong usage: 64, and an object where one is asked for', async (words) => {
    const people = await conclave(words);
    expect(people.exit).toBe(64);
    expect(people.stdout).toBe('');
    expect(people.stderr).not.toMatch(/\n\s+at /);
    const script = await conclave([...words, '--json']);
    expect(script.exit).toBe(64);
    expect(resultOf(script)).toMatchObject({ error: { code: 'usage', message: expect.any(String) } });
  });

  it('an expectation that is no outcome is wrong usage', async () => {
    const run = await conclave(['verify', 'a', '--expect', 'maybe', '--json']);
    expect(run.exit).toBe(64);
    expect(resultOf(run)).toMatchObject({ error: { code: 'usage' } });
  });

  it('help and version go to stdout and exit 0', async () => {
    const help = await conclave(['--help']);
    expect(help.exit).toBe(0);
    for (const command of COMMANDS) expect(help.stdout).toContain(command);
    const version = await conclave(['--version']);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await conclave(['verify', '--help'])).stdout).toContain('--genesis');
  });

  it('a reader that closes the pipe early gets no error, and the exit code stays true', async () => {
    const child = spawn(process.execPath, [join(projectRoot, 'dist', 'cli', 'main.js'), 'case', 'schema'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const exit = await new Promise((done) => child.once('close', done));
    expect(stderr).toBe('');
    expect(exit).toBe(0);
  });

  it('what is printed for people has no colour where nobody watches', async () => {
    const { stdout } = await conclave(['agents', 'list'], { environment: { NO_COLOR: undefined } });
    expect(stdout).not.toMatch(/\p{Cc}(?<!\n)/u);
  });
});
