import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openJournal } from './answer-journal.ts';

const root = mkdtempSync(join(tmpdir(), 'answer-journal-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const open = (directory: string) => openJournal({ directory, resume: true }, { say: () => {} });

const OPENING = `
  import { openJournal } from '${new URL('./answer-journal.ts', import.meta.url).href}';
  await openJournal({ directory: process.argv[1], resume: true }, { say: () => {} });
  console.log('open');
  setInterval(() => {}, 1000);
`;

describe('a journal that is open', () => {
  it('is refused to a second run, which may have it when the first has closed it', async () => {
    const directory = join(root, 'closed');
    const first = await open(directory);
    await expect(open(directory)).rejects.toMatchObject({
      code: 'unavailable',
      message: `another run of this suite is asking (process ${process.pid}); wait for it, or stop it`,
    });
    first.close();
    const second = await open(directory);
    // Closed again, it takes nothing from who has it now.
    first.close();
    await expect(open(directory)).rejects.toMatchObject({ code: 'unavailable' });
    second.close();
    expect(readdirSync(join(directory, 'running'))).toEqual([]);
  });

  it('is refused while another process asks, and taken over when that one was killed', async () => {
    const directory = join(root, 'killed');
    const words = ['--import', 'tsx', '--input-type=module', '-e', OPENING, directory];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await expect(open(directory)).rejects.toThrow(
      `another run of this suite is asking (process ${child.pid})`,
    );
    child.kill('SIGKILL');
    await gone;
    const journal = await open(directory);
    journal.close();
  });

  it('that is not what it should be is not left locked', async () => {
    const directory = join(root, 'rubbish');
    (await open(directory)).close();
    writeFileSync(join(directory, 'answers.jsonl'), 'rubbish\n');
    await expect(open(directory)).rejects.toMatchObject({ code: 'bad-input' });
    expect(readdirSync(join(directory, 'running'))).toEqual([]);
  });
});
