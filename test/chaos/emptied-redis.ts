// Redis is killed and loses everything in the middle of many cases (issue 4, "Done means" 4). The seats ask real HTTP
// models, played by a server that counts: whatever is lost on the way, every case is decided after Redis returns, and no
// seat asked its model twice about a case.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SubmissionRecords } from '../../src/node/client/submission-record.ts';
import { loadAgents } from '../../src/seats/agents.ts';
import { Random } from '../../src/simulation/random.ts';
import { MemoryFolder } from '../../src/storage/folder.ts';
import { type ModelServer, modelServer } from '../rigs/model-server.ts';
import { RunningCouncil } from '../rigs/running-council.ts';
import { reviewer } from '../rigs/scripted-reviewer.ts';
import { type Submission, submitBy, writePlainCase } from './caseload.ts';
import { Clerk } from './clerk.ts';
import { inquire, settled } from './inquest.ts';

export interface EmptiedOptions {
  readonly seed: number;
  readonly cases: number;
  /** how often Redis is lost */
  readonly losses: number;
  readonly say?: (text: string) => void;
  readonly keep?: boolean;
}

export interface EmptiedReport {
  readonly cases: number;
  readonly acknowledged: number;
  readonly decided: number;
  readonly losses: number;
  /** questions to models in all, and those among them that had been asked before */
  readonly questions: number;
  readonly askedAgain: number;
  readonly problems: readonly string[];
  readonly tookMs: number;
  readonly root: string;
}

const NODES = 4;
const PASSPHRASE = 'not for a real council';
const TOGETHER = 3;
/** Models take a moment, so that some are always being asked when Redis goes. */
const THINKING_MS: readonly [number, number] = [100, 1_500];
const SETTLED_WITHIN_MS = 180_000;
const projectRoot = join(import.meta.dirname, '..', '..');

export async function emptyRedisAmidst(options: EmptiedOptions): Promise<EmptiedReport> {
  const { seed, cases, losses, say = () => {} } = options;
  const began = performance.now();
  const random = new Random(seed, 51);
  const root = mkdtempSync(join(tmpdir(), `conclave-emptied-${seed}-`));
  mkdirSync(join(root, 'logs'));
  const models = await countingModels(random);
  const passphrase = join(root, 'passphrase');
  writeFileSync(passphrase, `${PASSPHRASE}\n`, { mode: 0o600 });
  const council = await RunningCouncil.found({
    root,
    nodes: NODES,
    seed,
    windows: { commitMs: 10_000, revealMs: 5_000 },
    initWords: ['--live', '--passphrase-file', passphrase],
    nodeWords: ['--passphrase-file', passphrase],
    submitWords: ['--passphrase-file', passphrase],
    environment: models.environment(),
  });
  const problems: string[] = [];
  try {
    await council.startAll();
    say('the council is up');
    const submissions: Submission[] = [];
    const waiting = Array.from({ length: cases }, (_, i) => writePlainCase(root, `press-${i + 1}`));
    const losing = loseNowAndThen();
    const records = new SubmissionRecords(new MemoryFolder());
    const submitting = async (): Promise<void> => {
      const clerk = await Clerk.join(council, { passphrase: PASSPHRASE, records });
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const submission = await submitBy(clerk, next);
        // "Not yet" is no answer to give up on.
        if (submission.caseId === undefined) {
          say(`${next.subject} again: ${submission.why}`);
          waiting.push(next);
        } else submissions.push(submission);
      }
      await clerk.close();
    };
    await Promise.all(Array.from({ length: TOGETHER }, submitting));
    await losing;
    say(`${submissions.length} acknowledged`);
    const caseIds = submissions.flatMap(({ caseId }) => caseId ?? []);
    const unsettled = await settled(council.nodes, caseIds, SETTLED_WITHIN_MS);
    if (unsettled !== undefined) problems.push(unsettled);
    for (const { name, process: running } of council.nodes)
      if (running.unmeant.length > 0) problems.push(`${name} died by itself`);
    await council.drainAll();
    const found = await inquire(council, council.nodes, submissions);
    problems.push(...found.problems);
    const { questions, askedAgain } = models.count();
    if (askedAgain > 0) problems.push(`${askedAgain} questions were asked more than once`);
    if (questions < 33 * caseIds.length)
      problems.push(`${questions} questions for ${caseIds.length} cases of 33 seats`);
    return {
      cases,
      acknowledged: caseIds.length,
      decided: found.decisions.length,
      losses,
      questions,
      askedAgain,
      problems,
      tookMs: Math.round(performance.now() - began),
      root,
    };

    async function loseNowAndThen(): Promise<void> {
      for (let loss = 1; loss <= losses; loss++) {
        const from = Math.floor((cases * loss) / (losses + 1));
        while (submissions.length < from) await delay(20);
        say(`Redis is killed with ${submissions.length} cases acknowledged`);
        for (const server of council.redis) {
          await server.kill('SIGKILL');
          await delay(random.between(0, 2_000));
          await server.restart();
          await server.flush();
        }
        say('Redis is back, and empty');
      }
    }
  } finally {
    await council.close();
    await models.stop();
    if (problems.length === 0 && options.keep !== true) rmSync(root, { recursive: true, force: true });
  }
}

interface CountingModels extends Pick<ModelServer, 'environment' | 'stop'> {
  count(): { readonly questions: number; readonly askedAgain: number };
}

/** A seat's question about a case is one text: it names the case, the lens and the form. */
async function countingModels(random: Random): Promise<CountingModels> {
  const { charter } = loadAgents(join(projectRoot, 'agents'));
  const review = reviewer({ criteria: charter.policies.certification?.criteria ?? [], evidence: ['e1'] });
  const server = await modelServer((request) => ({
    ...review(request),
    afterMs: random.between(...THINKING_MS),
  }));
  return {
    environment: (...over) => server.environment(...over),
    stop: () => server.stop(),
    count: () => {
      const asked = server.requests.filter(({ kind }) => kind === 'question');
      const distinct = new Set(
        asked.map(({ path, body }) =>
          createHash('sha256')
            .update(`${path} ${JSON.stringify(body)}`)
            .digest('hex'),
        ),
      );
      return { questions: asked.length, askedAgain: asked.length - distinct.size };
    },
  };
}

export function emptiedText(report: EmptiedReport): string {
  const { cases, acknowledged, decided, losses, questions, askedAgain, tookMs, problems, root } = report;
  return [
    `Redis lost everything ${losses} times amidst ${cases} cases: ${acknowledged} acknowledged, ${decided} decided in ${Math.round(tookMs / 1_000)} s`,
    `  ${questions} questions to models, ${askedAgain} of them asked again`,
    ...problems.map((problem) => `  WRONG: ${problem}`),
    ...(problems.length === 0 ? [] : [`  logs and directories: ${root}`]),
  ].join('\n');
}
