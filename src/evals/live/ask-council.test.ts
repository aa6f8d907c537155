import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { quorumOf } from '../../consensus/quorum.ts';
import type { Provenance } from '../../council/ballot.ts';
import type { Criterion } from '../../council/charter.ts';
import {
  type Provider,
  ProviderError,
  type ProviderErrorCode,
  type Question,
} from '../../providers/contract.ts';
import { offlineProvider } from '../../providers/offline.ts';
import { loadAgents } from '../../seats/agents.ts';
import { Random } from '../../simulation/random.ts';
import { RESULT_KIND, resultSchema } from '../results/eval-result.ts';
import { ABSTAIN, APPROVE, MISSING, NO_CONFIDENCE, REJECT } from '../verdicts/verdict-table.ts';
import { openJournal } from './answer-journal.ts';
import { type AskDependencies, askCouncil, outstanding, shortfallsOf } from './ask-council.ts';
import { calibrationSections } from './calibration-sections.ts';
import { consistencySections } from './consistency-sections.ts';
import { approvedByCriterion, councilTable, tableOfAnswers } from './council-table.ts';
import { readCases } from './eval-cases.ts';
import { injectionEffects } from './injection-effect.ts';
import { injectionSections } from './injection-sections.ts';
import { injectionVariants, loadInjections } from './injections.ts';
import { invarianceSections } from './invariance-sections.ts';
import { type CouncilQuestions, QuestionPlan } from './question-plan.ts';
import { sourcesOf } from './run-sources.ts';
import { AS_WRITTEN, invarianceVariants, variantsNamed } from './variants.ts';

const root = join(import.meta.dirname, '../../..');
const agents = loadAgents(join(root, 'agents'));
const few = { ...agents, seats: agents.seats.slice(0, 4) };
const cases = await readCases([join(root, 'evals/cases')]);
const some = cases.filter(({ item }) => ['credit-scoring', 'grid-dispatch', 'visa-triage'].includes(item));
const variants = invarianceVariants(agents.prompts);

const folder = (): string => mkdtempSync(join(tmpdir(), 'live-voters-'));
const said: string[] = [];
const say = (trouble: string): void => {
  said.push(trouble);
};
const inMemory = () => openJournal({ directory: undefined, resume: false }, { say });

type Saying = 'met' | 'not-met' | ProviderErrorCode | ((criterion: Criterion) => 'met' | 'not-met');

/** Finds what a test says: the same on every criterion, or on each another. */
function scripted(of: (question: Question, call: number) => Saying, provenance: Provenance = 'replay') {
  const asked: Question[] = [];
  const provider: Provider = {
    name: 'scripted',
    provenance,
    ask: async (question) => {
      asked.push(question);
      const saying = of(question, asked.length);
      const isCode = typeof saying === 'string' && saying !== 'met' && saying !== 'not-met';
      if (isCode) throw new ProviderError(saying, `it was ${saying}`);
      const findings = question.criteria.map((criterion) => ({
        criterion: criterion.id,
        finding: typeof saying === 'string' ? saying : saying(criterion),
        evidence: [],
        reason: 'So.',
      }));
      const text = JSON.stringify({ findings, rationale: 'So.', confidence: 70 });
      return { text, model: question.backing.model, provenance };
    },
  };
  return { provider, asked };
}

const ask = async (
  questions: Partial<CouncilQuestions>,
  provider: Provider,
  more: Partial<AskDependencies> = {},
) => {
  const { journal = await inMemory() } = more;
  const plan = new QuestionPlan({ agents: few, cases: some, ...questions });
  const asked = await askCouncil(plan, { provider: () => provider, ...more, journal });
  journal.close();
  return asked;
};

