import { afterEach, expect, it } from 'vitest';
import { until } from '../../../test/rigs/instant-council.ts';
import { textOf, utf8 } from '../../signing/bytes.ts';
import { MemoryCursors } from './cursors.ts';
import { encodeBatch, NONCE_BYTES } from './frames.ts';
import { DEFAULT_LIMITS, type RedisLimits } from './redis-limits.ts';
import type { Listening } from './stream-names.ts';
import { Tally } from './tally.ts';
import { type Arrival, MAX_WAITING_ENTRIES, Turnstile } from './turnstile.ts';

const LISTENING: Listening = { stream: 'all:a', budgetOf: (sender) => (sender === 'a' ? 'a' : undefined) };
let nonces = 0;
let entries = 0;

function arrival(...words: readonly string[]): Arrival {
  const nonce = new Uint8Array(NONCE_BYTES);
  new DataView(nonce.buffer).setUint32(0, nonces++);
  const payload = encodeBatch({ from: 'a', messages: words.map(utf8) }, nonce);
  return { listening: LISTENING, id: `${++entries}-0`, payload };
}

interface Rig {
  readonly turnstile: Turnstile;
  readonly tallies: readonly Tally[];
  readonly cursors: MemoryCursors;
  readonly heard: string[];
}

const open: Turnstile[] = [];
afterEach(() => {
  for (const turnstile of open.splice(0)) turnstile.close();
});

function rig(
  limits: Partial<RedisLimits> = {},
  { onHeard, ready }: { onHeard?: (text: string) => void; ready?: () => Promise<void> | undefined } = {},
): Rig {
  const tallies = ['redis://one', 'redis://two'].map((url) => new Tally(url, undefined));
  const cursors = new MemoryCursors();
  const heard: string[] = [];
  const deliver = (_from: string, bytes: Uint8Array): void => {
    heard.push(textOf(bytes));
    onHeard?.(textOf(bytes));
  };
  const turnstile = new Turnstile({ ...DEFAULT_LIMITS, ...limits }, tallies, { cursors, deliver, ready });
  open.push(turnstile);
  return { turnstile, tallies, cursors, heard };
}

const countsOf = (tally: Tally | undefined) =>
  tally?.stats({ connected: true, queuedIn: 0, queuedOut: 0 }) ?? expect.fail('no such server');

it('servers take turns, message by message, however much one of them brings', async () => {
  const { turnstile, heard } = rig();
  turnstile.arrive(0, [
    arrival(...Array.from({ length: 100 }, (_, i) => `flood ${i}`)),
    arrival('flood 100'),
  ]);
  turnstile.arrive(1, [arrival('true 0', 'true 1'), arrival('true 2')]);
  expect(heard).toEqual([]);
  await until(() => heard.length === 104);
  expect(heard.indexOf('true 2')).toBeLessThan(10);
  expect(heard.filter((text) => text.startsWith('flood'))).toEqual(
    Array.from({ length: 101 }, (_, i) => `flood ${i}`),
  );
});

it('what is too much by one server may still come by another', async () => {
  const { turnstile, tallies, heard } = rig({ messagesASecond: 1 });
  const copy = arrival('true');
  turnstile.arrive(0, [arrival('x', 'x'), copy]);
  await until(() => countsOf(tallies[0]).dropped['too-many'] === 1);
  turnstile.arrive(1, [copy]);
  turnstile.arrive(0, [copy]);
  await until(() => heard.includes('true'));
  expect(heard).toEqual(['x', 'x', 'true']);
  expect(countsOf(tallies[1])).toMatchObject({ delivered: 1, duplicate: 0, dropped: {} });
});

it('a copy is counted where it came second, a forgery with its nonce is not one', async () => {
  const { turnstile, tallies, heard } = rig();
  const honest = arrival('true', 'words');
  const forged = { ...honest, payload: Uint8Array.from(honest.payload ?? []) };
  forged.payload[forged.payload.length - 1] = 0x58;
  turnstile.arrive(0, [forged]);
  await until(() => heard.length === 2);
  turnstile.arrive(1, [honest, honest]);
  await until(() => countsOf(tallies[1]).duplicate === 2);
  expect(heard).toEqual(['true', 'wordX', 'true', 'words']);
});

it('a cursor stands behind what was delivered, not behind what was read', async () => {
  let stop = (): void => undefined;
  const stopped: string[] = [];
  const { turnstile, cursors } = rig({}, { onHeard: (text) => text === 'second' && stop() });
  const [first, second, third] = [arrival('first'), arrival('second'), arrival('third')];
  stop = () => {
    stopped.push(cursors.get('one:6379/0', 'all:a') ?? 'none');
    turnstile.close();
  };
  turnstile.arrive(0, [first, second, third]);
  await until(() => stopped.length === 1);
  expect(stopped).toEqual([first.id]);
  expect(cursors.get('one:6379/0', 'all:a')).toBe(second.id);
});

it('a server whose queue is full is not read from until there is room again', async () => {
  let letGo = (): void => undefined;
  let held: Promise<void> | undefined = new Promise((resolve) => {
    letGo = resolve;
  });
  const { turnstile, heard } = rig({}, { ready: () => held });
  let room = 0;
  expect(turnstile.hasRoom(0, () => room++)).toBe(true);
  turnstile.arrive(
    0,
    Array.from({ length: MAX_WAITING_ENTRIES }, () => arrival('x')),
  );
  expect([turnstile.hasRoom(0, () => room++), turnstile.hasRoom(1, () => room++)]).toEqual([false, true]);
  held = undefined;
  letGo();
  await until(() => heard.length === MAX_WAITING_ENTRIES);
  expect(room).toBe(1);
});

it('goes on after the node that listens has thrown', async () => {
  const thrown: unknown[] = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => thrown.push(error));
  try {
    const onHeard = (text: string): void => {
      if (text === 'bad') throw new Error('an invariant of the node');
    };
    const { turnstile, heard } = rig({}, { onHeard });
    turnstile.arrive(0, [arrival('bad', 'good')]);
    await until(() => heard.length === 2);
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of listeners) process.on('uncaughtException', listener);
  }
  expect(thrown.map(String)).toEqual(['Error: an invariant of the node']);
});
