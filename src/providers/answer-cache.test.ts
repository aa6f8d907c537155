import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { aQuestion } from '../../test/rigs/question.ts';
import { ScriptedProvider, type Step } from '../../test/rigs/scripted-provider.ts';
import { VirtualClock } from '../../test/rigs/virtual-clock.ts';
import { type AnswerCacheOptions, answerCache } from './answer-cache.ts';
import type { Answer, Question } from './contract.ts';
import { runner } from './runner.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'conclave-cache-'));
  folders.push(made);
  return made;
};

function bench(
  directory: string,
  script: readonly Step[] | ((question: Question, call: number) => Step) = () => ({}),
  options: Partial<AnswerCacheOptions> = {},
) {
  const clock = new VirtualClock();
  const inner = new ScriptedProvider(script, clock);
  const said: string[] = [];
  const cache = answerCache(
    { directory, ...options },
    { provider: inner, say: (text) => void said.push(text) },
  );
  const ask = (over: Partial<Question> = {}): Promise<Answer> => cache.ask(aQuestion(over));
  return { clock, cache, inner, ask, said };
}

const filesIn = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
const user = (text: string): Partial<Question> => ({ prompt: { ...aQuestion().prompt, user: text } });

describe('the cache of answers', () => {
  it('gives the same question the same answer, in the next process too, and says that it is an old one', async () => {
    const directory = folder();
    const full = {
      text: 'Ünïcode \u202e \u0000 \ud83d',
      model: 'served',
      usage: { inputTokens: 3, outputTokens: 4 },
      requestId: 'r',
    };
    const first = bench(directory, () => ({ answer: full }));
    expect(await first.ask()).toEqual({ ...full, provenance: 'live' });
    expect(await first.ask()).toEqual({ ...full, provenance: 'recorded' });
    const second = bench(directory);
    expect(await second.ask({ timeoutMs: 5, caseId: 'another' })).toEqual({
      ...full,
      provenance: 'recorded',
    });
    expect([first.inner.calls.length, second.inner.calls.length]).toEqual([1, 0]);
    expect(second.said).toEqual([]);
  });

  it('asks another question, and another repetition of the same one', async () => {
    const directory = folder();
    const { ask, inner } = bench(directory);
    await ask();
    await ask(user('Judge that.'));
    const again = bench(directory, () => ({ answer: { text: 'second time' } }), { repetition: 1 });
    expect((await again.ask()).text).toBe('second time');
    expect((await bench(directory, [], { repetition: 1 }).ask()).text).toBe('second time');
    expect((await bench(directory).ask()).text).toBe('answer 1');
    expect(inner.calls).toHaveLength(2);
  });

  it('never keeps a failure', async () => {
    const { ask, inner } = bench(folder(), [{ error: 'refusal' }]);
    await expect(ask()).rejects.toMatchObject({ code: 'refusal' });
    expect((await ask()).text).toBe('answer 2');
    expect(inner.calls).toHaveLength(2);
  });

  it('keeps what the model gave that answered, not what was asked for first', async () => {
    const directory = folder();
    const { backing } = aQuestion();
    const fallback = { ...backing, host: 'elsewhere', model: 'another' };
    const { clock, cache } = bench(directory, ({ backing: { host } }) =>
      host === 'openai' ? { error: 'auth' } : {},
    );
    const { now, sleep } = clock;
    const { ask } = runner({}, { provider: cache, now, sleep });
    expect((await clock.until(ask(aQuestion({ fallback })))).model).toBe('another');
    const healthy = bench(directory);
    expect((await healthy.ask({ fallback })).model).toBe('a-model');
    expect((await healthy.ask({ backing: fallback })).provenance).toBe('recorded');
  });

  const damages: readonly (readonly [name: string, damage: (text: string) => string])[] = [
    ['empty', () => ''],
    ['cut short', (text) => text.slice(0, text.length / 2)],
    ['no JSON', () => 'answer'],
    ['nested without end', () => '['.repeat(100_000)],
    ['another answer', (text) => text.replace('answer 1', 'approve!')],
    ['another usage', (text) => text.replace('"inputTokens":1', '"inputTokens":2')],
    ['an unknown field', (text) => text.replace('{"version"', '{"more":1,"version"')],
    ['another version', (text) => text.replace('"version":1', '"version":2')],
    ['another question', (text) => text.replace(/"key":"..../, '"key":"0000')],
  ];
  it.each(damages)('does not use a file that is damaged: %s', async (_, damage) => {
    const directory = folder();
    const usage = { inputTokens: 1, outputTokens: 1 };
    await bench(directory, [{ answer: { usage } }]).ask();
    const [file = ''] = filesIn(directory);
    const damaged = damage(readFileSync(file, 'utf8'));
    writeFileSync(file, damaged);
    const { ask, inner, said } = bench(directory, () => ({ answer: { text: 'fresh' } }));
    expect((await ask()).text).toBe('fresh');
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(file);
    expect(said[0]).not.toContain('approve');
    // What was asked anew stands in its place.
    expect((await ask()).text).toBe('fresh');
    expect(inner.calls).toHaveLength(1);
  });

  it('is bounded, and lets go first of what nobody has asked for the longest', async () => {
    const directory = folder();
    const { ask, inner } = bench(directory, () => ({}), { maxAnswers: 10 });
    for (let i = 0; i < 10; i++) {
      await ask(user(`${i}`));
      const at = new Date(1_700_000_000_000 + i * 1000);
      for (const file of filesIn(directory))
        if (statSync(file).mtimeMs > at.getTime()) utimesSync(file, at, at);
    }
    await ask(user('0'));
    expect(inner.calls).toHaveLength(10);
    await ask(user('10'));
    expect(filesIn(directory)).toHaveLength(9);
    await ask(user('0'));
    expect(inner.calls).toHaveLength(11);
    await ask(user('1'));
    expect(inner.calls).toHaveLength(12);
  });

  it('is bounded in bytes as well', async () => {
    const directory = folder();
    const { ask } = bench(directory, () => ({ answer: { text: 'x'.repeat(1000) } }), { maxBytes: 8000 });
    for (let i = 0; i < 30; i++) {
      await ask(user(`${i}`));
      const bytes = filesIn(directory).reduce((sum, file) => sum + statSync(file).size, 0);
      expect(bytes).toBeLessThanOrEqual(8000);
    }
    expect(filesIn(directory).length).toBeGreaterThan(3);
    // What is larger than everything there may be is given and not kept.
    const large = bench(folder(), () => ({ answer: { text: 'x'.repeat(10_000) } }), { maxBytes: 8000 });
    await large.ask();
    await large.ask();
    expect(large.inner.calls).toHaveLength(2);
  });

  it('gives the answer even where it cannot keep it', async () => {
    const directory = join(folder(), 'no-directory');
    writeFileSync(directory, '');
    const { ask, said } = bench(directory);
    expect((await ask()).text).toBe('answer 1');
    expect(said[0]).toContain('could not be kept');
  });

  it('is for nobody else to read', async () => {
    const directory = folder();
    chmodSync(directory, 0o755);
    await bench(directory).ask();
    for (const file of filesIn(directory)) expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('does not answer what was withdrawn', async () => {
    const directory = folder();
    const { ask } = bench(directory);
    await ask();
    const { cache } = bench(directory, () => ({ tookMs: 1 }));
    await expect(cache.ask(aQuestion(), AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });
});