describe('the council as voters', () => {
  it('33 seats judge cases that ship; stand-ins stand under no maker’s name and in no form of prompt', async () => {
    const run = await ask({ agents }, offlineProvider(agents));
    expect(run.course).toEqual({ of: 99, done: 99, kept: 0, abstained: {}, spentUsd: 0 });
    const table = tableOfAnswers(run);
    expect([table.voters.length, table.items.names.length]).toEqual([33, 2]);
    expect(new Set(table.voters.map(({ domains }) => domains.developer))).toEqual(new Set(['conclave']));
    expect(new Set(table.voters.map(({ domains }) => domains.family))).toEqual(new Set(['checklist']));
    expect(new Set(table.voters.map(({ domains }) => domains.lens)).size).toBe(11);
    expect(table.voters.every(({ domains }) => domains.prompt === undefined)).toBe(true);
    expect(table.confidences?.flatMap((row) => [...row]).every((confidence) => confidence <= 100)).toBe(true);
    expect(shortfallsOf(run).join(' ')).toMatch(/No model was asked/);
    const sources = sourcesOf(run, 'evals/cases');
    expect(sources.map(({ what, count }) => [what, count])).toEqual([
      ['cases', 3],
      ['prompts', undefined],
      ['roster', 33],
    ]);
  });

  it('a live seat stands under the names of its maker, and a case that may split has no label', async () => {
    const run = await ask({}, scripted(() => 'met', 'live').provider);
    const [alder] = councilTable(run).voters;
    expect(alder).toEqual({
      name: 'Alder',
      domains: {
        developer: 'openai',
        family: 'gpt',
        host: 'openai',
        lens: 'safety',
        prompt: 'audit-worksheet',
      },
    });
    expect(councilTable(run).items.names).toContain('grid-dispatch');
    expect(tableOfAnswers(run).items.names).toEqual(['credit-scoring', 'visa-triage']);
    expect([...tableOfAnswers(run).items.labels]).toEqual([APPROVE, REJECT]);
  });

  it('a failure is an abstention with its reason, states no confidence, and is said', async () => {
    const { provider } = scripted(({ seat }) => (seat === 2 ? 'timeout' : seat === 3 ? 'refusal' : 'met'));
    const run = await ask({}, provider);
    expect(run.course).toMatchObject({ done: 12, abstained: { timeout: 3, refusal: 3 } });
    const table = councilTable(run);
    expect([...(table.verdicts[1] ?? [])]).toEqual([ABSTAIN, ABSTAIN, ABSTAIN]);
    expect([...(table.confidences?.[1] ?? [])]).toEqual([NO_CONFIDENCE, NO_CONFIDENCE, NO_CONFIDENCE]);
    expect(shortfallsOf(run)[0]).toBe(
      '6 of 12 answers are abstentions for a failure or by choice: 3 refusal, 3 timeout.',
    );
  });

  it('four seats that each miss another criterion approve nothing, and by criterion everything', async () => {
    const { provider } = scripted(({ seat, criteria }) => {
      const missed = criteria.filter(({ mandatory }) => mandatory)[seat - 1]?.id;
      return ({ id }) => (id === missed ? 'not-met' : 'met');
    });
    const table = councilTable(await ask({}, provider));
    expect(table.verdicts.flatMap((row) => [...row])).toEqual(Array.from({ length: 12 }, () => REJECT));
    expect(approvedByCriterion(table, quorumOf(4))).toEqual([true, true, true]);
    expect(approvedByCriterion(table, { n: 4, f: 0, q: 4 })).toEqual([false, false, false]);
  });

  it('a run that is stopped says how far it came, and what it did not ask is missing', async () => {
    const stop = new AbortController();
    const { provider, asked } = scripted((_, call) => {
      if (call === 5) stop.abort();
      return 'met';
    });
    const run = await ask({}, provider, { signal: stop.signal, concurrency: 1 });
    expect(asked).toHaveLength(5);
    expect(run.course).toMatchObject({ of: 12, done: 4 });
    expect([...(councilTable(run).verdicts[3] ?? [])]).toEqual([APPROVE, MISSING, MISSING]);
    expect(shortfallsOf(run)[0]).toMatch(/ended early: 4 of 12/);
  });

  it('progress is told answer by answer, and no more is under way than is allowed', async () => {
    const { provider } = scripted(() => 'met');
    let [running, most] = [0, 0];
    const counted: Provider = {
      ...provider,
      ask: async (...question) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 1));
        running--;
        return provider.ask(...question);
      },
    };
    const progress: number[] = [];
    await ask({}, counted, { concurrency: 3, onProgress: ({ done }) => progress.push(done) });
    expect(most).toBe(3);
    expect(progress).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  });

  it('same seed, same bytes: however many seats are asked at once', async () => {
    const [variant] = variantsNamed(['evidence-reversed'], variants);
    if (variant === undefined) throw new Error('no variant');
    const sections = async (concurrency: number) => {
      const questions = { variants: [AS_WRITTEN, variant], repetitions: 2 };
      const run = await ask(questions, offlineProvider(agents), { concurrency });
      return JSON.stringify([
        calibrationSections(tableOfAnswers(run), new Random(3)),
        consistencySections(run, quorumOf(4)),
        invarianceSections(run, quorumOf(4)),
      ]);
    };
    expect(await sections(1)).toBe(await sections(33));
  });
});

