// Reads what a model sent as the hostile input it is (protocol 4.3): findings by criterion, or the reason why there
// are none. Nothing a model says about the overall outcome counts; where it contradicts its own findings, the
// findings win and the contradiction is flagged. What cannot be read as `met` never becomes `met`.
import type { Criterion, Policy } from '../council/charter.ts';
import { isRecord } from '../council/field-rules.ts';
import { type Finding, type Findings, quantise } from '../council/quantise.ts';
import { findObject } from './answer-text.ts';

/** What was odd about an answer; recorded beside the rationale, never weighed. */
export type AnswerFlag =
  | 'text-around-answer'
  | 'criterion-left-out'
  | 'criterion-invented'
  | 'criterion-doubled'
  | 'finding-unreadable'
  | 'confidence-unreadable'
  | 'citation-unknown'
  | 'verdict-contradicts-findings';

export type ReadAnswer =
  | {
      readonly kind: 'findings';
      readonly findings: Findings;
      readonly confidence: number;
      readonly rationale: string;
      readonly flags: readonly AnswerFlag[];
    }
  | { readonly kind: 'none'; readonly reason: 'malformed' | 'refusal' | 'undecided'; readonly why: string };

export const MAX_RATIONALE_CHARS = 40_000;

const REFUSAL =
  /^\W*(?:i(?:['’]m| am) (?:sorry|unable|not able)|sorry\b|i (?:can(?:not|['’]t)|won['’]t|must decline)|as an ai\b)/i;

/** Spellings of a finding that leave no doubt. */
const SPELLINGS: ReadonlyMap<string, Finding> = new Map([
  ['met', 'met'],
  ['not met', 'not-met'],
  ['unmet', 'not-met'],
  ['insufficient', 'insufficient'],
  ['insufficient evidence', 'insufficient'],
  ['unknown', 'insufficient'],
  ['unclear', 'insufficient'],
]);

interface Statement {
  readonly criterion: string;
  readonly finding: Finding | undefined;
  readonly reason: string;
  readonly evidence: readonly unknown[];
}

export function readAnswer(raw: string, policy: Policy, evidenceIds: ReadonlySet<string>): ReadAnswer {
  const found = findObject(
    raw,
    (value) => Object.hasOwn(value, 'findings') || Object.hasOwn(value, 'abstain'),
  );
  if (found.kind === 'none') {
    return { kind: 'none', reason: REFUSAL.test(raw) ? 'refusal' : 'malformed', why: found.why };
  }
  const answer = found.value;
  if (Object.hasOwn(answer, 'abstain')) {
    if (Object.hasOwn(answer, 'findings')) {
      return { kind: 'none', reason: 'malformed', why: 'both findings and an abstention' };
    }
    return { kind: 'none', reason: 'undecided', why: shown(answer.abstain) };
  }
  const statements = statementsOf(answer.findings);
  const flags = new Set<AnswerFlag>(found.wrapped ? ['text-around-answer'] : []);
  const findings = findingsOf(statements, policy.criteria, flags);
  if (findings === undefined)
    return { kind: 'none', reason: 'malformed', why: 'no finding for any criterion' };
  if (
    statements.some(({ evidence }) => evidence.some((id) => typeof id !== 'string' || !evidenceIds.has(id)))
  ) {
    flags.add('citation-unknown');
  }
  const confidence = confidenceOf(answer.confidence);
  if (confidence === undefined) flags.add('confidence-unreadable');
  const claimed = answer.verdict;
  if (claimed !== undefined && plain(claimed) !== quantise(findings, policy)) {
    flags.add('verdict-contradicts-findings');
  }
  return {
    kind: 'findings',
    findings,
    confidence: confidence ?? 0,
    rationale: rationaleOf(answer.rationale, statements),
    flags: [...flags].sort(),
  };
}

function statementsOf(value: unknown): readonly Statement[] {
  if (Array.isArray(value)) {
    return value.filter(isRecord).map((item) => statementOf(item.criterion ?? item.id, item));
  }
  if (!isRecord(value)) return [];
  return Object.entries(value).map(([criterion, item]) =>
    statementOf(criterion, isRecord(item) ? item : { finding: item }),
  );
}

function statementOf(criterion: unknown, item: Readonly<Record<string, unknown>>): Statement {
  const evidence = item.evidence;
  return {
    criterion: typeof criterion === 'string' ? criterion.trim() : '',
    finding: SPELLINGS.get(plain(item.finding).replace(/[-_\s]+/g, ' ')),
    reason: typeof item.reason === 'string' ? item.reason : '',
    evidence: Array.isArray(evidence) ? evidence : evidence === undefined ? [] : [evidence],
  };
}

/** One finding for each criterion of the policy, or undefined when the answer speaks of none of them. */
function findingsOf(
  statements: readonly Statement[],
  criteria: readonly Criterion[],
  flags: Set<AnswerFlag>,
): Findings | undefined {
  const asked = new Set(criteria.map(({ id }) => id));
  if (statements.some(({ criterion }) => !asked.has(criterion))) flags.add('criterion-invented');
  if (!statements.some(({ criterion, finding }) => asked.has(criterion) && finding !== undefined))
    return undefined;
  const findings = criteria.map(({ id }): readonly [string, Finding] => {
    const said = statements.filter(({ criterion }) => criterion === id);
    if (said.length === 0) flags.add('criterion-left-out');
    if (said.length > 1) flags.add('criterion-doubled');
    if (said.some(({ finding }) => finding === undefined)) flags.add('finding-unreadable');
    const [first] = said;
    const agreed = said.every(({ finding }) => finding === first?.finding);
    return [id, agreed ? (first?.finding ?? 'insufficient') : 'insufficient'];
  });
  return Object.fromEntries(findings);
}

/** Whole percent; a fraction between 0 and 1 is taken for one. */
function confidenceOf(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value.trim().replace(/\s*%$/, '') || Number.NaN) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
  const percent = number > 0 && number < 1 ? 100 * number : number;
  return percent < 0 || percent > 100 ? undefined : Math.round(percent);
}

function rationaleOf(value: unknown, statements: readonly Statement[]): string {
  const told = typeof value === 'string' && value.trim() !== '' ? value : undefined;
  const reasons = statements
    .filter(({ reason }) => reason !== '')
    .map(({ criterion, reason }) => `${criterion}: ${reason}`);
  return shown(told ?? reasons.join('\n'));
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value.trim().toLowerCase() : '';
}

/** Safe to show: what a model says ends up on terminals and in reports. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : '';
  return text
    .slice(0, MAX_RATIONALE_CHARS)
    .replace(/\r\n?/g, '\n')
    .replace(/(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/gu, '\ufffd');
}
