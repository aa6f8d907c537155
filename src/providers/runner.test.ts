import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aQuestion } from '../../test/rigs/question.ts';
import { ScriptedProvider, type Step } from '../../test/rigs/scripted-provider.ts';
import { VirtualClock } from '../../test/rigs/virtual-clock.ts';
import type { AskEvent } from './ask-events.ts';
import {
  type Answer,
  PROVIDER_ERROR_CODES,
  type Provider,
  ProviderError,
  type ProviderErrorCode,
  type Question,
} from './contract.ts';
import { MAX_ATTEMPTS } from './retry-rules.ts';
import { type RunnerOptions, runner } from './runner.ts';

const price = { inputUsd: 1, outputUsd: 10 };

function bench(
  script: readonly Step[] | ((question: Question, call: number) => Step),
  { random = () => 0.5, ...options }: RunnerOptions & { random?: () => number } = {},
) {
  const clock = new VirtualClock();
  const provider = new ScriptedProvider(script, clock);
  const events: AskEvent[] = [];
  const { now, sleep } = clock;
  const run = runner(options, { provider, observe: (event) => void events.push(event), now, sleep, random });
  const ask = (over: Partial<Question> = {}, signal?: AbortSignal): Promise<Answer> =>
    clock.until(run.ask(aQuestion(over), signal));
  const failure = async (over: Partial<Question> = {}, signal?: AbortSignal): Promise<ProviderError> => {
    const error: unknown = await ask(over, signal).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof ProviderError)) throw new Error(`expected a ProviderError, got ${String(error)}`);
    return error;
  };
  return { clock, provider, events, run, ask, failure, kinds: () => events.map(({ kind }) => kind) };
}

const always =
  (error: ProviderError | ProviderErrorCode): (() => Step) =>
  () => ({ error });

describe('a failure is repeated only if repeating can mend it', () => {
  const attempts: Record<ProviderErrorCode, number> = {
    timeout: 4,
    malformed: 4,
    'rate-limit': 4,
    server: 4,
    truncated: 2,
    cancelled: 1,
    refusal: 1,
    'content-filter': 1,
    quota: 1,
    auth: 1,
    rejected: 1,
    'over-budget': 1,
    'too-long': 1,
    silent: 1,
  };

  it.each(PROVIDER_ERROR_CODES)('%s', async (code) => {
    const { provider, failure, events } = bench(always(code));
    const error = await failure({ timeoutMs: 600_000 });
    expect(error.code).toBe(code);
    expect(provider.calls).toHaveLength(attempts[code]);
    expect(attempts[code]).toBeLessThanOrEqual(MAX_ATTEMPTS);
    expect(events.at(-1)).toMatchObject({ kind: 'failed', code, attempts: attempts[code] });
  });
});

