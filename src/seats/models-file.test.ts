// The list of models: names are those the makers' own SDKs know, and nothing in it can mislead a cap or a budget.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseYaml } from '../providers/written-document.ts';
import { loadModels, modelsIn, modelsOf } from './models-file.ts';

const root = join(import.meta.dirname, '..', '..');
const file = join(root, 'agents', 'models.yaml');
const models = [...loadModels(file).values()];

/** The names in a union of string literals, as a declaration file writes it. */
function unionIn(declarations: string, name: string): ReadonlySet<string> {
  const text = readFileSync(join(root, 'node_modules', declarations), 'utf8');
  const union = new RegExp(`export type ${name} = ([^;]+);`).exec(text)?.[1] ?? '';
  return new Set([...union.matchAll(/'([^']+)'/g)].map(([, literal]) => literal ?? ''));
}

const SDK_NAMES = {
  openai: unionIn('openai/resources/shared.d.ts', 'ChatModel'),
  anthropic: unionIn('@anthropic-ai/sdk/resources/messages/messages.d.ts', 'Model'),
};
/** With another version of an SDK the names are to be looked at again. */
const SEEN_IN_SDK = {
  openai: `openai ${versionOf('openai')}, ChatModel`,
  anthropic: `@anthropic-ai/sdk ${versionOf('@anthropic-ai/sdk')}, Model`,
};

function versionOf(name: string): string {
  const text = readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8');
  return /"version": "([^"]+)"/.exec(text)?.[1] ?? '';
}

describe('names', () => {
  it("the SDKs' own lists are found and long", () => {
    expect(SDK_NAMES.openai.size).toBeGreaterThan(50);
    expect(SDK_NAMES.anthropic.size).toBeGreaterThan(10);
    expect(SDK_NAMES.openai).not.toContain('gpt-7');
  });

  it.each(['openai', 'anthropic'] as const)('of %s stand in its SDK where the list says so', (provider) => {
    const claimed = models.filter(
      (model) => model.provider === provider && model.seen === SEEN_IN_SDK[provider],
    );
    expect(claimed.length).toBeGreaterThanOrEqual(5);
    expect(claimed.map(({ id }) => id).filter((id) => !SDK_NAMES[provider].has(id))).toEqual([]);
  });

  it.each(['openai', 'anthropic'] as const)(
    'of %s that its SDK does not list yet name a document instead, and no seat that ships uses one',
    (provider) => {
      const others = models.filter(
        (model) => model.provider === provider && model.seen !== SEEN_IN_SDK[provider],
      );
      for (const { id, seen } of others) {
        expect(SDK_NAMES[provider].has(id), `${id} is in the SDK by now: say so`).toBe(false);
        expect(seen).toMatch(/^(?:developers\.openai\.com|platform\.claude\.com)\//);
      }
      const used = Array.from({ length: 33 }, (_, i) =>
        readFileSync(join(root, 'agents', `seat-${String(i + 1).padStart(2, '0')}.yaml`), 'utf8'),
      ).join('\n');
      expect(others.filter(({ id }) => new RegExp(`: ${id}$`, 'm').test(used))).toEqual([]);
    },
  );

  it('of models that SDKs call deprecated are not listed', () => {
    const text = readFileSync(
      join(root, 'node_modules/@anthropic-ai/sdk/resources/messages/messages.js'),
      'utf8',
    );
    const deprecated = /const DEPRECATED_MODELS = \{([^}]*)\}/.exec(text)?.[1] ?? '';
    const names = [...deprecated.matchAll(/'([^']+)':/g)].map(([, name]) => name ?? '');
    expect(names.length).toBeGreaterThan(0);
    expect(models.filter(({ id }) => names.includes(id))).toEqual([]);
  });
});

describe('whose they are', () => {
  it('weights count for who trained them, whoever serves them', () => {
    const of = (id: string) => models.find((model) => model.id === id);
    expect(of('gemma4:31b')).toMatchObject({ developer: 'google', provider: 'ollama' });
    expect(of('gpt-oss:120b')).toMatchObject({ developer: 'openai', provider: 'ollama' });
    expect(of('magistral-medium-latest')).toMatchObject({ developer: 'mistral', provider: 'compatible' });
  });

  it('every model that is billed has a price, and none that runs on machines of our own', () => {
    for (const { id, provider, price } of models) {
      expect(price === undefined, id).toBe(provider === 'ollama');
    }
  });
});

describe('a list', () => {
  const entry = {
    id: 'a-model',
    provider: 'openai',
    developer: 'openai',
    family: 'gpt',
    host: 'openai',
    contextTokens: 1000,
    maxOutputTokens: 100,
    price: { inputUsd: 1, outputUsd: 2 },
    accepts: { temperature: false, seed: false, schema: true },
    asOf: '2026-11-01',
    source: 'https://example.org/prices',
    seen: 'a document',
  };
  const { price: _, ...unpriced } = entry;
  const listOf = (...entries: readonly object[]) =>
    modelsOf(parseYaml(JSON.stringify({ models: entries }, null, 1), 'models.yaml'));

  it('reads', () => {
    expect(listOf(entry).get('a-model')).toEqual(entry);
    const { host: __, ...elsewhere } = { ...unpriced, provider: 'ollama' };
    expect(listOf(elsewhere).get('a-model')).toEqual(elsewhere);
  });

  it.each<[string, readonly object[], RegExp]>([
    ['a name twice', [entry, entry], /listed twice/],
    ['a bill without a price', [unpriced], /needs a price/],
    ['an answer longer than its context', [{ ...entry, maxOutputTokens: 1001 }], /at more length/],
    ['a field too many', [{ ...entry, discount: 1 }], /discount/],
    ['a field too few', [{ ...entry, seen: undefined }], /seen/],
    ['a day that is none', [{ ...entry, asOf: '2026-13-01' }], /asOf/],
    ['a provider nobody speaks', [{ ...entry, provider: 'oracle' }], /provider/],
    ['nothing', [], /models/],
  ])('%s is refused, with the line', (_name, entries, why) => {
    const place = { code: 'bad-input', file: 'models.yaml', line: expect.any(Number) };
    expect(() => listOf(...entries)).toThrow(why);
    expect(() => listOf(...entries)).toThrow(expect.objectContaining(place));
  });

  const folder = mkdtempSync(join(tmpdir(), 'conclave-models-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('of the council comes before the one that ships', () => {
    expect(modelsIn(folder).has('gpt-5.6-sol')).toBe(true);
    writeFileSync(join(folder, 'models.yaml'), JSON.stringify({ models: [entry] }));
    expect([...modelsIn(folder).keys()]).toEqual(['a-model']);
  });
});
