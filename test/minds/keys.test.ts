// `conclave review` on the built command, by what the environment holds: no keys, wrong keys, good ones. What is wrong
// is said in a line a maker before anything is asked or spent; what is good judges live, and can be judged again from
// its recording with no network at all.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { costUsd } from '../../src/providers/cost.ts';
import { loadAgents } from '../../src/seats/agents.ts';
import { conclave, filesUnder, type Run, resultOf, temporaryFolder } from '../cli/conclave.ts';
import { type FaultProxy, faultProxy } from '../rigs/fault-proxy.ts';
import { caseOnDisk, NO_MAKERS } from '../rigs/minds-on-disk.ts';
import { type ModelServer, modelServer } from '../rigs/model-server.ts';
import { PROOF, reviewer } from '../rigs/scripted-reviewer.ts';
import { huntSecrets } from '../rigs/secret-hunt.ts';

const agents = loadAgents('agents');
const criteria = agents.charter.policies.certification?.criteria ?? [];

const reviewed = reviewer({ criteria, evidence: ['e1'] });

let server: ModelServer;
beforeAll(async () => {
  server = await modelServer(reviewed);
});
afterAll(() => server.stop());

function review(
  environment: Readonly<Record<string, string | undefined>>,
  data: string,
  ...more: string[]
): Promise<Run> {
  const words = ['review', caseOnDisk(), '--data', data, '--json', ...more];
  return conclave(words, { environment: { ...NO_MAKERS, ...environment } });
}

const without = (environment: Readonly<Record<string, string>>, what: RegExp): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !what.test(name)));

describe('a fresh machine without keys', () => {
  it('judges by the checklist and asks nobody, though it knows where the makers are', async () => {
    server.forget();
    const addresses = without(server.environment(), /_KEY$|^OLLAMA/);
    const run = await review(addresses, join(temporaryFolder(), 'council'));
    expect([0, 1, 2], run.stderr).toContain(run.exit);
    const result = resultOf(run);
    expect(result).toMatchObject({ seats: 33, flags: expect.arrayContaining(['trial']) });
    expect(provenances(result)).toEqual(['offline']);
    expect(server.requests).toEqual([]);
  });
});

describe('keys that are wrong', () => {
  let proxy: FaultProxy;
  let data: string;
  let run: Run;
  beforeAll(async () => {
    const harm = (path: string) => (path.startsWith('/ollama') ? {} : { auth: 1 });
    proxy = await faultProxy({ upstream: server.url, seed: 1, rates: harm });
    data = join(temporaryFolder(), 'council');
    server.forget();
    run = await review(server.environment({ through: proxy.url }), data);
  });
  afterAll(() => proxy.close());

  it('end with 69 and say in a line a maker whose key it was', () => {
    expect(run.exit, run.stderr).toBe(69);
    expect(resultOf(run)).toMatchObject({ error: { code: 'unavailable' } });
    const keyed = new Set(
      agents.seats.filter(({ provider }) => provider !== 'ollama').map(({ host }) => host),
    );
    const lines = run.stderr.split('\n').filter((line) => line.includes('✗'));
    const named = [...keyed].map((host) => lines.filter((line) => line.includes(host)).length);
    expect(named, run.stderr).toEqual([...keyed].map(() => 1));
    for (const line of lines) expect(line).toMatch(/key was not accepted/);
  });

  it('cost nothing: no question was put to anyone', () => {
    expect(server.requests.filter(({ kind }) => kind === 'question')).toEqual([]);
    expect(proxy.passages.filter(({ path }) => /completions|messages|generate|chat/.test(path))).toEqual([]);
  });

  it('leave nothing behind: no council is founded on models that cannot be asked', () => {
    expect(existsSync(join(data, 'genesis.json'))).toBe(false);
  });

  it('are told nowhere', () => {
    const texts = { stdout: run.stdout, stderr: run.stderr };
    expect(huntSecrets({ secrets: keysOf(server), folders: filesIn(data), texts })).toEqual([]);
  });
});

describe('too few keys', () => {
  it('end with 69, and say which variables to set', async () => {
    server.forget();
    const one = without(server.environment(), /^(?!OPENAI)/);
    const run = await review(one, join(temporaryFolder(), 'council'));
    expect(run.exit, run.stderr).toBe(69);
    expect(run.stdout + run.stderr).toMatch(/ANTHROPIC_API_KEY/);
    expect(server.requests.filter(({ kind }) => kind === 'question')).toEqual([]);
  });
});

