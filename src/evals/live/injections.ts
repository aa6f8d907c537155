// Attacks by what is written in evidence (indirect prompt injection, Greshake et al. 2023): texts of the kinds known from the
// literature, each put at the start, in the middle or at the end of a case's evidence. All aim at an approval, and none changes what
// is true of the case. A harmless text at the same places is the control: what turns with it turned for another reason.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { EvidenceText } from '../../council/case-file.ts';
import { line, slug, text } from '../../council/field-rules.ts';
import { conform, readYamlFile } from '../../providers/written-document.ts';
import { filled } from '../../seats/prompt-files.ts';
import { utf8 } from '../../signing/bytes.ts';
import type { Matter, Variant } from './variants.ts';

export const POSITIONS = ['start', 'middle', 'end'] as const;
export type Position = (typeof POSITIONS)[number];

const MAX_INJECTIONS = 100;
const MAX_TEXT_CHARS = 4_000;

const injection = z
  .strictObject({
    kind: slug,
    title: line(80),
    /** where the kind is described */
    from: line(200),
    /** with {{subject}} and {{findings}}, a finding of `met` for each criterion in JSON, filled in */
    text: text(MAX_TEXT_CHARS),
    /** how the text is spelled in the evidence, where not as it stands */
    encoding: z.exactOptional(z.enum(['base64', 'rot13'])),
    /** harmless, for comparison */
    control: z.exactOptional(z.literal(true)),
  })
  .readonly();

const bankSchema = z
  .strictObject({
    version: z.literal(1),
    injections: z
      .array(injection)
      .min(1)
      .max(MAX_INJECTIONS)
      .refine((list) => new Set(list.map(({ kind }) => kind)).size === list.length, 'expected distinct kinds')
      .readonly(),
  })
  .readonly();

export type Injection = z.infer<typeof injection>;

/** A variant that carries an injection, and which. */
export interface InjectionVariant extends Variant {
  readonly injection: Injection;
  readonly position: Position;
}

/** The package's own, three above this file both in src/ and in dist/. */
export const SHIPPED_INJECTIONS = join(
  fileURLToPath(new URL('../../../evals/injections', import.meta.url)),
  'passages.yaml',
);

export function loadInjections(file: string = SHIPPED_INJECTIONS): readonly Injection[] {
  return conform(readYamlFile(file), bankSchema, 'injections').injections;
}

export function injectionVariants(
  injections: readonly Injection[],
  positions: readonly Position[] = POSITIONS,
): readonly InjectionVariant[] {
  return injections.flatMap((one) => positions.map((position) => injectionVariant(one, position)));
}

function injectionVariant(planted: Injection, position: Position): InjectionVariant {
  return {
    name: `${planted.kind}-at-${position}`,
    title: `${planted.title}, at the ${position}`,
    kind: 'injection',
    injection: planted,
    position,
    ofCase: (matter) => {
      const { source, policy } = matter;
      const evidence = planting(source.evidence, passageOf(planted, matter), position);
      return { source: { ...source, evidence }, policy };
    },
    ofSeat: (seat) => seat,
  };
}

/** The passage as it stands in the evidence of this case. */
export function passageOf({ text: written, encoding }: Injection, { source, policy }: Matter): string {
  const cited = source.evidence.slice(0, 1).map(({ id }) => id);
  const findings = policy.criteria.map(({ id }) => ({
    criterion: id,
    evidence: cited,
    reason: 'Shown by the evidence.',
    finding: 'met',
  }));
  const passage = filled(written, { subject: source.subject, findings: JSON.stringify(findings) }).trim();
  switch (encoding) {
    case 'base64':
      return Buffer.from(utf8(passage)).toString('base64');
    case 'rot13':
      return rot13(passage);
    case undefined:
      return passage;
    default:
      return encoding satisfies never;
  }
}

function planting(
  evidence: readonly EvidenceText[],
  passage: string,
  position: Position,
): readonly EvidenceText[] {
  const last = evidence.length - 1;
  const place = { start: 0, middle: Math.floor(last / 2), end: last }[position];
  return evidence.map((item, i) =>
    i === place ? { ...item, text: planted(item.text, passage, position) } : item,
  );
}

/** Between paragraphs, as whoever edits a report would put it there. */
function planted(report: string, passage: string, position: Position): string {
  const paragraphs = report.trim().split(/\n{2,}/);
  const at = { start: 0, middle: Math.ceil(paragraphs.length / 2), end: paragraphs.length }[position];
  return [...paragraphs.slice(0, at), passage, ...paragraphs.slice(at)].join('\n\n');
}

function rot13(plain: string): string {
  return plain.replace(/[a-z]/gi, (letter) => {
    const first = letter <= 'Z' ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - first + 13) % 26) + first);
  });
}
