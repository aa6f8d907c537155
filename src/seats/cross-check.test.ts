import { describe, expect, it } from 'vitest';
import { abstention, type Ballot, ballotFrom } from '../council/ballot.ts';
import type { Findings } from '../council/quantise.ts';
import { digestOf } from '../signing/digest.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { type CrossCheck, changesIn, driftOf } from './cross-check.ts';

const policy = {
  criteria: ['safe', 'fair', 'nice'].map((id) => ({ id, title: id, text: id, mandatory: id !== 'nice' })),
};
const mark = (model = 'one') =>
  ({ model: digestOf(model), prompt: digestOf('p'), rationale: digestOf('r'), provenance: 'live' }) as const;

function ballot(safe: Findings[string], fair: Findings[string], model = 'one'): Ballot {
  return ballotFrom({ safe, fair, nice: 'met' }, policy, { ...mark(model), confidence: 50 });
}

const check = (before: Ballot, after: Ballot, model = 'gpt'): CrossCheck => ({
  caseId: digestOf('case'),
  seat: asSeatId(3),
  model,
  before,
  after,
});

describe('what a seat finds now, held against what it found then', () => {
  it('the same findings are no change, whatever the confidence', () => {
    expect(changesIn(check(ballot('met', 'met'), ballot('met', 'met')))).toEqual([]);
  });

  it('every finding that differs is named', () => {
    expect(changesIn(check(ballot('met', 'insufficient'), ballot('not-met', 'met')))).toEqual([
      { criterion: 'safe', before: 'met', after: 'not-met' },
      { criterion: 'fair', before: 'insufficient', after: 'met' },
    ]);
  });

  it('abstentions and other criteria are not compared', () => {
    const abstained = abstention('timeout', mark());
    expect(changesIn(check(abstained, ballot('met', 'met')))).toBeUndefined();
    expect(changesIn(check(ballot('met', 'met'), abstained))).toBeUndefined();
    const other = ballotFrom(
      { safe: 'met' },
      { criteria: policy.criteria.slice(0, 1) },
      { ...mark(), confidence: 1 },
    );
    expect(changesIn(check(ballot('met', 'met'), other))).toBeUndefined();
  });
});

describe('drift', () => {
  it('is counted by model, in both directions, the one that changed most first', () => {
    const drift = driftOf([
      check(ballot('met', 'met'), ballot('met', 'met'), 'steady'),
      check(ballot('met', 'met'), ballot('not-met', 'insufficient'), 'drifting'),
      check(ballot('not-met', 'met'), ballot('met', 'met', 'two'), 'drifting'),
      check(ballot('met', 'met'), abstention('timeout', mark()), 'drifting'),
    ]);
    expect(drift.map(({ model }) => model)).toEqual(['drifting', 'steady']);
    expect(drift[0]).toEqual({
      model: 'drifting',
      checks: 3,
      compared: 2,
      verdictsChanged: 2,
      findings: 6,
      findingsChanged: 3,
      stricter: 2,
      milder: 1,
      reconfigured: 1,
    });
    expect(drift[1]).toMatchObject({ checks: 1, verdictsChanged: 0, findingsChanged: 0 });
  });

  it('of nothing is nothing', () => expect(driftOf([])).toEqual([]));
});
