// A JSON Schema as the makers take it. None takes all of it, and a schema one of them refuses would silence all its
// seats at once; so what cannot be said to a maker is left out, and the answer is read as hostile either way.
import { isRecord } from '../council/field-rules.ts';
import type { JsonSchema } from './contract.ts';

/** Deeper than any form of an answer, and the end of schemas that refer to themselves. */
const MAX_DEPTH = 12;

/** What OpenAI's strict mode knows; a schema with anything else is sent as advice. */
const STRICT_KEYWORDS = new Set(
  (
    '$defs $ref additionalProperties anyOf const description enum exclusiveMaximum exclusiveMinimum format items ' +
    'maxItems maximum minItems minimum multipleOf pattern properties required title type'
  ).split(' '),
);

/** Whether OpenAI can hold a model to it exactly: every object closed, every property required. */
export function isStrict(schema: unknown, depth = 0): boolean {
  if (!isRecord(schema) || depth > MAX_DEPTH) return false;
  if (!Object.keys(schema).every((keyword) => STRICT_KEYWORDS.has(keyword))) return false;
  const inside = (value: unknown): boolean => isStrict(value, depth + 1);
  const { properties, required, items, anyOf, $defs } = schema;
  const isObject = schema.type === 'object' || properties !== undefined;
  if (isObject) {
    if (schema.additionalProperties !== false || !isRecord(properties)) return false;
    const needed = new Set(Array.isArray(required) ? required : []);
    if (!Object.keys(properties).every((name) => needed.has(name))) return false;
    if (!Object.values(properties).every(inside)) return false;
  }
  if (items !== undefined && !inside(items)) return false;
  if (anyOf !== undefined && !(Array.isArray(anyOf) && anyOf.every(inside))) return false;
  return $defs === undefined || (isRecord($defs) && Object.values($defs).every(inside));
}

/** What Google takes as it is. */
const GOOGLE_KEYWORDS = [
  'description',
  'format',
  'maximum',
  'minimum',
  'maxItems',
  'minItems',
  'nullable',
] as const;
const GOOGLE_FORMATS = new Set(['enum', 'date-time', 'float', 'double', 'int32', 'int64']);

/** The part of a schema that Google's `responseSchema` can say, or undefined when it can't say it at all. */
export function googleSchema(schema: JsonSchema): JsonSchema | undefined {
  return converted(schema, isRecord(schema.$defs) ? schema.$defs : {}, 0);
}

function converted(schema: unknown, defs: JsonSchema, depth: number): JsonSchema | undefined {
  if (!isRecord(schema) || depth > MAX_DEPTH) return undefined;
  const inside = (value: unknown): JsonSchema | undefined => converted(value, defs, depth + 1);
  if (typeof schema.$ref === 'string') {
    const name = /^#\/\$defs\/(\w+)$/.exec(schema.$ref)?.[1] ?? '';
    return Object.hasOwn(defs, name) ? inside(defs[name]) : undefined;
  }
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(alternatives)) return oneOf(alternatives, inside);

  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter((type) => type !== 'null');
  const nullable = Array.isArray(schema.type) && schema.type.includes('null') ? { nullable: true } : {};
  const values = schema.const === undefined ? schema.enum : [schema.const];
  const type = types[0] ?? (Array.isArray(values) ? 'string' : undefined);
  if (types.length > 1 || typeof type !== 'string') return undefined;
  const kept = Object.fromEntries(
    GOOGLE_KEYWORDS.filter((keyword) => schema[keyword] !== undefined)
      .filter((keyword) => keyword !== 'format' || GOOGLE_FORMATS.has(String(schema.format)))
      .map((keyword) => [keyword, schema[keyword]]),
  );
  const common = { type, ...kept, ...nullable };
  if (type === 'object') return objectOf(schema, common, inside);
  if (type === 'array') {
    const items = inside(schema.items);
    return items === undefined ? undefined : { ...common, items };
  }
  // Google's enumerations are of text alone.
  if (type === 'string' && Array.isArray(values) && values.every((value) => typeof value === 'string')) {
    return { ...common, format: 'enum', enum: values };
  }
  return common;
}

function objectOf(
  { properties, required }: JsonSchema,
  common: JsonSchema,
  inside: (value: unknown) => JsonSchema | undefined,
): JsonSchema | undefined {
  // An object without named properties is one that Google refuses.
  if (!isRecord(properties) || Object.keys(properties).length === 0) return undefined;
  const said = Object.entries(properties).map(([name, value]) => [name, inside(value)] as const);
  if (said.some(([, value]) => value === undefined)) return undefined;
  return {
    ...common,
    properties: Object.fromEntries(said),
    ...(Array.isArray(required) ? { required } : {}),
    // Otherwise it answers in the order of the alphabet: the verdict before its reasons.
    propertyOrdering: said.map(([name]) => name),
  };
}

function oneOf(
  alternatives: readonly unknown[],
  inside: (value: unknown) => JsonSchema | undefined,
): JsonSchema | undefined {
  const real = alternatives.filter((alternative) => !(isRecord(alternative) && alternative.type === 'null'));
  const nullable = real.length < alternatives.length ? { nullable: true } : {};
  const said = real.map(inside);
  const [only] = said;
  if (only === undefined || said.some((alternative) => alternative === undefined)) return undefined;
  return said.length === 1 ? { ...only, ...nullable } : { anyOf: said, ...nullable };
}
