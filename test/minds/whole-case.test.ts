// A whole case by 33 seats whose models answer over real HTTP, each maker by its own SDK and protocol, nothing in the
// way: what the faults in faults.test.ts are measured against.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAgents } from '../../src/seats/agents.ts';
import { type Rehearsal, rehearse, SEATS } from '../rigs/minds.ts';

describe('a case judged over real HTTP', () => {
  let all: Rehearsal;
  beforeAll(async () => {
    all = await rehearse();
  });
  afterAll(() => all.end());

  it('is approved by all 33, and its certificate and its ledger verify', () => {
    const { decision, verification, ledgerClean } = all;
    expect(decision).toMatchObject({ outcome: 'approved', basis: 'quorum' });
    expect(decision.tally).toEqual({ approve: 33, reject: 0, abstain: 0, missing: 0 });
    expect(verification).toMatchObject({ status: 'valid', failed: undefined });
    expect(ledgerClean).toBe(true);
  });

  it('speaks the protocol of every maker', () => {
    const makers = [...new Set(all.server.requests.map(({ maker }) => maker))];
    expect(makers).toEqual(expect.arrayContaining(['openai', 'anthropic', 'google', 'ollama']));
  });

  it('is live: no ballot comes from anywhere else', () => {
    expect(all.ballots.size).toBe(33);
    expect(new Set([...all.ballots.values()].map(({ provenance }) => provenance))).toEqual(new Set(['live']));
  });

  it('asks each seat once, and as many requests go out as are told of', () => {
    expect(SEATS.map((seat) => all.passagesOf(seat).length)).toEqual(SEATS.map(() => 1));
    expect(all.events.filter(({ kind }) => kind === 'asked')).toHaveLength(33);
    expect(all.events.filter(({ kind }) => kind === 'answered')).toHaveLength(33);
  });

  it('says what was spent, as the makers bill it', () => {
    expect(all.billedUsd()).toBeGreaterThan(0);
    expect(all.reportedUsd()).toBeCloseTo(all.billedUsd(), 9);
  });
});

describe('a case that the models of twelve seats oppose', () => {
  it('is rejected: 21 approvals are not enough', async () => {
    const models = loadAgents('agents').seats.map(({ backing }) => backing.model);
    const opposed = await rehearse({ dissenting: new Set(models.slice(0, 12)) });
    try {
      const tally = { approve: 21, reject: 12, abstain: 0, missing: 0 };
      expect(opposed.decision).toMatchObject({ outcome: 'rejected', basis: 'opposed', tally });
      expect(opposed.verification.valid).toBe(true);
    } finally {
      await opposed.end();
    }
  });
});
