import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../../../test/rigs/instant-council.ts';
import { FileCursors } from './cursors.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conclave-cursors-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('what was set is there for the next who opens the file', async () => {
  const path = join(folder, 'cursors.json');
  const cursors = await FileCursors.open(path);
  cursors.set('127.0.0.1:6379/0', 'all:node-1', '5-0');
  cursors.set('127.0.0.1:6379/0', 'all:node-1', '6-0');
  cursors.set('127.0.0.1:6380/0', '__proto__', '7-0');
  await cursors.close();
  const again = await FileCursors.open(path);
  expect(again.get('127.0.0.1:6379/0', 'all:node-1')).toBe('6-0');
  expect(again.get('127.0.0.1:6379/0', 'all:node-2')).toBeUndefined();
  expect(again.get('nowhere', 'all:node-1')).toBeUndefined();
});

it('writes by itself, without being closed', async () => {
  const path = join(folder, 'cursors.json');
  const cursors = await FileCursors.open(path);
  cursors.set('s', 'all:node-1', '5-0');
  const written = () => {
    try {
      return readFileSync(path, 'utf8').includes('5-0');
    } catch {
      return false;
    }
  };
  await until(written);
  await cursors.close();
});

it.each([
  '',
  '{',
  'null',
  '{"schemaVersion":2,"servers":{}}',
  '{"schemaVersion":1,"servers":{"s":{"all":5}}}',
])('a file of %s is told of, and begins anew', async (text) => {
  const path = join(folder, 'cursors.json');
  writeFileSync(path, text);
  const told: string[] = [];
  const cursors = await FileCursors.open(path, (message) => told.push(message));
  expect(told.length).toBe(1);
  cursors.set('s', 'all', '5-0');
  await cursors.close();
  expect((await FileCursors.open(path)).get('s', 'all')).toBe('5-0');
});

it('a disk that takes nothing is told of, and does no more harm', async () => {
  const told: string[] = [];
  const cursors = await FileCursors.open(join(folder, 'missing', 'cursors.json'), (message) =>
    told.push(message),
  );
  cursors.set('s', 'all', '5-0');
  await cursors.close();
  expect(told.length).toBe(1);
  expect(cursors.get('s', 'all')).toBe('5-0');
});
