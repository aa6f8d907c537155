import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { aQuestion } from '../../test/rigs/question.ts';
import { ScriptedProvider, type Step } from '../../test/rigs/scripted-provider.ts';
import { VirtualClock } from '../../test/rigs/virtual-clock.ts';
import { ConclaveError } from '../errors.ts';
import { asSeatId } from '../signing/seat-id.ts';
import {
  type Answer,
  type Provider,
  ProviderError,
  type ProviderErrorCode,
  type Question,
} from './contract.ts';
import { recordedProvider, recordingProvider } from './recording.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'conclave-recording-'));
  folders.push(made);
  return made;
};

function recording(
  directory: string,
  script: readonly Step[] | ((question: Question, call: number) => Step) = () => ({}),
  secrets: readonly string[] = [],
) {
  const inner = new ScriptedProvider(script, new VirtualClock());
  const said: string[] = [];
  const provider = recordingProvider(directory, inner, { secrets, say: (text) => void said.push(text) });
  return { provider, inner, said };
}

/** An answer, or why there is none, without where it came from. */
async function outcome(provider: Provider, question: Question): Promise<unknown> {
  try {
    const { provenance: _, ...answer } = await provider.ask(question);
    return answer;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { code: error.code, message: error.message };
  }
}

const written = (directory: string): string =>
  readdirSync(directory)
    .map((file) => `${file}\n${readFileSync(join(directory, file), 'utf8')}`)
    .join('\n');
const seat = (number: number, over: Partial<Question> = {}): Question =>
  aQuestion({ seat: asSeatId(number), ...over });

