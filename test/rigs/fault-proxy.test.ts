// The proxy must do what it says and count it truly: what the end-to-end tests hold against the runner is its account.
import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type FaultProxy,
  type FaultProxyOptions,
  faultProxy,
  HARMS,
  type Harm,
  type Rates,
} from './fault-proxy.ts';

const ANSWER = JSON.stringify({
  text: 'an answer that is long enough to be cut off somewhere in its middle',
});
const PATHS = ['/v1/chat/completions', '/v1/messages', '/v1beta/models/m:generateContent', '/api/chat'];

let upstream: Server;
let url = '';
const proxies: FaultProxy[] = [];

beforeAll(async () => {
  upstream = createServer((incoming, answer) => {
    incoming.resume().once('end', () => answer.setHeader('content-type', 'application/json').end(ANSWER));
  });
  await new Promise<void>((listening) => upstream.listen(0, '127.0.0.1', listening));
  const address = upstream.address();
  if (address !== null && typeof address === 'object') url = `http://127.0.0.1:${address.port}`;
});
afterEach(async () => {
  for (const proxy of proxies.splice(0)) await proxy.close();
});
afterAll(() => {
  upstream.closeAllConnections();
  upstream.close();
});

async function between(options: Partial<FaultProxyOptions>): Promise<FaultProxy> {
  const proxy = await faultProxy({ upstream: url, seed: 1, rates: {}, ...options });
  proxies.push(proxy);
  return proxy;
}

const always = (harm: Harm): Rates => ({ [harm]: 1 });

interface Outcome {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

async function ask(
  proxy: FaultProxy,
  path: string = '/v1/chat/completions',
  body = 'a question',
  timeoutMs = 5_000,
): Promise<Outcome> {
  const signal = AbortSignal.timeout(timeoutMs);
  const answer = await fetch(proxy.url + path, { method: 'POST', body, signal });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

const failed = (asking: Promise<Outcome>): Promise<string> =>
  asking.then(
    ({ status }) => `answered ${status}`,
    (error: unknown) => (error instanceof Error ? error.name : 'unknown'),
  );

describe('a proxy that does harm', () => {
  it('passes everything on where no harm is wanted, and keeps what was delivered', async () => {
    const proxy = await between({});
    expect(await ask(proxy)).toMatchObject({ status: 200, text: ANSWER });
    expect(proxy.passages).toMatchObject([{ harm: 'none', attempt: 1, delivered: ANSWER }]);
  });

  it.each(PATHS)('429 on %s says how long to wait as its maker does', async (path) => {
    const proxy = await between({ rates: always('rate-limit'), retryAfterMs: [120, 120] });
    const { status, text, headers } = await ask(proxy, path);
    expect(status).toBe(429);
    const said = path.startsWith('/v1beta')
      ? /"retryDelay":"0.12s"/.exec(text)?.[0]
      : headers.get('retry-after');
    expect(said).toMatch(/0\.12/);
  });

  it('fails with 500, 502 and 503, and refuses keys with 401', async () => {
    const proxy = await between({ rates: always('server') });
    const seen = new Set<number>();
    for (let i = 0; i < 20; i++) seen.add((await ask(proxy, '/api/chat', `question ${i}`)).status);
    expect([...seen].toSorted()).toEqual([500, 502, 503]);
    expect((await ask(await between({ rates: always('auth') }))).status).toBe(401);
  });

  it('garbles: status 200 and never the answer', async () => {
    const proxy = await between({ rates: always('malformed') });
    for (let i = 0; i < 20; i++) {
      const { status, text } = await ask(proxy, '/api/chat', `question ${i}`);
      expect(status).toBe(200);
      expect(text).not.toBe(ANSWER);
    }
    expect(proxy.passages.every(({ delivered }) => delivered === undefined)).toBe(true);
  });

  it.each(['dropped-before', 'dropped-midway'] as const)('%s ends the connection', async (harm) => {
    const proxy = await between({ rates: always(harm) });
    expect(await failed(ask(proxy))).toBe('TypeError');
    expect(proxy.passages).toMatchObject([{ harm, delivered: undefined }]);
  });

  it('is late, and late answers are delivered', async () => {
    const proxy = await between({ rates: always('slow'), slowMs: [80, 80] });
    expect(await ask(proxy)).toMatchObject({ text: ANSWER });
    const [passage] = proxy.passages;
    expect((passage?.endedMs ?? 0) - (passage?.startedMs ?? 0)).toBeGreaterThanOrEqual(75);
    expect(passage?.delivered).toBe(ANSWER);
  });

  it.each(['never', 'stalled'] as const)('%s: no end, until the client lets go', async (harm) => {
    const proxy = await between({ rates: always(harm) });
    expect(await failed(ask(proxy, '/api/chat', 'q', 60))).toBe('TimeoutError');
    await expect.poll(() => proxy.passages[0]?.endedMs).toBeGreaterThan(0);
  });

  it('closes though answers are still outstanding', async () => {
    const proxy = await between({ rates: always('never') });
    const asking = failed(ask(proxy));
    await expect.poll(() => proxy.passages.length).toBe(1);
    await proxy.close();
    expect(await asking).toBe('TypeError');
  });

  it('does the same to the same questions under one seed, in whatever order they come', async () => {
    const rates = { 'rate-limit': 0.3, server: 0.3 };
    const questions = Array.from({ length: 40 }, (_, i) => `question ${i % 20}`);
    const harms = async (seed: number, order: readonly string[]): Promise<string[]> => {
      const proxy = await between({ seed, rates });
      for (const question of order) await ask(proxy, '/api/chat', question);
      return proxy.passages.map(({ question, attempt, harm }) => `${question} ${attempt} ${harm}`).toSorted();
    };
    const once = await harms(7, questions);
    expect(await harms(7, questions.toReversed())).toEqual(once);
    expect(await harms(8, questions)).not.toEqual(once);
  });

  it('does harm about as often as it is told, and counts it by path', async () => {
    const proxy = await between({ rates: { 'rate-limit': 0.3, server: 0.2 } });
    await Promise.all(Array.from({ length: 400 }, (_, i) => ask(proxy, '/api/chat', `question ${i}`)));
    const counts = proxy.counts()['/api/chat'] ?? {};
    expect(counts['rate-limit']).toBeGreaterThan(90);
    expect(counts['rate-limit']).toBeLessThan(150);
    expect(counts.server).toBeGreaterThan(50);
    expect([...HARMS, 'none' as const].reduce((sum, harm) => sum + (counts[harm] ?? 0), 0)).toBe(400);
  });

  it('counts how often each question was asked, and what makes a question is for the test to say', async () => {
    const proxy = await between({ questionOf: (_, body) => body.replace(/nonce=\w+/, '') });
    for (const body of ['a nonce=1', 'a nonce=2', 'b nonce=3']) await ask(proxy, '/api/chat', body);
    expect([...proxy.tries().values()].toSorted()).toEqual([1, 2]);
  });

  it('may do harm to one maker and to no other', async () => {
    const proxy = await between({ rates: (path) => (path.includes('/messages') ? { server: 1 } : {}) });
    expect((await ask(proxy, '/v1/messages')).status).toBeGreaterThanOrEqual(500);
    expect((await ask(proxy, '/api/chat')).status).toBe(200);
  });

  it('refuses rates above 1', async () => {
    await expect(between({ rates: { slow: 0.7, never: 0.4 } })).rejects.toThrow('at most 1');
  });
});
