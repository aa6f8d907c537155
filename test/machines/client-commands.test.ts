// `conclave submit`, `status`, `watch` and `dossier` on a council as it runs for real: four node processes and a
// redis-server, every byte of which is listened to. All on one council, one thing after the other.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../cli/conclave.ts';
import { until } from '../rigs/instant-council.ts';
import { KeptProcess } from '../rigs/kept-process.ts';
import { COMMAND, type CommandRun, RunningCouncil, runCommand } from '../rigs/running-council.ts';

/** Five processes load everything at once, perhaps on a busy machine. */
const START_WITHIN_MS = 120_000;
const SECRET = 'THE-APPLICANT-KEEPS-THIS-TO-HERSELF';

const root = temporaryFolder();
let council: RunningCouncil;
let monitor: Socket;
const chunks: Buffer[] = [];

beforeAll(async () => {
  const windows = { commitMs: 20_000, revealMs: 10_000 };
  council = await RunningCouncil.found({ root, nodes: 4, seed: 1, windows });
  const [redis] = council.redis;
  monitor = connect(redis?.port ?? 0, '127.0.0.1');
  monitor.on('data', (bytes) => chunks.push(bytes));
  monitor.on('error', () => {});
  monitor.write('MONITOR\r\n');
  await council.startAll();
}, START_WITHIN_MS);
afterAll(async () => {
  monitor.destroy();
  await council?.close();
}, START_WITHIN_MS);

function caseFile(subject: string): string {
  const file = join(root, `${subject}.yaml`);
  writeFileSync(
    file,
    [
      'type: certification',
      `subject: ${subject}`,
      `title: About ${SECRET}`,
      `fields: { system: S, version: "1", applicant: A, purpose: ${SECRET}, deployment: D, level: basic }`,
      `evidence: [{ id: report, title: Report, text: "${SECRET} ${'again '.repeat(200)}" }]`,
    ].join('\n'),
  );
  return file;
}

const words = (): string[] => ['--council', council.folder, '--redis', council.redisUrls];
const submit = (subject: string, ...more: string[]): Promise<CommandRun> =>
  runCommand(root, ['submit', caseFile(subject), ...words(), ...more]);
const cases: string[] = [];

it('a case is submitted, followed and certified, and nothing of it crosses Redis in plain text', async () => {
  const { exit, result } = await submit('one', '--wait');
  expect(result).toMatchObject({ acknowledged: true, attempt: 1, resumed: false, verified: true, seats: 33 });
  expect([0, 1, 2]).toContain(exit);
  cases.push(String(result.caseId));
  expect(existsSync(String(result.certificate)) && existsSync(String(result.proof))).toBe(true);
  const watched = await runCommand(root, ['watch', String(result.caseId), ...words()]);
  expect(watched).toMatchObject({ exit: 0, result: { event: 'opened', subject: 'one' } });
  const overheard = Buffer.concat(chunks);
  expect(overheard.length).toBeGreaterThan(100_000);
  expect(overheard.includes('conclave:')).toBe(true);
  for (const spelling of [SECRET, Buffer.from(SECRET).toString('base64').slice(0, 44), 'again again']) {
    expect(overheard.includes(spelling), spelling).toBe(false);
  }
}, 60_000);

it('a client that is killed finds its case again, and opens no second attempt', async () => {
  const client = new KeptProcess({
    name: 'conclave submit',
    words: [COMMAND, 'submit', caseFile('two'), ...words(), '--json'],
    cwd: root,
    logFile: join(root, 'logs', 'killed.log'),
    environment: process.env,
  });
  const submissions = join(council.folder, 'submissions');
  const records = (): number =>
    readdirSync(submissions).filter((name) => /^[0-9a-f]{64}\.json$/.test(name)).length;
  client.start();
  await until(() => records() === 2);
  await client.kill();
  const { result } = await submit('two', '--wait');
  expect(result).toMatchObject({ acknowledged: true, resumed: true, attempt: 1, verified: true });
  for (const name of readdirSync(submissions)) {
    expect(readFileSync(join(submissions, name)).includes(SECRET)).toBe(false);
  }
}, 60_000);

it('a dossier is taken out while the node runs, and erased only when it does not', async () => {
  const [caseId = ''] = cases;
  const { folder, process: node } = council.node(3);
  const out = join(root, 'taken-out.json');
  const exported = await runCommand(root, ['dossier', 'export', caseId, '--data', folder, '--out', out]);
  expect(exported).toMatchObject({ exit: 0, result: { dossier: true, judgements: 8 } });
  expect(readFileSync(out, 'utf8')).toContain(SECRET);
  const refused = await runCommand(root, ['dossier', 'erase', caseId, '--data', folder]);
  expect(refused).toMatchObject({
    exit: 69,
    result: { error: { message: expect.stringContaining('/running') } },
  });
  await node.drain(20_000);
  const erased = await runCommand(root, ['dossier', 'erase', caseId, '--data', folder]);
  expect(erased).toMatchObject({ exit: 0, result: { erased: true } });
  const left = readdirSync(join(folder, 'dossiers')).filter((name) => name !== 'erasures.jsonl');
  for (const name of left) expect(name).not.toContain(caseId);
  expect((await runCommand(root, ['dossier', 'export', caseId, '--data', folder])).exit).toBe(65);
  expect((await runCommand(root, ['dossier', 'erase', caseId, '--data', council.folder])).exit).toBe(64);
}, 60_000);

it('status tells who is silent: 0 while a quorum agrees, 2 without one, 69 when nobody answers', async () => {
  const status = (): Promise<CommandRun> => runCommand(root, ['status', ...words()]);
  expect(await status()).toMatchObject({
    exit: 0,
    result: { answering: 25, agreed: true, silent: ['node-4'] },
  });
  await council.node(2).process.kill();
  expect(await status()).toMatchObject({ exit: 2, result: { answering: 17, silent: ['node-3', 'node-4'] } });
  await Promise.all([0, 1].map((index) => council.node(index).process.kill()));
  expect(await status()).toMatchObject({ exit: 69, result: { answering: 0 } });
}, 60_000);
