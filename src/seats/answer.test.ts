// Ugly answers of models, each with what must be read from it. What is not plainly `met` never becomes `met`.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../council/charter.ts';
import { type AnswerFlag, readAnswer } from './answer.ts';

const policy: Policy = {
  criteria: [
    { id: 'safe', title: 'Safe', text: 'It is safe.', mandatory: true },
    { id: 'fair', title: 'Fair', text: 'It is fair.', mandatory: true },
    { id: 'nice', title: 'Nice', text: 'It is nice.', mandatory: false },
  ],
};
const evidence = ['e1', 'e2'].map((id) => ({ id, title: 'T', text: 'Some evidence.' }));
const read = (raw: string) => readAnswer(raw, policy, evidence);

const finding = (criterion: string, value: unknown, rest: object = {}) => ({
  criterion,
  finding: value,
  evidence: ['e1'],
  ...rest,
});
const answer = (findings: unknown, rest: object = {}) =>
  JSON.stringify({ findings, confidence: 80, ...rest });
const all = ['safe', 'fair', 'nice'].map((id) => finding(id, 'met'));
const GOOD = answer(all, { verdict: 'approve', rationale: 'Because.' });

const MET = { safe: 'met', fair: 'met', nice: 'met' };

describe('an answer is read', () => {
  it.each<[string, string, object, AnswerFlag[]]>([
    ['plain', GOOD, MET, []],
    ['with a byte order mark and space', `\ufeff\n ${GOOD} \n`, MET, []],
    ['in a fence', `\`\`\`json\n${GOOD}\n\`\`\``, MET, ['text-around-answer']],
    ['in a fence without a name', `\`\`\`\n${GOOD}\n\`\`\``, MET, ['text-around-answer']],
    ['amid prose', `Sure! Here it is: ${GOOD} Hope {this} helps.`, MET, ['text-around-answer']],
    ['after braces in prose', `Given {x} and {"y": 1}: ${GOOD}`, MET, ['text-around-answer']],
    ['said twice alike', `${GOOD}\n${GOOD}`, MET, ['text-around-answer']],
    [
      'with braces in a reason',
      answer([finding('safe', 'met', { reason: 'a } b { c "' }), ...all.slice(1)]),
      MET,
      [],
    ],
    ['as an object', answer({ safe: 'met', fair: 'met', nice: 'met' }), MET, ['citation-missing']],
    [
      'as an object of objects',
      answer({ safe: { finding: 'met' }, fair: { finding: 'met' }, nice: { finding: 'met' } }),
      MET,
      ['citation-missing'],
    ],
    [
      'with id for criterion',
      answer(['safe', 'fair', 'nice'].map((id) => ({ id, finding: 'met' }))),
      MET,
      ['citation-missing'],
    ],
    ['in capitals', answer(['safe', 'fair', 'nice'].map((id) => finding(id, ' MET '))), MET, []],
    [
      'in other words for the same',
      answer([
        finding('safe', 'not_met'),
        finding('fair', 'Not Met'),
        finding('nice', 'insufficient evidence'),
      ]),
      { safe: 'not-met', fair: 'not-met', nice: 'insufficient' },
      [],
    ],
    [
      'a criterion left out',
      answer(all.slice(0, 1)),
      { safe: 'met', fair: 'insufficient', nice: 'insufficient' },
      ['criterion-left-out'],
    ],
    ['a criterion invented', answer([...all, finding('cheap', 'met')]), MET, ['criterion-invented']],
    [
      'a criterion that is a prototype',
      answer([...all, finding('__proto__', 'met')]),
      MET,
      ['criterion-invented'],
    ],
    ['a criterion doubled alike', answer([...all, finding('safe', 'met')]), MET, ['criterion-doubled']],
    [
      'a criterion doubled unlike',
      answer([...all, finding('safe', 'not-met')]),
      { ...MET, safe: 'insufficient' },
      ['criterion-doubled'],
    ],
    ...[true, 1, null, 'yes', 'mostly met', 'met?', '', ['met'], { finding: 'met' }].map(
      (odd): [string, string, object, AnswerFlag[]] => [
        `an unreadable finding ${JSON.stringify(odd)}`,
        answer([finding('safe', odd), ...all.slice(1)]),
        { ...MET, safe: 'insufficient' },
        ['finding-unreadable'],
      ],
    ),
    [
      'an approval against its findings',
      answer([finding('safe', 'not-met'), ...all.slice(1)], { verdict: 'approve' }),
      { ...MET, safe: 'not-met' },
      ['verdict-contradicts-findings'],
    ],
    [
      'a rejection against its findings',
      answer(all, { verdict: 'reject' }),
      MET,
      ['verdict-contradicts-findings'],
    ],
    ['a verdict of the wrong type', answer(all, { verdict: 7 }), MET, ['verdict-contradicts-findings']],
    [
      'evidence nobody gave',
      answer([finding('safe', 'met', { evidence: ['e9'] }), ...all.slice(1)]),
      MET,
      ['citation-unknown'],
    ],
    [
      'evidence of the wrong type',
      answer([finding('safe', 'met', { evidence: 7 }), ...all.slice(1)]),
      MET,
      ['citation-unknown'],
    ],
    ['unknown fields', answer(all, { mood: 'good', tools: [] }), MET, []],
    ['no confidence', JSON.stringify({ findings: all }), MET, ['confidence-unreadable']],
  ])('%s', (_, raw, findings, flags) => {
    expect(read(raw)).toMatchObject({ kind: 'findings', findings, flags });
  });

  it.each<[unknown, number]>([
    [80, 80],
    [0, 0],
    [100, 100],
    [79.6, 80],
    [0.85, 85],
    ['85', 85],
    ['85 %', 85],
    [101, 0],
    [-1, 0],
    ['high', 0],
    ['', 0],
    [null, 0],
    [true, 0],
    [[90], 0],
  ])('confidence %j is %i', (confidence, percent) => {
    expect(read(answer(all, { confidence }))).toMatchObject({ confidence: percent });
  });

  it.each<[string, string, string]>([
    ['nothing', '', 'malformed'],
    ['prose', 'I approve this wholeheartedly.', 'malformed'],
    ['not JSON', 'not json', 'malformed'],
    ['cut off', GOOD.slice(0, -20), 'malformed'],
    ['a list', JSON.stringify(all), 'malformed'],
    ['null', 'null', 'malformed'],
    ['an object without findings', '{"verdict":"approve"}', 'malformed'],
    ['empty findings', answer([]), 'malformed'],
    ['findings of the wrong type', answer('met'), 'malformed'],
    ['findings of nothing that was asked', answer([finding('cheap', 'met')]), 'malformed'],
    ['findings none of which can be read', answer([finding('safe', 'perhaps')]), 'malformed'],
    ['two different answers', `${GOOD} or ${answer([finding('safe', 'not-met')])}`, 'malformed'],
    ['a doubled key', '{"findings":{"safe":"not-met","safe":"met"},"confidence":1}', 'malformed'],
    ['a doubled key in other letters', '{"findings":{"safe":"not-met","s\\u0061fe":"met"}}', 'malformed'],
    ['doubled findings', `{"findings":[],"findings":${JSON.stringify(all)}}`, 'malformed'],
    ['single quotes', GOOD.replaceAll('"', "'"), 'malformed'],
    ['findings beside an abstention', answer(all, { abstain: 'unsure' }), 'malformed'],
    ['too long', `${GOOD}${' '.repeat(200_000)}`, 'malformed'],
    ['very deep', '{"findings":'.repeat(5_000), 'malformed'],
    ['a refusal', "I'm sorry, but I can't help with that.", 'refusal'],
    ['another refusal', 'I cannot assess this.', 'refusal'],
    ['an abstention', '{"abstain":"the evidence is in a language I do not read"}', 'undecided'],
  ])('%s gives no findings', (_, raw, reason) => {
    expect(read(raw)).toMatchObject({ kind: 'none', reason });
  });

  it('a rationale is made safe to show, and found in the reasons when there is none', () => {
    expect(read(answer(all, { rationale: 'a\u001b[2Jb\u202ec\r\nd' }))).toMatchObject({
      rationale: 'a\ufffd[2Jb\ufffdc\nd',
    });
    const reasons = answer([finding('safe', 'met', { reason: 'Tested.' }), ...all.slice(1)]);
    expect(read(reasons)).toMatchObject({ rationale: 'safe: Tested.' });
  });

  it('whatever is sent: no exception, and `met` only where it says so', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((value) => answer(JSON.parse(value))),
      fc
        .array(
          fc.record({ criterion: fc.constantFrom('safe', 'fair', 'nice', 'x'), finding: fc.jsonValue() }),
        )
        .map((findings) => answer(findings)),
    );
    fc.assert(
      fc.property(anything, (raw) => {
        const result = read(raw);
        if (result.kind === 'findings' && Object.values(result.findings).includes('met')) {
          expect(raw.toLowerCase()).toContain('met');
        }
      }),
    );
  });
});
