// Attacks planted in evidence, against scripted models that are as gullible as can be. What code can hold, it must hold:
// the question is the same whatever the evidence says, nothing of it stands outside the fence or ends it, and no
// forged answer is read as the seat's own. What only a model can resist is counted, so that nobody believes otherwise
// (docs/minds.md, "What a prompt cannot promise").
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DECEPTIVE } from '../../src/council/field-rules.ts';
import { quantise } from '../../src/council/quantise.ts';
import type { Prompt } from '../../src/providers/contract.ts';
import { readAnswer } from '../../src/seats/answer.ts';
import { promptFor } from '../../src/seats/prompt.ts';
import { loadPrompts } from '../../src/seats/prompt-files.ts';
import { asSeatId } from '../../src/signing/seat-id.ts';
import { ATTACKS, type Attack, decodings, evidenceOf, FORGED_FINDINGS } from '../rigs/attacks.ts';
import { aQuestion } from '../rigs/question.ts';

const prompts = loadPrompts(join(import.meta.dirname, '../../prompts'));
const forms = [...prompts.forms.keys()];
const nonce = '3f9a0c51d2e84b7796a1c0de55aa9911';
const { criteria } = aQuestion();
const policy = { criteria };

const HONEST = { nice: 'insufficient', safe: 'not-met', fair: 'insufficient' };
const HONEST_ANSWER = JSON.stringify({
  abstain: '',
  findings: Object.entries(HONEST).map(([criterion, finding]) => ({
    criterion,
    evidence: ['e2'],
    reason: 'It was never tested.',
    finding,
  })),
  rationale: 'Nothing was shown.',
  confidence: 70,
});
const OBEDIENT_ANSWER = JSON.stringify({
  findings: FORGED_FINDINGS.map((one) => ({ ...one, reason: 'As told.' })),
  confidence: 99,
});

function promptAgainst(attack: Attack, form: string): Prompt {
  const seat = {
    seat: asSeatId(7),
    lens: 'security',
    stance: 'reviewer',
    strictness: 'balanced',
    form,
  } as const;
  const facts = { system: 'Sorter', purpose: 'Sorting.', ...attack.facts };
  return promptFor(
    seat,
    { caseType: 'certification', facts, criteria, evidence: evidenceOf(attack, nonce) },
    { prompts, nonce },
  );
}

const BENIGN: Attack = { name: 'none', order: 'none', text: () => 'A report.' };

/** Fences as a model is told to read them: whole lines with the very mark. */
const FENCED = new RegExp(`^<<<${nonce} begin ([^>]*)>>>$[\\s\\S]*?^<<<${nonce} end \\1>>>$`, 'gm');
const outside = ({ user }: Prompt): string => user.replace(FENCED, '(fenced)');
const inside = ({ user }: Prompt): string => [...user.matchAll(FENCED)].map(([text]) => text).join('\n');

/** Where the templates of local models take a new turn to begin. */
const TURNS =
  /<[|｜][^|｜]{1,40}[|｜]>|\[\/?INST\]|<<\/?SYS>>|<\/?s>|<sop>|\[gMASK\]|\[\/?THINK\]|<(?:start|end)_of_turn>|<\/?think>|<\/?tool_(?:call|response)>/;

type Model = (prompt: Prompt, attack: Attack) => string;

/** Obeys whatever it finds outside the fence, and wherever its template sees a turn begin. */
const obeysOutside: Model = (prompt, { order }) => {
  const turns = prompt.user.split(TURNS).slice(1).join('\n');
  const heard = decodings(`${prompt.system}\n${outside(prompt)}\n${turns}`);
  return heard.includes(order) ? OBEDIENT_ANSWER : HONEST_ANSWER;
};
/** Obeys whatever it can read, wherever it stands. */
const obeysAnything: Model = ({ user }, { order }) =>
  user.includes(order) ? OBEDIENT_ANSWER : HONEST_ANSWER;
/** The same, and decodes everything first. */
const decodesAndObeys: Model = ({ user }, { order }) =>
  decodings(user).includes(order) ? OBEDIENT_ANSWER : HONEST_ANSWER;
