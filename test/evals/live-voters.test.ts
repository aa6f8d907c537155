// The live council over real HTTP, each maker's wire protocol played by aimock: a run whose process is killed goes on without asking
// anything twice, and a run that may spend no more says how far it came.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openJournal } from '../../src/evals/live/answer-journal.ts';
import { askCouncil, shortfallsOf } from '../../src/evals/live/ask-council.ts';
import { councilTable } from '../../src/evals/live/council-table.ts';
import { readCases } from '../../src/evals/live/eval-cases.ts';
import { QuestionPlan } from '../../src/evals/live/question-plan.ts';
import { Budget } from '../../src/providers/budget.ts';
import { liveProvider } from '../../src/providers/makers.ts';
import { loadAgents } from '../../src/seats/agents.ts';
import { type ModelServer, modelServer } from '../rigs/model-server.ts';
import { plainCase } from '../rigs/plain-case.ts';
import { reviewer } from '../rigs/scripted-reviewer.ts';

const root = join(import.meta.dirname, '../..');
const agents = loadAgents(join(root, 'agents'));
const criteria = agents.charter.policies.certification?.criteria ?? [];
const reviewing = reviewer({ criteria, evidence: ['e1'] });

const folder = mkdtempSync(join(tmpdir(), 'live-voters-'));
const caseFile = join(folder, 'press.yaml');
writeFileSync(caseFile, plainCase('urn:example:press'));
const plan = new QuestionPlan({ agents, cases: await readCases([caseFile]) });

let server: ModelServer;
beforeAll(async () => {
  server = await modelServer(reviewing);
});
afterAll(() => server.stop());

const questions = (): number => server.requests.filter(({ kind }) => kind === 'question').length;
const say = (): void => {};

/** What a process of its own runs; it is told where everything is by its environment. */
const RUN = `
  const at = (path) => import(process.env.ROOT + '/src/' + path);
  const { openJournal } = await at('evals/live/answer-journal.ts');
  const { askCouncil } = await at('evals/live/ask-council.ts');
  const { readCases } = await at('evals/live/eval-cases.ts');
  const { QuestionPlan } = await at('evals/live/question-plan.ts');
  const { liveProvider } = await at('providers/makers.ts');
  const { loadAgents } = await at('seats/agents.ts');
  const cases = await readCases([process.env.CASE_FILE]);
  const provider = liveProvider({ environment: process.env });
  const journal = await openJournal({ directory: process.env.JOURNAL, resume: false }, { say: () => {} });
  const plan = new QuestionPlan({ agents: loadAgents(process.env.ROOT + '/agents'), cases });
  await askCouncil(plan, { provider: () => provider, journal });
`;

describe('a live run', () => {
  it('that is killed in the middle and started again asks nothing twice', async () => {
    const directory = join(folder, 'killed');
    const file = join(directory, 'answers.jsonl');
    // Twenty are answered; the others are never heard of again.
    let answered = 0;
    server.answer((request) => (answered++ < 20 ? reviewing(request) : { hang: true }));
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', RUN], {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        ROOT: root,
        CASE_FILE: caseFile,
        JOURNAL: directory,
        ...server.environment(),
      },
      stdio: 'inherit',
    });
    const gone = new Promise((resolve) => child.on('exit', resolve));
    const lines = (): number => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 2 : 0);
    for (let waited = 0; lines() < 20 && waited < 30_000; waited += 50) await delay(50);
    child.kill('SIGKILL');
    await gone;
    expect(lines()).toBe(20);

    server.forget();
    server.answer(reviewing);
    const provider = liveProvider({ environment: server.environment() });
    const journal = await openJournal({ directory, resume: true }, { say });
    const run = await askCouncil(plan, { provider: () => provider, journal });
    expect(questions()).toBe(13);
    expect(run.course).toMatchObject({ of: 33, done: 33, kept: 20, abstained: {} });
    expect(new Set(run.answers.map((answer) => answer?.ballot.verdict))).toEqual(new Set(['approve']));
    journal.close();

    server.forget();
    const again = await askCouncil(plan, {
      provider: () => provider,
      journal: await openJournal({ directory, resume: true }, { say }),
    });
    expect([questions(), again.course.kept]).toEqual([0, 33]);
  });

  it('that may spend no more abstains, says how far it came, and goes on when it may', async () => {
    const directory = join(folder, 'poor');
    const go = async (dayUsd: number) => {
      server.forget();
      server.answer(reviewing);
      const budget = new Budget({ limits: { dayUsd } });
      const provider = budget.around(liveProvider({ environment: server.environment() }));
      const journal = await openJournal({ directory, resume: true }, { say });
      const run = await askCouncil(plan, { provider: () => provider, journal, concurrency: 1 });
      journal.close();
      return run;
    };
    const poor = await go(0.3);
    const refused = poor.course.abstained['over-budget'] ?? 0;
    expect(refused).toBeGreaterThan(0);
    expect(questions()).toBe(33 - refused);
    expect(poor.course.done).toBe(33);
    expect(shortfallsOf(poor)[0]).toBe(
      `${refused} of 33 answers are abstentions for a failure or by choice: ${refused} over-budget.`,
    );
    const rich = await go(100);
    expect(questions()).toBe(refused);
    expect(rich.course).toMatchObject({ done: 33, kept: 33 - refused, abstained: {} });
    expect(councilTable(rich).voters[0]?.domains.developer).toBe('openai');
  });
});
