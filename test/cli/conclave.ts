// Runs the built command as a person's shell would: its own process, its own folder, and everything it says kept.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export const projectRoot = join(import.meta.dirname, '..', '..');
const built = join(projectRoot, 'dist', 'cli', 'main.js');

export interface Run {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly cwd?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
}

export function conclave(words: readonly string[], surroundings: Surroundings = {}): Promise<Run> {
  if (!existsSync(built)) throw new Error('dist/ is not built; npm test builds it first');
  const { cwd = projectRoot, environment = {}, timeoutMs = 60_000 } = surroundings;
  const child = spawn(process.execPath, [built, ...words], {
    cwd,
    env: { ...withoutMakers(process.env), NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const stdout: string[] = [];
  const stderr: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text));
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (exit) => done({ exit, stdout: stdout.join(''), stderr: stderr.join('') }));
  });
}

/** A test asks no live model, whatever keys there are in the shell that runs it. */
export function withoutMakers(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = /_(?:API_KEY|BASE_URL)$|^OLLAMA_HOST$/;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.test(name)));
}

/** The one object a command printed; anything else on stdout fails the test. */
export function resultOf({ stdout, stderr }: Run): Record<string, unknown> {
  const lines = stdout.split('\n').filter((line) => line !== '');
  if (lines.length !== 1)
    throw new Error(`expected one line on stdout, found ${lines.length}: ${stdout}${stderr}`);
  const value: unknown = JSON.parse(lines[0] ?? '');
  if (typeof value !== 'object' || value === null) throw new Error(`expected an object, found ${stdout}`);
  return Object.fromEntries(Object.entries(value));
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder for one test, gone when those of its file are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-test-'));
  folders.push(folder);
  return folder;
}

/** Every file under a folder, by its path in it. */
export function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}
