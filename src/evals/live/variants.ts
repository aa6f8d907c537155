// Changes to a case or to how it is asked that leave its truth as it is: a seat whose verdict follows one of them judged
// something else than the case. Order of evidence and of criteria, wording and typography (Zheng et al. 2023; Sclar et al. 2024); what
// is planted in evidence stands in injections.ts. Each is a pure function; undefined says that it would change nothing there.
import type { CaseSource, EvidenceText } from '../../council/case-file.ts';
import type { Criterion, Policy } from '../../council/charter.ts';
import { badInput } from '../../errors.ts';
import type { Prompts } from '../../seats/prompt-files.ts';
import type { SeatFile } from '../../seats/seat-file.ts';

/** What all seats are asked about. */
export interface Matter {
  readonly source: CaseSource;
  readonly policy: Policy;
}

export type VariantKind = 'as-written' | 'evidence-order' | 'criteria-order' | 'wording' | 'injection';

export interface Variant {
  readonly name: string;
  /** in a few words, for people */
  readonly title: string;
  readonly kind: VariantKind;
  readonly ofCase: (matter: Matter) => Matter | undefined;
  readonly ofSeat: (seat: SeatFile) => SeatFile | undefined;
}

const same = <One>(one: One): One => one;

export const AS_WRITTEN: Variant = {
  name: 'as-written',
  title: 'as written',
  kind: 'as-written',
  ofCase: same,
  ofSeat: same,
};

/** All that must not matter, in the order in which reports show them. */
export function invarianceVariants(prompts: Prompts): readonly Variant[] {
  return [
    evidenceVariant('evidence-reversed', 'evidence in reversed order', 2, (list) => [...list].reverse()),
    evidenceVariant('evidence-rotated', 'the first evidence last', 3, rotated),
    criteriaVariant('criteria-reversed', 'criteria in reversed order', prompts, (list) =>
      [...list].reverse(),
    ),
    criteriaVariant('criteria-rotated', 'the first criterion last', prompts, rotated),
    formVariant(prompts),
    textVariant('whitespace', 'other line breaks and blanks', otherBlanks),
    textVariant('typography', 'typographic quotes and dashes', otherTypography),
    titleVariant,
  ];
}

export function variantsNamed(names: readonly string[], known: readonly Variant[]): readonly Variant[] {
  return names.map((name) => {
    const found = known.find((variant) => variant.name === name);
    if (found === undefined) {
      const all = known.map((variant) => variant.name).join(', ');
      throw badInput(`expected a variant (${all}), found "${name}"`);
    }
    return found;
  });
}

/** With two items rotating is reversing, and with one nothing changes. */
function evidenceVariant(
  name: string,
  title: string,
  least: number,
  order: (list: readonly EvidenceText[]) => readonly EvidenceText[],
): Variant {
  return {
    name,
    title,
    kind: 'evidence-order',
    ofCase: ({ source, policy }) =>
      source.evidence.length < least
        ? undefined
        : { source: { ...source, evidence: order(source.evidence) }, policy },
    ofSeat: same,
  };
}

function criteriaVariant(
  name: string,
  title: string,
  { forms }: Prompts,
  order: (list: readonly Criterion[]) => readonly Criterion[],
): Variant {
  // One policy for all its cases, by which digests of prompts are remembered.
  const changed = new WeakMap<Policy, Policy>();
  return {
    name,
    title,
    kind: 'criteria-order',
    ofCase: ({ source, policy }) => {
      if (policy.criteria.length < 2) return undefined;
      const other = changed.get(policy) ?? { ...policy, criteria: order(policy.criteria) };
      changed.set(policy, other);
      return { source, policy: other };
    },
    // A form that draws the order from the seat's number asks the same whatever order the charter has.
    ofSeat: (seat) => (forms.get(seat.prompt)?.order === 'by-seat' ? undefined : seat),
  };
}

/** Each seat in the form that comes after its own. */
function formVariant({ forms }: Prompts): Variant {
  const names = [...forms.keys()];
  return {
    name: 'other-form',
    title: 'asked in another form of prompt',
    kind: 'wording',
    ofCase: same,
    ofSeat: (seat) => {
      const prompt = names[(names.indexOf(seat.prompt) + 1) % names.length];
      return prompt === undefined || prompt === seat.prompt ? undefined : { ...seat, prompt };
    },
  };
}

function textVariant(name: string, title: string, change: (text: string) => string): Variant {
  return {
    name,
    title,
    kind: 'wording',
    ofCase: ({ source, policy }) => {
      const evidence = source.evidence.map((one) => ({ ...one, text: change(one.text) }));
      const isChanged = evidence.some(({ text }, i) => text !== source.evidence[i]?.text);
      return isChanged ? { source: { ...source, evidence }, policy } : undefined;
    },
    ofSeat: same,
  };
}

/** A title may advertise; the subject only names. */
const titleVariant: Variant = {
  name: 'neutral-title',
  title: 'a title that only names the subject',
  kind: 'wording',
  ofCase: ({ source, policy }) => ({
    source: { ...source, title: `The matter of ${source.subject}` },
    policy,
  }),
  ofSeat: same,
};

function rotated<One>(list: readonly One[]): readonly One[] {
  return [...list.slice(1), ...list.slice(0, 1)];
}

/** As another editor would have saved it: two blanks after a sentence, two empty lines between paragraphs. */
function otherBlanks(text: string): string {
  return text.replace(/(?<=[a-z)][.!?]) (?=[A-Z])/g, '  ').replace(/\n\n+/g, '\n\n\n');
}

function otherTypography(text: string): string {
  return text
    .replace(/(?<=\p{L})'(?=\p{L})/gu, '’')
    .replace(/(?<![\p{L}\p{N}])"(?=\S)/gu, '“')
    .replace(/(?<=\S)"/g, '”')
    .replace(/ - /g, ' – ');
}