describe('the runner', () => {
  it('gives the answer as it is, and tells what became of the question', async () => {
    const usage = { inputTokens: 1000, outputTokens: 100 };
    const { ask, events, clock } = bench([
      { error: new ProviderError('server', 'down', { usage }), tookMs: 100 },
      { answer: { usage, requestId: 'r-1', model: 'served' }, tookMs: 900 },
    ]);
    const { backing } = aQuestion();
    const answer = await ask({ backing: { ...backing, price } });
    expect(answer).toEqual({
      text: 'answer 2',
      costUsd: 0.004,
      model: 'served',
      provenance: 'live',
      usage,
      requestId: 'r-1',
    });
    const who = { seat: 1, backing: { provider: 'openai', host: 'openai', model: 'a-model' } };
    expect(events).toEqual([
      { ...who, kind: 'asked', attempt: 1 },
      { ...who, kind: 'retrying', why: 'server', waitMs: 500, attempt: 2 },
      { ...who, kind: 'asked', attempt: 2 },
      {
        ...who,
        kind: 'answered',
        attempts: 2,
        tookMs: 1500,
        usage,
        // both calls were billed
        costUsd: 0.004,
        servedBy: 'served',
        requestId: 'r-1',
        fromCache: false,
      },
    ]);
    expect(clock.sleeping).toBe(0);
  });

  it('waits longer each time, by lot, from nothing to a bound that doubles', async () => {
    const waits = async (random: () => number): Promise<number[]> => {
      const { failure, events } = bench(always('server'), { random, backOffMs: 1000 });
      await failure({ timeoutMs: 600_000 });
      return events.flatMap((event) => (event.kind === 'retrying' ? [event.waitMs] : []));
    };
    expect(await waits(() => 0)).toEqual([0, 0, 0]);
    expect(await waits(() => 0.5)).toEqual([500, 1000, 2000]);
    expect(await waits(() => 0.999)).toEqual([999, 1998, 3996]);
  });

  it('never asks again before the host said', async () => {
    const error = new ProviderError('rate-limit', 'slow down', { retryAfterMs: 7000 });
    const { provider, ask } = bench([{ error }, { error }, {}], { random: () => 0 });
    await ask({ timeoutMs: 60_000 });
    expect(provider.calls.map(({ atMs }) => atMs)).toEqual([0, 7000, 14_000]);
  });

  it('does not wait for what would come too late, and says what stood in the way', async () => {
    const error = new ProviderError('rate-limit', 'slow down', { retryAfterMs: 10_000 });
    const { provider, failure, clock } = bench(always(error));
    const late = await failure({ timeoutMs: 10_000 });
    expect(late.code).toBe('timeout');
    expect(late.message).toBe('no answer within 10000 ms; attempt 1 ended in rate-limit: slow down');
    expect(late.cause).toBe(error);
    expect(provider.calls).toHaveLength(1);
    expect(clock.now()).toBe(0);
  });

  it.each([Number.NaN, -5, Number.POSITIVE_INFINITY])('is not led astray by a wait of %s', async (wait) => {
    const error = new ProviderError('server', 'odd', { retryAfterMs: wait });
    const { provider, failure } = bench(always(error));
    const { code } = await failure({ timeoutMs: 60_000 });
    expect([code, provider.calls.length]).toEqual(
      wait === Number.POSITIVE_INFINITY ? ['timeout', 1] : ['server', 4],
    );
  });

  it('leaves a slow answer all the time there is', async () => {
    const { ask, provider, clock } = bench([{ tookMs: 9999 }]);
    expect((await ask({ timeoutMs: 10_000 })).text).toBe('answer 1');
    expect(clock.now()).toBe(9999);
    expect(provider.calls[0]?.question.timeoutMs).toBe(10_000);
  });

  it('gives up at the deadline, and tells the second attempt how little is left', async () => {
    const { failure, provider, clock } = bench([
      { error: 'malformed', tookMs: 4000 },
      { tookMs: Number.POSITIVE_INFINITY },
    ]);
    const error = await failure({ timeoutMs: 10_000 });
    expect(error.message).toBe('no answer within 10000 ms; attempt 2 ended in malformed: it was malformed');
    expect(clock.now()).toBe(10_000);
    expect(provider.calls[1]?.question.timeoutMs).toBe(5500);
    expect(provider.running).toBe(0);
    expect(clock.sleeping).toBe(0);
  });

  it('gives up on an adapter that does not heed its signal', async () => {
    const clock = new VirtualClock();
    const deaf = { name: 'deaf', provenance: 'live' as const, ask: () => new Promise<Answer>(() => {}) };
    const { ask } = runner({}, { provider: deaf, now: clock.now, sleep: clock.sleep });
    await expect(clock.until(ask(aQuestion()))).rejects.toMatchObject({ code: 'timeout' });
  });

  it('has its own word for a deadline, whatever an adapter calls it', async () => {
    const clock = new VirtualClock();
    const hasty: Provider = {
      name: 'hasty',
      provenance: 'live',
      ask: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(new ProviderError('server', 'socket hang up')));
        }),
    };
    const { ask } = runner({}, { provider: hasty, now: clock.now, sleep: clock.sleep });
    await expect(clock.until(ask(aQuestion()))).rejects.toMatchObject({ code: 'timeout' });
  });

  it.each([
    ['before it is asked', 0],
    ['while it is asked', 50],
    ['between two attempts', 150],
  ])('lets go when the question is withdrawn %s', async (_, atMs) => {
    const { clock, run, provider, events } = bench(
      (_, call) => (call === 1 ? { tookMs: 100, error: 'server' } : { tookMs: 1000 }),
      { backOffMs: 200 },
    );
    const patience = new AbortController();
    if (atMs === 0) patience.abort();
    const asked = run.ask(aQuestion(), patience.signal);
    const failed = expect(asked).rejects.toMatchObject({ code: 'cancelled' });
    if (atMs > 0) {
      await clock.pass(atMs);
      patience.abort();
    }
    await clock.until(failed);
    expect(clock.now()).toBe(atMs);
    expect(provider.calls).toHaveLength(atMs === 0 ? 0 : 1);
    expect(events.at(-1)).toMatchObject({ kind: 'failed', code: 'cancelled' });
    expect(clock.sleeping).toBe(0);
  });

  it('takes the word of whoever withdraws it', async () => {
    const { failure } = bench([{ tookMs: 100 }]);
    const reason = new ProviderError('timeout', 'the case is over');
    expect(await failure({}, AbortSignal.abort(reason))).toBe(reason);
  });

  it('does not take what became of another question for its own failure', async () => {
    const { failure, provider, events } = bench([{ tookMs: 100 }]);
    const error = await failure({}, AbortSignal.abort(new ProviderError('auth', 'the other one')));
    expect(error.code).toBe('cancelled');
    expect(provider.calls).toHaveLength(0);
    expect(JSON.stringify(events)).not.toContain('the other one');
  });

  it('takes an adapter that stumbles for an answer that is none, and does not repeat what it said', async () => {
    const { ask, events } = bench((_, call) => {
      if (call === 1) throw new SyntaxError('Unexpected token in "the evidence"');
      return {};
    });
    await ask();
    expect(events[1]).toMatchObject({ kind: 'retrying', why: 'malformed' });
    expect(JSON.stringify(events)).not.toContain('evidence');
  });

  it('tells of an answer from the cache, which costs nothing', async () => {
    const { backing } = aQuestion();
    const usage = { inputTokens: 1_000_000, outputTokens: 0 };
    const { ask, events } = bench([{ answer: { provenance: 'recorded', usage } }]);
    expect((await ask({ backing: { ...backing, price } })).costUsd).toBe(0);
    expect(events.at(-1)).toMatchObject({ kind: 'answered', fromCache: true, costUsd: 0 });
  });

  it('says nothing of a cost that nobody knows, and that what nobody bills costs nothing', async () => {
    const { backing } = aQuestion();
    expect(await bench([]).ask({ backing: { ...backing, price } })).not.toHaveProperty('costUsd');
    expect((await bench([]).ask()).costUsd).toBe(0);
  });

  it('keeps what it tells short and free of what is asked', async () => {
    const { failure, ask, events } = bench((_, call) =>
      call === 1 ? { error: new ProviderError('refusal', `no ${'x'.repeat(5000)}\n\tno`) } : {},
    );
    const over = {
      prompt: { system: 'PLANTED-SYSTEM', user: 'PLANTED-USER', schema: { title: 'PLANTED-SCHEMA' } },
      evidence: [{ id: 'E1', title: 'PLANTED-TITLE', text: 'PLANTED-EVIDENCE' }],
      facts: { system: 'PLANTED-FACT' },
    };
    await failure(over);
    await ask(over);
    const told = JSON.stringify(events);
    expect(told).not.toContain('PLANTED');
    for (const event of events) expect(JSON.stringify(event).length).toBeLessThan(600);
  });
});

