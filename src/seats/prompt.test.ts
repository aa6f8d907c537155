// What seats are asked: complete, fenced, different by form, and told by its digest.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aQuestion } from '../../test/rigs/question.ts';
import { ConclaveError } from '../errors.ts';
import { LENSES, STANCES, STRICTNESSES } from '../providers/contract.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { loadAgents } from './agents.ts';
import { type PromptedSeat, promptDigest, promptFor } from './prompt.ts';
import { loadPrompts, MIN_FORMS } from './prompt-files.ts';

const FOLDER = join(import.meta.dirname, '../../prompts');
const prompts = loadPrompts(FOLDER);
const forms = [...prompts.forms.keys()];
const nonce = '0123456789abcdef0123456789abcdef';
const seat = (over: Partial<PromptedSeat> = {}): PromptedSeat => ({
  seat: asSeatId(1),
  lens: 'safety',
  stance: 'reviewer',
  strictness: 'balanced',
  form: 'audit-worksheet',
  ...over,
});
const asked = aQuestion({
  facts: { system: 'Sorter 3', purpose: 'sorts {{evidence}} letters' },
  evidence: [
    { id: 'e1', title: 'Ward report', text: 'All tests passed on page {{criteria}}.' },
    { id: 'e2', title: 'Letter', text: 'Nobody was harmed.' },
  ],
});
const ask = (over: Partial<PromptedSeat> = {}, what: Parameters<typeof promptFor>[1] = asked) =>
  promptFor(seat(over), what, { prompts, nonce });

describe('the prompts that come with conclave', () => {
  it('have a template for each lens and forms enough', () => {
    expect(Object.keys(prompts.lenses).sort()).toEqual([...LENSES].sort());
    expect(forms.length).toBeGreaterThanOrEqual(MIN_FORMS);
    expect(new Set([...prompts.forms.values()].map(({ order }) => order)).size).toBe(4);
  });

  it.each(forms)('%s asks everything, whatever the seat', (form) => {
    for (const lens of LENSES) {
      for (const stance of STANCES) {
        const { system, user } = ask({ form, lens, stance });
        const { questions, shortfalls, looksFor } = prompts.lenses[lens];
        for (const text of [looksFor, ...questions, ...shortfalls, prompts.stances.stances[stance], nonce]) {
          expect(system).toContain(text);
        }
        for (const { id, title, text } of asked.criteria) {
          for (const part of [id, title, text]) expect(user).toContain(part);
        }
        expect(system + user).not.toMatch(/\{\{(?!evidence|criteria)/);
      }
    }
    for (const strictness of STRICTNESSES) {
      expect(ask({ form, strictness }).system).toContain(prompts.stances.strictness[strictness]);
    }
  });

  it('differ between forms in order and wording', () => {
    const all = forms.map((form) => ask({ form }));
    expect(new Set(all.map(({ system }) => system)).size).toBe(forms.length);
    const firsts = forms.map((form) => {
      const { user } = ask({ form });
      return user.indexOf(`begin evidence`) < user.indexOf('Nice.') ? 'evidence' : 'criteria';
    });
    expect(new Set(firsts).size).toBe(2);
  });
});

describe('a prompt', () => {
  it.each(forms)('%s puts what the submitter wrote inside fences and nothing of it outside', (form) => {
    const { system, user } = ask({ form });
    const outside = user.replace(
      /<<<[0-9a-f]{32} begin ([^>]*)>>>\n[\s\S]*?\n<<<[0-9a-f]{32} end \1>>>/g,
      '',
    );
    expect(outside).not.toContain('<<<');
    for (const text of ['Sorter 3', 'Ward report', 'All tests passed', 'Letter', 'Nobody was harmed']) {
      expect(user).toContain(text);
      expect(outside + system).not.toContain(text);
    }
    // what is filled in is no template
    expect(user).toContain('sorts {{evidence}} letters');
    expect(user).toContain('on page {{criteria}}.');
  });

  it('says so when the evidence is one part of several', () => {
    expect(ask({}, { ...asked, part: { number: 2, of: 3 } }).user).toContain('part 2 of 3');
    expect(ask().user).not.toContain('part 2 of 3');
  });

  it('holds the answer to the criteria and the evidence, all keys required and none besides', () => {
    const { schema } = ask();
    const closed: unknown[] = [];
    const look = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('properties' in value) closed.push(value);
      Object.values(value).forEach(look);
    };
    look(schema);
    expect(closed).toHaveLength(2);
    for (const one of closed) {
      expect(one).toMatchObject({ additionalProperties: false });
      const { properties, required } = Object(one);
      expect(required).toEqual(Object.keys(properties));
    }
    expect(JSON.stringify(schema)).toContain('"enum":["nice","safe","fair"]');
    expect(JSON.stringify(schema)).toContain('"enum":["e1","e2"]');
    expect(JSON.stringify(schema)).toContain('"enum":["met","not-met","insufficient"]');
  });

  it('shuffles the criteria by seat, always alike, where the form asks for it', () => {
    const order = (number: number, form: string): string => {
      const { user } = ask({ seat: asSeatId(number), form });
      return ['nice', 'safe', 'fair']
        .sort((a, b) => user.indexOf(`Claim ${a}`) - user.indexOf(`Claim ${b}`))
        .join();
    };
    const orders = Array.from({ length: 33 }, (_, i) => order(i + 1, 'adversarial-review'));
    expect(new Set(orders).size).toBe(6);
    expect(Array.from({ length: 33 }, (_, i) => order(i + 1, 'adversarial-review'))).toEqual(orders);
    expect(ask({ seat: asSeatId(1) }).user).toBe(ask({ seat: asSeatId(2) }).user);
    const memo = ask({ form: 'decision-memo' }).user;
    expect(memo.indexOf('Safe.')).toBeLessThan(memo.indexOf('Nice.'));
    const list = ask({ form: 'plain-checklist' }).user;
    expect(list.indexOf('Fair.')).toBeLessThan(list.indexOf('Safe.'));
  });

  it('refuses a form there is not, and a nonce that is none', () => {
    expect(() => ask({ form: 'haiku' })).toThrow(/audit-worksheet/);
    expect(() => promptFor(seat(), asked, { prompts, nonce: 'abc' })).toThrow(/nonce/);
  });
});

describe('the digest of a prompt', () => {
  const digest = (over: Partial<PromptedSeat> = {}, what = asked, words = prompts) =>
    promptDigest(seat(over), what, words);

  it('is the same for any case and any nonce', () => {
    const other = aQuestion({ facts: { system: 'X' }, criteria: [...asked.criteria], evidence: [] });
    expect(digest({}, other)).toBe(digest());
  });

  it('changes with everything else that is asked', () => {
    const lens = { ...prompts.lenses, safety: { ...prompts.lenses.safety, version: 2 } };
    const { stances } = prompts;
    const all = [
      digest(),
      ...forms.filter((form) => form !== 'audit-worksheet').map((form) => digest({ form })),
      digest({ lens: 'privacy' }),
      digest({ stance: 'dissent-advocate' }),
      digest({ strictness: 'strict' }),
      digest({}, { ...asked, caseType: 'appeal' }),
      digest({}, { ...asked, criteria: asked.criteria.slice(1) }),
      digest({}, asked, { ...prompts, lenses: lens }),
      digest({}, asked, {
        ...prompts,
        stances: { ...stances, stances: { ...stances.stances, reviewer: 'Read.' } },
      }),
      digest({}, asked, { ...prompts, asking: { ...prompts.asking, answer: 'Answer.' } }),
    ];
    expect(new Set(all).size).toBe(forms.length + 8);
    const shuffled = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => digest({ form: 'open-inquiry', seat: asSeatId(n) }));
    expect(new Set(shuffled).size).toBeGreaterThan(1);
    expect(
      digest({ lens: 'safety' }, asked, { ...prompts, lenses: { ...lens, safety: prompts.lenses.safety } }),
    ).toBe(digest());
  });
});

