// A question as a provider gets it, for tests that care about one part of it.
import type { Question } from '../../src/providers/contract.ts';
import { asSeatId } from '../../src/signing/seat-id.ts';

export function aQuestion(over: Partial<Question> = {}): Question {
  return {
    seat: asSeatId(1),
    caseId: 'a-case',
    backing: {
      provider: 'openai',
      host: 'openai',
      model: 'a-model',
      contextTokens: 128_000,
      accepts: { temperature: true, seed: true, schema: true },
    },
    prompt: { system: 'You judge.', user: 'Judge this.', schema: { type: 'object' } },
    lens: 'safety',
    stance: 'reviewer',
    strictness: 'balanced',
    caseType: 'certification',
    facts: {},
    criteria: [
      { id: 'nice', title: 'Nice', text: 'Nice.', mandatory: false },
      { id: 'safe', title: 'Safe', text: 'Safe.', mandatory: true },
      { id: 'fair', title: 'Fair', text: 'Fair.', mandatory: true },
    ],
    evidence: [],
    sampling: { temperature: 0, maxTokens: 1 },
    timeoutMs: 10_000,
    ...over,
  };
}
