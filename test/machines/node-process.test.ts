// A council as it runs for real: four `conclave node` processes of 33 seats, a redis-server, and strangers who try what
// they should not. All on one council, one thing after the other.
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot, temporaryFolder } from '../cli/conclave.ts';
import { type CommandRun, RunningCouncil, runCommand } from '../rigs/running-council.ts';

const CASES = join(projectRoot, 'evals', 'cases');
const WINDOWS = { commitMs: 20_000, revealMs: 10_000 };

/** Five processes load everything at once, perhaps on a busy machine. */
const START_WITHIN_MS = 120_000;

const root = temporaryFolder();
let council: RunningCouncil;
let urls: readonly string[] = [];

beforeAll(async () => {
  council = await RunningCouncil.found({ root, nodes: 4, seed: 1, windows: WINDOWS });
  const ready = await council.startAll();
  urls = ready.map(({ http }) => http ?? expect.fail('it serves nothing'));
}, START_WITHIN_MS);
afterAll(() => council?.close());

const PATIENCE_MS = 20_000;

async function until(what: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await what())) {
    if (Date.now() > end) throw new Error(`did not come true within ${PATIENCE_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function submit(name: string): Promise<CommandRun> {
  const words = ['submit', join(CASES, name, 'case.yaml'), '--council', council.folder];
  return runCommand(root, [...words, '--redis', council.redisUrls, '--wait']);
}

async function checkpoints(): Promise<readonly string[]> {
  return Promise.all(urls.map(async (url) => (await fetch(`${url}/checkpoint`)).text()));
}

/** Size and root, without the origin's and the node's own signature. */
const treeHead = (checkpoint: string): string => checkpoint.split('\n').slice(1, 3).join(' ');

async function sameLedgers(): Promise<string> {
  let heads = new Set<string>();
  await until(async () => {
    heads = new Set((await checkpoints()).map(treeHead));
    return heads.size === 1;
  });
  return [...heads][0] ?? '';
}

const settledCases: string[] = [];

async function decide(name: string): Promise<void> {
  const { exit, result } = await submit(name);
  expect([result.verified, result.seats], JSON.stringify(result)).toEqual([true, 33]);
  expect([0, 1, 2]).toContain(exit);
  settledCases.push(String(result.caseId));
}

it('four processes decide a case, agree on the ledger and publish the certificate', async () => {
  await decide('amendment-longer-reveal');
  await sameLedgers();
  const [caseId] = settledCases;
  await until(async () => {
    const answers = await Promise.all(urls.map((url) => fetch(`${url}/certificates/${caseId}.intoto.jsonl`)));
    return answers.every(({ ok }) => ok);
  });
});

describe('over HTTP', () => {
  it('a node says that it is well, and its figures', async () => {
    const [url = ''] = urls;
    for (const path of ['/livez', '/healthz', '/readyz']) {
      await until(async () => (await fetch(`${url}${path}`)).status === 200);
    }
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('conclave_');
  });

  it('what never changes may be kept, the checkpoint is asked for again', async () => {
    const [url = ''] = urls;
    const checkpoint = await fetch(`${url}/checkpoint`);
    expect(checkpoint.headers.get('cache-control')).toBe('no-cache');
    const etag = checkpoint.headers.get('etag') ?? expect.fail();
    const again = await fetch(`${url}/checkpoint`, { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    const genesis = await fetch(`${url}/genesis.json`);
    expect(genesis.headers.get('cache-control')).toContain('immutable');
    expect(await genesis.text()).toBe(readFileSync(join(council.folder, 'genesis.json'), 'utf8'));
    const head = await fetch(`${url}/checkpoint`, { method: 'HEAD' });
    expect([head.status, Number(head.headers.get('content-length')) > 0]).toEqual([200, true]);
    expect((await fetch(`${url}/checkpoint`, { method: 'POST', body: 'x' })).status).toBe(405);
  });

  it('nothing but what is published can be had', async () => {
    const [url = ''] = urls;
    const key = readFileSync(join(council.node(0).folder, 'keys', 'seat-01.json'), 'utf8');
    const paths = [
      '/keys/seat-01.json',
      '/../keys/seat-01.json',
      '/tile/../../keys/seat-01.json',
      '/tile/%2e%2e/%2e%2e/keys/seat-01.json',
      '/certificates/..%2f..%2fkeys%2fseat-01.json',
      '/certificates/../../keys/seat-01.json',
      '//keys/seat-01.json',
      '/tile//../../keys/seat-01.json',
      '/tile/\\..\\..\\keys\\seat-01.json',
      '/store/data.mdb',
      '/dossiers/',
      '/certificates/',
      '/tile',
      '/',
      `/tile/${'a/'.repeat(400)}`,
    ];
    for (const path of paths) {
      const answer = await raw(url, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(answer, path).toMatch(/^HTTP\/1\.1 40[04] /);
      expect(answer).not.toContain(key.slice(0, 40));
    }
    expect(await raw(url, 'nonsense\r\n\r\n')).not.toContain('200');
    expect(await raw(url, `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).not.toContain('200');
  });
});

