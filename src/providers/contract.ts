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

export interface Sampling {
  readonly temperature: number;
  readonly maxTokens: number;
}

export interface Question {
  readonly seat: SeatId;
  /** the model that is to answer, as its maker calls it */
  readonly model: string;
  readonly lens: Lens;
  readonly stance: Stance;
  readonly strictness: Strictness;
  readonly caseType: CaseType;
  /** what the case says about itself, by field: system, version, sector, … */
  readonly facts: Readonly<Record<string, string>>;
  readonly criteria: readonly Criterion[];
  readonly evidence: readonly EvidenceItem[];
  readonly sampling: Sampling;
}

export interface Answer {
  /** exactly what came back */
  readonly text: string;
  /** what says that it answered, which need not be what was asked for */
  readonly model: string;
  readonly provenance: Provenance;
}

/** Why there is no answer. `silent` is for trials: the seat keeps its chair and never judges. */
export type ProviderErrorCode =
  | 'timeout'
  | 'cancelled'
  | 'refusal'
  | 'malformed'
  | 'rate-limit'
  | 'auth'
  | 'server'
  | 'silent';

const RETRYABLE: ReadonlySet<ProviderErrorCode> = new Set(['timeout', 'malformed', 'rate-limit', 'server']);

export class ProviderError extends Error {
  readonly code: ProviderErrorCode;
  /** whether the same question may well be answered when it is asked again */
  readonly retryable: boolean;

  constructor(code: ProviderErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ProviderError';
    this.code = code;
    this.retryable = RETRYABLE.has(code);
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
