// Ballots and the code that turns findings into verdicts (protocol 4.3).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ballotOfVote, POLICY } from '../../test/rigs/chamber.ts';
import { canonicalText } from '../signing/canonical.ts';
import { type Digest, digestOf } from '../signing/digest.ts';
import {
  abstention,
  type Ballot,
  ballotDigest,
  ballotFrom,
  ballotOf,
  ballotText,
  verdictFollows,
} from './ballot.ts';
import { FINDINGS, type Finding, type Findings, quantise } from './quantise.ts';

const finding = fc.constantFrom<Finding>(...FINDINGS);
const digest: fc.Arbitrary<Digest> = fc.string().map(digestOf);
const slug = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8}){0,2}$/);
const ballot: fc.Arbitrary<Ballot> = fc.record({
  findings: fc.dictionary(slug, finding, { maxKeys: 12 }),
  verdict: fc.constantFrom('approve', 'reject', 'abstain'),
  confidence: fc.integer({ min: 0, max: 100 }),
  rationale: digest,
  model: digest,
  prompt: digest,
  provenance: fc.constantFrom('live', 'recorded', 'replay', 'offline'),
  reason: fc.option(slug),
});

describe('quantise', () => {
  it('approves exactly when every mandatory criterion is met', () => {
    fc.assert(
      fc.property(finding, finding, finding, (safety, oversight, clarity) => {
        const expected = safety === 'met' && oversight === 'met' ? 'approve' : 'reject';
        expect(quantise({ safety, oversight, clarity }, POLICY)).toBe(expected);
      }),
    );
  });

  it('refuses findings that leave a criterion out or invent one', () => {
    expect(() => quantise({ safety: 'met', oversight: 'met' }, POLICY)).toThrow(/one finding for each/);
    const invented = { safety: 'met', oversight: 'met', charm: 'met' } as const;
    expect(() => quantise(invented, POLICY)).toThrow(/one finding for each/);
    expect(() => quantise({ ...invented, clarity: 'met' }, POLICY)).toThrow(/one finding for each/);
  });

  it('takes no finding from a prototype', () => {
    const policy = { criteria: [{ id: 'constructor', title: 'C', text: 'C', mandatory: true }] };
    expect(() => quantise({ other: 'met' }, policy)).toThrow(/one finding for each/);
    const own: Findings = JSON.parse('{"constructor":"met"}');
    expect(quantise(own, policy)).toBe('approve');
  });
});

describe('a ballot', () => {
  it('is spelled by hand exactly as canonical JSON spells it', () => {
    fc.assert(
      fc.property(ballot, (value) => {
        expect(ballotText(value)).toBe(canonicalText(value));
        expect(ballotOf(JSON.parse(ballotText(value)))).toEqual(value);
        expect(ballotDigest(value)).toBe(digestOf(value));
      }),
    );
  });

  it('follows from its findings, or it does not count', () => {
    const { rationale, model, prompt } = ballotOfVote('approve');
    const source = { rationale, model, prompt, provenance: 'live' } as const;
    const rejecting = { safety: 'met', oversight: 'insufficient', clarity: 'met' } as const;
    const honest = ballotFrom(rejecting, POLICY, { ...source, confidence: 90 });
    expect(honest.verdict).toBe('reject');
    expect(verdictFollows(honest, POLICY)).toBe(true);
    expect(verdictFollows({ ...honest, verdict: 'approve' }, POLICY)).toBe(false);
    expect(verdictFollows({ ...honest, verdict: 'abstain', reason: 'timeout' }, POLICY)).toBe(false);
    expect(verdictFollows({ ...honest, reason: 'timeout' }, POLICY)).toBe(false);
    expect(verdictFollows(ballotOfVote('approve'), POLICY)).toBe(true);
  });

  it('of a model that failed abstains with a reason, finds nothing and approves nothing', () => {
    const { rationale, model, prompt } = ballotOfVote('approve');
    const abstains = abstention('over-budget', { rationale, model, prompt, provenance: 'live' });
    expect(abstains).toMatchObject({ verdict: 'abstain', findings: {}, reason: 'over-budget' });
    expect(verdictFollows(abstains, POLICY)).toBe(true);
    expect(verdictFollows({ ...abstains, verdict: 'approve' }, POLICY)).toBe(false);
    expect(verdictFollows({ ...abstains, reason: null }, POLICY)).toBe(false);
  });

  it('with a field too many or too few is none', () => {
    const good = ballotOfVote('approve');
    expect(ballotOf(good)).toEqual(good);
    expect(ballotOf({ ...good, weight: 2 })).toBeUndefined();
    const { reason: _, ...short } = good;
    expect(ballotOf(short)).toBeUndefined();
    for (const value of [null, [], 'ballot', 7, undefined]) expect(ballotOf(value)).toBeUndefined();
  });
});