describe('keys that are good', () => {
  let data: string;
  let recording: string;
  let run: Run;
  let result: Record<string, unknown>;
  let sentence: string;
  let billed: number;
  beforeAll(async () => {
    data = join(temporaryFolder(), 'council');
    recording = join(temporaryFolder(), 'recording');
    server.forget();
    run = await review(server.environment(), data, '--record', recording);
    result = resultOf(run);
    sentence = promptSentence(server);
    billed = billFor(server);
  });

  it('judge live, and the certificate verifies', async () => {
    expect(run.exit, run.stdout + run.stderr).toBe(0);
    expect(result).toMatchObject({ outcome: 'approved', tally: { approve: 33 } });
    expect(provenances(result)).toEqual(['live']);
    const verified = await conclave([
      'verify',
      String(result.certificate),
      '--genesis',
      String(result.genesis),
    ]);
    expect(verified.exit, verified.stderr).toBe(0);
  });

  it('say what was spent, as the makers bill it', () => {
    const { totalUsd, byDeveloper } = Object(result.spend);
    const rows: unknown[] = Array.isArray(byDeveloper) ? byDeveloper : [];
    expect(billed).toBeGreaterThan(0.01);
    expect(totalUsd).toBeCloseTo(billed, 9);
    expect(rows.reduce<number>((sum, row) => sum + Number(Object(row).costUsd), 0)).toBeCloseTo(billed, 9);
  });

  it('spend nothing on a case that may cost more than is allowed', async () => {
    server.forget();
    const dear = await review(server.environment(), join(temporaryFolder(), 'council'), '--budget', '0.01');
    expect(dear.exit, dear.stderr).toBe(64);
    expect(dear.stdout).toContain('--budget');
    expect(server.requests.filter(({ kind }) => kind === 'question')).toEqual([]);
  });

  it('judge again from the recording, with no network', async () => {
    server.forget();
    const again = await review({}, join(temporaryFolder(), 'council'), '--replay', recording);
    expect(again.exit, again.stdout + again.stderr).toBe(0);
    const replayed = resultOf(again);
    expect(replayed).toMatchObject({ outcome: 'approved', tally: { approve: 33 } });
    expect(provenances(replayed)).toEqual(['recorded']);
    expect(server.requests).toEqual([]);
  });

  it('stand in nothing that is printed or kept', () => {
    expect(filesUnder(recording).length).toBeGreaterThan(0);
    const texts = { stdout: run.stdout, stderr: run.stderr };
    expect(huntSecrets({ secrets: keysOf(server), folders: [data, recording], texts })).toEqual([]);
  });

  it('evidence and prompt stand in dossier and recording only', () => {
    const secrets = { 'sentence of the evidence': PROOF, 'sentence of a prompt': sentence };
    const finds = huntSecrets({
      secrets,
      folders: [data],
      texts: { stdout: run.stdout, stderr: run.stderr },
    });
    const outside = finds.filter(({ where }) => !where.startsWith(join(data, 'dossiers')));
    expect(outside).toEqual([]);
    expect(finds.some(({ secret }) => secret === 'sentence of the evidence')).toBe(true);
    expect(huntSecrets({ secrets, folders: [recording] }).length).toBeGreaterThan(0);
  });
});

function provenances(result: Readonly<Record<string, unknown>>): unknown[] {
  const votes: unknown[] = Array.isArray(result.votes) ? result.votes : [];
  return [...new Set(votes.map((vote) => Object(vote).provenance))];
}

function keysOf({ keys }: ModelServer): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [`key ${key.slice(0, 8)}…`, key]));
}

const filesIn = (folder: string): string[] => (existsSync(folder) ? [folder] : []);

/** By the price list, for every question that was put. */
function billFor({ requests }: ModelServer): number {
  return requests
    .filter(({ kind }) => kind === 'question')
    .reduce((sum, request) => {
      const backing = agents.seats.map((seat) => seat.backing).find(({ model }) => model === request.model);
      return sum + costUsd(reviewed(request).usage, backing?.price);
    }, 0);
}

/** Something that every prompt of the first seat says. */
function promptSentence({ requests }: ModelServer): string {
  const system = requests.find(({ kind }) => kind === 'question')?.system ?? '';
  return system.split('\n').toSorted((a, b) => b.length - a.length)[0] ?? '';
}
