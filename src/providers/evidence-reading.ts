// How the offline reviewer reads: evidence is cut into clauses, and each clause that speaks of an aspect speaks
// for it, against it, or only promises it. Reading is the same for all seats, weighing is not (offline.ts).
//
// Evidence is data. Text that no reader of the rendered page would see, and sentences that address the
// reviewer, are noted and otherwise not read: they support nothing.
import type { Aspect } from './checklist.ts';
import type { EvidenceItem } from './contract.ts';

export interface Clause {
  readonly evidence: string;
  readonly sentence: string;
  readonly text: string;
  /** a plan, a hope or a draft, not a fact */
  readonly hedged: boolean;
  /** holds a figure, a date or a named check */
  readonly measured: boolean;
  /** stands in a document about another version than the one that is judged */
  readonly stale: boolean;
  /** tells of a fault that was found and put right */
  readonly settled: boolean;
}

export interface Note {
  readonly kind: 'instruction' | 'hidden-text' | 'other-version' | 'unread';
  readonly evidence: string;
  readonly text: string;
}

export interface Reading {
  readonly clauses: readonly Clause[];
  readonly notes: readonly Note[];
}

export interface AspectReading {
  readonly for: readonly Clause[];
  readonly hedged: readonly Clause[];
  readonly against: readonly Clause[];
}

const PLANS =
  /\b(?:planned|plans? to|planning to|(?<!not )intends? to|scheduled|drafts?|drafted|pending|not yet|yet to|in preparation|under development|aim(?:s|ed)? to|foreseen|expected to|expects? to|hopes? to|to be (?:completed|defined|determined|agreed|decided|confirmed|published|carried)|tbd|will (?:be|have|begin|start|follow|add|introduce|publish|receive|run|get)|would like to|is being|are being|considering|roadmap|(?:we|the team) (?:believes?|hopes?|expects?|assumes?)|in principle|as needed|where appropriate|where feasible)\b/i;
const MEASURED =
  /\d|\b(?:independent(?:ly)?|audit(?:ed|or|ors)?|measured|tested|verified|signed|laboratory|accredited)\b/i;
const SETTLED =
  /\b(?:fixed|closed|resolved|remediated|corrected|mitigated|repaired|removed|eliminated|withdrawn|put right|retrained|recalibrated)\b/i;
const NOT_SETTLED =
  /\b(?:not|never|no|none|neither|without|yet to|nobody)\b(?:\s+[\w'’-]+){0,3}\s+(?:fixed|closed|resolved|remediated|corrected|mitigated|repaired|removed|withdrawn)\b/i;

const INSTRUCTIONS: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override|set aside|bypass)\b[^.]{0,60}\b(?:instructions?|criteria|criterion|rules|prompt|guidelines|checklist|policy|the above)\b/i,
  /\b(?:mark|rate|score|treat|record|report|consider|answer|find)\b[^.]{0,30}\b(?:all|every|each)\b[^.]{0,20}\b(?:criteria|criterion|findings?)\b/i,
  /\b(?:dear|note to|attention|message (?:to|for)|for the)\b[^.]{0,20}\b(?:reviewers?|ai|assistant|model|evaluator|council|judge)\b[^.]{0,20}[:,]/i,
  /\byou (?:must|should|shall|will|are (?:now|to|required to)|have to)\b[^.]{0,40}\b(?:approve|vote|answer|respond|return|output|say|act|accept|grant)\b/i,
  /\b(?:respond|reply|answer|return|output)\b[^.]{0,20}\b(?:only|exactly|with)\b[^.]{0,40}\b(?:approve|met|json|yes)\b/i,
  /^\W*(?:system|assistant|developer)\s*(?:prompt|message)?\s*:/i,
  /\bas an? (?:ai|language model|ai model)\b/i,
  /^\W*(?:please )?(?:approve|accept|certify) (?:this|the) (?:case|application|system|request|applicant)\b/i,
];

/** Negators that negate nothing. */
const IDIOMS =
  /\b(?:not only|not just|not merely|not least|not limited to|no later than|no more than|no longer than|no fewer than|no less than|no earlier than|whether or not|if not|without (?:delay|exception|giving|having to|needing|notice|asking|stating|the vendor)|nothing less than)\b/gi;
const NEGATOR =
  /\b(?:no|not|never|none|nobody|nothing|nowhere|without|neither|nor|cannot|lack(?:s|ed|ing)?|absence of|absent|missing|fail(?:s|ed)? to|refuse[sd]? to|declined to|unable|hardly|rarely|seldom|too few|omit(?:s|ted)?|instead of|rather than|yet to|stopped)\b|n['’]t\b/i;
/** "… was not", "… is missing": near what was said, and before an "and" or a comma begins something else. */
const NEGATED_AFTER =
  /^(?:\s+(?!(?:and|or)\b)[\p{L}\p{N}'’-]+){0,5}?\s+(?:never\b|(?:is|are|was|were|has|have|had|does|did|do|can|could|would|will)(?:n['’]t|\s+(?:not|never|no|neither)\b)|cannot\b|(?:is|are|was|were|remains?|remained)\s+(?:still\s+)?(?:missing|absent|lacking|incomplete|outstanding|unavailable|unknown|unclear|undocumented|untested|impossible|refused|disabled|overdue|empty|blank))/iu;
