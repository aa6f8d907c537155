// What an answer says for each criterion, and the one finding a criterion that code makes of it (protocol 4.3). What
// is said twice unlike, not at all or in words that can be read in two ways is insufficient; nothing becomes `met` that
// does not plainly say so.
import type { Criterion } from '../council/charter.ts';
import { isRecord } from '../council/field-rules.ts';
import type { Finding, Findings } from '../council/quantise.ts';
import type { AnswerFlag } from './answer-flag.ts';

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

export interface Statement {
  readonly criterion: string;
  readonly finding: Finding | undefined;
  readonly reason: string;
  readonly evidence: readonly unknown[];
}

export interface Told {
  readonly statements: readonly Statement[];
  /** whether something among them is no statement */
  readonly odd: boolean;
  readonly nested: boolean;
}

export function statementsOf(value: unknown): Told {
  const inner = typeof value === 'string' ? parsedList(value) : undefined;
  if (inner !== undefined) return { ...statementsOf(inner), nested: true };
  if (Array.isArray(value)) {
    const items = value.filter(isRecord);
    return {
      statements: items.map((item) => statementOf(item.criterion ?? item.id, item)),
      odd: items.length < value.length,
      nested: false,
    };
  }
  if (!isRecord(value)) return { statements: [], odd: false, nested: false };
  const statements = Object.entries(value).map(([criterion, item]) =>
    statementOf(criterion, isRecord(item) ? item : { finding: item }),
  );
  return { statements, odd: false, nested: false };
}

/** Findings that came as a string of JSON. */
function parsedList(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function statementOf(criterion: unknown, item: Readonly<Record<string, unknown>>): Statement {
  const evidence = item.evidence;
  return {
    criterion: typeof criterion === 'string' ? criterion.trim() : '',
    finding: SPELLINGS.get(plain(item.finding).replace(/[-_\s]+/g, ' ')),
    reason: typeof item.reason === 'string' ? item.reason : '',
    evidence: Array.isArray(evidence)
      ? evidence
      : evidence === undefined || evidence === null
        ? []
        : [evidence],
  };
}

export function flagCitations(
  statements: readonly Statement[],
  known: ReadonlySet<unknown>,
  flags: Set<AnswerFlag>,
): void {
  for (const { finding, evidence } of statements) {
    if (evidence.some((id) => !known.has(id))) flags.add('citation-unknown');
    if (finding === 'met' && evidence.length === 0) flags.add('citation-missing');
  }
}

/** One finding for each criterion of the policy, or undefined when the answer speaks of none of them. */
export function findingsOf(
  told: Told,
  criteria: readonly Criterion[],
  flags: Set<AnswerFlag>,
): Findings | undefined {
  const asked = new Set(criteria.map(({ id }) => id));
  const statements = addressed(told, criteria);
  if (told.odd) flags.add('finding-unreadable');
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

/** By criterion asked, the reason given; where it stands twice, both. */
export function reasonsOf(told: Told, criteria: readonly Criterion[]): ReadonlyMap<string, string> {
  const statements = addressed(told, criteria);
  return new Map(
    criteria.flatMap(({ id }) => {
      const reasons = statements.filter(({ criterion, reason }) => criterion === id && reason.trim() !== '');
      return reasons.length === 0 ? [] : [[id, reasons.map(({ reason }) => reason).join('\n')]];
    }),
  );
}

function addressed(told: Told, criteria: readonly Criterion[]): readonly Statement[] {
  const ids = idsByName(criteria);
  return told.statements.map((one) => ({
    ...one,
    criterion: ids.get(plain(one.criterion)) ?? one.criterion,
  }));
}

/** A criterion is also meant by its title and in other letters, where only one can be meant. */
function idsByName(criteria: readonly Criterion[]): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  const titles = criteria.map(({ title }) => plain(title));
  for (const { id, title } of criteria) {
    const name = plain(title);
    if (titles.indexOf(name) === titles.lastIndexOf(name)) ids.set(name, id);
  }
  for (const { id } of criteria) ids.set(id.replaceAll('-', '_'), id).set(id.replaceAll('-', ' '), id);
  for (const { id } of criteria) ids.set(id, id);
  return ids;
}

/** A word as it is compared. */
export function plain(value: unknown): string {
  return typeof value === 'string' ? value.trim().toLowerCase() : '';
}
