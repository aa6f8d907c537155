// The offline reviewer: a deterministic checklist, and honest about being one. It asks no model. It reads the
// evidence for what each criterion asks, counts what is shown, promised, denied or left out, and answers with
// the raw text a model would have sent, so that everything behind a provider is exercised without one.
// Seats differ as their files say: by lens (which aspects are read closely), by stance and by strictness.
import type { Criterion } from '../council/charter.ts';
import type { Finding } from '../council/quantise.ts';
import { type Aspect, aspectsOfText, type Checklists } from './checklist.ts';
import type { Answer, Provider, Question } from './contract.ts';
import {
  type AspectReading,
  type Clause,
  excerpt,
  type Note,
  type Reading,
  readAspect,
  readEvidence,
} from './evidence-reading.ts';

export const OFFLINE_MODEL = 'conclave-checklist-1';

/** What counts how much, by strictness. */
const MEASURES = {
  lenient: { promise: 0.6, closePromise: 0.35, dispute: 0.6, coverage: 0.5, denied: 0.5 },
  balanced: { promise: 0.35, closePromise: 0.2, dispute: 0.5, coverage: 0.65, denied: 0.34 },
  strict: { promise: 0, closePromise: 0, dispute: 0.34, coverage: 0.8, denied: 0 },
} as const;
/** How much sooner a dispute counts as a denial, for one who reads closely and for one who looks for dissent. */
const CLOSE_DISPUTE = 0.15;
/** What support is worth to an evidence auditor when no figure, date or check stands behind it. */
const UNMEASURED = 0.4;
const DISPUTED = 0.7;
/** Much talk does not outweigh a denial: no more clauses than these count for an aspect that is disputed. */
const MOST_HEARD = 3;
const CLOSE_WEIGHT = 2;
/** Dossiers whose reading is kept: as many as are judged at the same time. */
const MAX_READINGS = 16;

interface Weighed {
  readonly aspect: Aspect;
  readonly reading: AspectReading;
  readonly close: boolean;
  readonly worth: number;
  readonly denied: boolean;
}

interface CriterionAnswer {
  readonly criterion: string;
  readonly finding: Finding;
  readonly evidence: readonly string[];
  readonly reason: string;
  /** how far the evidence is from the point where the finding would change, 0 to 1 */
  readonly margin: number;
}

interface CaseReading {
  readonly reading: Reading;
  /** of criteria that came without a checklist */
  readonly improvised: Map<Criterion, readonly Aspect[]>;
  readonly aspects: Map<Aspect, AspectReading>;
}

export function offlineProvider({ checklists }: { readonly checklists: Checklists }): Provider {
  // All seats read the same words, so the reading of a dossier is kept while its seats judge.
  const readings = new Map<string, CaseReading>();
  const read = ({ evidence, facts }: Question): CaseReading => {
    const words = JSON.stringify([facts, evidence]);
    const known = readings.get(words);
    if (known !== undefined) return known;
    const fresh = { reading: readEvidence(evidence, facts), improvised: new Map(), aspects: new Map() };
    for (const oldest of readings.keys()) {
      if (readings.size < MAX_READINGS) break;
      readings.delete(oldest);
    }
    readings.set(words, fresh);
    return fresh;
  };
  return {
    name: 'offline',
    provenance: 'offline',
    ask: async (question): Promise<Answer> => ({
      text: answerText(question, checklists, read(question)),
      model: OFFLINE_MODEL,
      provenance: 'offline',
    }),
  };
}

function answerText(question: Question, checklists: Checklists, read: CaseReading): string {
  const lists = checklists[question.caseType];
  const answers = question.criteria.map((criterion) =>
    judgeCriterion(question, criterion, lists?.get(criterion.id) ?? improvise(criterion, read), read),
  );
  const unmet = question.criteria.filter(({ mandatory }, i) => mandatory && answers[i]?.finding !== 'met');
  const margin = Math.min(...answers.map((answer) => answer.margin));
  const head = `Checklist reading, lens ${question.lens}, stance ${question.stance}, ${question.strictness}; no model was asked.`;
  const notes = read.reading.notes.map(noteText);
  return JSON.stringify({
    findings: answers.map(({ criterion, finding, evidence, reason }) => ({
      criterion,
      finding,
      evidence,
      reason,
    })),
    verdict: unmet.length === 0 ? 'approve' : 'reject',
    confidence: Math.round(55 + 40 * margin),
    rationale: [head, ...answers.map((answer) => `${answer.criterion}: ${answer.reason}`), ...notes].join(
      '\n',
    ),
  });
}