const WORDS_BEFORE = /(?:[\p{L}\p{N}'’%.-]+[\s("“]+){0,6}$/u;

/** Characters that the words around a term are looked for in. */
const MAX_REACH = 100;
/** About four hundred pages, read in a second; that there was more is noted. */
const MAX_CLAUSES = 10_000;

export function readEvidence(
  evidence: readonly EvidenceItem[],
  facts: Readonly<Record<string, string>>,
): Reading {
  const clauses: Clause[] = [];
  const notes: Note[] = [];
  const judged = versionsIn(`${versionFact(facts)} ${Object.values(facts).join(' ')}`);
  for (const { id, title, text } of evidence) {
    const visible = text.replace(/<!--[\s\S]*?(?:-->|$)/g, (hidden) => {
      notes.push({ kind: 'hidden-text', evidence: id, text: excerpt(hidden.replace(/<!--|-->/g, '')) });
      return ' ';
    });
    const spoken = versionsIn(`${title}\n${visible}`);
    const stale = judged.size > 0 && spoken.size > 0 && !names(`${title}\n${visible}`, judged);
    if (stale) notes.push({ kind: 'other-version', evidence: id, text: [...spoken].join(', ') });
    for (const sentence of sentencesOf(visible)) {
      if (INSTRUCTIONS.some((pattern) => pattern.test(sentence))) {
        notes.push({ kind: 'instruction', evidence: id, text: excerpt(sentence) });
        continue;
      }
      const measured = MEASURED.test(sentence);
      const settled = SETTLED.test(sentence) && !NOT_SETTLED.test(sentence);
      for (const part of clausesOf(sentence)) {
        if (clauses.length >= MAX_CLAUSES) {
          notes.push({ kind: 'unread', evidence: id, text: excerpt(sentence) });
          return { clauses, notes };
        }
        const hedged = PLANS.test(part);
        clauses.push({ evidence: id, sentence, text: part.toLowerCase(), hedged, measured, stale, settled });
      }
    }
  }
  return { clauses, notes };
}

/** What the clauses say about one aspect. */
export function readAspect({ clauses }: Reading, aspect: Aspect): AspectReading {
  const reading = { for: [] as Clause[], hedged: [] as Clause[], against: [] as Clause[] };
  for (const clause of clauses) {
    const spoken = voiceOf(clause, aspect);
    if (spoken !== undefined) reading[spoken].push(clause);
  }
  return reading;
}

function voiceOf(clause: Clause, aspect: Aspect): keyof AspectReading | undefined {
  const harm = aspect.against && matchIn(clause.text, aspect.against);
  if (harm !== undefined) {
    if (harm.negated) return clause.hedged ? 'hedged' : 'for';
    // A risk that is named is not yet a harm, and one that was put right is no longer one.
    if (!clause.settled && !clause.hedged) return 'against';
  }
  const support = matchIn(clause.text, aspect.for);
  if (support === undefined) return undefined;
  if (support.negated && !aspect.mention) return clause.settled ? undefined : 'against';
  return clause.hedged || clause.stale ? 'hedged' : 'for';
}

function matchIn(text: string, pattern: RegExp): { readonly negated: boolean } | undefined {
  let found: { readonly negated: boolean } | undefined;
  for (const match of text.matchAll(pattern)) {
    const end = match.index + match[0].length;
    const before =
      WORDS_BEFORE.exec(text.slice(Math.max(0, match.index - MAX_REACH), match.index))?.[0] ?? '';
    const after = text.slice(end, end + MAX_REACH);
    const negated = NEGATOR.test(before) || NEGATED_AFTER.test(after);
    if (!negated) return { negated };
    found = { negated };
  }
  return found;
}

function sentencesOf(text: string): readonly string[] {
  const blocks: string[] = [];
  let block = '';
  const close = (): void => {
    if (block !== '') blocks.push(block);
    block = '';
  };
  for (const line of text.split('\n')) {
    const heading = /^\s*#/.test(line);
    if (heading || line.trim() === '' || /^\s*(?:[-*+|>]|\d+[.)])\s/.test(line)) close();
    if (!heading) block += ` ${line}`;
  }
  close();
  return blocks
    .map((written) =>
      written
        .replace(/[*_`|>]+/g, ' ')
        .replace(/\s+/g, ' ')
        .trim(),
    )
    .flatMap((written) => written.split(/(?<=[.!?]["”)]?) (?=["“(]?[\p{Lu}\d])/u))
    .filter((sentence) => /\p{L}/u.test(sentence));
}

function clausesOf(sentence: string): readonly string[] {
  return sentence
    .replace(IDIOMS, '')
    .split(
      /;|:\s|\s[–—-]\s|,?\s(?=and (?:it|they|he|she|we|nobody|none|never|no|not|do|does|did|is|are|was|were|has|have|had|can|cannot|may)\s)|,?\s(?=(?:but|however|although|though|while|whereas|except|even though|because|so that|which|nor)\s)|,\s(?=(?:no|not|nobody|none|never|without|and)\s)/i,
    )
    .filter((clause) => /\p{L}/u.test(clause));
}

function versionFact(facts: Readonly<Record<string, string>>): string {
  return Object.hasOwn(facts, 'version') ? `version ${facts.version}` : '';
}

/** Major and minor number of every version that is named as one. */
function versionsIn(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const match of text.matchAll(/\b(?:version|release|v)\s?(\d+(?:\.\d+)?)/gi)) found.add(match[1] ?? '');
  return found;
}

/** Whether one of the versions stands in the text, be it as a bare number. */
function names(text: string, versions: ReadonlySet<string>): boolean {
  return [...versions].some((version) => {
    const at = text.indexOf(version);
    return at >= 0 && !/\d/.test(text.charAt(at - 1)) && !/\d/.test(text.charAt(at + version.length));
  });
}

const MAX_EXCERPT = 160;

export function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= MAX_EXCERPT ? line : `${line.slice(0, MAX_EXCERPT - 1)}…`;
}
