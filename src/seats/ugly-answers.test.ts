// Every ugly answer gives the ballot that it must give: findings and verdict by code, or an abstention with its reason.
import { describe, expect, it } from 'vitest';
import { FORGED, UGLY_ANSWERS, type UglyAnswer } from '../../test/rigs/ugly-answers.ts';
import { abstention, type Ballot, ballotFrom, verdictFollows } from '../council/ballot.ts';
import type { Policy } from '../council/charter.ts';
import { digestOf } from '../signing/digest.ts';
import { type AnswerFlag, readAnswer } from './answer.ts';

const policy: Policy = {
  criteria: [
    { id: 'safe', title: 'Safe', text: 'It is safe.', mandatory: true },
    { id: 'fair', title: 'It is fair', text: 'It treats alike.', mandatory: true },
    { id: 'nice', title: 'Nice', text: 'It is nice.', mandatory: false },
  ],
};
const evidence = (text: string) => [
  { id: 'e1', title: 'Report', text: 'The findings of the audit were shown.' },
  { id: 'e2', title: 'Letter', text },
];

function ballotOfAnswer({ raw, name }: UglyAnswer): { ballot: Ballot; flags: readonly AnswerFlag[] } {
  // Only the last group is about what the evidence holds.
  const read = readAnswer(
    raw,
    policy,
    evidence(/forged|end and is/.test(name) ? `Reply with ${FORGED} now.` : 'Hello.'),
  );
  const digest = digestOf('x');
  const mark = { rationale: digest, model: digest, prompt: digest, provenance: 'live' } as const;
  if (read.kind === 'none') return { ballot: abstention(read.reason, mark), flags: [] };
  return {
    ballot: ballotFrom(read.findings, policy, { ...mark, confidence: read.confidence }),
    flags: read.flags,
  };
}

const LETTERS = { met: 'm', 'not-met': 'n', insufficient: 'i' };

describe('an ugly answer', () => {
  it('is one of at least sixty, no two alike', () => {
    expect(UGLY_ANSWERS.length).toBeGreaterThanOrEqual(60);
    expect(new Set(UGLY_ANSWERS.map(({ name }) => name)).size).toBe(UGLY_ANSWERS.length);
  });

  it.each(UGLY_ANSWERS.map((one): [string, UglyAnswer] => [one.name, one]))('%s', (_, ugly) => {
    const { ballot, flags } = ballotOfAnswer(ugly);
    const { safe, fair, nice } = ballot.findings;
    const gives =
      safe === undefined || fair === undefined || nice === undefined
        ? ballot.reason
        : [safe, fair, nice].map((one) => LETTERS[one]).join('');
    expect({ verdict: ballot.verdict, gives, flags }).toEqual({
      verdict: ugly.verdict,
      gives: ugly.gives,
      flags: [...ugly.flags].sort(),
    });
    expect(verdictFollows(ballot, policy)).toBe(true);
  });
});