describe('the default roster', () => {
  const { seats } = loadAgents(join(import.meta.dirname, '../../agents'));

  it('asks the seats of one lens in different forms, and no form is most of the council', () => {
    for (const lens of LENSES) {
      const ofLens = seats.filter((one) => one.lens === lens).map(({ prompt }) => prompt);
      expect(new Set(ofLens).size).toBe(ofLens.length);
    }
    for (const form of forms) {
      const share = seats.filter(({ prompt }) => prompt === form).length;
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThanOrEqual(10);
    }
  });
});

describe('prompt files', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'conclave-prompts-'));
    cpSync(FOLDER, folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each<[string, string, (text: string) => string, number | undefined]>([
    ['a lens under another name', 'lenses/safety.yaml', (t) => t.replace('lens: safety', 'lens: privacy'), 1],
    [
      'a lens without questions',
      'lenses/safety.yaml',
      (t) => t.replace(/questions:[\s\S]*/, 'questions: []\nshortfalls: [a, b, c]\n'),
      10,
    ],
    ['a key nobody knows', 'lenses/privacy.yaml', (t) => `${t}mood: good\n`, undefined],
    [
      'hidden characters',
      'lenses/privacy.yaml',
      (t) => t.replace('title: P', 'title: "\\u200bP"'),
      undefined,
    ],
    ['a form that forgets the mark', 'forms/open-inquiry.yaml', (t) => t.replace('{{mark}}', 'here'), 6],
    [
      'a form that forgets the evidence',
      'forms/open-inquiry.yaml',
      (t) => t.replace('{{evidence}}', ''),
      undefined,
    ],
    [
      'a slot there is not',
      'forms/open-inquiry.yaml',
      (t) => t.replace('{{stance}}', '{{stance}} {{mood}}'),
      6,
    ],
    [
      'a form that does not say what data is',
      'forms/open-inquiry.yaml',
      (t) => t.replace('never an instruction', 'seldom an order'),
      6,
    ],
    [
      'a fence mark of its own',
      'forms/open-inquiry.yaml',
      (t) => t.replace('That was', '<<<That was'),
      undefined,
    ],
    ['a stance left out', 'stances.yaml', (t) => t.replace('dissent-advocate:', 'devil:'), undefined],
    ['a case type left out', 'asking.yaml', (t) => t.replace('  emergency:', '  urgency:'), undefined],
    ['no YAML', 'asking.yaml', () => 'a: [', undefined],
  ])('%s is refused with its file', (_, name, change, line) => {
    const file = join(folder, name);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
    let error: unknown;
    try {
      loadPrompts(folder);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(ConclaveError);
    expect(error).toMatchObject({ code: 'bad-input', file });
    if (line !== undefined) expect(error).toMatchObject({ line });
  });

  it('a lens or forms that are not there are refused', () => {
    rmSync(join(folder, 'lenses/sector.yaml'));
    expect(() => loadPrompts(folder)).toThrow(ConclaveError);
    expect(() => loadPrompts(join(folder, 'nowhere'))).toThrow(ConclaveError);
  });

  it('too few forms are refused: one prompt is a fault domain', () => {
    rmSync(join(folder, 'forms/plain-checklist.yaml'));
    rmSync(join(folder, 'forms/open-inquiry.yaml'));
    expect(() => loadPrompts(folder)).toThrow(/at least|4 to/);
  });
});
