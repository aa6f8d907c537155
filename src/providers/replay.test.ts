// Replay files: what each form stands for, and that a wrong one is refused with its line.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { aQuestion } from '../../test/rigs/question.ts';
import { ConclaveError } from '../errors.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { ProviderError } from './contract.ts';
import { loadReplay, replayProvider } from './replay.ts';

const folder = mkdtempSync(join(tmpdir(), 'conclave-replay-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(text: string) {
  const file = join(folder, 'replay.json');
  writeFileSync(file, text);
  return loadReplay(file);
}

const question = (seat: number) => aQuestion({ seat: asSeatId(seat) });

const EXAMPLE = `{"default":{"verdict":"approve"},"seats":{"7":{"verdict":"reject"},"8":{"error":"timeout"},
"9":{"delayMs":40,"verdict":"approve"},"10":{"raw":"not json"},"11":{"verdict":"abstain"},
"12":{"findings":{"safe":"insufficient"}},"13":{"silent":true}}}`;

describe('a replay file', () => {
  const provider = replayProvider(load(EXAMPLE));
  const ask = async (seat: number) => JSON.parse((await provider.ask(question(seat))).text) as unknown;
  const failure = async (seat: number) => {
    try {
      await provider.ask(question(seat));
    } catch (error) {
      return error instanceof ProviderError ? error.code : 'something else';
    }
    return 'an answer';
  };

  it('may stand on one line, as programs write it, for a whole council', () => {
    const seats = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [i + 1, { verdict: 'approve' }]));
    expect(Object.keys(load(JSON.stringify({ seats })).seats ?? {})).toHaveLength(200);
  });

  it('a bare approval stands for criteria that are all met', async () => {
    expect(await ask(1)).toMatchObject({
      verdict: 'approve',
      findings: [
        { criterion: 'nice', finding: 'met' },
        { criterion: 'safe', finding: 'met' },
        { criterion: 'fair', finding: 'met' },
      ],
    });
  });

  it('a bare rejection stands for a mandatory criterion that is not met', async () => {
    expect(await ask(7)).toMatchObject({
      verdict: 'reject',
      findings: [{ finding: 'met' }, { criterion: 'safe', finding: 'not-met' }, { finding: 'met' }],
    });
  });

  it('a seat may fail, keep silent, abstain, send rubbish or say what it found', async () => {
    expect(await failure(8)).toBe('timeout');
    expect(await failure(13)).toBe('silent');
    expect(await ask(11)).toHaveProperty('abstain');
    expect((await provider.ask(question(10))).text).toBe('not json');
    expect(await ask(12)).toMatchObject({ findings: [{ criterion: 'safe', finding: 'insufficient' }] });
  });

  it('a delay is kept, and ends when the question is withdrawn', async () => {
    const before = performance.now();
    await provider.ask(question(9));
    expect(performance.now() - before).toBeGreaterThan(30);
    const slow = replayProvider(load('{"default":{"verdict":"approve","delayMs":60000}}'));
    const controller = new AbortController();
    const asked = slow.ask(question(1), controller.signal);
    controller.abort();
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('a seat that nobody speaks for keeps silent', async () => {
    const none = replayProvider(load('{"seats":{"2":{"verdict":"approve"}}}'));
    await expect(none.ask(question(1))).rejects.toMatchObject({ code: 'silent' });
    expect((await none.ask(question(2))).provenance).toBe('replay');
  });

  it.each<[string, string, number]>([
    ['no JSON', '{"default":\n{"verdict" "approve"}}', 2],
    ['cut off', '{"default":{"verdict":"approve"}', 1],
    ['a doubled seat', '{"seats":{"1":{"verdict":"approve"},\n"1":{"verdict":"reject"}}}', 2],
    ['an unknown verdict', '{\n"default":{\n"verdict":"maybe"}}', 3],
    ['an unknown field', '{\n"default":{"verdict":"approve",\n"speed":1}}', 3],
    ['seat 0', '{"seats":{\n"0":{"verdict":"approve"}}}', 2],
    ['a seat that is no number', '{"seats":{\n"__proto__":{"verdict":"approve"}}}', 2],
    ['two answers at once', '{"seats":{\n"3":{"verdict":"approve","silent":true}}}', 2],
    ['no answer', '{"seats":{\n"3":{"delayMs":1}}}', 2],
    ['a negative delay', '{"default":{"verdict":"approve",\n"delayMs":-1}}', 2],
    ['a list', '[]', 1],
  ])('%s is refused with its line', (_, text, line) => {
    let refused: unknown;
    try {
      load(text);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(ConclaveError);
    expect(refused).toMatchObject({ code: 'bad-input', file: join(folder, 'replay.json'), line });
  });
});