describe('an answer that was cut off', () => {
  it('is asked for once more, twice as long', async () => {
    const { ask, provider } = bench([{ error: 'truncated' }]);
    expect((await ask({ sampling: { temperature: 0, maxTokens: 1000 } })).text).toBe('answer 2');
    expect(provider.calls.map(({ question }) => question.sampling.maxTokens)).toEqual([1000, 2000]);
    expect(provider.calls.map(({ atMs }) => atMs)).toEqual([0, 0]);
  });

  it('is not asked for a third time', async () => {
    const { failure, provider } = bench([
      { error: 'server' },
      { error: 'truncated' },
      { error: 'truncated' },
    ]);
    expect((await failure({ sampling: { temperature: 0, maxTokens: 1000 } })).code).toBe('truncated');
    expect(provider.calls.map(({ question }) => question.sampling.maxTokens)).toEqual([1000, 1000, 2000]);
  });

  it('stays what it was when the maker allows none so long', async () => {
    const { failure } = bench([{ error: 'truncated' }, { error: 'rejected' }]);
    expect((await failure({ sampling: { temperature: 0, maxTokens: 1000 } })).code).toBe('truncated');
  });

  it('grows into what the model has room for, and not at all when there is none', async () => {
    const { backing } = aQuestion();
    const sampling = { temperature: 0, maxTokens: 1000 };
    const roomy = bench([{ error: 'truncated' }]);
    await roomy.ask({ sampling, backing: { ...backing, contextTokens: 1300 } });
    const asked = roomy.provider.calls[1]?.question.sampling.maxTokens ?? 0;
    expect(asked).toBeGreaterThan(1000);
    expect(asked).toBeLessThan(1300);

    const full = bench([{ error: 'truncated' }]);
    const error = await full.failure({ sampling, backing: { ...backing, contextTokens: 1050 } });
    expect(error.code).toBe('truncated');
    expect(full.provider.calls).toHaveLength(1);
  });
});

