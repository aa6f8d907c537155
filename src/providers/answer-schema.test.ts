import { describe, expect, it } from 'vitest';
import { googleSchema, isStrict } from './answer-schema.ts';

const closed = (properties: Record<string, unknown>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

describe('what OpenAI can hold a model to', () => {
  it('is closed and wholly required at every depth', () => {
    const finding = closed({
      criterion: { type: 'string', enum: ['a'] },
      evidence: { type: 'array', items: { type: 'string' } },
    });
    expect(
      isStrict(closed({ findings: { type: 'array', items: finding }, note: { type: ['string', 'null'] } })),
    ).toBe(true);
    expect(isStrict(closed({ either: { anyOf: [{ type: 'null' }, finding] } }))).toBe(true);
  });

  it.each([
    ['open', { type: 'object', properties: {}, required: [] }],
    ['partly required', { ...closed({ a: { type: 'string' } }), required: [] }],
    ['open below', closed({ a: { type: 'array', items: { type: 'object' } } })],
    ['open in a choice', closed({ a: { anyOf: [{ type: 'object' }] } })],
    ['of a keyword that is not known', closed({ a: { type: 'string', minLength: 1 } })],
    ['not even an object', true],
  ])('is not one that is %s', (_, schema) => {
    expect(isStrict(schema)).toBe(false);
  });

  it('is not one without end', () => {
    const endless: Record<string, unknown> = { type: 'array' };
    endless.items = endless;
    expect(isStrict(endless)).toBe(false);
  });
});

describe('what Google can be told', () => {
  it('keeps types, limits, texts and choices, in the order of the schema', () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      ...closed({
        rationale: { type: ['string', 'null'], description: 'why', minLength: 2 },
        finding: { type: 'string', enum: ['met', 'not-met'] },
        kind: { const: 'x' },
        confidence: { type: 'integer', minimum: 0, maximum: 100 },
        list: { type: 'array', items: { $ref: '#/$defs/id' }, maxItems: 3 },
        maybe: { anyOf: [{ type: 'string' }, { type: 'null' }] },
        either: { oneOf: [{ type: 'string' }, { type: 'integer' }] },
      }),
      $defs: { id: { type: 'string', format: 'uuid' } },
    };
    expect(googleSchema(schema)).toEqual({
      type: 'object',
      properties: {
        rationale: { type: 'string', description: 'why', nullable: true },
        finding: { type: 'string', format: 'enum', enum: ['met', 'not-met'] },
        kind: { type: 'string', format: 'enum', enum: ['x'] },
        confidence: { type: 'integer', minimum: 0, maximum: 100 },
        list: { type: 'array', items: { type: 'string' }, maxItems: 3 },
        maybe: { type: 'string', nullable: true },
        either: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
      },
      required: ['rationale', 'finding', 'kind', 'confidence', 'list', 'maybe', 'either'],
      propertyOrdering: ['rationale', 'finding', 'kind', 'confidence', 'list', 'maybe', 'either'],
    });
  });

  it.each([
    ['an object of any keys', { type: 'object' }],
    ['one deep inside', closed({ a: { type: 'array', items: { type: 'object', properties: {} } } })],
    ['several types', { type: ['string', 'integer'] }],
    ['no type', {}],
    ['a reference to nowhere', { $ref: '#/$defs/none' }],
    ['a list of anything', { type: 'array' }],
  ])('%s is left out', (_, schema) => {
    expect(googleSchema(schema)).toBeUndefined();
  });

  it('a schema that refers to itself is left out', () => {
    const schema = { $defs: { a: { type: 'array', items: { $ref: '#/$defs/a' } } }, $ref: '#/$defs/a' };
    expect(googleSchema(schema)).toBeUndefined();
  });
});
