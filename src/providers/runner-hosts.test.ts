// What a runner does across questions and hosts: how many it asks at the same time, what it does about hosts that
// are down, and when it turns to the fallback.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aQuestion } from '../../test/rigs/question.ts';
import { ScriptedProvider, type Step } from '../../test/rigs/scripted-provider.ts';
import { VirtualClock } from '../../test/rigs/virtual-clock.ts';
import { asSeatId } from '../signing/seat-id.ts';
import type { AskEvent } from './ask-events.ts';
import { type Answer, ProviderError, type ProviderErrorCode, type Question } from './contract.ts';
import { type RunnerOptions, runner } from './runner.ts';

const { backing } = aQuestion();
const elsewhere = { ...backing, host: 'elsewhere', model: 'another' };

function bench(script: (question: Question, call: number) => Step, options: RunnerOptions = {}) {
  const clock = new VirtualClock();
  const provider = new ScriptedProvider(script, clock);
  const events: AskEvent[] = [];
  const { now, sleep } = clock;
  const observe = (event: AskEvent): void => void events.push(event);
  const run = runner(options, { provider, observe, now, sleep, random: () => 0.5 });
  const askAll = (questions: readonly Partial<Question>[]): Promise<PromiseSettledResult<Answer>[]> =>
    clock.until(Promise.allSettled(questions.map((over) => run.ask(aQuestion(over)))));
  const ask = (over: Partial<Question> = {}): Promise<Answer> => clock.until(run.ask(aQuestion(over)));
  const hostsAsked = (): string[] => provider.calls.map(({ question }) => question.backing.host);
  return { clock, provider, events, run, ask, askAll, hostsAsked };
}

const seats = (count: number, over: Partial<Question> = {}): Partial<Question>[] =>
  Array.from({ length: count }, (_, i) => ({ ...over, seat: asSeatId(i + 1) }));

