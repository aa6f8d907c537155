// A council of real processes whose roster changes while cases are under way: another model in one chair, new keys in
// another, nodes ended and started in between. Models are played over real HTTP, so that whom a seat asked is counted.
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAgents } from '../../src/seats/agents.ts';
import { temporaryFolder } from '../cli/conclave.ts';
import { until } from '../rigs/instant-council.ts';
import { caseOnDisk } from '../rigs/minds-on-disk.ts';
import { type ModelServer, modelServer, type Scripted } from '../rigs/model-server.ts';
import { type CommandRun, RunningCouncil, runCommand, writeAgents } from '../rigs/running-council.ts';
import { reviewer } from '../rigs/scripted-reviewer.ts';

const MODELS = ['gpt-5.4', 'claude-sonnet-5', 'gemini-3.5-flash', 'magistral-medium-latest'] as const;
const OLD = MODELS[0];
const NEW = 'deepseek-r1:671b';

let council: RunningCouncil;
let models: ModelServer;
let base: readonly string[];
/** while it is shut, seat 1's first model does not answer */
let gate: Promise<void> = Promise.resolve();

function fourSeats(root: string): string {
  const agents = writeAgents(root, { commitMs: 60_000, revealMs: 30_000 });
  for (const file of readdirSync(agents)) if (/^seat-/.test(file)) rmSync(join(agents, file));
  MODELS.forEach((model, i) => {
    const lines = [
      ...[`seat: ${i + 1}`, `name: Chair ${i + 1}`, 'lens: safety', `model: ${model}`],
      ...[
        'sampling:',
        '  temperature: 0',
        'limits:',
        '  timeoutMs: 120000',
        '  maxTokens: 4000',
        '  maxUsd: 1',
      ],
    ];
    writeFileSync(join(agents, `seat-0${i + 1}.yaml`), lines.join('\n'));
  });
  return agents;
}

const run = (...words: string[]): Promise<CommandRun> => runCommand(council.root, [...words, ...base]);
const submit = (subject: string, ...words: string[]): Promise<CommandRun> =>
  run('submit', caseOnDisk(`urn:example:${subject}`), ...words);
const swap = (...words: string[]): Promise<CommandRun> =>
  run('swap', ...words, '--agents', join(council.root, 'agents'));
const verify = ({ result }: CommandRun): Promise<CommandRun> =>
  runCommand(council.root, ['verify', String(result.certificate), '--genesis', council.founding.councilId]);
const asked = (model: string): number => models.requests.filter((request) => request.model === model).length;

beforeAll(async () => {
  const root = temporaryFolder();
  const agents = fourSeats(root);
  const { criteria } = loadAgents(agents).liveCharter.policies.certification ?? { criteria: [] };
  const review = reviewer({ criteria, evidence: ['E1'] });
  models = await modelServer(async (request): Promise<Scripted> => {
    if (request.model === OLD) await gate;
    return review(request);
  });
  council = await RunningCouncil.found({
    root,
    agents,
    nodes: 4,
    seed: 1,
    windows: { commitMs: 60_000, revealMs: 30_000 },
    initWords: ['--live', '--trial'],
    nodeWords: [],
    environment: models.environment(),
  });
  base = ['--council', council.folder, '--redis', council.redisUrls];
  await council.startAll();
}, 240_000);
afterAll(async () => {
  await council.close();
  await models.stop();
});

describe('a swap under load', { timeout: 240_000 }, () => {
  it('no case is lost, a case in flight keeps its model over a restart, and the next one shows the new', async () => {
    const first = await submit('first', '--wait');
    expect(first.result, council.node(0).process.logTail()).toMatchObject({ outcome: 'approved', seats: 4 });
    expect(MODELS.map(asked)).toEqual([1, 1, 1, 1]);

    let open = (): void => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const inFlight = await submit('in-flight');
    expect(inFlight.result).toMatchObject({ acknowledged: true });
    await until(() => asked(OLD) === 2, 60_000);
    const broken = await swap('1', '--model', MODELS[1]);
    expect([broken.exit, JSON.stringify(broken.result)]).toEqual([
      65,
      expect.stringContaining('the cap is 1'),
    ]);

    const swapped = await swap('1', '--model', NEW);
    expect(swapped.result).toMatchObject({ admitted: true, epochInForce: 2, seats: [1] });
    await council.node(0).process.kill();
    await council.start(0);
    await until(() => asked(OLD) === 3, 60_000);
    open();
    const judged = await submit('in-flight', '--wait');
    expect(judged.result).toMatchObject({
      caseId: inFlight.result.caseId,
      resumed: true,
      outcome: 'approved',
    });
    expect(asked(NEW)).toBe(0);

    const next = await submit('next', '--wait');
    expect(next.result).toMatchObject({ outcome: 'approved' });
    expect([asked(NEW), asked(OLD)]).toEqual([1, 3]);
    // The certificate of the first epoch is as good as ever.
    expect((await verify(first)).exit).toBe(0);
  });

  it('new keys, proposed, signed and handed in one by one, sign from the next epoch on and after a restart', async () => {
    const file = join(council.root, 'change.json');
    const key = (id: number): string => join(council.folder, 'operators', `operator-operator-${id}.json`);
    await run('roster', 'propose', '--seat', '2', '--rotate-keys', '-o', file);
    await runCommand(council.root, ['roster', 'sign', file, '--key', key(3)]);
    const signed = await runCommand(council.root, ['roster', 'sign', file, '--key', key(1)]);
    expect(signed.result).toMatchObject({ approvedBy: ['operator-1', 'operator-3'], approvals: 2 });
    const rotated = await run('roster', 'submit', file);
    expect(rotated.result).toMatchObject({ admitted: true, epochInForce: 3, seats: [2] });
    const stale = await run('roster', 'submit', file);
    expect([stale.exit, JSON.stringify(stale.result)]).toEqual([65, expect.stringContaining('stale')]);

    await council.node(1).process.drain(20_000);
    await council.start(1);
    const after = await submit('rotated', '--wait');
    expect(after.result).toMatchObject({ outcome: 'approved', tally: { approve: 4, missing: 0 } });
  });
});
