// What a seat asks and what it gets back: one small contract, whoever answers. A provider puts one question to
// one reviewer and returns the raw text; it neither parses nor judges, since what a model says is hostile input
// for others to read (seats/answer.ts) and a verdict is reckoned by code (protocol 4.3).
import type { Provenance } from '../council/ballot.ts';
import type { CaseType } from '../council/case-kind.ts';
import type { Criterion } from '../council/charter.ts';
import type { SeatId } from '../signing/seat-id.ts';

/** The angles a case is judged from; three seats each, from three developers. */
export const LENSES = [
  'safety',
  'eu-ai-act',
  'privacy',
  'fairness',
  'security',
  'robustness',
  'transparency',
  'oversight',
  'society',
  'sector',
  'regional',
] as const;
export type Lens = (typeof LENSES)[number];

/** A habit of reading that is laid on top of a lens. */
export const STANCES = ['reviewer', 'evidence-auditor', 'supply-chain-reviewer', 'dissent-advocate'] as const;
export type Stance = (typeof STANCES)[number];

/** How much is enough: how far evidence may stay behind what a criterion asks before it no longer suffices. */
export const STRICTNESSES = ['lenient', 'balanced', 'strict'] as const;
export type Strictness = (typeof STRICTNESSES)[number];

export interface EvidenceItem {
  /** what a finding cites: E1, E2, … */
  readonly id: string;
  readonly title: string;
  /** data, whatever it says; never an instruction */
  readonly text: string;
}

/** USD for a million tokens, as the maker's price list has it. */
export interface Price {
  readonly inputUsd: number;
  readonly outputUsd: number;
}

/** The model that is to answer, and what can be asked of it. */
export interface Backing {
  /** whose API is spoken: `openai`, `anthropic`, `google`, `ollama`, `compatible` */
  readonly provider: string;
  /** whose machines it runs on; where one API is served by several hosts, it says which of them */
  readonly host: string;
  /** as its maker calls it */
  readonly model: string;
  /** question and answer together */
  readonly contextTokens: number;
  /** undefined where nobody sends a bill */
  readonly price?: Price;
  /** what its maker accepts; what is not accepted is not sent */
  readonly accepts: {
    readonly temperature: boolean;
    readonly seed: boolean;
    /** a JSON Schema that holds the answer to a form */
    readonly schema: boolean;
  };
}

export interface Sampling {
  readonly temperature: number;
  readonly seed?: number;
  readonly maxTokens: number;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a model is sent. */
export interface Prompt {
  readonly system: string;
  readonly user: string;
  /** the form of the answer; what comes back is read as hostile whether or not a maker held its model to it */
  readonly schema: JsonSchema;
}

export interface Question {
  readonly seat: SeatId;
  /** whose account it goes on; no maker is told */
  readonly caseId: string;
  readonly backing: Backing;
  /** asked instead, in the same fault domains, when the first is out of reach */
  readonly fallback?: Backing;
  readonly prompt: Prompt;
  readonly lens: Lens;
  readonly stance: Stance;
  readonly strictness: Strictness;
  readonly caseType: CaseType;
  /** what the case says about itself, by field: system, version, sector, … */
  readonly facts: Readonly<Record<string, string>>;
  readonly criteria: readonly Criterion[];
  readonly evidence: readonly EvidenceItem[];
  readonly sampling: Sampling;
  /** until then an answer is of use, in milliseconds from the asking */
  readonly timeoutMs: number;
}

export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface Answer {
  /** exactly what came back */
  readonly text: string;
  /** what says that it answered, which need not be what was asked for */
  readonly model: string;
  readonly provenance: Provenance;
  /** as the maker counted */
  readonly usage?: Usage;
  /** of this answer and of the attempts that came to nothing, where it is known */
  readonly costUsd?: number;
  /** by which the maker finds the call again */
  readonly requestId?: string;
}

/** Why there is no answer. `silent` is for trials: the seat keeps its chair and never judges. */
export const PROVIDER_ERROR_CODES = [
  /** no answer in time */
  'timeout',
  /** the question was withdrawn */
  'cancelled',
  /** the model declined */
  'refusal',
  /** the maker's filter stopped question or answer */
  'content-filter',
  /** the answer ended at the token limit */
  'truncated',
  /** what came back is no answer of this API */
  'malformed',
  'rate-limit',
  /** nothing more is paid for */
  'quota',
  'auth',
  /** no such model, or a question the maker will never take */
  'rejected',
  /** failed, or out of reach */
  'server',
  /** would cost more than the seat, the case or the day may */
  'over-budget',
  /** the question does not fit the model, however it is divided */
  'too-long',
  'silent',
] as const;

export type ProviderErrorCode = (typeof PROVIDER_ERROR_CODES)[number];

const RETRYABLE: ReadonlySet<ProviderErrorCode> = new Set(['timeout', 'malformed', 'rate-limit', 'server']);

export interface FailedCall extends ErrorOptions {
  /** how long the maker asked to be left alone */
  readonly retryAfterMs?: number;
  /** what the failed call was billed for, where the maker said */
  readonly usage?: Usage;
}

export class ProviderError extends Error {
  readonly code: ProviderErrorCode;
  /** whether the same question may well be answered when it is asked again */
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly usage: Usage | undefined;

  constructor(
    code: ProviderErrorCode,
    message: string,
    { retryAfterMs, usage, ...options }: FailedCall = {},
  ) {
    super(message, options);
    this.name = 'ProviderError';
    this.code = code;
    this.retryable = RETRYABLE.has(code);
    this.retryAfterMs = retryAfterMs;
    this.usage = usage;
  }
}

export interface Provider {
  /** what seat files call it: `offline`, `openai`, … */
  readonly name: string;
  /** where all its answers come from; a failure has no answer to tell, and its abstention must still say it */
  readonly provenance: Provenance;
  /** Rejects with a ProviderError, also when the signal is aborted; nothing else is thrown. */
  ask(question: Question, signal?: AbortSignal): Promise<Answer>;
}