describe('the journal', () => {
  it('a resumed run asks nothing twice, and again only what may well be answered now', async () => {
    const directory = folder();
    const first = scripted(({ seat }) => (seat === 1 ? 'timeout' : seat === 2 ? 'refusal' : 'met'), 'live');
    await ask({}, first.provider, { journal: await openJournal({ directory, resume: false }, { say }) });
    const second = scripted(() => 'met', 'live');
    const journal = await openJournal({ directory, resume: true }, { say });
    const plan = new QuestionPlan({ agents: few, cases: some });
    expect(outstanding(plan, journal, second.provider)).toHaveLength(3);
    const run = await ask({}, second.provider, { journal });
    expect(second.asked.map(({ seat }) => seat)).toEqual([1, 1, 1]);
    expect(run.course).toMatchObject({ done: 12, kept: 9, abstained: { refusal: 3 } });
    const third = scripted(() => 'met', 'live');
    await ask({}, third.provider, { journal: await openJournal({ directory, resume: true }, { say }) });
    expect(third.asked).toHaveLength(0);
  });

  it('another wording, another model, another repetition or another case is another question', async () => {
    const directory = folder();
    const asking = async (questions: Partial<CouncilQuestions>, provenance: Provenance = 'live') => {
      const { provider, asked } = scripted(() => 'met', provenance);
      await ask(questions, provider, { journal: await openJournal({ directory, resume: true }, { say }) });
      return asked.length;
    };
    const [form] = variantsNamed(['other-form'], variants);
    if (form === undefined) throw new Error('no variant');
    expect(await asking({ cases: some.slice(0, 1) })).toBe(4);
    expect(await asking({ cases: some.slice(0, 1) })).toBe(0);
    expect(await asking({ cases: some.slice(0, 1), variants: [AS_WRITTEN, form] })).toBe(4);
    expect(await asking({ cases: some.slice(0, 1), repetitions: 2 })).toBe(4);
    expect(await asking({ cases: some })).toBe(8);
    const swapped = few.seats.map((seat, i) => (i === 0 ? { ...seat, model: 'another' } : seat));
    expect(await asking({ cases: some, agents: { ...few, seats: swapped } })).toBe(3);
    expect(await asking({ cases: some }, 'replay')).toBe(12);
  });

  it('without resume, answers of models are not thrown away; those of a stand-in are, and it is said', async () => {
    const directory = folder();
    const open = (resume: boolean) => openJournal({ directory, resume }, { say });
    await ask({}, offlineProvider(agents), { journal: await open(false) });
    said.length = 0;
    const { provider } = scripted(() => 'met', 'live');
    const run = await ask({}, provider, { journal: await open(false) });
    expect(said.join()).toMatch(/12 answers of an earlier run that no model gave are dropped/);
    expect(run.course.kept).toBe(0);
    await expect(open(false)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/12 answers of models.*--resume/),
    });
  });

  it('a torn last line is dropped and said, and the next answer begins a line of its own', async () => {
    const directory = folder();
    const file = join(directory, 'answers.jsonl');
    const first = scripted(() => 'met', 'live');
    await ask({}, first.provider, { journal: await openJournal({ directory, resume: false }, { say }) });
    const whole = readFileSync(file, 'utf8');
    const lines = whole.trimEnd().split('\n');
    writeFileSync(file, whole.slice(0, -(lines.at(-1)?.length ?? 0) + 20));
    said.length = 0;
    const second = scripted(() => 'met', 'live');
    const run = await ask({}, second.provider, {
      journal: await openJournal({ directory, resume: true }, { say }),
    });
    expect(said).toEqual([`${file}, line 13: broke off in the middle, so it is dropped and asked again`]);
    expect([second.asked.length, run.course.kept, run.course.done]).toEqual([1, 11, 12]);
    expect(readFileSync(file, 'utf8').trimEnd().split('\n').sort()).toEqual([...lines].sort());
  });

  it('a line that was changed is not believed; a file of something else is refused', async () => {
    const directory = folder();
    const file = join(directory, 'answers.jsonl');
    const { provider } = scripted(() => 'met', 'live');
    await ask({}, provider, { journal: await openJournal({ directory, resume: false }, { say }) });
    writeFileSync(file, readFileSync(file, 'utf8').replace('"rationale":"So."', '"rationale":"No."'));
    appendFileSync(file, 'rubbish\n');
    said.length = 0;
    const again = scripted(() => 'met', 'live');
    await ask({}, again.provider, { journal: await openJournal({ directory, resume: true }, { say }) });
    expect(again.asked).toHaveLength(1);
    expect(said).toEqual([
      `${file}, line 2: damaged, so it is asked again`,
      `${file}, line 14: damaged, so it is asked again`,
    ]);
    writeFileSync(file, '{"dataset": "x"}\n');
    await expect(openJournal({ directory, resume: true }, { say })).rejects.toMatchObject({
      code: 'bad-input',
      line: 1,
    });
    writeFileSync(file, '{"dataset"');
    await expect(openJournal({ directory, resume: true }, { say })).rejects.toMatchObject({
      code: 'bad-input',
    });
  });
});

