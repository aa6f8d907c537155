import { createHash, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { backOffMs } from './back-off.ts';
import { Budget } from './budget.ts';
import { SeenEntries } from './seen-entries.ts';
import { StreamRoom } from './stream-room.ts';

const RATES = { messagesASecond: 10, bytesASecond: 1_000 };

it('a sender may send two seconds worth at once, then what its rate allows', () => {
  const budget = new Budget(RATES, 0);
  const allowed = (count: number, bytes: number, atMs: number) =>
    Array.from({ length: count }, () => budget.allows(1, bytes, atMs)).filter(Boolean).length;
  expect(allowed(30, 1, 0)).toBe(20);
  expect(allowed(30, 1, 500)).toBe(5);
  expect(allowed(30, 1, 60_000)).toBe(20);
  expect(allowed(30, 1_000, 120_000)).toBe(2);
});

it('what is too much takes nothing from the budget, and a clock that goes back gives nothing', () => {
  const budget = new Budget(RATES, 1_000);
  expect(budget.allows(1, 2_001, 1_000)).toBe(false);
  expect(budget.allows(20, 2_000, 1_000)).toBe(true);
  expect(budget.allows(1, 1, 0)).toBe(false);
});

it('an entry is known again by whatever server, until two generations have come by its own', () => {
  const seen = new SeenEntries(2, 100);
  const entry = (n: number) => createHash('sha256').update(String(n)).digest();
  const first = randomBytes(40);
  expect([seen.seen(0, first), seen.seen(1, first), seen.seen(0, first)]).toEqual([false, true, true]);
  for (let n = 0; n < 300; n++) seen.seen(1, entry(n));
  expect(seen.seen(1, first)).toBe(true);
  for (let n = 300; n < 600; n++) seen.seen(0, entry(n));
  expect(seen.seen(1, first)).toBe(false);
});

it('a forgery with the nonce of a true entry does not pass for it', () => {
  const seen = new SeenEntries(1);
  const forged = randomBytes(40);
  const honest = Buffer.from(forged);
  honest[39] = (honest[39] ?? 0) ^ 1;
  expect([seen.seen(0, forged), seen.seen(0, honest)]).toEqual([false, false]);
});

it('a stream is trimmed by bytes from where the rest fits, and its latest entry always stays', () => {
  const room = new StreamRoom();
  const MiB = 1024 * 1024;
  const added = [1, 2, 3, 4, 5].map((n) => room.added('s', `${n}-0`, MiB, 3 * MiB));
  expect(added).toEqual([undefined, undefined, undefined, '2-0', '3-0']);
  expect(room.added('s', '6-0', 10 * MiB, 3 * MiB)).toBe('6-0');
  expect(room.added('s', '7-0', 10, 3 * MiB)).toBe('7-0');
  expect(room.added('other', '1-0', MiB, 3 * MiB)).toBeUndefined();
});

it('small entries are not counted one by one, and still add up', () => {
  const room = new StreamRoom();
  const trims = Array.from({ length: 4_096 }, (_, n) => room.added('s', `${n}-0`, 1_024, 2 * 1024 * 1024));
  expect(trims.filter((id) => id !== undefined).length).toBeGreaterThan(5);
  expect(trims.slice(0, 2_048).every((id) => id === undefined)).toBe(true);
});

it('waits longer with every try, up to its bound, and never all alike', () => {
  const waits = Array.from({ length: 30 }, (_, n) => backOffMs(n + 1, 1_000));
  expect(waits.every((ms) => ms >= 25 && ms <= 1_000)).toBe(true);
  expect(waits[0]).toBeLessThan(51);
  expect(waits[29]).toBeGreaterThanOrEqual(500);
  expect(new Set(waits).size).toBeGreaterThan(20);
});