describe('the calls under way at a host', () => {
  it('are never more than it bears, and each host bears its own', async () => {
    const { provider, askAll, clock } = bench(() => ({ tookMs: 100 }), { places: 3 });
    const results = await askAll([...seats(10), ...seats(10, { backing: elsewhere })]);
    expect(results.every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(provider.mostRunning).toBe(6);
    expect(clock.now()).toBe(400);
  });

  it('are eight where nobody says otherwise', async () => {
    const { provider, askAll, events } = bench(() => ({ tookMs: 100 }));
    await askAll(seats(33));
    expect(provider.mostRunning).toBe(8);
    expect(events.filter(({ kind }) => kind === 'waiting')).toHaveLength(25);
  });

  it('are let in by turns', async () => {
    const { provider, askAll } = bench(() => ({ tookMs: 100 }), { places: 2 });
    await askAll(seats(9));
    expect(provider.calls.map(({ question }) => question.seat)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('become fewer when it says that it is too much, and every question is answered all the same', async () => {
    const made = bench(() =>
      // It answers two at a time.
      made.provider.running >= 2 ? { error: 'rate-limit', tookMs: 10 } : { tookMs: 100 },
    );
    const results = await made.askAll(seats(20, { timeoutMs: 600_000 }));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
    const refused = made.events.filter(({ kind }) => kind === 'retrying').length;
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(20);
  });

  it('do not count one that is waiting for its next attempt', async () => {
    const { provider, askAll } = bench((_, call) => (call === 1 ? { error: 'server' } : { tookMs: 10 }), {
      places: 1,
      backOffMs: 10_000,
    });
    await askAll(seats(3, { timeoutMs: 60_000 }));
    expect(provider.calls.map(({ question, atMs }) => [question.seat, atMs])).toEqual([
      [1, 0],
      [2, 0],
      [3, 10],
      [1, 5000],
    ]);
  });

  it('are no more than the bound, whatever fails, is slow or is withdrawn', async () => {
    const step = fc.record({
      tookMs: fc.integer({ min: 0, max: 3000 }),
      error: fc.option(
        fc.constantFrom<ProviderErrorCode>('rate-limit', 'server', 'malformed', 'refusal', 'timeout'),
        {
          nil: undefined,
        },
      ),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(step, { minLength: 1, maxLength: 20 }),
        fc.array(
          fc.record({
            timeoutMs: fc.integer({ min: 1, max: 20_000 }),
            leavesMs: fc.integer({ min: 0, max: 40_000 }),
          }),
          {
            maxLength: 15,
          },
        ),
        async (places, steps, questions) => {
          const { clock, provider, run } = bench(
            (_, call) => {
              const { tookMs = 0, error } = steps[call % steps.length] ?? {};
              return error === undefined ? { tookMs } : { tookMs, error };
            },
            { places },
          );
          const all = questions.map(async ({ timeoutMs, leavesMs }) => {
            const patience = new AbortController();
            const left = new AbortController();
            clock.sleep(leavesMs, left.signal).then(
              () => patience.abort(),
              () => undefined,
            );
            await run.ask(aQuestion({ timeoutMs }), patience.signal).catch(() => undefined);
            left.abort();
          });
          await clock.until(Promise.all(all));
          expect(provider.mostRunning).toBeLessThanOrEqual(places);
          expect(provider.running).toBe(0);
          // Nobody has kept a place: as many as ever may go in again.
          await clock.pass(60_000);
          const before = provider.calls.length;
          await clock.until(
            Promise.allSettled(seats(1).map((over) => run.ask(aQuestion({ ...over, timeoutMs: 100_000 })))),
          );
          expect(provider.calls.length).toBeGreaterThan(before);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a host that is down', () => {
  const circuit = { failures: 4, coolDownMs: 30_000 };

  it('is left alone, and questions wait for it to come back when they have the time', async () => {
    let down = true;
    const { provider, askAll, clock, events } = bench(() => (down ? { error: 'server' } : { tookMs: 50 }), {
      circuit,
      backOffMs: 100,
    });
    clock.sleep(20_000).then(() => {
      down = false;
    });
    const results = await askAll(seats(4, { timeoutMs: 100_000 }));
    expect(results.every(({ status }) => status === 'fulfilled')).toBe(true);
    // Four fail and open it; after it has cooled down one goes ahead, then the others.
    expect(provider.calls.map(({ atMs }) => atMs)).toEqual([0, 0, 0, 0, 30_000, 30_050, 30_050, 30_050]);
    expect(
      events.filter((event) => event.kind === 'waiting' && event.for === 'the host to come back'),
    ).not.toEqual([]);
  });

  it('is not waited for by a question that has not the time', async () => {
    const { provider, run, askAll, clock } = bench(() => ({ error: 'server' }), { circuit, backOffMs: 100 });
    const [first] = await askAll(seats(1, { timeoutMs: 10_000 }));
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'server' } });
    expect(provider.calls).toHaveLength(4);
    const began = clock.now();
    await expect(clock.until(run.ask(aQuestion({ timeoutMs: 10_000 })))).rejects.toMatchObject({
      code: 'server',
      message: 'openai is down and a-model was not asked',
    });
    expect(clock.now()).toBe(began);
    expect(provider.calls).toHaveLength(4);
  });

  it('is tried by one question at a time', async () => {
    const { provider, askAll } = bench(() => ({ error: 'server', tookMs: 10 }), {
      circuit: { failures: 4, coolDownMs: 1000 },
      places: 4,
      backOffMs: 1,
    });
    await askAll(seats(4, { timeoutMs: 5000 }));
    const times = provider.calls.map(({ atMs }) => atMs);
    expect(times.slice(0, 4)).toEqual([0, 0, 0, 0]);
    for (let i = 5; i < times.length; i++)
      expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(1000);
  });

  it('keeps nobody’s place while it is waited for', async () => {
    const { provider, askAll } = bench(
      (_, call) => (call === 1 ? { error: 'server', tookMs: 10 } : { tookMs: 10 }),
      {
        circuit: { failures: 1, coolDownMs: 1000 },
        places: 1,
        backOffMs: 0,
      },
    );
    const results = await askAll(seats(3, { timeoutMs: 10_000 }));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(provider.calls.map(({ atMs }) => atMs)).toEqual([0, 1010, 1020, 1030]);
  });

  it('takes no other host with it', async () => {
    const { ask, hostsAsked } = bench(
      ({ backing: { host } }) => (host === 'openai' ? { error: 'server' } : {}),
      {
        circuit,
      },
    );
    await ask().catch(() => undefined);
    await ask({ backing: elsewhere });
    expect(hostsAsked()).toEqual(['openai', 'openai', 'openai', 'openai', 'elsewhere']);
  });

  it('is not one that is slow, refuses, or has no such model', async () => {
    for (const step of [
      { tookMs: 9000 },
      { error: 'refusal' },
      { error: 'auth' },
      { error: 'rejected' },
    ] satisfies Step[]) {
      const { askAll, provider } = bench(() => step, { circuit: { failures: 1 }, places: 1 });
      await askAll(seats(3, { timeoutMs: 100_000 }));
      expect(provider.calls).toHaveLength(3);
    }
  });

  it('is one that lets ample time pass, but not one that was asked at the last moment', async () => {
    const silent = bench(() => ({ tookMs: Number.POSITIVE_INFINITY }), { circuit: { failures: 1 } });
    await silent.ask({ timeoutMs: 1000 }).catch(() => undefined);
    await expect(silent.ask({ timeoutMs: 1000 })).rejects.toMatchObject({ code: 'server' });

    const hurried = bench((_, call) => (call === 1 ? { tookMs: 800, error: 'malformed' } : { tookMs: 300 }), {
      circuit: { failures: 1 },
      backOffMs: 100,
    });
    await expect(hurried.ask({ timeoutMs: 1000 })).rejects.toMatchObject({ code: 'timeout' });
    await expect(hurried.ask({ timeoutMs: 1000 })).resolves.toMatchObject({ text: 'answer 3' });
  });
});

describe('the fallback', () => {
  const outOfReach: readonly [code: ProviderErrorCode, attempts: number][] = [
    ['auth', 1],
    ['quota', 1],
    ['rejected', 1],
    ['server', 4],
    ['rate-limit', 4],
  ];
  it.each(outOfReach)('is asked when the first model fails with %s', async (error, attempts) => {
    const { ask, hostsAsked, events } = bench(({ backing: { host } }) =>
      host === 'openai' ? { error } : {},
    );
    const answer = await ask({ fallback: elsewhere, timeoutMs: 100_000 });
    expect(answer.model).toBe('another');
    expect(hostsAsked()).toEqual([...Array(attempts).fill('openai'), 'elsewhere']);
    const to = { provider: 'openai', host: 'elsewhere', model: 'another' };
    expect(events.filter(({ kind }) => kind === 'fell-back')).toMatchObject([{ why: error, to }]);
    expect(events.at(-1)).toMatchObject({ kind: 'answered', backing: to, attempts: attempts + 1 });
  });

  it.each<ProviderErrorCode>([
    'refusal',
    'content-filter',
    'malformed',
    'truncated',
    'over-budget',
    'too-long',
    'silent',
  ])('is not asked when it fails with %s', async (error) => {
    const { ask, hostsAsked } = bench(() => ({ error }));
    await expect(ask({ fallback: elsewhere, timeoutMs: 100_000 })).rejects.toMatchObject({ code: error });
    expect(hostsAsked()).not.toContain('elsewhere');
  });

  it('is asked at once when the first host is down, without waiting for it', async () => {
    const { ask, hostsAsked, clock } = bench(
      ({ backing: { host } }) => (host === 'openai' ? { error: 'server' } : {}),
      {
        circuit: { failures: 1, coolDownMs: 5000 },
      },
    );
    await ask({ timeoutMs: 4000 }).catch(() => undefined);
    const before = clock.now();
    expect((await ask({ fallback: elsewhere, timeoutMs: 100_000 })).model).toBe('another');
    expect(clock.now()).toBe(before);
    expect(hostsAsked()).toEqual(['openai', 'elsewhere']);
  });

  it('is asked instead of waiting past the deadline', async () => {
    const error = new ProviderError('rate-limit', 'tomorrow', { retryAfterMs: 86_400_000 });
    const { ask, clock } = bench(({ backing: { host } }) => (host === 'openai' ? { error } : {}));
    expect((await ask({ fallback: elsewhere })).model).toBe('another');
    expect(clock.now()).toBe(0);
  });

  it('has the time that the first has left, and its own attempts', async () => {
    const { ask, provider, clock } = bench(({ backing: { host } }) =>
      host === 'openai' ? { error: 'auth', tookMs: 4000 } : { error: 'server', tookMs: 1 },
    );
    const failed = ask({ fallback: elsewhere, timeoutMs: 10_000 });
    await expect(failed).rejects.toMatchObject({ code: 'server' });
    expect(provider.calls[1]?.question.timeoutMs).toBe(6000);
    expect(provider.calls).toHaveLength(5);
    expect(clock.now()).toBeLessThanOrEqual(10_000);
  });

  it('is not asked when the question is withdrawn or its time is over', async () => {
    const { ask, hostsAsked, events } = bench(() => ({ tookMs: Number.POSITIVE_INFINITY }));
    await expect(ask({ fallback: elsewhere, timeoutMs: 1000 })).rejects.toMatchObject({ code: 'timeout' });
    expect(hostsAsked()).toEqual(['openai']);
    expect(events.map(({ kind }) => kind)).toEqual(['asked', 'failed']);
  });
});