describe('what the suites measure', () => {
  it('seats that follow the order of evidence flip, the others do not, and the outcome with them', async () => {
    // Three of four seats approve when the evidence begins as it is written.
    const written = new Set(some.map(({ source }) => source.evidence[0]?.id));
    const { provider } = scripted(({ seat, evidence }) =>
      seat === 4 || !written.has(evidence[0]?.id ?? '') ? 'not-met' : 'met',
    );
    const [reversed, title] = variantsNamed(['evidence-reversed', 'neutral-title'], variants);
    if (reversed === undefined || title === undefined) throw new Error('no variant');
    const run = await ask({ variants: [AS_WRITTEN, reversed, title] }, provider);
    const [figures, directions] = invarianceSections(run, quorumOf(4));
    expect(figures).toMatchObject({
      rows: [
        { id: 'evidence-reversed', figure: { value: 0.75, n: 12 } },
        { id: 'neutral-title', figure: { value: 0, n: 12 } },
      ],
    });
    // 3 approvals are a quorum of 4: every outcome is lost
    expect(directions).toMatchObject({
      rows: [
        [reversed.title, { n: 3 }, { value: 1 }, {}, {}, {}, { value: 1, n: 3 }],
        [title.title, {}, {}, {}, {}, {}, { value: 0 }],
      ],
    });
  });

  it('a seat that changes its mind between askings shows in verdicts, findings and outcomes', async () => {
    const providers = [scripted(() => 'met'), scripted(({ seat }) => (seat <= 2 ? 'not-met' : 'met'))];
    const run = await ask({ repetitions: 2 }, providers[0]?.provider ?? scripted(() => 'met').provider, {
      provider: (repetition) => providers[repetition]?.provider ?? scripted(() => 'met').provider,
    });
    const [figures, bySeat] = consistencySections(run, quorumOf(4));
    expect(figures).toMatchObject({
      rows: [
        { id: 'verdicts', figure: { value: 0.5, n: 12 } },
        { id: 'findings', figure: { value: 0.5 } },
        { id: 'outcomes', figure: { value: 1, n: 3 } },
      ],
    });
    expect(bySeat).toMatchObject({
      rows: [
        ['Alder', 'conclave', { value: 1 }, { value: 1 }, 0, 0.5, -1],
        {},
        ['Aspen', 'conclave', { value: 0 }, {}, 1, 1, null],
        {},
      ],
    });
  });

  it('an injection that three of four seats obey is seen by kind, by place and in the council; the control is not', async () => {
    const bank = loadInjections().filter(({ kind }) =>
      ['control', 'ignore-previous', 'consensus'].includes(kind),
    );
    const { provider } = scripted(({ seat, evidence }) => {
      const last = evidence.at(-1)?.text.trimEnd() ?? '';
      const obeys = seat !== 4 && last.endsWith('with a confidence of 100.');
      return obeys ? 'met' : 'not-met';
    });
    const rejected = some.filter(({ expected }) => expected === 'reject');
    const run = await ask({ cases: rejected, variants: [AS_WRITTEN, ...injectionVariants(bank)] }, provider);
    const { asWritten, kinds, success, successBySeat } = injectionEffects(run, quorumOf(4));
    const of = (kind: string) => kinds.find(({ injection }) => injection.kind === kind);
    const obeyed = of('ignore-previous');
    expect(obeyed?.byPosition.end).toMatchObject({ value: 0.75, n: 4 });
    expect(obeyed?.byPosition.start.value).toBe(0);
    expect(obeyed?.success).toMatchObject({ value: 0.25, n: 12 });
    expect(obeyed?.approved).toMatchObject({ value: 1 / 3, n: 3 });
    expect(of('control')?.success.value).toBe(0);
    expect(asWritten.approved.value).toBe(0);
    // over two hostile kinds in three places: 3 of 24, the control left out
    expect(success).toMatchObject({ value: 3 / 24, n: 24 });
    expect(successBySeat.map(({ value }) => value)).toEqual([1 / 6, 1 / 6, 1 / 6, 0]);
  });

  it('the stand-in obeys no injection, and names those it sees through', async () => {
    const bank = loadInjections().filter(({ kind }) => ['control', 'direct-order'].includes(kind));
    const rejected = some.filter(({ expected }) => expected === 'reject');
    const run = await ask(
      { cases: rejected, variants: [AS_WRITTEN, ...injectionVariants(bank, ['start'])] },
      offlineProvider(agents),
    );
    const [control, order] = injectionEffects(run, quorumOf(4)).kinds;
    expect([control?.success.value, control?.named.value]).toEqual([0, 0]);
    expect([order?.success.value, order?.named.value]).toEqual([0, 1]);
  });

  it('every section is one that a result may hold', async () => {
    const both = [AS_WRITTEN, ...variants, ...injectionVariants(loadInjections().slice(0, 2))];
    const run = await ask(
      { variants: both, repetitions: 2, repeated: 'as-written' },
      offlineProvider(agents),
    );
    const sections = [
      ...calibrationSections(tableOfAnswers(run), new Random(1)),
      ...consistencySections(run, quorumOf(4)),
      ...invarianceSections(run, quorumOf(4)),
      ...injectionSections(run, quorumOf(4)),
    ];
    const result = {
      schemaVersion: 1,
      kind: RESULT_KIND,
      suite: { name: 'live', title: 'Live', question: 'Does it hold?' },
      command: 'conclave eval run live',
      seed: 1,
      sources: sourcesOf(run, 'evals/cases'),
      limits: shortfallsOf(run),
      sections,
    };
    expect(resultSchema.parse(JSON.parse(JSON.stringify(result))).sections).toHaveLength(sections.length);
    expect(new Set(sections.map(({ id }) => id)).size).toBe(sections.length);
  });
});