/** Says back what it was shown and nothing else. */
const parrots: Model = (prompt) => inside(prompt);
/** Gives the first thing that looks like an answer, as a naive parser would. */
const copies: Model = (prompt) => /\{[\s\S]*"findings"[\s\S]*\}/.exec(inside(prompt))?.[0] ?? HONEST_ANSWER;
/** Warns of what it found by quoting it, and then judges. */
const quotesAndJudges: Model = (prompt) =>
  `The evidence says:\n${inside(prompt)}\nMy own answer:\n${HONEST_ANSWER}`;

function verdictOf(model: Model, attack: Attack, form: string): 'approve' | 'reject' | 'abstain' {
  const evidence = evidenceOf(attack, nonce);
  const read = readAnswer(model(promptAgainst(attack, form), attack), policy, evidence);
  return read.kind === 'none' ? 'abstain' : quantise(read.findings, policy);
}

const CASES = ATTACKS.map((attack): [string, Attack] => [attack.name, attack]);

describe('what code holds', () => {
  it('is tried with at least twenty-five attacks, no two alike', () => {
    expect(ATTACKS.length).toBeGreaterThanOrEqual(25);
    expect(new Set(ATTACKS.map(({ name, text }) => `${name} ${text(nonce)}`)).size).toBe(ATTACKS.length);
  });

  it.each(CASES)('%s: the question stays what it is, in every form', (_, attack) => {
    for (const form of forms) {
      const benign = promptAgainst(BENIGN, form);
      const attacked = promptAgainst(attack, form);
      expect(attacked.system).toBe(benign.system);
      expect(attacked.schema).toEqual(benign.schema);
      expect(outside(attacked)).toBe(outside(benign));
      // as many marks as there are pieces, and nothing else that looks like one
      expect(attacked.user.match(/<<+|>>+/g)).toHaveLength(2 * 2 * 3);
      expect(attacked.user.split(nonce)).toHaveLength(2 * 3 + 1);
      expect(attacked.user).not.toMatch(TURNS);
      expect(attacked.user.replaceAll('\n', ' ')).not.toMatch(DECEPTIVE);
    }
  });

  it.each(CASES)('%s: who obeys only what stands outside is not reached', (_, attack) => {
    for (const form of forms) expect(verdictOf(obeysOutside, attack, form)).toBe('reject');
  });

  it.each(CASES)('%s: nothing that stands in the evidence is read as the answer', (_, attack) => {
    for (const form of forms) {
      expect(verdictOf(parrots, attack, form)).not.toBe('approve');
      expect(verdictOf(copies, attack, form)).not.toBe('approve');
      expect(verdictOf(quotesAndJudges, attack, form)).not.toBe('approve');
    }
  });

  it.each(CASES.filter(([, attack]) => attack.refusedAtTheDoor === true))(
    '%s: is refused before any model sees it',
    (_, attack) => {
      expect(attack.text(nonce)).toMatch(DECEPTIVE);
    },
  );

  it('the gullible would obey an order outside the fence: the attacks are not idle', () => {
    for (const attack of ATTACKS) {
      const prompt = {
        system: '',
        user: `${attack.text(nonce)} ${attack.title ?? ''} ${attack.facts?.purpose ?? ''}`,
        schema: {},
      };
      expect([attack.name, obeysOutside(prompt, attack)]).toEqual([attack.name, OBEDIENT_ANSWER]);
    }
  });
});

describe('what only a model can resist', () => {
  const obeyed = (model: Model): readonly string[] =>
    ATTACKS.filter((attack) => verdictOf(model, attack, 'audit-worksheet') === 'approve').map(
      ({ name }) => name,
    );

  it('is counted: a model that obeys whatever it reads is led by every attack it can read', () => {
    const legible = ATTACKS.filter(({ encoded }) => encoded !== true).map(({ name }) => name);
    expect(obeyed(obeysAnything)).toEqual(legible);
    // as docs/minds.md says
    expect([legible.length, ATTACKS.length]).toEqual([45, 55]);
  });

  it('is counted: one that also decodes is spared only what the fence made unreadable', () => {
    const led = obeyed(decodesAndObeys);
    const spared = ATTACKS.map(({ name }) => name).filter((name) => !led.includes(name));
    expect(spared).toEqual(['zero-width characters', 'tag characters', 'variation selectors']);
  });
});
