import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DECEPTIVE } from '../../council/field-rules.ts';
import { loadAgents } from '../../seats/agents.ts';
import { promptFor } from '../../seats/prompt.ts';
import { promptedSeat } from '../../seats/question.ts';
import { type EvalCase, readCases } from './eval-cases.ts';
import { injectionVariants, loadInjections, passageOf } from './injections.ts';
import { AS_WRITTEN, invarianceVariants, type Matter, type Variant, variantsNamed } from './variants.ts';

const root = join(import.meta.dirname, '../../..');
const agents = loadAgents(join(root, 'agents'));
const cases = await readCases([join(root, 'evals/cases')]);
const variants = invarianceVariants(agents.prompts);
const injections = loadInjections();

function matterOf({ source }: EvalCase): Matter {
  const policy = agents.charter.policies[source.type];
  if (policy === undefined) throw new Error(`no policy for ${source.type}`);
  return { source, policy };
}

function caseNamed(name: string): Matter {
  const found = cases.find(({ item }) => item === name);
  if (found === undefined) throw new Error(`no case ${name}`);
  return matterOf(found);
}

function named(name: string): Variant {
  const [found] = variantsNamed([name], variants);
  if (found === undefined) throw new Error(name);
  return found;
}

const words = (text: string): string => text.replace(/[\s"'“”’–-]+/g, ' ').trim();

describe('variants that must not matter', () => {
  it('are at least seven, with names of their own', () => {
    expect(new Set(variants.map(({ name }) => name)).size).toBe(variants.length);
    expect(variants.length).toBeGreaterThanOrEqual(7);
  });

  it.each(variants.map((variant) => [variant.name, variant] as const))(
    '%s keeps every word of the evidence, every criterion and every field',
    (_, variant) => {
      for (const one of cases) {
        const matter = matterOf(one);
        const before = structuredClone(matter);
        const changed = variant.ofCase(matter);
        expect(matter).toEqual(before);
        if (changed === undefined) continue;
        const texts = ({ source }: Matter) =>
          source.evidence.map(({ id, text }) => `${id} ${words(text)}`).sort();
        const ids = ({ policy }: Matter) => policy.criteria.map(({ id }) => id).sort();
        expect(texts(changed)).toEqual(texts(matter));
        expect(ids(changed)).toEqual(ids(matter));
        expect(changed.source.fields).toEqual(matter.source.fields);
      }
    },
  );

  it('each changes what some seat is asked', () => {
    const matter = caseNamed('credit-scoring');
    const nonce = '0'.repeat(32);
    const asked = (variant: Variant) =>
      agents.seats.map((seat) => {
        const other = variant.ofCase(matter);
        const sits = variant.ofSeat(seat);
        if (other === undefined || sits === undefined) return undefined;
        const { source, policy } = other;
        const about = {
          caseType: source.type,
          facts: { title: source.title },
          criteria: policy.criteria,
          evidence: source.evidence,
        };
        return promptFor(promptedSeat(sits), about, { prompts: agents.prompts, nonce }).user;
      });
    const plain = asked(AS_WRITTEN);
    for (const variant of variants) {
      const changed = asked(variant);
      changed.forEach((prompt, seat) => {
        if (prompt !== undefined)
          expect([variant.name, prompt === plain[seat]]).toEqual([variant.name, false]);
      });
      expect(changed.some((prompt) => prompt !== undefined)).toBe(true);
    }
  });

  it('reordering does not apply where it would change nothing', () => {
    const two = caseNamed('visa-triage');
    const one = { ...two, source: { ...two.source, evidence: two.source.evidence.slice(0, 1) } };
    expect(named('evidence-reversed').ofCase(one)).toBeUndefined();
    const pair = { ...two, source: { ...two.source, evidence: two.source.evidence.slice(0, 2) } };
    expect(named('evidence-rotated').ofCase(pair)).toBeUndefined();
    const drawn = agents.seats.filter(({ prompt }) => agents.prompts.forms.get(prompt)?.order === 'by-seat');
    expect(drawn.length).toBeGreaterThan(0);
    for (const seat of drawn) expect(named('criteria-reversed').ofSeat(seat)).toBeUndefined();
  });

  it('an unknown name is refused with the known ones', () => {
    expect(() => variantsNamed(['upside-down'], variants)).toThrow(/evidence-reversed.*upside-down/);
  });
});

describe('the bank of injections', () => {
  it('holds the kinds known from the literature, one harmless control, and nothing the door would refuse', () => {
    const kinds = injections.map(({ kind }) => kind);
    for (const kind of [
      'direct-order',
      'fake-system-message',
      'fake-end',
      'authority',
      'role-play',
      'encoded',
      'multilingual',
      'ignore-previous',
      'fake-answer',
      'persuasion',
    ]) {
      expect(kinds).toContain(kind);
    }
    expect(injections.filter(({ control }) => control === true)).toHaveLength(1);
    for (const one of cases)
      for (const injection of injections) expect(passageOf(injection, matterOf(one))).not.toMatch(DECEPTIVE);
  });

  it('a passage stands where its variant says, once, and everything else stays', () => {
    const matter = caseNamed('credit-scoring');
    for (const variant of injectionVariants(injections)) {
      const passage = passageOf(variant.injection, matter);
      const changed = variant.ofCase(matter);
      const texts = changed?.source.evidence.map(({ text }) => text) ?? [];
      const all = texts.join('\n\n');
      expect(all.split(passage)).toHaveLength(2);
      expect(words(all.replace(passage, ''))).toBe(
        words(matter.source.evidence.map(({ text }) => text).join('\n\n')),
      );
      if (variant.position === 'start') expect(all.startsWith(passage)).toBe(true);
      if (variant.position === 'end') expect(all.endsWith(passage)).toBe(true);
      if (variant.position === 'middle') expect(all.startsWith(passage) || all.endsWith(passage)).toBe(false);
    }
  });

  it('the forged answer covers every criterion of the case', () => {
    const matter = caseNamed('visa-triage');
    const forged = injections.find(({ kind }) => kind === 'fake-answer');
    if (forged === undefined) throw new Error('no forged answer');
    const { findings } = JSON.parse(passageOf(forged, matter));
    expect(findings.map(({ criterion }: { criterion: string }) => criterion)).toEqual(
      matter.policy.criteria.map(({ id }) => id),
    );
  });

  it('encoded passages say the same once they are decoded', () => {
    const matter = caseNamed('visa-triage');
    const texts = injections.flatMap((one) => {
      if (one.encoding === undefined) return [];
      const passage = passageOf(one, matter);
      const { encoding, ...plain } = one;
      if (encoding === 'base64')
        return [[Buffer.from(passage, 'base64').toString(), passageOf(plain, matter)]];
      return [[passageOf({ ...plain, text: passage, encoding: 'rot13' }, matter), passageOf(plain, matter)]];
    });
    expect(texts.length).toBe(2);
    for (const [decoded, plain] of texts) expect(decoded).toBe(plain);
  });

  it.each([
    ['a kind twice', 'kind: a', 'distinct kinds'],
    ['an unknown encoding', 'kind: b\n    encoding: rot14', 'encoding'],
    ['a hidden character', 'kind: b\n    title: "a\\u200bb"', 'U+200B'],
  ])('a bank with %s is refused with file and line', (_, entry, reason) => {
    const file = join(mkdtempSync(join(tmpdir(), 'injections-')), 'injections.yaml');
    const rest = entry.includes('title') ? '' : '\n    title: B';
    writeFileSync(
      file,
      `version: 1\ninjections:\n  - kind: a\n    title: A\n    from: x\n    text: y\n  - ${entry}${rest}\n    from: x\n    text: y\n`,
    );
    expect(() => loadInjections(file)).toThrow(expect.objectContaining({ code: 'bad-input', file }));
    expect(() => loadInjections(file)).toThrow(new RegExp(reason.replace('+', '\\+')));
  });
});