describe('a node does not start', () => {
  const node = (folder: string, seats: string, redis = council.redisUrls): Promise<CommandRun> =>
    runCommand(root, ['node', '--council', folder, '--seats', seats, '--redis', redis, '--wait', '1']);
  const refusal = ({ exit, result }: CommandRun): string => `${exit} ${JSON.stringify(result.error)}`;

  it('with other seats than its own, without a council, or where its directory is in use', async () => {
    const [other, none, same] = await Promise.all([
      node(council.folder, '1-8'),
      node(root, '1-9'),
      node(council.folder, '1-9'),
    ]);
    expect(refusal(other)).toMatch(/^64 .*node-1 has 1, 2, 3, 4, 5, 6, 7, 8, 9/);
    expect(refusal(none)).toMatch(/^65 .*expected a council, found none/);
    expect(refusal(same)).toMatch(/^69 .*has this council open/);
  });

  it('with keys that run already from another directory, or without Redis', async () => {
    const [first, second] = ['copy-a', 'copy-b'].map((name) => {
      const copy = join(root, name);
      const filter = (path: string): boolean => !path.endsWith('running');
      cpSync(council.node(1).folder, copy, { recursive: true, filter });
      return copy;
    });
    const [twin, alone] = await Promise.all([
      node(first ?? '', '10-17'),
      node(second ?? '', '10-17', 'redis://user:secret@127.0.0.1:1'),
    ]);
    expect(refusal(twin)).toMatch(/^69 .*node-2 runs already, with the key of seat 10: process \d+ on /);
    const without = refusal(alone);
    expect(without).toMatch(/^69 .*no Redis server answered within 1 s: 127\.0\.0\.1:1/);
    expect(without).not.toContain('secret');
  });
});

it('a node that is told to stop finishes, and started again it goes on where it was', async () => {
  const before = await sameLedgers();
  const { process: stopped, folder } = council.node(0);
  expect(await stopped.drain(PATIENCE_MS)).toEqual({ code: 0, signal: null, meant: true });
  expect(readdirSync(join(folder, 'running'))).toEqual([]);
  const { http } = await council.start(0);
  urls = [http ?? expect.fail(), ...urls.slice(1)];
  const size = (head: string): number => Number(head.split(' ')[0]);
  expect(size(await sameLedgers())).toBeGreaterThanOrEqual(size(before));
  await decide('amendment-smaller-quorum');
  expect(size(await sameLedgers())).toBeGreaterThan(size(before));
  expect(new Set(settledCases).size).toBe(2);
});

it('all are told to stop at once, and all finish', async () => {
  const endings = await council.drainAll();
  expect(endings.map((ending) => ending?.code)).toEqual([0, 0, 0, 0]);
});

/** Says these very bytes, which a well-behaved client would not, and hears what comes back. */
function raw(url: string, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(Number(port), hostname, () => socket.write(request));
    socket.setEncoding('utf8').on('data', (text) => {
      heard += text;
    });
    socket.on('error', () => resolve(heard));
    socket.on('close', () => resolve(heard));
  });
}
