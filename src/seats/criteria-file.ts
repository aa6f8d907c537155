// A set of criteria (prompts/criteria/*.yaml): what the charter asks of cases of one type and, kept beside it,
// what the offline reviewer looks for. The charter takes over the criteria; the checklists never leave here.
import * as z from 'zod';
import { CASE_TYPES, type CaseType } from '../council/case-kind.ts';
import { MAX_CRITERIA, type Policy } from '../council/charter.ts';
import { line, slug, text } from '../council/field-rules.ts';
import { type Aspect, aspectOf, aspectSchema } from '../providers/checklist.ts';
import { conform, readYamlFile } from '../providers/written-document.ts';

const MAX_ASPECTS = 20;

const criterion = z
  .strictObject({
    id: slug,
    title: line(120),
    text: text(2_000),
    mandatory: z.boolean(),
    checklist: z.exactOptional(z.array(aspectSchema).min(1).max(MAX_ASPECTS).readonly()),
  })
  .readonly();

const criteriaFileSchema = z
  .strictObject({
    type: z.enum(CASE_TYPES),
    version: z.int().min(1),
    criteria: z
      .array(criterion)
      .min(1)
      .max(MAX_CRITERIA)
      .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'expected distinct ids')
      .refine((list) => list.some(({ mandatory }) => mandatory), 'expected at least one mandatory criterion')
      .readonly(),
  })
  .readonly();

export interface CriteriaSet {
  readonly type: CaseType;
  readonly policy: Policy;
  readonly checklists: ReadonlyMap<string, readonly Aspect[]>;
}

export function loadCriteria(file: string): CriteriaSet {
  const { type, criteria } = conform(readYamlFile(file), criteriaFileSchema, 'criteria');
  const checklists = new Map<string, readonly Aspect[]>();
  for (const { id, checklist } of criteria) {
    if (checklist !== undefined) checklists.set(id, checklist.map(aspectOf));
  }
  const policy = {
    criteria: criteria.map(({ id, title, text, mandatory }) => ({
      id,
      title,
      text: text.trim().replace(/\s*\n\s*/g, ' '),
      mandatory,
    })),
  };
  return { type, policy, checklists };
}
