import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { quorumOf } from '../../consensus/quorum.ts';
import { allSeats, type SeatId } from '../../signing/seat-id.ts';
import { type Health, httpPlace, LedgerServer } from './ledger-server.ts';
import { healthOf } from './node-health.ts';

const WELL: Health = { live: true, healthy: true, ready: true, why: '' };

let root = '';
let health = WELL;
let server: LedgerServer;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'conclave-http-'));
  health = WELL;
  const [ledger, certificates] = [join(root, 'ledger'), join(root, 'certificates')];
  for (const folder of [join(ledger, 'tile', '0', '000.p'), join(ledger, 'blocks'), certificates]) {
    mkdirSync(folder, { recursive: true });
  }
  writeFileSync(join(root, 'genesis.json'), '{}');
  writeFileSync(join(root, 'secret'), 'the secret');
  writeFileSync(join(ledger, 'checkpoint'), 'a checkpoint');
  writeFileSync(join(ledger, 'tile', '0', '000.p', '7'), 'seven');
  writeFileSync(join(ledger, 'tile', '0', '001'), 'full');
  writeFileSync(join(certificates, `${'a'.repeat(64)}.intoto.jsonl`), '{}\n{}\n');
  writeFileSync(join(certificates, '.unfinished-1'), 'half');
  symlinkSync(join(root, 'secret'), join(ledger, 'tile', '0', '002'));
  server = await LedgerServer.listen(
    { host: '127.0.0.1', port: 0 },
    { ledger, certificates, genesis: join(root, 'genesis.json'), health: () => health },
  );
});
afterEach(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${server.url}${path}`, { headers });

it('each file has its type, and only what never changes may be kept', async () => {
  const kept = 'public, max-age=31536000, immutable';
  const expected: readonly [string, string, string][] = [
    ['/checkpoint', 'text/plain; charset=utf-8', 'no-cache'],
    ['/tile/0/001', 'application/octet-stream', kept],
    ['/tile/0/000.p/7', 'application/octet-stream', 'no-cache'],
    ['/genesis.json', 'application/json', kept],
    [`/certificates/${'a'.repeat(64)}.intoto.jsonl`, 'application/jsonl', 'no-cache'],
  ];
  for (const [path, type, cache] of expected) {
    const answer = await get(path);
    const { headers } = answer;
    expect([path, answer.status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
      path,
      200,
      type,
      cache,
    ]);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
});

it('a checkpoint that was replaced has another tag', async () => {
  const tag = (await get('/checkpoint')).headers.get('etag') ?? expect.fail();
  expect((await get('/checkpoint', { 'if-none-match': tag })).status).toBe(304);
  writeFileSync(join(root, 'ledger', 'checkpoint'), 'a later checkpoint');
  const later = await get('/checkpoint', { 'if-none-match': tag });
  expect([later.status, await later.text()]).toEqual([200, 'a later checkpoint']);
});

it('a link, a folder, a file that is half written or is none of ours is not published', async () => {
  for (const path of [
    '/tile/0/002',
    '/tile/0',
    '/tile/0/',
    '/secret',
    '/certificates/.unfinished-1',
    '/blocks',
  ])
    expect([path, (await get(path)).status]).toEqual([path, 404]);
});

it('says how the node fares, each to whom it may concern', async () => {
  const statuses = async () =>
    Promise.all(['/livez', '/healthz', '/readyz', '/metrics'].map(async (path) => (await get(path)).status));
  expect(await statuses()).toEqual([200, 200, 200, 404]);
  health = { live: true, healthy: true, ready: false, why: 'at block 1 of 20' };
  expect(await statuses()).toEqual([200, 200, 503, 404]);
  expect(await (await get('/readyz')).text()).toBe('at block 1 of 20\n');
  health = { live: false, healthy: false, ready: false, why: 'the disk is full' };
  expect(await statuses()).toEqual([503, 503, 503, 404]);
});

it('closes on whoever is still connected', async () => {
  const { port, hostname } = new URL(server.url);
  const closed = new Promise((resolve) => {
    const slow = connect(Number(port), hostname, () => slow.write('GET /checkpoint HTTP/1.1\r\nHost'));
    slow.on('close', resolve).on('error', () => undefined);
    slow.once('connect', () => setImmediate(() => server.close()));
  });
  await closed;
});

it.each([
  ['7070', '127.0.0.1', 7070],
  ['0.0.0.0:80', '0.0.0.0', 80],
  ['[::1]:0', '::1', 0],
  ['localhost:1', 'localhost', 1],
])('"%s" is a place to serve at', (text, host, port) => {
  expect(httpPlace(text)).toEqual({ host, port });
});

it.each(['', 'x', ':', '1.2.3.4:', '70000', 'h:-1', 'h:1x'])('"%s" is none', (text) => {
  expect(() => httpPlace(text)).toThrow('expected an address such as 127.0.0.1:7070');
});

it('a node is well while it hears a quorum, and ready while it is up with the others', () => {
  const seats = allSeats(7);
  const heard = new Map<SeatId, number>();
  let height = 10;
  let others = 10;
  const watched = {
    node: {
      founding: { roster: { seats: seats.map((seat) => ({ seat })) } },
      quorum: quorumOf(7),
      stopped: undefined,
      status: () => ({ height }),
    },
    presence: {
      nowMs: () => 100_000,
      lastHeardMs: (seat: SeatId) => heard.get(seat),
      heightClaimed: () => others,
    },
    own: new Set(seats.slice(0, 2)),
    heartbeatMs: 1_000,
  };
  const now = (): Health => healthOf(watched);
  expect(now()).toMatchObject({ live: true, healthy: false, why: 'hears 2 of 7 seats; 5 are needed' });
  for (const seat of seats.slice(2, 5)) heard.set(seat, 99_000);
  expect(now()).toEqual(WELL);
  heard.set(seats[4] ?? expect.fail(), 90_000);
  expect(now().healthy).toBe(false);
  for (const seat of seats) heard.set(seat, 99_000);
  others = 30;
  expect(now()).toMatchObject({ healthy: true, ready: false, why: 'at block 10 of 30' });
  height = 25;
  expect(now()).toEqual(WELL);
});