describe('what was recorded', () => {
  it('is answered again word for word, failures as well, and marked as recorded', async () => {
    const directory = folder();
    const answer: Partial<Answer> = {
      text: '{"verdict":\u202e "approve\u0000"}\r\n \ud83d',
      model: 'served-2026',
      usage: { inputTokens: 10, outputTokens: 20 },
      requestId: 'req-1',
    };
    const { provider } = recording(directory, [
      { answer },
      { error: new ProviderError('refusal', 'I would rather not') },
      { answer: { text: '' } },
    ]);
    const questions = [seat(1), seat(2), seat(3)];
    const heard = [];
    for (const question of questions) heard.push(await outcome(provider, question));
    const replayed = recordedProvider(directory);
    expect(replayed).toMatchObject({ name: 'recorded', provenance: 'recorded' });
    // In another order, as seats answer when they do.
    for (const i of [2, 0, 1]) {
      const question = questions[i] ?? seat(1);
      expect(await outcome(replayed, { ...question, timeoutMs: 1 })).toEqual(heard[i]);
    }
    await expect(replayed.ask(seat(1))).resolves.toMatchObject({ provenance: 'recorded' });
  });

  it('is answered in the order of the calls where a seat asked the same several times, and then the last', async () => {
    const directory = folder();
    const { provider } = recording(directory, () => ({}));
    for (let i = 0; i < 11; i++) await provider.ask(seat(1));
    const replayed = recordedProvider(directory);
    const texts = [];
    for (let i = 0; i < 13; i++) texts.push((await replayed.ask(seat(1))).text);
    expect(texts).toEqual([
      ...Array.from({ length: 11 }, (_, i) => `answer ${i + 1}`),
      'answer 11',
      'answer 11',
    ]);
  });

  it('answers nothing else: it says which seat has no recording, and what to do', async () => {
    const directory = folder();
    await recording(directory).provider.ask(seat(1));
    const replayed = recordedProvider(directory);
    await expect(replayed.ask(seat(2))).rejects.toMatchObject({
      code: 'rejected',
      message: `seat 2: no recording of this question to a-model in ${directory}, where it was not asked at all; record it anew with --record`,
    });
    const { prompt } = aQuestion();
    await expect(replayed.ask(seat(1, { prompt: { ...prompt, user: 'PLANTED' } }))).rejects.toThrow(
      /^seat 1: .* asked something else, or of another model; record/,
    );
    await expect(replayed.ask(seat(1), AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('is whatever was said: any text survives', async () => {
    const directory = folder();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), async (text, said) => {
        const { prompt } = aQuestion();
        const question = seat(1, { prompt: { ...prompt, user: said } });
        await recording(directory, [{ answer: { text } }]).provider.ask(question);
        expect((await recordedProvider(directory).ask(question)).text).toBe(text);
        for (const file of readdirSync(directory)) rmSync(join(directory, file));
      }),
      { numRuns: 50 },
    );
  });

  it('holds the question in full, for nobody else to read', async () => {
    const directory = join(folder(), 'new', 'folder');
    await recording(directory).provider.ask(seat(7));
    const [file = ''] = readdirSync(directory);
    expect(file).toMatch(/^seat-07-[0-9a-f]{16}-1\.json$/);
    expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(JSON.parse(readFileSync(join(directory, file), 'utf8'))).toMatchObject({
      seat: 7,
      question: {
        provider: 'openai',
        model: 'a-model',
        prompt: { system: 'You judge.', user: 'Judge this.' },
      },
      answer: { text: 'answer 1' },
    });
  });

  it('is not what was withdrawn', async () => {
    const directory = folder();
    const { provider } = recording(directory, () => ({ error: 'cancelled' }));
    await provider.ask(seat(1)).catch(() => undefined);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('has a gap that is said where it cannot be written; the answer is given all the same', async () => {
    const directory = folder();
    const { provider, said } = recording(directory);
    rmSync(directory, { recursive: true });
    writeFileSync(directory, '');
    expect((await provider.ask(seat(1))).text).toBe('answer 1');
    expect(said[0]).toMatch(/^seat-01-[0-9a-f]{16}-1\.json could not be recorded/);
    expect(() => recordingProvider(directory, provider, { secrets: [] })).toThrow(ConclaveError);
  });
});

describe('no secret is ever written', () => {
  const key = 'sk-planted-0123456789abcdef';
  const places: readonly (readonly [place: string, over: Partial<Question>, step: Step])[] = [
    ['the system prompt', { prompt: { system: `x${key}y`, user: '', schema: {} } }, {}],
    ['the user prompt', { prompt: { system: '', user: key.repeat(3), schema: {} } }, {}],
    ['the schema', { prompt: { system: '', user: '', schema: { enum: [{ [key]: key }] } } }, {}],
    ['the model', { backing: { ...aQuestion().backing, model: key, host: key } }, {}],
    ['the answer', {}, { answer: { text: `it is ${key}` } }],
    ['the name that the answer gives', {}, { answer: { model: key, requestId: key } }],
    ['the failure', {}, { error: new ProviderError('auth', `no such key ${key}`) }],
  ];
  it.each(places)('in %s', async (_, over, step) => {
    const directory = folder();
    const { provider, said } = recording(directory, [step], ['', 'planted', key, 'another-secret']);
    await provider.ask(seat(1, over)).catch(() => undefined);
    const text = written(directory);
    expect(text).not.toContain(key);
    expect(text).not.toContain('planted');
    expect(text).not.toMatch(/\*-0123/);
    expect(text).toContain('***');
    expect(said).toEqual([]);
    expect(recordedProvider(directory).provenance).toBe('recorded');
  });

  it('nor one that JSON spells otherwise', async () => {
    const directory = folder();
    const odd = 'pass"word\\with\nodd\u0007signs';
    await recording(directory, [{ answer: { text: `<${odd}>` } }], [odd]).provider.ask(seat(1));
    expect(written(directory)).not.toContain('word');
    expect((await recordedProvider(directory).ask(seat(1))).text).toBe('<***>');
  });

  it('nor one that stands where nothing can be struck out: then nothing is written', async () => {
    const directory = folder();
    const { provider, said } = recording(directory, () => ({}), ['"version": 1']);
    expect((await provider.ask(seat(1))).text).toBe('answer 1');
    expect(readdirSync(directory)).toEqual([]);
    expect(said).toHaveLength(1);
    expect(said[0]).not.toContain('"version"');
  });

  it('whatever it is and wherever it stands', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary', minLength: 8, maxLength: 20 }), { minLength: 1, maxLength: 3 }),
        fc.string(),
        async (secrets, around) => {
          const directory = folder();
          const text = secrets.join(around);
          const { prompt } = aQuestion();
          const { provider } = recording(directory, [{ answer: { text: around + text } }], secrets);
          await provider.ask(seat(1, { prompt: { ...prompt, user: text + around } }));
          for (const file of readdirSync(directory)) {
            const kept = readFileSync(join(directory, file), 'utf8');
            for (const secret of secrets) {
              expect(kept.includes(secret)).toBe(false);
              expect(JSON.stringify(JSON.parse(kept)).includes(JSON.stringify(secret).slice(1, -1))).toBe(
                false,
              );
            }
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('a directory of recordings', () => {
  const codes: readonly ProviderErrorCode[] = ['auth', 'timeout', 'over-budget', 'too-long', 'silent'];
  it.each(codes)('may hold a failure with %s', async (code) => {
    const directory = folder();
    await recording(directory, [{ error: code }])
      .provider.ask(seat(1))
      .catch(() => undefined);
    await expect(recordedProvider(directory).ask(seat(1))).rejects.toMatchObject({ code });
  });

  const damages: readonly (readonly [name: string, damage: (text: string) => string, said: RegExp])[] = [
    ['no JSON', () => 'rubbish', /expected JSON/],
    ['cut short', (text) => text.slice(0, -20), /expected JSON/],
    ['nested without end', () => '['.repeat(200_000), /expected JSON/],
    ['an unknown field', (text) => text.replace('{', '{"more": 1,'), /recording/],
    ['another version', (text) => text.replace('"version": 1', '"version": 2'), /recording, version/],
    ['another seat', (text) => text.replace('"seat": 1', '"seat": 2'), /expected it to be called seat-02-/],
    ['no seat', (text) => text.replace('"seat": 1', '"seat": 0'), /recording, seat/],
    ['another call', (text) => text.replace('"call": 1', '"call": 2'), /expected it to be called/],
    ['no key', (text) => text.replace(/"key": "../, '"key": "zz'), /recording, key/],
    [
      'neither answer nor error',
      (text) => text.replace(/,\s*"answer": \{[^}]*\}/, ''),
      /either "answer" or "error"/,
    ],
    [
      'an unknown error',
      (text) => text.replace(/"answer": \{[^}]*\}/, '"error": {"code":"toString","message":""}'),
      /why/,
    ],
    [
      'usage of less than nothing',
      (text) => text.replace('"text"', '"usage": {"inputTokens":-1,"outputTokens":0},"text"'),
      /usage/,
    ],
  ];
  it.each(damages)('is refused for a file that is damaged, by name: %s', async (_, damage, said) => {
    const directory = folder();
    await recording(directory).provider.ask(seat(1));
    const [name = ''] = readdirSync(directory);
    const file = join(directory, name);
    writeFileSync(file, damage(readFileSync(file, 'utf8')));
    const open = (): unknown => recordedProvider(directory);
    expect(open).toThrow(said);
    expect(open).toThrow(expect.objectContaining({ code: 'bad-input', file }));
  });

  it('may hold other files, and what a write that was cut short left behind', async () => {
    const directory = folder();
    await recording(directory).provider.ask(seat(1));
    writeFileSync(join(directory, 'README.md'), 'Recorded in autumn.');
    writeFileSync(join(directory, '.unfinished-1'), '{');
    expect((await recordedProvider(directory).ask(seat(1))).text).toBe('answer 1');
  });

  it('is refused when it is none, holds nothing, or holds something else by that name', async () => {
    const directory = folder();
    expect(() => recordedProvider(join(directory, 'nowhere'))).toThrow('expected a directory');
    expect(() => recordedProvider(directory)).toThrow('--record');
    await recording(directory).provider.ask(seat(1));
    const [name = ''] = readdirSync(directory);
    renameSync(join(directory, name), join(directory, 'elsewhere.json'));
    mkdirSync(join(directory, name));
    expect(() => recordedProvider(directory)).toThrow('expected a file, found something else');
  });
});
