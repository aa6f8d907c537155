import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aQuestion } from '../../test/rigs/question.ts';
import { costUsd, estimateCostUsd, estimatePromptTokens, estimateTokens } from './cost.ts';

const price = { inputUsd: 3, outputUsd: 15 };

describe('cost', () => {
  it('is tokens by the price of a million', () => {
    expect(costUsd({ inputTokens: 1_000_000, outputTokens: 0 }, price)).toBe(3);
    expect(costUsd({ inputTokens: 0, outputTokens: 1_000_000 }, price)).toBe(15);
    expect(costUsd({ inputTokens: 2000, outputTokens: 500 }, price)).toBeCloseTo(0.0135, 12);
  });

  it('is nothing where nobody sends a bill', () => {
    expect(costUsd({ inputTokens: 5_000_000, outputTokens: 5_000_000 }, undefined)).toBe(0);
    expect(estimateCostUsd(aQuestion())).toBe(0);
  });

  it('is estimated as if the answer were as long as it may be', () => {
    const { backing, ...question } = aQuestion({ sampling: { temperature: 0, maxTokens: 4000 } });
    const estimate = estimateCostUsd({ ...question, backing: { ...backing, price } });
    const most = { inputTokens: estimatePromptTokens(question.prompt), outputTokens: 4000 };
    expect(estimate).toBe(costUsd(most, price));
    expect(estimate).toBeGreaterThan(0.06);
  });
});

describe('an estimate of tokens is at least what tokenizers count', () => {
  // What a tokenizer would count that joins hardly anything; the sentence is ten tokens in those of GPT-4.
  const counted: readonly (readonly [name: string, text: string, tokens: number])[] = [
    ['nothing', '', 0],
    ['a sentence', 'The quick brown fox jumps over the lazy dog.', 10],
    ['digits, one token each where digits are not joined', '2026-11-21', 10],
    ['signs', '{"a":[1,2,3]}', 9],
    ['Chinese, at most a token and a half a character', '人工智能安全评估', 12],
    ['an emoji, up to two tokens', '🙂', 2],
  ];
  it.each(counted)('%s', (_, text, tokens) => {
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(tokens);
  });

  it('never counts a part as more than the whole, nor the whole as more than its parts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const whole = estimateTokens(a + b);
        expect(whole).toBeGreaterThanOrEqual(Math.max(estimateTokens(a), estimateTokens(b)));
        expect(whole).toBeLessThanOrEqual(estimateTokens(a) + estimateTokens(b));
      }),
    );
  });

  it('reads a megabyte at once', () => {
    expect(estimateTokens('word '.repeat(200_000))).toBe(333_334);
  });
});