function noteText({ kind, evidence, text }: Note): string {
  switch (kind) {
    case 'instruction':
      return `Evidence ${evidence} addresses the reviewer and was not followed: "${text}"`;
    case 'hidden-text':
      return `Evidence ${evidence} hides text from its reader, which was not read: "${text}"`;
    case 'other-version':
      return `Evidence ${evidence} speaks of another version (${text}); it counts as a promise only.`;
    case 'unread':
      return `The evidence is longer than this checklist reads; nothing was read from ${evidence}, "${text}", on.`;
    default:
      return kind satisfies never;
  }
}

function judgeCriterion(
  question: Question,
  { id }: Criterion,
  aspects: readonly Aspect[],
  read: CaseReading,
): CriterionAnswer {
  const weighed = aspects.map((aspect) => weigh(question, aspect, readingOf(aspect, read)));
  const measures = MEASURES[question.strictness];
  const total = sum(weighed.map(({ close }) => weightOf(close)));
  const covered = sum(weighed.map(({ close, worth }) => weightOf(close) * worth)) / Math.max(1, total);
  const denied = weighed.filter((aspect) => aspect.denied);
  const deniedShare = sum(denied.map(({ close }) => weightOf(close))) / Math.max(1, total);
  const refuted = denied.length > 0 && deniedShare > measures.denied;
  const finding: Finding = refuted ? 'not-met' : covered >= measures.coverage ? 'met' : 'insufficient';
  return {
    criterion: id,
    finding,
    ...groundsOf(finding, weighed, denied, covered),
    margin: Math.min(1, refuted ? deniedShare : Math.abs(covered - measures.coverage) / 0.4),
  };
}

function weigh(question: Question, aspect: Aspect, reading: AspectReading): Weighed {
  const { lens, stance, strictness } = question;
  const measures = MEASURES[strictness];
  const close = aspect.closely.has(lens) || aspect.closely.has(stance);
  const shown = reading.for.length;
  const against = reading.against.length;
  const sooner = (close ? CLOSE_DISPUTE : 0) + (stance === 'dissent-advocate' ? CLOSE_DISPUTE : 0);
  const denied =
    against > 0 && against / (against + Math.min(shown, MOST_HEARD)) >= measures.dispute - sooner;
  return { aspect, reading, close, denied, worth: denied ? 0 : worthOf() };

  function worthOf(): number {
    if (shown === 0) {
      if (reading.hedged.length === 0) return 0;
      return close || stance === 'dissent-advocate' ? measures.closePromise : measures.promise;
    }
    const proven = stance !== 'evidence-auditor' || reading.for.some(({ measured }) => measured);
    return Math.min(against > 0 ? DISPUTED : 1, proven ? 1 : UNMEASURED);
  }
}

function groundsOf(
  finding: Finding,
  weighed: readonly Weighed[],
  denied: readonly Weighed[],
  covered: number,
): { readonly evidence: readonly string[]; readonly reason: string } {
  if (finding === 'met') {
    const shown = weighed.flatMap(({ reading }) => reading.for.slice(0, 1));
    const kept =
      denied.length === 0 ? '' : `, although ${quote(denied.flatMap(({ reading }) => reading.against)[0])}`;
    return { evidence: cited(shown), reason: `met, ${percent(covered)} of what is asked is shown${kept}` };
  }
  const speaking = denied.flatMap(({ reading }) => reading.against);
  if (finding === 'not-met') {
    const names = denied.map(({ aspect }) => aspect.name).join('; ');
    return { evidence: cited(speaking), reason: `not met: ${names}; ${quote(speaking[0])}` };
  }
  const lacking = weighed.filter(({ worth }) => worth < DISPUTED);
  const promised = lacking.flatMap(({ reading }) => reading.hedged);
  const names = lacking.map(({ aspect }) => aspect.name).join('; ');
  const promise = promised.length === 0 ? '' : `; only promised: ${quote(promised[0])}`;
  return {
    evidence: cited([...speaking, ...promised]),
    reason: `insufficient, ${percent(covered)} of what is asked is shown; not shown: ${names}${promise}`,
  };
}

function improvise(criterion: Criterion, { improvised }: CaseReading): readonly Aspect[] {
  const known = improvised.get(criterion);
  if (known !== undefined) return known;
  const fresh = aspectsOfText(criterion);
  improvised.set(criterion, fresh);
  return fresh;
}

function readingOf(aspect: Aspect, { reading, aspects }: CaseReading): AspectReading {
  const known = aspects.get(aspect);
  if (known !== undefined) return known;
  const fresh = readAspect(reading, aspect);
  aspects.set(aspect, fresh);
  return fresh;
}

function cited(clauses: readonly Clause[]): readonly string[] {
  return [...new Set(clauses.map(({ evidence }) => evidence))].sort();
}

function quote(clause: Clause | undefined): string {
  return clause === undefined ? '' : `${clause.evidence} says "${excerpt(clause.sentence)}"`;
}

function weightOf(close: boolean): number {
  return close ? CLOSE_WEIGHT : 1;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
