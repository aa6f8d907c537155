// What a seat is asked, made from its lens, stance, strictness and form (prompts/) and from the case. Everything a
// submitter wrote is fenced as data; criteria come from the charter, words from the prompt files, and the digest
// of all that is not the case goes into every ballot (protocol 4.2, 4.3).
import type { CaseType } from '../council/case-kind.ts';
import type { Criterion } from '../council/charter.ts';
import { FINDINGS } from '../council/quantise.ts';
import { badInput } from '../errors.ts';
import type { EvidenceItem, JsonSchema, Lens, Prompt, Stance, Strictness } from '../providers/contract.ts';
import { type Digest, digestOf } from '../signing/digest.ts';
import type { SeatId } from '../signing/seat-id.ts';
import { FENCE_VERSION, fenced } from './prompt-fence.ts';
import { type FormPrompt, filled, type Prompts } from './prompt-files.ts';

/** Who is asked. */
export interface PromptedSeat {
  readonly seat: SeatId;
  readonly lens: Lens;
  readonly stance: Stance;
  readonly strictness: Strictness;
  /** a name of prompts/forms */
  readonly form: string;
}

/** About what: a whole case, or a portion of one. */
export interface PromptedCase {
  readonly caseType: CaseType;
  readonly facts: Readonly<Record<string, string>>;
  readonly criteria: readonly Criterion[];
  readonly evidence: readonly EvidenceItem[];
  /** where the evidence is one part of several */
  readonly part?: { readonly number: number; readonly of: number };
}

export interface PromptSource {
  readonly prompts: Prompts;
  /** 128 random bits as 32 lower-case hex digits, fresh for each question: evidence must not know it */
  readonly nonce: string;
}

export function promptFor(
  seat: PromptedSeat,
  { caseType, facts, criteria, evidence, part }: PromptedCase,
  { prompts, nonce }: PromptSource,
): Prompt {
  const form = formNamed(seat.form, prompts);
  const { asking } = prompts;
  const told = Object.entries(facts).map(([name, value]) => `${name}: ${value}`);
  const about = [
    asking.cases[caseType],
    ...(part === undefined ? [] : [filled(asking.part, numbers(part))]),
    fenced('case', told.join('\n'), nonce),
  ];
  const items = evidence.map(({ id, title, text }) =>
    fenced(`evidence ${id}`, `title: ${title}\n\n${text}`, nonce),
  );
  return {
    system: systemText(seat, form, prompts, nonce),
    user: filled(form.user, {
      case: about.join('\n\n'),
      evidence: items.join('\n\n'),
      criteria: criteriaText(ordered(criteria, form, seat.seat), form),
    }).trimEnd(),
    schema: answerSchema(
      criteria.map(({ id }) => id),
      evidence.map(({ id }) => id),
    ),
  };
}

/** Everything a seat is asked but the case itself; the criteria are the charter's. */
export function promptDigest(
  seat: PromptedSeat,
  { caseType, criteria }: Pick<PromptedCase, 'caseType' | 'criteria'>,
  prompts: Prompts,
): Digest {
  const ofPrompts = digests.get(prompts) ?? new WeakMap<PromptedCase['criteria'], Map<string, Digest>>();
  digests.set(prompts, ofPrompts);
  const known = ofPrompts.get(criteria) ?? new Map<string, Digest>();
  ofPrompts.set(criteria, known);
  const { lens, stance, strictness } = seat;
  const key = `${caseType} ${lens} ${stance} ${strictness} ${seat.form} ${seat.seat}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const form = formNamed(seat.form, prompts);
  const digest = digestOf({
    fence: FENCE_VERSION,
    form,
    lens: prompts.lenses[lens],
    stance: { version: prompts.stances.version, name: stance, text: prompts.stances.stances[stance] },
    strictness: { name: strictness, text: prompts.stances.strictness[strictness] },
    asking: { ...prompts.asking, cases: { [caseType]: prompts.asking.cases[caseType] } },
    criteria: ordered(criteria, form, seat.seat),
    schema: answerSchema(
      criteria.map(({ id }) => id),
      [],
    ),
  });
  known.set(key, digest);
  return digest;
}

const digests = new WeakMap<Prompts, WeakMap<PromptedCase['criteria'], Map<string, Digest>>>();

/**
 * The form of an answer. Held to what every maker's structured output takes (OpenAI's strict subset is the narrowest): all
 * keys required, none besides, no bounds. So an abstention is an empty text or a reason, not a key that may lack.
 */
export function answerSchema(criteria: readonly string[], evidence: readonly string[]): JsonSchema {
  const closed = (properties: Readonly<Record<string, JsonSchema>>): JsonSchema => ({
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  });
  const id = evidence.length === 0 ? { type: 'string' } : { type: 'string', enum: [...evidence] };
  // Makers let a model write keys in this order: it cites and reasons before it finds.
  const finding = closed({
    criterion: { type: 'string', enum: [...criteria] },
    evidence: { type: 'array', items: id },
    reason: { type: 'string' },
    finding: { type: 'string', enum: [...FINDINGS] },
  });
  return closed({
    abstain: { type: 'string', description: 'empty, or why you cannot judge at all' },
    findings: { type: 'array', items: finding, description: 'one for each criterion' },
    rationale: { type: 'string' },
    confidence: { type: 'integer', description: 'whole percent, 0 to 100' },
  });
}

function formNamed(name: string, prompts: Prompts): FormPrompt {
  const form = prompts.forms.get(name);
  if (form !== undefined) return form;
  throw badInput(`expected a prompt form (${[...prompts.forms.keys()].join(', ')}), found "${name}"`);
}

function systemText(seat: PromptedSeat, form: FormPrompt, prompts: Prompts, nonce: string): string {
  const { title, looksFor, questions, shortfalls } = prompts.lenses[seat.lens];
  return filled(form.system, {
    title,
    looksFor,
    questions: listed(questions),
    shortfalls: listed(shortfalls),
    stance: prompts.stances.stances[seat.stance],
    strictness: prompts.stances.strictness[seat.strictness],
    mark: nonce,
    answer: prompts.asking.answer.trimEnd(),
  }).trimEnd();
}

function listed(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

function criteriaText(criteria: readonly Criterion[], form: FormPrompt): string {
  return criteria
    .map(({ id, title, text, mandatory }) => {
      const weight = mandatory ? 'must be met' : 'desirable';
      return filled(form.criterion, { id, title, text, weight });
    })
    .join('\n\n');
}

function ordered(criteria: readonly Criterion[], form: FormPrompt, seat: SeatId): readonly Criterion[] {
  switch (form.order) {
    case 'as-written':
      return criteria;
    case 'reversed':
      return [...criteria].reverse();
    case 'mandatory-first':
      return [...criteria].sort((a, b) => Number(b.mandatory) - Number(a.mandatory));
    case 'by-seat': {
      // Sorted by a hash of seat and criterion: a permutation that needs no state and that anyone can run again.
      const places = new Map(criteria.map((one) => [one, digestOf({ seat, criterion: one.id })]));
      return [...criteria].sort((a, b) => ((places.get(a) ?? '') < (places.get(b) ?? '') ? -1 : 1));
    }
    default:
      return form.order satisfies never;
  }
}

function numbers({ number, of }: { readonly number: number; readonly of: number }) {
  return { number: String(number), of: String(of) };
}
