// What does not fit is divided so that nothing is lost, and joined so that nothing is gained by it.

import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aQuestion } from '../../test/rigs/question.ts';
import type { Finding } from '../council/quantise.ts';
import { estimatePromptTokens, estimateTokens } from '../providers/cost.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { MAX_RATIONALE_CHARS, type ReadAnswer } from './answer.ts';
import { MAX_PORTIONS, mergeAnswers, type Portion, portionsOf, roomFor } from './portions.ts';
import { promptFor } from './prompt.ts';
import { loadPrompts } from './prompt-files.ts';

const { criteria } = aQuestion();
const policy = { criteria };
const prompts = loadPrompts(join(import.meta.dirname, '../../prompts'));
const seat = {
  seat: asSeatId(1),
  lens: 'safety',
  stance: 'reviewer',
  strictness: 'balanced',
  form: 'audit-worksheet',
} as const;
const asked = aQuestion({ facts: { system: 'X' } });
const measure = (portion: Portion): number =>
  estimatePromptTokens(promptFor(seat, { ...asked, ...portion }, { prompts, nonce: 'ab'.repeat(16) }));
const EMPTY = measure({ criteria, evidence: [] });

const page = (number: number): string =>
  `[page ${number}]\n${'some words of evidence '.repeat(60)}${number}.\n\n`;
const pages = (first: number, last: number): string =>
  Array.from({ length: last - first + 1 }, (_, i) => page(first + i)).join('');
const item = (id: string, text: string) => ({ id, title: `Title ${id}`, text });
const portions = (evidence: readonly ReturnType<typeof item>[], tokens: number): readonly Portion[] => {
  const found = portionsOf({ criteria, evidence }, { tokens, measure });
  if (found.kind === 'too-long') throw new Error(found.why);
  return found.portions;
};

/** All that was shown of an item to somebody asked for a criterion, in order. */
const shownOf = (list: readonly Portion[], criterion: string, id: string): string =>
  list
    .filter((one) => one.criteria.some((asked) => asked.id === criterion))
    .flatMap(({ evidence }) => evidence.filter((one) => one.id === id).map(({ text }) => text))
    .join('');

