import { execFile } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { aQuestion } from '../../test/rigs/question.ts';
import { ScriptedProvider, type Step } from '../../test/rigs/scripted-provider.ts';
import { VirtualClock } from '../../test/rigs/virtual-clock.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { Budget, type BudgetLimits } from './budget.ts';
import { ProviderError, type ProviderErrorCode, type Question } from './contract.ts';
import { estimateCostUsd } from './cost.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'conclave-budget-'));
  folders.push(made);
  return made;
};

const { backing } = aQuestion();
/** One output token costs a hundredth of a USD, input nothing: a question costs what its maxTokens say. */
const cents = (most: number, over: Partial<Question> = {}): Question =>
  aQuestion({
    backing: { ...backing, price: { inputUsd: 0, outputUsd: 10_000 } },
    sampling: { temperature: 0, maxTokens: most },
    caseId: 'one',
    ...over,
  });
const billed = (outputTokens: number) => ({ usage: { inputTokens: 7, outputTokens } });
const NOON = Date.UTC(2026, 10, 21, 12);

function bench(
  limits: BudgetLimits,
  script: readonly Step[] | ((question: Question, call: number) => Step) = () => ({}),
  { directory, nowMs = () => NOON }: { directory?: string; nowMs?: () => number } = {},
) {
  const clock = new VirtualClock();
  const inner = new ScriptedProvider(script, clock);
  const said: string[] = [];
  const budget = new Budget(
    { limits, ...(directory === undefined ? {} : { directory }) },
    { say: (text) => void said.push(text), now: nowMs },
  );
  const provider = budget.around(inner);
  const ask = (question: Question): Promise<string> =>
    clock.until(
      provider.ask(question).then(
        () => 'answered',
        (error: unknown) => (error instanceof ProviderError ? error.code : String(error)),
      ),
    );
  const spent = (): number => budget.spendBy(() => 'all')[0]?.usd ?? 0;
  return { clock, inner, budget, provider, ask, spent, said };
}

