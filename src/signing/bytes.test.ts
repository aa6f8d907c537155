import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, equalBytes, fromBase64, fromHex, textOf, toBase64, toHex, utf8 } from './bytes.ts';

const bytes = () => fc.uint8Array({ maxLength: 200 });

/** Any character but half a surrogate pair; fast-check's own takes seconds to set up. */
const character = () =>
  fc
    .integer({ min: 0, max: 0x10ffff })
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code));

describe('hex and base64', () => {
  it('bring back every array of bytes, and agree with Node', () => {
    fc.assert(
      fc.property(bytes(), (data) => {
        expect(fromHex(toHex(data))).toEqual(data);
        expect(fromBase64(toBase64(data))).toEqual(data);
        expect(toHex(data)).toBe(Buffer.from(data).toString('hex'));
        expect(toBase64(data)).toBe(Buffer.from(data).toString('base64'));
      }),
    );
  });

  it('accept one spelling only: what decodes is written back the same', () => {
    const spelt = (decode: (text: string) => Uint8Array, encode: (data: Uint8Array) => string) =>
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^[0-9a-fA-F]*$/)), (text) => {
        let data: Uint8Array;
        try {
          data = decode(text);
        } catch {
          return;
        }
        expect(encode(data)).toBe(text);
      });
    fc.assert(spelt(fromHex, toHex));
    fc.assert(spelt(fromBase64, toBase64));
  });

  it.each(['0', 'AB', '0g', ' 00', '00 ', '0x00', 'é0'])('refuse %j as hex', (text) => {
    expect(() => fromHex(text)).toThrow('hex');
  });

  it.each(['AA', 'AA=', 'AB==', 'A A A=', 'AAAA\n', '-_==', 'AAAA====', '=', 'AAé='])(
    'refuse %j as base64',
    (text) => expect(() => fromBase64(text)).toThrow('base64'),
  );
});

describe('text', () => {
  it('is brought back from UTF-8, a byte order mark included', () => {
    fc.assert(
      fc.property(fc.string({ unit: character() }), (text) => {
        expect(textOf(utf8(text))).toBe(text);
      }),
    );
    expect(textOf(utf8('\ufeffa'))).toBe('\ufeffa');
  });

  it.each([[[0xff]], [[0xc0, 0x80]], [[0xed, 0xa0, 0x80]], [[0xe2, 0x82]], [[0xf4, 0x90, 0x80, 0x80]]])(
    'is refused when its bytes %j are not UTF-8',
    (data) => expect(() => textOf(Uint8Array.from(data))).toThrow('not UTF-8'),
  );
});

it('joined parts are as long as their parts, and begin with the first', () => {
  fc.assert(
    fc.property(bytes(), bytes(), (a, b) => {
      const joined = concat(a, b);
      expect(joined.length).toBe(a.length + b.length);
      expect(equalBytes(joined.subarray(0, a.length), a)).toBe(true);
      expect(equalBytes(joined.subarray(a.length), b)).toBe(true);
    }),
  );
  expect(concat()).toEqual(new Uint8Array());
});

it('bytes that differ in one bit or in length are not equal', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), (data, at) => {
      const other = Uint8Array.from(data);
      other[at % data.length] = (data[at % data.length] ?? 0) ^ 1;
      expect(equalBytes(data, other)).toBe(false);
      expect(equalBytes(data, data.subarray(1))).toBe(false);
    }),
  );
});
