import { describe, expect, it } from 'vitest';
import { digestOf } from '../../signing/digest.ts';
import { asSeatId } from '../../signing/seat-id.ts';
import { owesBallot } from './node-jobs.ts';
import { providerLimits } from './provider-limits.ts';

describe('limits of providers', () => {
  it('a host, so many evaluations, so many seconds', () => {
    const limits = providerLimits(['openai=60/60', 'gpu.example.org:8080=2/1']);
    expect(limits.get('openai')).toEqual({ key: 'openai', most: 60, perMs: 60_000 });
    expect(limits.get('gpu.example.org:8080')).toMatchObject({ most: 2, perMs: 1_000 });
  });

  it.each(['openai', 'openai=0/60', 'openai=60', '=60/60', 'openai=60/0', 'openai=1e3/60', 'a b=1/1'])(
    'what is none is refused: %s',
    (text) => {
      expect(() => providerLimits([text])).toThrow('expected a limit such as');
    },
  );
});

describe('what a seat owes', () => {
  const caseId = digestOf('a case');
  const seat = asSeatId(1);
  type Owed = Parameters<typeof owesBallot>[0];
  const owes = (open: object | undefined, sealed?: object): boolean => {
    const cases = new Map(open === undefined ? [] : [[caseId, open]]);
    const state = { open: cases } as unknown as Owed['state'];
    return owesBallot(
      { state, store: { sealed: () => sealed as ReturnType<Owed['store']['sealed']> } },
      { caseId, seat },
    );
  };

  it('a ballot in a case that is open, in its commit phase, as long as none is sealed', () => {
    const waiting = { phase: 'commit', seats: [{ kind: 'waiting' }] };
    expect(owes(waiting)).toBe(true);
    expect(owes(waiting, {})).toBe(false);
    expect(owes(undefined)).toBe(false);
    expect(owes({ ...waiting, phase: 'reveal' })).toBe(false);
    expect(owes({ phase: 'commit', seats: [{ kind: 'committed' }] })).toBe(false);
    expect(owes({ phase: 'commit', seats: [{ kind: 'vacant' }] })).toBe(false);
    expect(owes({ phase: 'commit', seats: [] })).toBe(false);
  });
});
