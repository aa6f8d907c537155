// The built `conclave agents`: every cap, swaps of one line, faults named where they stand, and probes of every seat.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agents } from '../../src/cli/agents.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { type ModelServer, modelServer } from '../rigs/model-server.ts';
import { conclave, filesUnder, projectRoot, type Run, resultOf, temporaryFolder } from './conclave.ts';

/** Nobody's keys, whatever this process has. */
const KEYLESS: NodeJS.ProcessEnv = Object.fromEntries(
  [
    ...['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GOOGLE_API_KEY', 'GEMINI_API_KEY', 'OLLAMA_HOST'],
    ...['NORTH', 'SOUTH', 'EAST'].map((where) => `OLLAMA_${where}_BASE_URL`),
  ].map((name) => [name, undefined]),
);

type Lines = Readonly<Record<string, string>>;

/** A copy of the seats that ship, with other lines in some of them. */
function agentsWith(change: (seat: number) => Lines | undefined): string {
  const folder = temporaryFolder();
  const from = join(projectRoot, 'agents');
  for (const name of filesUnder(from)) {
    const number = Number(/^seat-(\d+)\.yaml$/.exec(name)?.[1] ?? 0);
    let text = readFileSync(join(from, name), 'utf8').replaceAll('../prompts', join(projectRoot, 'prompts'));
    for (const [field, value] of Object.entries(change(number) ?? {})) {
      const line = new RegExp(`^${field}: .*$`, 'm');
      expect(text, `${name} has ${field}`).toMatch(line);
      text = text.replace(line, `${field}: ${value}`);
    }
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const MAKER = {
  openai: { model: 'gpt-5.6-sol', provider: 'openai', developer: 'openai', family: 'gpt', host: 'openai' },
  anthropic: {
    model: 'claude-opus-5-5',
    provider: 'anthropic',
    developer: 'anthropic',
    family: 'claude',
    host: 'anthropic',
  },
  google: {
    model: 'gemini-3.8-flash',
    provider: 'google',
    developer: 'google',
    family: 'gemini',
    host: 'google',
  },
} as const;
const tidy = (maker: keyof typeof MAKER): Lines => ({ ...MAKER[maker], fallback: 'none' });

/** Seats of none of the three that sell their models; four of them are the last. */
const OPEN_SEATS = [6, 7, 8, 9, 10, 11, 17, 18, 19, 20, 21, 22];
/** Ten seats that neither ask Google nor are Gemma's. */
const TEN_SEATS = [1, 2, 3, 4, 5, 12, 13, 14, 15, 16];

const check = (folder: string): Promise<Run> => conclave(['agents', 'check', folder, '--json']);

/** The same in this process: a process a question would take most of the time of this file. */
async function here(command: 'check' | 'list', folder: string): Promise<Run> {
  const written = { stdout: '', stderr: '' };
  const screen = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const streams = { stdout: screen('stdout'), stderr: screen('stderr'), environment: {} };
  const exit = await agents(command, folder, new Terminal({ json: true, debug: false }, streams));
  return { exit, ...written };
}
const listOf = (value: unknown): readonly Record<string, unknown>[] => (Array.isArray(value) ? value : []);
const brokenIn = (run: Run): readonly string[] =>
  listOf(resultOf(run).broken).map(({ kind, name }) => `${kind} ${name}`);

describe('agents check', () => {
  it('finds nothing to say against the seats that ship', async () => {
    const run = await check(join(projectRoot, 'agents'));
    expect(run.exit, run.stdout).toBe(0);
    const nothing = { block: 0, breakSafety: 0, decide: 0 };
    const found = resultOf(run);
    expect(found).toMatchObject({
      ok: true,
      broken: [],
      stale: [],
      unlisted: [],
      twos: { of: 66, ...nothing },
    });
    expect(found.worstTwo).toMatchObject({ seats: 10, blocks: false });
    expect(listOf(found.lenses).map(({ developers, forms }) => [developers, forms])).toEqual(
      Array.from({ length: 11 }, () => [3, 3]),
    );
    expect(Math.max(...listOf(found.forms).map(({ seats }) => listOf(seats).length))).toBeLessThanOrEqual(10);
    expect(Math.max(...listOf(found.domains).map(({ seats }) => listOf(seats).length))).toBeLessThanOrEqual(
      8,
    );
  });

  const sharing = (kind: string, count: number) =>
    agentsWith((seat) => (OPEN_SEATS.slice(0, count).includes(seat) ? { [kind]: 'shared' } : undefined));

  it('accepts ten seats of one developer and refuses eleven', async () => {
    const [ten, eleven] = await Promise.all([
      check(sharing('developer', 10)),
      check(sharing('developer', 11)),
    ]);
    expect(ten.exit, ten.stdout).toBe(0);
    expect(eleven.exit).toBe(1);
    expect(brokenIn(eleven)).toEqual(['developer shared']);
  });

  it.each(['family', 'host'])('accepts ten seats of one %s and refuses eleven', async (kind) => {
    expect((await here('check', sharing(kind, 10))).exit).toBe(0);
    const eleven = await here('check', sharing(kind, 11));
    expect(eleven.exit).toBe(1);
    expect(brokenIn(eleven)).toEqual([`${kind} shared`]);
  });

  it('counts Gemma under Ollama for Google, though family and host are others', async () => {
    const withGemini = (count: number, gemma: Lines = {}) =>
      agentsWith((seat) =>
        TEN_SEATS.slice(0, count - 4).includes(seat) ? tidy('google') : seat === 28 ? gemma : undefined,
      );
    expect((await here('check', withGemini(9))).exit).toBe(0);
    const ten = await here('check', withGemini(10));
    expect(ten.exit).toBe(1);
    expect(brokenIn(ten)).toEqual(['developer google']);
    // nor does it help to call Gemma somebody else's
    expect(brokenIn(await here('check', withGemini(10, { developer: 'ollama' })))).toEqual([
      'developer google',
    ]);
  });

  it('refuses 12/12/9: two makers above the cap, each of whom blocks alone', async () => {
    const run = await check(
      agentsWith((seat) =>
        seat === 0 ? undefined : tidy(seat <= 12 ? 'openai' : seat <= 24 ? 'anthropic' : 'google'),
      ),
    );
    expect(run.exit).toBe(1);
    expect(brokenIn(run)).toEqual(
      expect.arrayContaining(['developer openai', 'developer anthropic', 'family gpt', 'host openai']),
    );
    expect(resultOf(run)).toMatchObject({
      ok: false,
      worstOne: { seats: 12, blocks: true },
      ones: { of: 3, block: 2, breakSafety: 2, decide: 0 },
      twos: { of: 3, block: 3, decide: 1 },
    });
  });

  it('says whom a broken cap is about, in words too', async () => {
    const folder = agentsWith((seat) =>
      TEN_SEATS.includes(seat) || seat === 30 ? tidy('google') : undefined,
    );
    const run = await conclave(['agents', 'check', folder]);
    expect(run.exit).toBe(1);
    expect(run.stdout).toContain('developer google holds 16');
    expect(run.stdout).toContain('without them nothing can be decided');
    expect(run.stdout).toContain('0 can decide');
  });
});

describe('a swap', () => {
  const swapped = (seats: readonly number[], model: string) =>
    agentsWith((seat) => (seats.includes(seat) ? { model } : undefined));
  const configurations = async (folder: string) => {
    const run = await here('list', folder);
    expect(run.exit).toBe(0);
    return listOf(resultOf(run).seats).map(({ configuration }) => configuration);
  };

  it('is one line: the caps are kept, the digest of that seat is another, and old lines are named', async () => {
    const folder = swapped([30], 'claude-sonnet-5-5');
    const [run, before, after] = await Promise.all([
      check(folder),
      configurations(join(projectRoot, 'agents')),
      configurations(folder),
    ]);
    expect(run.exit, run.stdout).toBe(0);
    expect(listOf(resultOf(run).stale)).toMatchObject(
      [
        ['provider', 'ollama', 'anthropic', 7],
        ['developer', 'zai', 'anthropic', 8],
        ['family', 'glm', 'claude', 9],
        ['host', 'ollama-east', 'anthropic', 10],
      ].map(([field, says, is, line]) => ({
        seat: 30,
        field,
        says,
        is,
        line,
        file: join(folder, 'seat-30.yaml'),
      })),
    );
    expect(new Set(before).size).toBe(33);
    expect(after.flatMap((digest, i) => (digest === before[i] ? [] : [i + 1]))).toEqual([30]);
  });

  it('that breaks a cap exits 1 and names it, though the files still say otherwise', async () => {
    const run = await here('check', swapped([6, 7, 8, 9, 10, 11], 'gpt-5.6-luna'));
    expect(run.exit).toBe(1);
    expect(brokenIn(run)).toEqual(['developer openai', 'family gpt', 'host openai']);
  });

  it('of a file that claims another developer counts for both', async () => {
    const run = await here(
      'check',
      agentsWith((seat) => ([6, 7, 8, 9, 10, 11].includes(seat) ? { developer: 'anthropic' } : undefined)),
    );
    expect(run.exit).toBe(1);
    expect(brokenIn(run)).toEqual(['developer anthropic']);
  });

  it('to a model nobody lists, without its maker, is bad input, named with file and line', async () => {
    const folder = swapped([1], 'house-model-1');
    const file = join(folder, 'seat-01.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^developer: .*\n/m, ''));
    const run = await check(folder);
    expect(run.exit).toBe(65);
    const message = expect.stringMatching(/house-model-1.*developer/);
    expect(resultOf(run)).toMatchObject({ error: { code: 'bad-input', file, line: 6, message } });
  });
});

describe('agents probe', () => {
  let server: ModelServer;
  beforeAll(async () => {
    server = await modelServer();
  });
  afterAll(() => server.stop());

  it('without a key says one line a provider, naming the variable, and exits 69', async () => {
    const run = await conclave(['agents', 'probe'], { environment: KEYLESS });
    expect(run.exit, run.stdout).toBe(69);
    for (const variable of ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GOOGLE_API_KEY', 'OLLAMA_HOST']) {
      expect(run.stdout.split('\n').filter((line) => line.includes(variable))).toHaveLength(1);
    }
    expect(run.stdout).toContain('0 of 33 seats answered, $0 spent');
  });

  it('asks every seat once, and tells latency, cost and the model that served', async () => {
    server.forget();
    server.answer(() => ({ text: '{"reached":true}', usage: { inputTokens: 1000, outputTokens: 10 } }));
    const environment = { ...KEYLESS, ...server.environment() };
    const run = await conclave(['agents', 'probe', '--json'], { environment });
    expect(run.exit, run.stdout).toBe(0);
    const found = resultOf(run);
    expect(found).toMatchObject({ ok: true, answered: 33, failed: 0, notAsked: 0, missing: [], refused: [] });
    const seats = listOf(found.seats);
    expect(seats).toHaveLength(33);
    expect(seats[0]).toMatchObject({
      seat: 1,
      ok: true,
      servedBy: 'gpt-5.6-sol',
      costUsd: 0.0053,
      error: null,
    });
    expect(seats[5]).toMatchObject({ seat: 6, host: 'ollama-east', costUsd: 0 });
    expect(server.requests.filter(({ kind }) => kind === 'question')).toHaveLength(33);
    // three names of hosts, one address
    expect(found.shared).toEqual([['ollama-east', 'ollama-north', 'ollama-south']]);
  });

  it('tells which seats failed and why, tries none again, and exits 1', async () => {
    server.forget();
    server.answer(({ model }) =>
      model === 'claude-opus-5' ? { status: 500, message: 'overloaded' } : { text: '{"reached":true}' },
    );
    const environment = { ...KEYLESS, ...server.environment() };
    const run = await conclave(['agents', 'probe', '--json'], { environment });
    expect(run.exit, run.stdout).toBe(1);
    const failed = listOf(resultOf(run).seats).filter(({ ok }) => ok !== true);
    expect(failed).toMatchObject([{ seat: 14, model: 'claude-opus-5', error: { code: 'server' } }]);
    expect(server.requests.filter(({ kind }) => kind === 'question')).toHaveLength(33);
    for (const key of server.keys) expect(run.stdout + run.stderr).not.toContain(key);
  });

  it('with keys that are refused says one line a host, asks nothing, and exits 69', async () => {
    const asked: string[] = [];
    const strict = createServer((request, response) => {
      asked.push(`${request.method}`);
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}');
    });
    await new Promise<void>((listening) => strict.listen(0, '127.0.0.1', listening));
    const { port } = portOf(strict.address());
    const url = `http://127.0.0.1:${port}`;
    const environment = {
      ...KEYLESS,
      OPENAI_API_KEY: 'sk-wrong-wrong-wrong-wrong',
      OPENAI_BASE_URL: `${url}/v1`,
      ANTHROPIC_API_KEY: 'sk-wrong-wrong-wrong-wrong',
      ANTHROPIC_BASE_URL: url,
    };
    try {
      const run = await conclave(['agents', 'probe', '--json'], { environment });
      expect(run.exit, run.stdout).toBe(69);
      const { refused, costUsd } = resultOf(run);
      expect(refused).toMatchObject([
        { host: 'openai', code: 'auth' },
        { host: 'anthropic', code: 'auth' },
      ]);
      expect(costUsd).toBe(0);
      expect(asked).toEqual(['GET', 'GET']);
      expect(run.stdout + run.stderr).not.toContain('sk-wrong');
    } finally {
      strict.close();
    }
  });
});

function portOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address;
}
