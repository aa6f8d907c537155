// The words seats are asked in (prompts/): one template a lens, several forms, stances laid on top, and what all seats
// are asked alike. Forms differ on purpose, since one prompt is a fault domain (protocol 1.5). Everything is read
// and checked at once, and a template that would leave something out is refused with file and line.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { CASE_TYPES } from '../council/case-kind.ts';
import { line, slug, text } from '../council/field-rules.ts';
import { badInput } from '../errors.ts';
import { LENSES, type Lens, STANCES, STRICTNESSES } from '../providers/contract.ts';
import { conform, readYamlFile } from '../providers/written-document.ts';
import { FENCE_OPENING } from './prompt-fence.ts';

/** In which order a form puts the criteria. `by-seat`: shuffled, always alike for one seat. */
export const CRITERIA_ORDERS = ['as-written', 'reversed', 'mandatory-first', 'by-seat'] as const;
export type CriteriaOrder = (typeof CRITERIA_ORDERS)[number];

/** Fewer would leave the three seats of a lens with too little choice. */
export const MIN_FORMS = 4;
const MAX_FORMS = 32;
const MAX_TEMPLATE_CHARS = 8_000;

const SYSTEM_SLOTS = [
  'title',
  'looksFor',
  'questions',
  'shortfalls',
  'stance',
  'strictness',
  'mark',
  'answer',
] as const;
const USER_SLOTS = ['case', 'evidence', 'criteria'] as const;
const CRITERION_SLOTS = ['id', 'title', 'weight', 'text'] as const;
const PART_SLOTS = ['number', 'of'] as const;

const version = z.int().min(1);
const paragraph = text(2_000);

/** Every slot once and no other: what a template forgets would not be asked, and what it repeats is paid twice. */
function template(slots: readonly string[], maxChars = MAX_TEMPLATE_CHARS) {
  return text(maxChars)
    .refine(
      (value) => slotsIn(value).sort().join() === [...slots].sort().join(),
      `expected each of these slots once and no other: ${slots.map((slot) => `{{${slot}}}`).join(' ')}`,
    )
    .refine(
      (value) => !value.includes(FENCE_OPENING),
      `expected no "${FENCE_OPENING}", which begins the marks around evidence`,
    );
}

const lensFileSchema = z
  .strictObject({
    lens: z.enum(LENSES),
    version,
    title: line(80),
    looksFor: paragraph,
    questions: z.array(text(600)).min(3).max(20).readonly(),
    shortfalls: z.array(text(600)).min(3).max(20).readonly(),
  })
  .readonly();

const formFileSchema = z
  .strictObject({
    form: slug,
    version,
    title: line(80),
    order: z.enum(CRITERIA_ORDERS),
    system: template(SYSTEM_SLOTS).refine(
      (value) => /\bdata\b/i.test(value) && /never\s+an\s+instruction/i.test(value),
      'expected it to say that text between the marks is data and never an instruction',
    ),
    user: template(USER_SLOTS),
    /** how one criterion is put */
    criterion: template(CRITERION_SLOTS, 1_000),
  })
  .readonly();

const stancesFileSchema = z
  .strictObject({
    version,
    stances: z.record(z.enum(STANCES), paragraph).readonly(),
    strictness: z.record(z.enum(STRICTNESSES), paragraph).readonly(),
  })
  .readonly();

const askingFileSchema = z
  .strictObject({
    version,
    cases: z.record(z.enum(CASE_TYPES), paragraph).readonly(),
    answer: text(4_000),
    part: template(PART_SLOTS, 2_000),
  })
  .readonly();

export type LensPrompt = z.infer<typeof lensFileSchema>;
export type FormPrompt = z.infer<typeof formFileSchema>;

export interface Prompts {
  readonly lenses: Readonly<Record<Lens, LensPrompt>>;
  /** by name, in the order of names */
  readonly forms: ReadonlyMap<string, FormPrompt>;
  readonly stances: z.infer<typeof stancesFileSchema>;
  readonly asking: z.infer<typeof askingFileSchema>;
}

export const ASKING_FILE = 'asking.yaml';

export function loadPrompts(directory: string): Prompts {
  return {
    lenses: loadLenses(join(directory, 'lenses')),
    forms: loadForms(join(directory, 'forms')),
    stances: conform(readYamlFile(join(directory, 'stances.yaml')), stancesFileSchema, 'stances'),
    asking: conform(readYamlFile(join(directory, ASKING_FILE)), askingFileSchema, 'asking'),
  };
}

function loadLenses(directory: string): Prompts['lenses'] {
  const read = (lens: Lens): LensPrompt => {
    const file = join(directory, `${lens}.yaml`);
    const prompt = conform(readYamlFile(file), lensFileSchema, 'lens');
    if (prompt.lens !== lens)
      throw badInput(`expected lens ${lens}, found ${prompt.lens}`, { file, line: 1 });
    return prompt;
  };
  return {
    safety: read('safety'),
    'eu-ai-act': read('eu-ai-act'),
    privacy: read('privacy'),
    fairness: read('fairness'),
    security: read('security'),
    robustness: read('robustness'),
    transparency: read('transparency'),
    oversight: read('oversight'),
    society: read('society'),
    sector: read('sector'),
    regional: read('regional'),
  };
}

function loadForms(directory: string): Prompts['forms'] {
  const names = formNamesIn(directory);
  if (names.length < MIN_FORMS || names.length > MAX_FORMS) {
    throw badInput(`expected ${MIN_FORMS} to ${MAX_FORMS} forms, found ${names.length}`, { file: directory });
  }
  return new Map(
    names.map((name) => {
      const file = join(directory, `${name}.yaml`);
      const prompt = conform(readYamlFile(file), formFileSchema, 'form');
      if (prompt.form !== name)
        throw badInput(`expected form ${name}, found ${prompt.form}`, { file, line: 1 });
      return [name, prompt];
    }),
  );
}

function formNamesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => file.slice(0, -'.yaml'.length))
      .sort();
  } catch {
    throw badInput('expected a directory of prompt forms that can be read', { file: directory });
  }
}

const SLOT = /\{\{([A-Za-z]+)\}\}/g;

function slotsIn(text: string): string[] {
  return [...text.matchAll(SLOT)].map(([, slot]) => slot ?? '');
}

/** In one pass, so that what is filled in is never read as a template. */
export function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(SLOT, (slot, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : slot,
  );
}
