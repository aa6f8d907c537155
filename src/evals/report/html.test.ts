import { describe, expect, it } from 'vitest';
import { all, readHtml, textIn } from '../../../test/rigs/html-reader.ts';
import { escaped, html, MAX_PROSE_CHARS, prose, quoted } from './html.ts';

const BIDI = '\u202e\u2066\u200f\u061c';

describe('text in a report', () => {
  it('means itself wherever it is put: every character that could end text or attribute is an entity', () => {
    expect(escaped(`<script>"'\`&`)).toBe('&lt;script&gt;&quot;&#39;&#96;&amp;');
    const hostile = `"><img src=x onerror="alert(1)">&amp;<!--]]>`;
    const page = readHtml(html`<p title="${hostile}">${hostile}</p>`.markup);
    const [paragraph] = all(page, 'p');
    expect(paragraph?.attributes.get('title')).toBe(hostile);
    expect(paragraph?.children).toEqual([hostile]);
  });

  it('is escaped once: what looks like an entity is shown as it was written', () => {
    expect(textIn(readHtml(html`<p>${'&lt;b&gt;'}</p>`.markup))).toBe('&lt;b&gt;');
  });

  it('cannot turn the direction of what stands beside it, nor hide', () => {
    const { markup } = html`<p>${quoted(`a${BIDI}\u0000\u0007\ufeffb`)}</p>`;
    expect(markup).not.toMatch(/[\p{Cf}\p{Cc}]/u);
    expect(markup).toContain('a\\u{202e}\\u{2066}\\u{200f}\\u{61c}\\u{0}\\u{7}\\u{feff}b');
    expect(markup).toContain('<bdi>');
  });

  it('is escaped in lists too, and only markup that was built is markup', () => {
    const items = ['<b>', html`<i>${'<u>'}</i>`, 3, undefined];
    expect(html`<p>${items}</p>`.markup).toBe('<p>&lt;b&gt;<i>&lt;u&gt;</i>3</p>');
  });
});

describe('prose', () => {
  it('keeps paragraphs and lines', () => {
    const page = readHtml(html`<div>${prose('one\r\ntwo\n\n\n\nthree')}</div>`.markup);
    expect(all(page, 'p').map(textIn)).toEqual(['one two', 'three']);
    expect(all(page, 'br')).toHaveLength(1);
  });

  it('of a megabyte is cut, says so, and never in the middle of a character', () => {
    const { markup } = prose(`x${'😀'.repeat(500_000)}`);
    expect(markup.length).toBeLessThan(2 * MAX_PROSE_CHARS);
    expect(markup).toContain('cut here; 994,002 more characters');
    expect(markup).not.toContain('\\u{d83d}');
  });

  it('of nothing but line ends is nothing', () => {
    expect(prose('\n'.repeat(1_000)).markup).toBe('');
  });
});
