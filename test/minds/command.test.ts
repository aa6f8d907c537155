// The built command against makers that fail and against its own sudden end: what a person runs has the same bounds as
// the parts it is made of, and a council that is killed while it asks goes on without asking anew what it has sealed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { costUsd } from '../../src/providers/cost.ts';
import { loadAgents } from '../../src/seats/agents.ts';
import { conclave, projectRoot, resultOf, temporaryFolder } from '../cli/conclave.ts';
import { type FaultProxy, faultProxy } from '../rigs/fault-proxy.ts';
import { harmDone } from '../rigs/minds.ts';
import { caseOnDisk, NO_MAKERS } from '../rigs/minds-on-disk.ts';
import { type ModelServer, modelServer } from '../rigs/model-server.ts';
import { billedUsage, reviewer } from '../rigs/scripted-reviewer.ts';

const SEED = 11;
const MAX_ATTEMPTS = 4;
const agents = loadAgents('agents');
const reviewing = reviewer({
  criteria: agents.charter.policies.certification?.criteria ?? [],
  evidence: ['e1'],
});
const models = agents.seats.flatMap(({ backing, fallback }) => [backing, ...(fallback ? [fallback] : [])]);

let server: ModelServer;
beforeAll(async () => {
  server = await modelServer(reviewing);
});
afterAll(() => server.stop());

describe('review while requests fail', () => {
  let proxy: FaultProxy;
  beforeAll(async () => {
    proxy = await faultProxy({
      upstream: server.url,
      seed: SEED,
      rates: {
        'rate-limit': 0.1,
        server: 0.1,
        malformed: 0.1,
        'dropped-before': 0.05,
        'dropped-midway': 0.05,
      },
      // The model stands in the path or in the body; longer names first, since one may begin another.
      questionOf: (path, body) => {
        const asked = models
          .map(({ model }) => model)
          .toSorted((a, b) => b.length - a.length)
          .find((model) => body.includes(`"model":"${model}"`) || path.includes(`/${model}:`));
        return `${asked} ${createHash('sha256').update(`${path} ${body}`).digest('hex')}`;
      },
    });
  });
  afterAll(() => proxy.close());

  it('ends with a certificate that verifies, within its bounds, and says what was spent', async () => {
    const data = join(temporaryFolder(), 'council');
    const environment = { ...NO_MAKERS, ...server.environment({ through: proxy.url }) };
    const run = await conclave(['review', caseOnDisk(), '--data', data, '--json'], { environment });
    const story = `seed ${SEED}, ${JSON.stringify(harmDone(proxy))}, ${run.stdout} ${run.stderr}`;
    expect(run.exit, story).toBe(0);
    const result = resultOf(run);
    const questions = proxy.passages.filter(({ path }) => !/\/(?:models|tags)$/.test(path));
    expect(questions.length, story).toBeGreaterThan(40);
    expect(Math.max(...questions.map(({ attempt }) => attempt)), story).toBeLessThanOrEqual(MAX_ATTEMPTS);
    const billed = questions.reduce((sum, { question, delivered }) => {
      const usage = delivered === undefined ? undefined : billedUsage(delivered);
      const price = models.find(({ model }) => question.startsWith(`${model} `))?.price;
      return sum + (usage === undefined ? 0 : costUsd(usage, price));
    }, 0);
    expect(Object(result.spend).totalUsd, story).toBeCloseTo(billed, 9);
    const words = ['verify', String(result.certificate), '--genesis', String(result.genesis)];
    expect((await conclave(words)).exit).toBe(0);
  });
});

describe('a review that is killed while it asks', () => {
  it('goes on when it is run again, and seats that had sealed are not asked again', async () => {
    const file = caseOnDisk();
    const data = join(temporaryFolder(), 'council');
    const environment = { ...process.env, ...NO_MAKERS, ...server.environment(), NO_COLOR: '1' };
    const words = ['review', file, '--data', data];
    // Makers answer at once; the open-weight hosts not before the process has ended.
    server.forget();
    server.answer((request) => (request.maker === 'ollama' ? { hang: true } : reviewing(request)));
    const child = spawn(process.execPath, [join(projectRoot, 'dist/cli/main.js'), ...words], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    }
    const ended = new Promise<void>((done) => child.once('close', () => done()));
    const others = agents.seats.filter(({ provider }) => provider !== 'ollama').length;
    // The opening of the case, and a sealed ballot of each seat that has its answer.
    try {
      await expect.poll(() => ledgerSize(data), { timeout: 30_000 }).toBe(1 + others);
    } finally {
      child.kill('SIGKILL');
      await ended;
    }

    server.forget();
    server.answer(reviewing);
    const again = await conclave([...words, '--json'], { environment });
    expect(again.exit, said + again.stdout + again.stderr).toBe(0);
    expect(resultOf(again)).toMatchObject({ resumed: true, outcome: 'approved', tally: { approve: 33 } });
    const asked = server.requests.filter(({ kind }) => kind === 'question');
    expect(new Set(asked.map(({ maker }) => maker))).toEqual(new Set(['ollama']));
    expect(asked).toHaveLength(33 - others);
  });
});

/** The second line of a checkpoint. */
function ledgerSize(data: string): number {
  const file = join(data, 'ledger', 'checkpoint');
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[1]) : 0;
}
