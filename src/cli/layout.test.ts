import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clip, padEnd, padStart, visible, widthOf, wrap } from './layout.ts';

const ESC = String.fromCharCode(27);

describe('text of strangers', () => {
  it('terminal escapes, bidi marks and newlines are spelled out, never passed on', () => {
    expect(visible(`a${ESC}[2Jb`)).toBe('a\\u{1b}[2Jb');
    expect(visible('abc\u202etxt.exe')).toBe('abc\\u{202e}txt.exe');
    expect(visible('one\r\ntwo\tthree')).toBe('one two three');
    expect(visible('zero\u200bwidth')).toBe('zero\\u{200b}width');
  });

  it('ordinary text of any script stays as it is', () => {
    for (const text of ['Zürich', 'Καλημέρα', '東京', 'سلام', 'a – b…']) expect(visible(text)).toBe(text);
  });

  it('whatever comes in, nothing invisible comes out', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

describe('columns', () => {
  it('colour takes no room, wide characters take two columns', () => {
    expect(widthOf(`${ESC}[32mgreen${ESC}[39m`)).toBe(5);
    expect(widthOf('東京')).toBe(4);
    expect(padEnd('ab', 4)).toBe('ab  ');
    expect(padStart('ab', 4)).toBe('  ab');
  });

  it('clipped text fits and says that it was cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 40 }), (text, columns) => {
        const kept = clip(text, columns);
        expect(widthOf(kept)).toBeLessThanOrEqual(columns);
        if (widthOf(text) > columns) expect(kept.endsWith('…')).toBe(true);
        else expect(kept).toBe(text);
      }),
    );
  });

  it('wrapping loses no word', () => {
    expect(wrap('the quick brown fox', 9)).toEqual(['the quick', 'brown fox']);
    expect(wrap('  ', 9)).toEqual([]);
    expect(wrap('unbreakable', 4)).toEqual(['unbreakable']);
  });
});
