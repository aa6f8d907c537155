import { expect, it } from 'vitest';
import { addressOf, redisServers } from './redis-servers.ts';
import type { RedisTrouble } from './redis-stats.ts';
import { troubleOf } from './redis-trouble.ts';
import { Tally } from './tally.ts';

it('servers are named by host, port and database, never by password', () => {
  expect(addressOf('redis://:secret@example.org')).toBe('example.org:6379/0');
  expect(addressOf('rediss://user:secret@[::1]:7000/3')).toBe('[::1]:7000/3');
});

it('several servers are read with commas between, each once', () => {
  expect(redisServers('redis://a, redis://b:1,redis://a')).toEqual(['redis://a', 'redis://b:1']);
});

it.each(['', 'localhost', 'http://a', 'redis://', 'redis://:secret@a/x', 'redis://a,,', 'redis://a:99999'])(
  'refuses %j, and repeats no password',
  (text) => {
    expect(() => redisServers(text)).toThrow(/expected/);
    try {
      redisServers(text);
    } catch (error) {
      expect(String(error)).not.toContain('secret');
    }
  },
);

it('refuses more servers than anybody needs', () => {
  const many = Array.from({ length: 9 }, (_, n) => `redis://h${n}`).join(',');
  expect(() => redisServers(many)).toThrow(/at most 8/);
});

it.each([
  ['NOAUTH Authentication required.', 'access'],
  ['WRONGPASS invalid username-password pair or user is disabled.', 'access'],
  ["NOPERM this user has no permissions to run the 'xadd' command", 'access'],
  ['LOADING Redis is loading the dataset in memory', 'loading'],
  ["READONLY You can't write against a read only replica.", 'read-only'],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'out-of-memory'],
  ['MISCONF Redis is configured to save RDB snapshots', 'out-of-memory'],
  ['WRONGTYPE Operation against a key holding the wrong kind of value', 'wrong-type'],
  ['ERR The stream has exhausted the last possible ID, unable to add more items', 'exhausted'],
  ['connect ECONNREFUSED 127.0.0.1:1', 'unreachable'],
  ['Connection is closed.', 'unreachable'],
  ["Socket timeout. Expecting data, but didn't receive any in 8000ms.", 'timeout'],
  ['anything else', 'other'],
])('%s is %s', (message, kind) => {
  expect(troubleOf(message)).toBe(kind);
});

it('tells of each kind of trouble once in a while, in one short line, and counts them all', () => {
  const told: RedisTrouble[] = [];
  const tally = new Tally('redis://:secret@h:1', (trouble) => told.push(trouble));
  for (let i = 0; i < 5; i++) tally.error(new Error(`OOM \n\u001b[31m${'x'.repeat(1_000)}`));
  tally.error('no error at all');
  expect(told.map(({ server, kind }) => [server, kind])).toEqual([
    ['h:1/0', 'out-of-memory'],
    ['h:1/0', 'other'],
  ]);
  expect(told[0]?.message).toMatch(/^[\x20-\x7e]{1,200}$/);
  expect(tally.stats({ connected: false, queuedIn: 0, queuedOut: 0 }).troubles).toEqual({
    'out-of-memory': 5,
    other: 1,
  });
});
