import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lockDirectory } from './directory-lock.ts';

const root = mkdtempSync(join(tmpdir(), 'conclave-lock-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let made = 0;
const fresh = (): string => join(root, String(made++));

const LOCKING = `
  import { lockDirectory } from '${new URL('./directory-lock.ts', import.meta.url).href}';
  try { lockDirectory(process.argv[1]); console.log('locked'); setInterval(() => {}, 1000); }
  catch (error) { console.log(error.code + ' ' + error.message); }
`;

/** Another process that takes the lock and keeps it until it is killed. */
function other(folder: string) {
  const words = ['--import', 'tsx', '--input-type=module', '-e', LOCKING, folder];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
  });
  const killed = async (): Promise<void> => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  return { child, said, killed };
}

describe('the lock of a directory', () => {
  it('is free again when it is released', () => {
    const folder = fresh();
    lockDirectory(folder).release();
    lockDirectory(folder).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a second opening in the same process', () => {
    const folder = fresh();
    const lock = lockDirectory(folder);
    expect(() => lockDirectory(folder)).toThrow(expect.objectContaining({ code: 'unavailable' }));
    lock.release();
  });

  it('refuses while another process has it, and not after that one was killed', async () => {
    const folder = fresh();
    const holder = other(folder);
    expect(await holder.said).toBe('locked');
    expect(() => lockDirectory(folder)).toThrow(`process ${holder.child.pid} has this council open`);
    const second = other(folder);
    expect(await second.said).toContain('unavailable');
    await second.killed();
    await holder.killed();
    lockDirectory(folder).release();
    expect(readdirSync(folder)).toEqual([]);
  });
});
