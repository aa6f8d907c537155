// Reads what a model sent as the hostile input it is (protocol 4.3): findings by criterion, or the reason why there
// are none. Nothing a model says about the overall outcome counts; where it contradicts its own findings, the
// findings win and the contradiction is flagged. What cannot be read as `met` never becomes `met`.
import type { Policy } from '../council/charter.ts';
import { type Findings, quantise } from '../council/quantise.ts';
import type { EvidenceItem } from '../providers/contract.ts';
import type { AnswerFlag } from './answer-flag.ts';
import {
  findingsOf,
  flagCitations,
  plain,
  reasonsOf,
  type Statement,
  statementsOf,
} from './answer-statements.ts';
import { afterThinking, findObject } from './answer-text.ts';

export type { AnswerFlag } from './answer-flag.ts';

export type ReadAnswer =
  | {
      readonly kind: 'findings';
      readonly findings: Findings;
      /** by criterion, where there is one; for people and for grounds, never weighed */
      readonly reasons: ReadonlyMap<string, string>;
      readonly confidence: number;
      readonly rationale: string;
      readonly flags: readonly AnswerFlag[];
    }
  | { readonly kind: 'none'; readonly reason: 'malformed' | 'refusal' | 'undecided'; readonly why: string };

export const MAX_RATIONALE_CHARS = 40_000;

const MAX_NUMBER_CHARS = 20;

const REFUSAL =
  /^\W*(?:i(?:['’]m| am) (?:sorry|unable|not able)|sorry\b|i (?:can(?:not|['’]t)|won['’]t|must decline)|as an ai\b)/i;

export function readAnswer(raw: string, policy: Policy, evidence: readonly EvidenceItem[]): ReadAnswer {
  const standsInEvidence = quotationsFrom(evidence);
  let copied = false;
  const found = findObject(raw, (value) => {
    if (!isAnswer(value)) return false;
    if (!standsInEvidence(value)) return true;
    copied = true;
    return false;
  });
  if (found.kind === 'none') {
    if (copied) return none('malformed', 'what would answer stands word for word in the evidence');
    return none(REFUSAL.test(afterThinking(raw)) ? 'refusal' : 'malformed', found.why);
  }
  const answer = found.value;
  const told = statementsOf(answer.findings);
  if (abstains(answer.abstain)) {
    if (told.statements.length > 0) return none('malformed', 'both findings and an abstention');
    return none('undecided', shown(answer.abstain));
  }
  const flags = new Set<AnswerFlag>();
  if (found.wrapped) flags.add('text-around-answer');
  if (found.nested || told.nested) flags.add('answer-nested');
  if (found.mended) flags.add('answer-mended');
  const { statements } = told;
  const findings = findingsOf(told, policy.criteria, flags);
  if (findings === undefined) return none('malformed', 'no finding for any criterion');
  flagCitations(statements, new Set(evidence.map(({ id }) => id)), flags);
  const confidence = confidenceOf(answer.confidence);
  if (confidence === undefined) flags.add('confidence-unreadable');
  if (CLAIMS.some((key) => contradicts(answer[key], quantise(findings, policy)))) {
    flags.add('verdict-contradicts-findings');
  }
  const rationale = rationaleOf(answer.rationale, statements);
  if (rationale.length > MAX_RATIONALE_CHARS) flags.add('rationale-cut');
  return {
    kind: 'findings',
    findings,
    reasons: new Map([...reasonsOf(told, policy.criteria)].map(([id, reason]) => [id, shown(reason)])),
    confidence: confidence ?? 0,
    rationale: shown(rationale),
    flags: [...flags].sort(),
  };
}

function none(reason: 'malformed' | 'refusal' | 'undecided', why: string): ReadAnswer {
  return { kind: 'none', reason, why };
}

function isAnswer(value: Readonly<Record<string, unknown>>): boolean {
  // The form of an abstention, repeated from the question, is none.
  return (
    Object.hasOwn(value, 'findings') || (Object.hasOwn(value, 'abstain') && value.abstain !== '<reason>')
  );
}

const NO_ABSTENTION: ReadonlySet<unknown> = new Set(['', 'none', 'no', 'n/a', 'null', 'false', '-']);

function abstains(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  return typeof value !== 'string' || !NO_ABSTENTION.has(plain(value));
}

/**
 * Evidence may hold a forged answer, and a model may quote it, were it only to warn of it. Findings that stand in the
 * evidence word for word are therefore nobody's answer.
 */
function quotationsFrom(
  evidence: readonly EvidenceItem[],
): (answer: Readonly<Record<string, unknown>>) => boolean {
  const suspects = evidence
    .map(({ text }) =>
      text.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
    )
    .filter((text) => /finding|abstain/.test(text))
    .map(dense);
  return ({ findings, abstain }) => {
    if (suspects.length === 0) return false;
    const said = dense(JSON.stringify((abstains(abstain) ? abstain : findings) ?? null));
    return suspects.some((text) => text.includes(said));
  };
}

/** Without blanks and without the slashes that quoting one JSON in another adds. */
function dense(text: string): string {
  return text.replace(/[\s\\]+/g, '');
}

/** Under which models put an overall verdict that nobody asked for. */
const CLAIMS = ['verdict', 'overall', 'overall_verdict', 'decision', 'outcome', 'recommendation', 'approved'];
const APPROVING: ReadonlySet<unknown> = new Set([
  true,
  'approve',
  'approved',
  'accept',
  'accepted',
  'pass',
  'yes',
  'true',
]);
const REJECTING: ReadonlySet<unknown> = new Set([
  false,
  'reject',
  'rejected',
  'deny',
  'denied',
  'refuse',
  'refused',
  'fail',
  'no',
  'false',
]);

/** The findings win, whatever is claimed (protocol 4.3). */
function contradicts(claimed: unknown, verdict: 'approve' | 'reject'): boolean {
  if (claimed === undefined || claimed === null) return false;
  const word = typeof claimed === 'string' ? plain(claimed) : claimed;
  return !(verdict === 'approve' ? APPROVING : REJECTING).has(word);
}

/** Whole percent; a fraction between 0 and 1 is taken for one. */
function confidenceOf(value: unknown): number | undefined {
  const number = typeof value === 'string' ? numberIn(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
  const percent = number > 0 && number < 1 ? 100 * number : number;
  return percent < 0 || percent > 100 ? undefined : Math.round(percent);
}

function numberIn(text: string): number {
  const digits = text.length > MAX_NUMBER_CHARS ? '' : text.trim().replace(/\s*%$/, '');
  return digits === '' ? Number.NaN : Number(digits);
}

function rationaleOf(value: unknown, statements: readonly Statement[]): string {
  const told = typeof value === 'string' && value.trim() !== '' ? value : undefined;
  const reasons = statements
    .filter(({ reason }) => reason !== '')
    .map(({ criterion, reason }) => `${criterion}: ${reason}`);
  return told ?? reasons.join('\n');
}

/** Safe to show: what a model says ends up on terminals and in reports. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : '';
  return text
    .slice(0, MAX_RATIONALE_CHARS)
    .replace(/\r\n?/g, '\n')
    .replace(/(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/gu, '\ufffd');
}