describe('a budget', () => {
  it('refuses what could exceed a limit, and says how much there is', async () => {
    const { ask, provider, inner } = bench({ caseUsd: 1 }, [{ answer: billed(60) }]);
    expect(await ask(cents(100))).toBe('answered');
    expect(await ask(cents(41))).toBe('over-budget');
    await expect(provider.ask(cents(41))).rejects.toThrow(
      'the case may cost $1.0000; $0.6000 is spent or promised, and this call may cost $0.4100',
    );
    expect(inner.calls).toHaveLength(1);
  });

  it('holds a limit for all that it lets through, over all cases', async () => {
    const { ask, provider, inner } = bench({ runUsd: 0.5 }, [
      { answer: billed(20) },
      { error: new ProviderError('refusal', 'no') },
      { answer: billed(10) },
    ]);
    expect(await ask(cents(40, { caseId: 'one' }))).toBe('answered');
    await expect(provider.ask(cents(31, { caseId: 'two' }))).rejects.toThrow(
      'this run may cost $0.5000; $0.2000 is spent or promised, and this call may cost $0.3100',
    );
    expect(await ask(cents(30, { caseId: 'two' }))).toBe('refusal');
    expect(inner.calls).toHaveLength(2);
  });

  it('gives back what was promised and not billed', async () => {
    const { ask, spent } = bench({ caseUsd: 1 }, [{ answer: billed(60) }, { answer: billed(40) }]);
    expect([await ask(cents(100)), await ask(cents(40)), await ask(cents(1))]).toEqual([
      'answered',
      'answered',
      'over-budget',
    ]);
    expect(spent()).toBe(1);
  });

  it('holds a limit for each seat in each case, for each case, and for all of a day', async () => {
    const { ask } = bench(
      { seatUsd: (seat) => (seat === 1 ? 0.1 : undefined), caseUsd: 0.3, dayUsd: 0.5 },
      () => ({
        answer: billed(10),
      }),
    );
    const question = (seat: number, name: string): Question =>
      cents(10, { seat: asSeatId(seat), caseId: name });
    expect(await ask(question(1, 'one'))).toBe('answered');
    expect(await ask(question(1, 'one'))).toBe('over-budget');
    expect(await ask(question(1, 'two'))).toBe('answered');
    expect(await ask(question(2, 'one'))).toBe('answered');
    expect(await ask(question(2, 'one'))).toBe('answered');
    expect(await ask(question(2, 'one'))).toBe('over-budget');
    expect(await ask(question(2, 'two'))).toBe('answered');
    expect(await ask(question(2, 'three'))).toBe('over-budget');
  });

  it('never stands in the way of what costs nothing', async () => {
    const { ask } = bench({ caseUsd: 0, dayUsd: 0 });
    expect(await ask(aQuestion())).toBe('answered');
    expect(await ask(cents(1))).toBe('over-budget');
  });

  it('counts a bill that is higher than the estimate in full', async () => {
    const { ask, spent } = bench({ caseUsd: 1 }, [{ answer: billed(500) }]);
    expect(await ask(cents(100))).toBe('answered');
    expect(spent()).toBe(5);
    expect(await ask(cents(1))).toBe('over-budget');
  });

  it('counts an answer at its worst when nobody says what it used, and at nothing when it is an old one', async () => {
    const { ask, budget } = bench({}, [{}, { answer: { provenance: 'recorded', ...billed(9) } }]);
    await ask(cents(50));
    await ask(cents(50));
    expect(budget.spendBy(() => 'all')).toEqual([{ name: 'all', calls: 2, usd: 0.5, unsureUsd: 0.5 }]);
  });

  const unbilled: readonly ProviderErrorCode[] = [
    'auth',
    'quota',
    'rate-limit',
    'rejected',
    'server',
    'too-long',
  ];
  it.each(unbilled)('counts a call that failed with %s at nothing, unless it was billed', async (code) => {
    const error = new ProviderError(code, 'no', billed(20));
    const { ask, spent } = bench({}, [{ error: code }, { error }]);
    await ask(cents(50));
    expect(spent()).toBe(0);
    await ask(cents(50));
    expect(spent()).toBe(0.2);
  });

  const unsure: readonly ProviderErrorCode[] = [
    'timeout',
    'cancelled',
    'refusal',
    'content-filter',
    'truncated',
    'malformed',
  ];
  it.each(unsure)(
    'counts a call that failed with %s at its worst, unless the maker says less',
    async (code) => {
      const error = new ProviderError(code, 'no', billed(20));
      const { ask, budget } = bench({}, [{ error: code }, { error }]);
      await ask(cents(50));
      await ask(cents(50));
      expect(budget.spendBy(() => 'all')).toEqual([{ name: 'all', calls: 2, usd: 0.7, unsureUsd: 0.5 }]);
    },
  );

  it('tells spending by whatever one asks, dear ones first, without what was refused', async () => {
    const { ask, budget } = bench({ dayUsd: 1 }, () => ({ answer: billed(10) }));
    await ask(cents(10));
    await ask(cents(10, { backing: { ...cents(1).backing, host: 'dear' }, caseId: 'two' }));
    await ask(cents(10, { backing: { ...cents(1).backing, host: 'dear' } }));
    await ask(cents(1000));
    await ask(aQuestion({ backing: { ...backing, host: 'free' } }));
    const told = budget.spendBy(({ host }) => host).map(({ name, calls, usd }) => [name, calls, usd]);
    expect(told).toEqual([
      ['dear', 2, 0.2],
      ['openai', 1, 0.1],
      ['free', 1, 0],
    ]);
    expect(budget.spendBy(({ host }) => host, { caseId: 'two' })).toMatchObject([{ name: 'dear', calls: 1 }]);
  });

  it('asks nothing for a question that was withdrawn before', async () => {
    const { provider, inner, spent } = bench({});
    await expect(provider.ask(cents(5), AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
    expect(inner.calls).toHaveLength(0);
    expect(spent()).toBe(0);
  });

  it('is never exceeded, however many ask at the same time and whatever becomes of it', async () => {
    const step = fc.record({
      tookMs: fc.integer({ min: 0, max: 50 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      error: fc.option(fc.constantFrom<ProviderErrorCode>('server', 'timeout', 'malformed', 'rate-limit'), {
        nil: undefined,
      }),
    });
    const asked = fc.record({
      seat: fc.integer({ min: 1, max: 3 }),
      inCase: fc.constantFrom('a', 'b'),
      most: fc.integer({ min: 1, max: 60 }),
      atMs: fc.integer({ min: 0, max: 100 }),
      step,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { maxLength: 40 }), async (questions) => {
        const limits = { seatUsd: () => 0.8, caseUsd: 1.5, dayUsd: 2.2 };
        const billedTo = new Map<string, number>();
        const { clock, provider, spent } = bench(limits, (question) => {
          const { most = 0, step } = questions[Number(question.facts.number)] ?? {};
          const tokens = Math.floor(most * (step?.share ?? 0));
          const failsFree = step?.error === 'server' || step?.error === 'rate-limit';
          for (const key of ['day', question.caseId, `${question.caseId} ${question.seat}`]) {
            if (!failsFree) billedTo.set(key, (billedTo.get(key) ?? 0) + tokens);
          }
          const tookMs = step?.tookMs ?? 0;
          return step?.error === undefined
            ? { tookMs, answer: billed(tokens) }
            : { tookMs, error: step.error };
        });
        const all = questions.map(async ({ seat, inCase, most, atMs }, number) => {
          await clock.sleep(atMs);
          const facts = { number: String(number) };
          await provider
            .ask(cents(most, { seat: asSeatId(seat), caseId: inCase, facts }))
            .catch(() => undefined);
        });
        await clock.until(Promise.all(all));
        for (const [key, tokens] of billedTo) {
          const limit = key === 'day' ? 220 : key.length === 1 ? 150 : 80;
          expect(tokens, key).toBeLessThanOrEqual(limit);
        }
        // What is counted is at least what was billed, and nothing stays promised.
        expect(Math.round(spent() * 100)).toBeGreaterThanOrEqual(billedTo.get('day') ?? 0);
        expect(spent()).toBeLessThanOrEqual(2.2 + 1e-9);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a budget on disk', () => {
  const journal = (directory: string): string => join(directory, 'spend-2026-11-21.jsonl');

  it('remembers a day in the next process, and forgets it on the next day', async () => {
    const directory = folder();
    const first = bench({ dayUsd: 1 }, () => ({ answer: billed(90) }), { directory });
    expect(await first.ask(cents(90))).toBe('answered');
    let nowMs = NOON;
    const second = bench({ dayUsd: 1 }, () => ({ answer: billed(90) }), { directory, nowMs: () => nowMs });
    expect(await second.ask(cents(90))).toBe('over-budget');
    nowMs += 12 * 3_600_000 - 1;
    expect(await second.ask(cents(90))).toBe('over-budget');
    nowMs += 1;
    expect(await second.ask(cents(90))).toBe('answered');
    expect(readdirSync(directory).sort()).toEqual(['spend-2026-11-21.jsonl', 'spend-2026-11-22.jsonl']);
  });

  it('remembers a case over midnight', async () => {
    const directory = folder();
    await bench({}, () => ({ answer: billed(90) }), { directory }).ask(cents(90));
    const next = bench({ caseUsd: 1 }, () => ({}), { directory, nowMs: () => NOON + 86_400_000 });
    expect(await next.ask(cents(11))).toBe('over-budget');
    expect(await next.ask(cents(11, { caseId: 'two' }))).toBe('answered');
  });

  it('leaves a call standing at its worst whose process died', async () => {
    const directory = folder();
    const dying = bench({ dayUsd: 1 }, () => ({ tookMs: Number.POSITIVE_INFINITY }), { directory });
    void dying.provider.ask(cents(70));
    const next = bench({ dayUsd: 1 }, () => ({ answer: billed(10) }), { directory });
    expect(await next.ask(cents(40))).toBe('over-budget');
    expect(await next.ask(cents(30))).toBe('answered');
  });

  it('of two processes that want the last cent, gives it to one', async () => {
    const directory = folder();
    const script = (): Step => ({ tookMs: 10, answer: billed(30) });
    const processes = [
      bench({ dayUsd: 1 }, script, { directory }),
      bench({ dayUsd: 1 }, script, { directory }),
    ];
    const results = await Promise.all(
      processes.flatMap(({ clock, provider }) =>
        [1, 2, 3].map(() => clock.until(provider.ask(cents(30)).then(() => 1)).catch(() => 0)),
      ),
    );
    expect(results.reduce<number>((sum, one) => sum + one, 0)).toBe(3);
  });

  it('is kept by three processes that spend at the same time', async () => {
    const directory = folder();
    const rig = fileURLToPath(new URL('../../test/rigs/spender.ts', import.meta.url));
    const spend = async (): Promise<{ through: number; trouble: string[] }> => {
      const { stdout } = await promisify(execFile)(process.execPath, [
        '--import',
        'tsx',
        rig,
        directory,
        '80',
      ]);
      return JSON.parse(stdout);
    };
    const told = await Promise.all([spend(), spend(), spend()]);
    expect(told.flatMap(({ trouble }) => trouble)).toEqual([]);
    // Of two that want the last one, both may be told that it is promised.
    const through = told.reduce((sum, one) => sum + one.through, 0);
    expect(through).toBeLessThanOrEqual(100);
    expect(through).toBeGreaterThanOrEqual(98);
  });

  it('passes over damaged lines, and says which they are', async () => {
    const directory = folder();
    const before = bench({ dayUsd: 1 }, () => ({ answer: billed(50) }), { directory });
    await before.ask(cents(60));
    const good = readFileSync(journal(directory), 'utf8').split('\n')[1] ?? '';
    appendFileSync(
      journal(directory),
      [
        'rubbish',
        '{"kind":"settled"}',
        good.replace('"nanoUsd":500000000', '"nanoUsd":-500000000'),
        good.replace('2026-11-21', '2026-11-20'),
        `[${'['.repeat(100_000)}`,
        '\u0000\u0000',
        '{"torn',
      ].join('\n'),
    );
    const after = bench({ dayUsd: 1 }, () => ({ answer: billed(40) }), { directory });
    expect(await after.ask(cents(51))).toBe('over-budget');
    expect(await after.ask(cents(50))).toBe('answered');
    const lines = after.said.map((text) => Number(/line (\d+)/.exec(text)?.[1]));
    // The torn one is read when the next has ended it.
    expect(lines).toEqual([3, 4, 5, 6, 7, 8, 9]);
    expect(after.said[0]).toContain(journal(directory));
    const third = bench({ dayUsd: 1 }, () => ({}), { directory });
    expect(await third.ask(cents(11))).toBe('over-budget');
    expect(third.spent()).toBeCloseTo(0.9, 9);
  });

  it('counts a call once, however often its lines stand there and in whatever order', async () => {
    const directory = folder();
    await bench({}, () => ({ answer: billed(10) }), { directory }).ask(cents(60));
    const [reserved, settled] = readFileSync(journal(directory), 'utf8').split('\n');
    writeFileSync(journal(directory), `${[settled, reserved, settled, reserved].join('\n')}\n`);
    const next = bench({ dayUsd: 1 }, () => ({ answer: billed(90) }), { directory });
    expect(await next.ask(cents(91))).toBe('over-budget');
    expect(await next.ask(cents(90))).toBe('answered');
  });

  it('says little about a file of rubbish', async () => {
    const directory = folder();
    writeFileSync(journal(directory), 'x\n'.repeat(5000));
    const { ask, said } = bench({ dayUsd: 1 }, () => ({}), { directory });
    expect(await ask(cents(50))).toBe('answered');
    expect(said).toHaveLength(10);
  });

  it('spends nothing when it cannot be written down', async () => {
    const directory = join(folder(), 'not-a-directory');
    writeFileSync(directory, '');
    const { ask, inner } = bench({ dayUsd: 1 }, () => ({}), { directory });
    expect(await ask(cents(50))).toBe('over-budget');
    expect(inner.calls).toHaveLength(0);
    expect(await ask(aQuestion())).toBe('answered');
  });

  it('is nobody else’s to read, and holds no word of what was asked', async () => {
    const directory = folder();
    const { ask } = bench({ dayUsd: 1 }, () => ({ answer: billed(1) }), { directory });
    await ask(cents(50, { prompt: { system: 'PLANTED', user: 'PLANTED', schema: {} } }));
    expect(statSync(journal(directory)).mode & 0o777).toBe(0o600);
    expect(readFileSync(journal(directory), 'utf8')).not.toContain('PLANTED');
    expect(estimateCostUsd(cents(50))).toBe(0.5);
  });
});