it('whatever happens, attempts and time are bounded, nothing is left behind, and the end is told once', async () => {
  const step = fc.record({
    tookMs: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.constant(Number.POSITIVE_INFINITY)),
    error: fc.option(fc.constantFrom(...PROVIDER_ERROR_CODES), { nil: undefined }),
    retryAfterMs: fc.option(fc.integer({ min: -10, max: 40_000 }), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 12 }),
      fc.integer({ min: 1, max: 60_000 }),
      fc.boolean(),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      async (steps, timeoutMs, hasFallback, lot) => {
        const { clock, events, provider, run } = bench(
          (_, call) => {
            const { tookMs = 0, error, retryAfterMs } = steps[call - 1] ?? {};
            if (error === undefined) return { tookMs };
            const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
            return { tookMs, error: new ProviderError(error, 'scripted', wait) };
          },
          { random: () => lot },
        );
        const { backing } = aQuestion();
        const fallback = { ...backing, host: 'elsewhere', model: 'another' };
        const question = aQuestion({ timeoutMs, ...(hasFallback ? { fallback } : {}) });
        await clock.until(
          run.ask(question).catch((error: unknown) => expect(error).toBeInstanceOf(ProviderError)),
        );
        expect(clock.now()).toBeLessThanOrEqual(timeoutMs);
        for (const model of ['a-model', 'another']) {
          const calls = provider.calls.filter((call) => call.question.backing.model === model);
          expect(calls.length).toBeLessThanOrEqual(MAX_ATTEMPTS);
        }
        provider.calls.slice(1).forEach(({ atMs }, i) => {
          const { retryAfterMs = 0, tookMs = 0 } = steps[i] ?? {};
          const same = provider.calls[i]?.question.backing === provider.calls[i + 1]?.question.backing;
          const began = provider.calls[i]?.atMs ?? 0;
          if (same && steps[i]?.error !== 'truncated') {
            expect(atMs).toBeGreaterThanOrEqual(began + tookMs + (retryAfterMs ?? 0));
          }
        });
        expect(events.filter(({ kind }) => kind === 'answered' || kind === 'failed')).toHaveLength(1);
        expect(provider.running).toBe(0);
        expect(clock.sleeping).toBe(0);
      },
    ),
    { numRuns: 200 },
  );
});
