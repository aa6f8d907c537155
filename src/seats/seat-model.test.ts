// A seat's model: one line swaps it, stale lines are told and counted, and a fallback stays in the seat's domains.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../providers/written-document.ts';
import { loadModels } from './models-file.ts';
import { backingOf, fallbackOf, modelDigest, presentationOf, type SeatFile, seatOf } from './seat-file.ts';
import { domainsOfSeat } from './seat-model.ts';

const models = loadModels(join(import.meta.dirname, '..', '..', 'agents', 'models.yaml'));
const LIVE = { name: 'live', provenance: 'live' } as const;

const FILE = `seat: 1
name: Alder
lens: safety
model: gpt-5.6-sol
provider: openai
developer: openai
family: gpt
host: openai
sampling:
  temperature: 0
limits:
  timeoutMs: 240000
  maxTokens: 8000
  maxUsd: 1
fallback: gpt-5.6-terra
`;

function seatFrom(...changes: readonly (readonly [RegExp, string])[]): SeatFile {
  let text = FILE;
  for (const [from, to] of changes) {
    expect(text).toMatch(from);
    text = text.replace(from, to);
  }
  return seatOf(parseYaml(text, 'seat-01.yaml'), models);
}

const model = (id: string) => [/^model: .*$/m, `model: "${id}"`] as const;
const without = (field: string) => [new RegExp(`^${field}: .*\\n`, 'm'), ''] as const;
const saying = (field: string, value: string) =>
  [new RegExp(`^${field}: .*$`, 'm'), `${field}: ${value}`] as const;

describe('a seat', () => {
  it('has the backing its model has in the list', () => {
    expect(backingOf(seatFrom())).toEqual({
      provider: 'openai',
      host: 'openai',
      model: 'gpt-5.6-sol',
      contextTokens: 272_000,
      price: { inputUsd: 5, outputUsd: 30 },
      accepts: { temperature: false, seed: false, schema: true },
    });
    expect(fallbackOf(seatFrom())?.model).toBe('gpt-5.6-terra');
    expect(seatFrom()).toMatchObject({ listed: true, stale: [], prompt: 'audit-worksheet' });
  });

  it('needs no more than the name of a model that is listed', () => {
    const short = seatFrom(...['provider', 'developer', 'family', 'host'].map(without));
    expect(short).toMatchObject({ provider: 'openai', developer: 'openai', family: 'gpt', host: 'openai' });
    expect(modelDigest(short, LIVE)).toBe(modelDigest(seatFrom(), LIVE));
  });

  it('answers no longer than its model can', () => {
    expect(seatFrom().sampling.maxTokens).toBe(8000);
    const brief = seatFrom(model('phi4:14b'), without('fallback'));
    expect(brief.sampling.maxTokens).toBe(4096);
  });

  it.each<[string, readonly (readonly [RegExp, string])[]]>([
    ['the model', [model('gpt-5.6-luna')]],
    ['the temperature', [[/temperature: 0/, 'temperature: 1']]],
    ['a seed', [[/temperature: 0/, 'temperature: 0\n  seed: 7']]],
    ['how long it may answer', [[/maxTokens: 8000/, 'maxTokens: 7000']]],
    ['the host', [saying('host', 'azure-eu')]],
    ['the region', [saying('host', 'openai\nregion: eu')]],
    ['the form of its prompt', [saying('host', 'openai\nprompt: decision-memo')]],
    ['the fallback', [saying('fallback', 'gpt-5.6-luna')]],
    ['no fallback', [saying('fallback', 'none')]],
    ['the lens', [saying('lens', 'privacy')]],
  ])('has another configuration digest with another %s', (_, changes) => {
    const digest = modelDigest(seatFrom(), LIVE);
    expect(modelDigest(seatFrom(...changes), LIVE)).not.toBe(digest);
    expect(presentationOf(seatFrom(...changes), LIVE).model).not.toBe(digest);
  });

  it('has the same digest whatever it may cost and however long it may take', () => {
    const other = seatFrom([/maxUsd: 1/, 'maxUsd: 2'], [/timeoutMs: 240000/, 'timeoutMs: 1000']);
    expect(modelDigest(other, LIVE)).toBe(modelDigest(seatFrom(), LIVE));
  });
});