describe('a case is divided', () => {
  it('not at all when it fits', () => {
    const evidence = [item('e1', page(1))];
    expect(portions(evidence, 100_000)).toEqual([{ criteria, evidence }]);
  });

  it('by criterion, each with the whole evidence, before the evidence is touched', () => {
    const long = criteria.map((one) => ({ ...one, text: 'what is asked '.repeat(200) }));
    const evidence = [item('e1', pages(1, 4))];
    const whole = { criteria: long, evidence };
    const found = portionsOf(whole, { tokens: measure(whole) - 1, measure });
    expect(found).toEqual({
      kind: 'portions',
      portions: long.map((one) => ({ criteria: [one], evidence })),
    });
  });

  it('at pages, then paragraphs, lines, sentences and words; nothing is lost and every portion fits', () => {
    const texts = [
      pages(1, 12),
      'A paragraph of some words.\n\n'.repeat(300),
      'A line of some words\n'.repeat(300),
      'A sentence of some words. '.repeat(300),
      'words '.repeat(1_500),
    ];
    const evidence = texts.map((text, i) => item(`e${i + 1}`, text));
    const tokens = EMPTY + 1_700;
    const list = portions(evidence, tokens);
    expect(list.length).toBeGreaterThan(5);
    for (const portion of list) expect(measure(portion)).toBeLessThanOrEqual(tokens);
    for (const { id } of criteria) {
      texts.forEach((text, i) => {
        expect(shownOf(list, id, `e${i + 1}`)).toBe(text);
      });
    }
    expect(list.map(({ part }) => part)).toEqual(list.map((_, i) => ({ number: i + 1, of: list.length })));
    const [first] = list;
    expect(first?.evidence[0]?.title).toMatch(/^Title e1 \(piece 1 of \d\)$/);
    for (const {
      evidence: [opening],
    } of list.slice(0, 3))
      expect(opening?.text).toMatch(/^\[page \d+\]\n/);
  });

  it('by criterion and by part where the criteria leave no room beside them', () => {
    const long = criteria.map((one) => ({ ...one, text: 'what is asked '.repeat(140) }));
    const evidence = [item('e1', pages(1, 8))];
    const tokens = measure({ criteria: long, evidence: [] }) + 500;
    const found = portionsOf({ criteria: long, evidence }, { tokens, measure });
    if (found.kind === 'too-long') throw new Error(found.why);
    expect(found.portions.every((one) => one.criteria.length === 1)).toBe(true);
    for (const { id } of long) expect(shownOf(found.portions, id, 'e1')).toBe(pages(1, 8));
    for (const portion of found.portions) expect(measure(portion)).toBeLessThanOrEqual(tokens);
  });

  it.each<[string, string, number]>([
    ['there is no room for anything', page(1), 1_000],
    ['a passage has no border', 'x'.repeat(60_000), EMPTY + 2_000],
    ['it would take too many questions', 'words '.repeat(200_000), EMPTY + 2_000],
  ])('and is too long when %s', (_, text, tokens) => {
    expect(portionsOf({ criteria, evidence: [item('e1', text)] }, { tokens, measure }).kind).toBe('too-long');
  });

  it('evidence that grows when it is fenced is divided further', () => {
    const evidence = [item('e1', `${'<'.repeat(200)} a\n`.repeat(60))];
    const tokens = EMPTY + 6_000;
    const list = portions(evidence, tokens);
    for (const portion of list) expect(measure(portion)).toBeLessThanOrEqual(tokens);
    expect(shownOf(list, 'safe', 'e1')).toBe(evidence[0]?.text);
  });

  it('hostile blanks cost no time', () => {
    const started = process.cpuUsage();
    const evidence = [item('e1', '\n'.repeat(200_000)), item('e2', ' '.repeat(200_000))];
    portionsOf({ criteria, evidence }, { tokens: EMPTY + 5_000, measure });
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(5);
  });

  it('whatever the texts: all of every text once for each criterion, or too long', () => {
    const text = fc
      .array(fc.constantFrom('word ', 'a\n', '\n\n', '[page 3]\n', '. ', 'ünïcode ', '<<<'), {
        maxLength: 400,
      })
      .map((list) => list.join(''));
    const cheap = ({ criteria: set, evidence }: Portion): number =>
      10 * set.length + evidence.reduce((sum, one) => sum + 5 + estimateTokens(one.text), 0);
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1_050, max: 1_500 }),
        (texts, tokens) => {
          const evidence = texts.map((one, i) => item(`e${i}`, one));
          const found = portionsOf({ criteria, evidence }, { tokens, measure: cheap });
          if (found.kind === 'too-long') return;
          for (const portion of found.portions) expect(cheap(portion)).toBeLessThanOrEqual(tokens);
          for (const { id } of criteria) {
            texts.forEach((one, i) => {
              expect(shownOf(found.portions, id, `e${i}`)).toBe(one);
            });
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('room is what the smallest model leaves beside the longest answer', () => {
    expect(roomFor([{ contextTokens: 32_000 }, { contextTokens: 8_000 }], { maxTokens: 3_000 })).toBe(5_000);
  });
});

const answer = (findings: Record<string, Finding>, over: object = {}): ReadAnswer => ({
  kind: 'findings',
  findings,
  confidence: 80,
  rationale: 'Because.',
  reasons: new Map([['safe', 'Seen.']]),
  flags: [],
  ...over,
});

describe('the answers are joined', () => {
  const parts: readonly Portion[] = [1, 2, 3].map((number) => ({
    criteria,
    evidence: [],
    part: { number, of: 3 },
  }));

  it.each<[Finding, Finding, Finding, Finding]>([
    ['met', 'insufficient', 'insufficient', 'met'],
    ['insufficient', 'insufficient', 'insufficient', 'insufficient'],
    ['met', 'met', 'not-met', 'not-met'],
    ['insufficient', 'not-met', 'met', 'not-met'],
    ['met', 'met', 'met', 'met'],
  ])('%s, %s and %s make %s', (a, b, c, expected) => {
    const merged = mergeAnswers(
      parts,
      [a, b, c].map((safe) => answer({ nice: 'met', safe, fair: 'insufficient' })),
      policy,
    );
    expect(merged).toMatchObject({
      findings: { nice: 'met', safe: expected, fair: 'insufficient' },
      flags: ['evidence-divided'],
    });
  });

  it('criterion by criterion, with the lowest confidence and every reason', () => {
    const single = criteria.map((one) => ({ criteria: [one], evidence: [] }));
    const merged = mergeAnswers(
      single,
      [
        answer({ nice: 'met' }, { confidence: 90, rationale: 'Nice.' }),
        answer({ safe: 'not-met' }, { confidence: 40, flags: ['citation-unknown'] }),
        answer({ fair: 'met' }),
      ],
      policy,
    );
    expect(merged).toMatchObject({
      findings: { nice: 'met', safe: 'not-met', fair: 'met' },
      confidence: 40,
      flags: ['citation-unknown'],
    });
    expect(merged).toHaveProperty('rationale', 'On nice:\nNice.\nOn safe:\nBecause.\nOn fair:\nBecause.');
  });

  it('with the reasons of every part', () => {
    const merged = mergeAnswers(
      parts,
      parts.map(() => answer({ nice: 'met', safe: 'met', fair: 'met' })),
      policy,
    );
    if (merged.kind !== 'findings') throw new Error('no findings');
    expect([...merged.reasons]).toEqual([
      ['safe', 'Part 1 of 3: Seen.\nPart 2 of 3: Seen.\nPart 3 of 3: Seen.'],
    ]);
  });

  it('one portion stays as it is, and one that failed fails all', () => {
    const good = answer({ nice: 'met', safe: 'met', fair: 'met' });
    const bad: ReadAnswer = { kind: 'none', reason: 'refusal', why: 'no' };
    expect(mergeAnswers([{ criteria, evidence: [] }], [good], policy)).toBe(good);
    expect(mergeAnswers(parts, [good, bad, good], policy)).toEqual({
      kind: 'none',
      reason: 'refusal',
      why: 'question 2 of 3: no',
    });
    expect(() => mergeAnswers(parts, [good], policy)).toThrow(/every portion/);
  });

  it('long reasons are shared out, and that is flagged', () => {
    const many = Array.from({ length: MAX_PORTIONS }, () => ({ criteria, evidence: [] }));
    const merged = mergeAnswers(
      many,
      many.map(() => answer({ nice: 'met', safe: 'met', fair: 'met' }, { rationale: 'x'.repeat(5_000) })),
      policy,
    );
    expect(merged).toMatchObject({ flags: ['rationale-cut'] });
    if (merged.kind === 'findings') expect(merged.rationale.length).toBeLessThanOrEqual(MAX_RATIONALE_CHARS);
  });
});
