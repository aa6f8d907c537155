// A model for whole cases: it answers from what it is sent and from nothing else, so that an approval proves that the
// prompt arrived with its criteria and its evidence. And the bill that its makers would send, reckoned from the very
// bytes that reached the client.
import type { Criterion } from '../../src/council/charter.ts';
import type { Usage } from '../../src/providers/contract.ts';
import { at, type MakerRequest } from './model-request.ts';

/** Stands in the evidence of test cases and nowhere else; an approval proves that a model was shown it. */
export const PROOF = 'The emergency stop was pulled 4,311 times and worked 4,311 times.';

export interface Reviewing {
  readonly criteria: readonly Criterion[];
  /** what a finding cites, as far as it stands in the prompt */
  readonly evidence: readonly string[];
  /** models that find the first mandatory criterion not met */
  readonly dissenting?: ReadonlySet<string>;
}

const tokens = (text: string): number => Math.ceil(text.length / 4);

export interface Review {
  readonly text: string;
  readonly usage: Usage;
}

export function reviewer({ criteria, evidence, dissenting }: Reviewing): (request: MakerRequest) => Review {
  const failed = criteria.find(({ mandatory }) => mandatory)?.id;
  return (request) => {
    const { model, system, user } = request;
    const prompt = `${system}\n${user}`;
    const finding = prompt.includes(PROOF) ? 'met' : 'insufficient';
    const cited = evidence.filter((id) => prompt.includes(id));
    const findings = criteria
      .filter(({ id }) => prompt.includes(id))
      .map(({ id }) => ({
        criterion: id,
        finding: id === failed && dissenting?.has(model) === true ? 'not-met' : finding,
        evidence: cited,
        reason: `read by ${model}`,
      }));
    const text = JSON.stringify({ findings, confidence: 80, rationale: `As ${model} reads it.` });
    const usage = { inputTokens: tokens(prompt), outputTokens: tokens(text) };
    return { text, usage };
  };
}

/** What a maker counted in an answer that was delivered whole, streamed or not; undefined where it says nothing. */
export function billedUsage(delivered: string): Usage | undefined {
  const said = piecesOf(delivered).flatMap((piece) => usageOf(piece) ?? []);
  if (said.length === 0) return undefined;
  // A stream counts up: what it says last, or at the most, is the bill.
  const most = (of: (usage: Usage) => number): number => Math.max(...said.map(of));
  return {
    inputTokens: most(({ inputTokens }) => inputTokens),
    outputTokens: most(({ outputTokens }) => outputTokens),
  };
}

/** The places in which the makers write their counts: input, output. */
const PLACES: readonly (readonly [readonly string[], readonly string[]])[] = [
  [
    ['usage', 'prompt_tokens'],
    ['usage', 'completion_tokens'],
  ],
  [
    ['usage', 'input_tokens'],
    ['usage', 'output_tokens'],
  ],
  [
    ['message', 'usage', 'input_tokens'],
    ['message', 'usage', 'output_tokens'],
  ],
  [
    ['usageMetadata', 'promptTokenCount'],
    ['usageMetadata', 'candidatesTokenCount'],
  ],
  [['prompt_eval_count'], ['eval_count']],
];

function usageOf(piece: unknown): Usage | undefined {
  for (const [input, output] of PLACES) {
    const counts = [at(piece, ...input), at(piece, ...output)];
    if (counts.every((count) => typeof count !== 'number')) continue;
    const [inputTokens, outputTokens] = counts.map((count) => (typeof count === 'number' ? count : 0));
    return { inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0 };
  }
  return undefined;
}

function piecesOf(delivered: string): unknown[] {
  const whole = parsed(delivered);
  if (whole !== undefined) return [whole];
  return delivered.split('\n').flatMap((line) => parsed(line.replace(/^data: /, '')) ?? []);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