describe('a swap of one line', () => {
  it('gives the seat the other maker, and tells every line that is out of date', () => {
    const seat = seatFrom(model('claude-opus-5-5'));
    expect(seat).toMatchObject({ provider: 'anthropic', developer: 'anthropic', host: 'anthropic' });
    expect(presentationOf(seat, LIVE)).toMatchObject({ developer: 'anthropic', family: 'claude' });
    expect(backingOf(seat).price).toEqual({ inputUsd: 4, outputUsd: 20 });
    expect(fallbackOf(seat)).toBeUndefined();
    expect(seat.stale.map(({ field, says, is, line }) => [field, says, is, line])).toEqual([
      ['provider', 'openai', 'anthropic', 5],
      ['developer', 'openai', 'anthropic', 6],
      ['family', 'gpt', 'claude', 7],
      ['host', 'openai', 'anthropic', 8],
      ['fallback', 'gpt-5.6-terra', 'none', 15],
    ]);
  });

  it('counts for both makers until the file is tidied', () => {
    expect(domainsOfSeat(seatFrom(model('claude-opus-5-5')))).toEqual({
      developer: ['anthropic', 'openai'],
      family: ['claude', 'gpt'],
      host: ['anthropic', 'openai'],
    });
    expect(domainsOfSeat(seatFrom()).developer).toEqual(['openai']);
  });

  it('to weights of the same maker counts for that maker, on machines the file must name', () => {
    const seat = seatFrom(model('gpt-oss:120b'));
    expect(seat).toMatchObject({ developer: 'openai', provider: 'ollama', host: 'ollama' });
    const gemma = seatFrom(model('gemma4:31b'), without('fallback'));
    expect(domainsOfSeat(gemma).developer).toEqual(['google', 'openai']);
  });

  it('between models of one API keeps the machine the file names', () => {
    const north = [
      saying('provider', 'ollama'),
      saying('host', 'ollama-north'),
      without('fallback'),
    ] as const;
    const seat = seatFrom(model('llama4:scout'), ...north);
    expect(seat).toMatchObject({ developer: 'meta', host: 'ollama-north' });
    expect(seat.stale.map(({ field }) => field)).toEqual(['developer', 'family']);
  });

  it("does not leave a seat on another maker's host for want of a provider line", () => {
    const seat = seatFrom(model('claude-opus-5-5'), without('provider'), without('fallback'));
    expect(seat.host).toBe('anthropic');
    expect(seatFrom(without('provider'), saying('host', 'ollama-north')).host).toBe('openai');
    expect(seatFrom(saying('host', 'azure-eu')).host).toBe('azure-eu');
  });
});

describe('a model that nobody listed', () => {
  const unknown = model('house-model-1');

  it('needs provider, developer, family and host in the file', () => {
    const seat = seatFrom(unknown, saying('fallback', 'none'));
    expect(seat).toMatchObject({ listed: false, developer: 'openai' });
    expect(backingOf(seat)).toMatchObject({ accepts: { temperature: false, seed: false, schema: false } });
  });

  it.each(['provider', 'developer', 'family', 'host'])(
    'is refused without its %s, with file and line',
    (field) => {
      const make = () => seatFrom(unknown, without(field));
      expect(make).toThrow(new RegExp(`"house-model-1".*${field}`));
      expect(make).toThrow(expect.objectContaining({ file: 'seat-01.yaml', line: 4, code: 'bad-input' }));
    },
  );

  it('may fall back on a model of its own domains, and on no other', () => {
    expect(fallbackOf(seatFrom(unknown))?.model).toBe('gpt-5.6-terra');
    expect(() => seatFrom(unknown, saying('fallback', 'claude-opus-5'))).toThrow(/anthropic/);
  });
});

describe('a fallback', () => {
  it.each([
    ['of another developer', 'claude-opus-5', /anthropic's/],
    ['of its developer by another API and family', 'gpt-oss:120b', /by ollama/],
    ['that nobody lists', 'gpt-99', /lists/],
    ['that is the model itself', 'gpt-5.6-sol', /another model/],
  ])('%s is refused, with file and line', (_, id, why) => {
    const make = () => seatFrom(saying('fallback', `"${id}"`));
    expect(make).toThrow(why);
    expect(make).toThrow(expect.objectContaining({ file: 'seat-01.yaml', line: 15 }));
  });

  it('of a third maker is refused in a swap too', () => {
    expect(() => seatFrom(model('claude-opus-5-5'), saying('fallback', 'gemini-3.8-flash'))).toThrow(
      /google/,
    );
  });

  it("answers on the seat's own host", () => {
    expect(fallbackOf(seatFrom(saying('host', 'azure-eu')))?.host).toBe('azure-eu');
  });
});
