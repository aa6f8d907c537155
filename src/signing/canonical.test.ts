import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from './bytes.ts';
import {
  canonicalBytes,
  canonicalText,
  MAX_CANONICAL_BYTES,
  MAX_DEPTH,
  parseCanonical,
} from './canonical.ts';

const parse = (text: string): unknown => parseCanonical(utf8(text));

/** Any character but half a surrogate pair; fast-check's own takes seconds to set up. */
const character = () =>
  fc
    .integer({ min: 0, max: 0x10ffff })
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code));

/** JSON values of whole characters; `-0` is written 0 and so does not come back as it was. */
const json = () =>
  fc
    .jsonValue({ maxDepth: 5, stringUnit: character() })
    .map((value): unknown => JSON.parse(JSON.stringify(value)))
    .filter((value) => !JSON.stringify(value).includes('__proto__'));

const nested = (depth: number): string => `${'['.repeat(depth)}1${']'.repeat(depth)}`;

describe('canonical text', () => {
  it('is what the canonicalize package writes', () => {
    fc.assert(
      fc.property(json(), (value) => {
        expect(canonicalText(value)).toBe(canonicalize(value));
      }),
    );
  });

  it('does not depend on the order in which fields were set', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((key) => key !== '__proto__'),
          fc.integer(),
        ),
        (value) => {
          const reversed = Object.fromEntries(Object.entries(value).reverse());
          expect(canonicalText(reversed)).toBe(canonicalText(value));
        },
      ),
    );
  });

  it('orders keys by UTF-16 code units, numbers among them too', () => {
    expect(canonicalText({ 9: 1, 10: 2, a: 3, '': 4 })).toBe('{"":4,"10":2,"9":1,"a":3}');
    expect(canonicalText({ '\ufb33': 1, '\u{1f600}': 2 })).toBe('{"\u{1f600}":2,"\ufb33":1}');
  });

  it('treats a field that is undefined as absent', () => {
    expect(canonicalText({ b: 1, a: undefined })).toBe('{"b":1}');
    expect(canonicalText({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  it.each<[string, unknown]>([
    ['NaN', { a: Number.NaN }],
    ['Infinity', [Number.POSITIVE_INFINITY]],
    ['undefined', undefined],
    ['undefined in an array', [undefined]],
    ['a hole in an array', new Array(1)],
    ['a function', { b: 1, a: () => 1 }],
    ['a symbol', Symbol('a')],
    ['a bigint', { a: 1n }],
    ['bytes', { a: new Uint8Array(1) }],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a field toJSON that is a function', { toJSON: () => 1 }],
    ['half a surrogate pair', { a: '\ud800' }],
    ['half a surrogate pair after a backslash', '\\\udfff'],
    ['half a surrogate pair as a key', { '\udc00': 1 }],
    ['a key __proto__', JSON.parse('{"__proto__":1}')],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalText(value)).toThrow(/^expected/);
  });

  it('refuses what contains itself', () => {
    const value: { self?: unknown } = {};
    value.self = value;
    expect(() => canonicalText(value)).toThrow('levels of nesting');
  });
});

describe('parsing', () => {
  it('brings back every value from its canonical bytes', () => {
    fc.assert(
      fc.property(json(), (value) => {
        expect(parseCanonical(canonicalBytes(value))).toEqual(value);
      }),
    );
  });

  it('accepts a text only if it is the canonical one of its value', () => {
    fc.assert(
      fc.property(json(), fc.constantFrom(undefined, 1), (value, space) => {
        const text = JSON.stringify(value, null, space);
        if (text === canonicalize(value)) expect(parse(text)).toEqual(value);
        else expect(() => parse(text)).toThrow('another spelling');
      }),
    );
  });

  it('refuses any one byte changed, or gives another value', () => {
    const text = '{"a":[1,true,null,"x\\n"],"b":{"c":"d"}}';
    const value = parse(text);
    for (let at = 0; at < text.length; at++) {
      for (let byte = 0; byte < 256; byte++) {
        const bytes = utf8(text);
        if (bytes[at] === byte) continue;
        bytes[at] = byte;
        let found: unknown;
        try {
          found = parseCanonical(bytes);
        } catch (error) {
          expect(String(error)).toContain('expected');
          continue;
        }
        expect(found).not.toEqual(value);
      }
    }
  });

  it.each([
    ['', 'not JSON'],
    ['{', 'not JSON'],
    ['\ufeff1', 'not JSON'],
    ['NaN', 'not JSON'],
    ['1 ', 'another spelling'],
    [' 1', 'another spelling'],
    ['{"a": 1}', 'another spelling'],
    ['{"b":1,"a":2}', 'another spelling'],
    ['{"a":1,"a":1}', 'another spelling'],
    ['{"a":2,"a":1}', 'another spelling'],
    ['{"a":1,"2":2}', 'another spelling'],
    ['{"9":1,"10":2}', 'another spelling'],
    ['-0', 'another spelling'],
    ['0.0', 'another spelling'],
    ['1e21', 'another spelling'],
    ['1E+21', 'another spelling'],
    ['1000000000000000000000', 'another spelling'],
    ['9007199254740993', 'another spelling'],
    ['1e400', 'JSON can hold'],
    ['"\\u0061"', 'another spelling'],
    ['"\\/"', 'another spelling'],
    ['"\\u000A"', 'another spelling'],
    ['"\\ud800"', 'surrogate'],
    ['"\\\\\\udfff"', 'surrogate'],
    ['{"\\udead":1}', 'surrogate'],
    ['"\\ud83d\\ude00"', 'another spelling'],
    ['{"__proto__":{"a":1}}', '__proto__'],
    ['{"a":[{"__proto__":null}]}', '__proto__'],
  ])('refuses %j', (text, reason) => {
    expect(() => parse(text)).toThrow(reason);
  });

  it.each<[string, unknown]>([
    ['{"10":1,"9":2}', { 9: 2, 10: 1 }],
    ['{"":1}', { '': 1 }],
    ['1e+21', 1e21],
    ['"\\\\ud800"', '\\ud800'],
    ['"\u{1f600}"', '\u{1f600}'],
    ['"\\u0000\u007f"', '\u0000\u007f'],
    ['{"toJSON":1}', { toJSON: 1 }],
    ['{"constructor":{"prototype":1}}', { constructor: { prototype: 1 } }],
  ])('accepts %j', (text, value) => {
    expect(parse(text)).toEqual(value);
  });

  it(`accepts ${MAX_DEPTH} levels and refuses one more, before walking them`, () => {
    expect(canonicalText(parse(nested(MAX_DEPTH)))).toBe(nested(MAX_DEPTH));
    expect(() => parse(nested(MAX_DEPTH + 1))).toThrow('levels of nesting');
    expect(() => parse(nested(1_000_000))).toThrow('levels of nesting');
    expect(() => parse('{"a":'.repeat(100_000))).toThrow('levels of nesting');
  });

  it('counts no brackets that stand in text', () => {
    const text = JSON.stringify(['['.repeat(1000), '\\"{'.repeat(1000)]);
    expect(parse(text)).toHaveLength(2);
  });

  it('refuses more bytes than its bound without reading them', () => {
    expect(() => parseCanonical(new Uint8Array(MAX_CANONICAL_BYTES + 1))).toThrow('at most');
  });
});
