import { describe, expect, it } from 'vitest';
import { anEvalResult, CURVES, FIGURES, matrixOf, OUTCOMES, TABLE } from '../../../test/rigs/evaluated.ts';
import { all, byId, type Element, readHtml, textIn, within } from '../../../test/rigs/html-reader.ts';
import type { Section } from '../results/eval-result.ts';
import { evalPage } from './page.ts';
import { EVAL_PAGE_HEAD } from './page-head.ts';

const NBSP = '\u00a0';
const rowsOf = (element: Element): string[] => all(element, 'tr').map(textIn);
const classOf = ({ attributes }: Element): string => attributes.get('class') ?? '';

describe('a page of evals', () => {
  const text = evalPage([anEvalResult()]);
  const page = readHtml(text);

  it('is whole: language, one heading of the first rank, no rank left out, no id twice', () => {
    expect(text.startsWith(EVAL_PAGE_HEAD)).toBe(true);
    expect(all(page, 'h1')).toHaveLength(1);
    const ranks = [...within(page)].flatMap(({ tag }) => (/^h[1-6]$/.test(tag) ? [Number(tag[1])] : []));
    expect(ranks.filter((rank, i) => rank > (ranks[i - 1] ?? 0) + 1)).toEqual([]);
    const ids = [...within(page)].flatMap(({ attributes }) => attributes.get('id') ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const tag of ['title', 'h1']) expect(textIn(all(page, tag)[0] ?? page)).toBe('Baseline accuracy');
  });

  it('fetches nothing: no script, no link out, no picture, no import, and a policy that says so', () => {
    for (const tag of ['script', 'link', 'img', 'iframe', 'object', 'image', 'use']) {
      expect(all(page, tag)).toEqual([]);
    }
    for (const { attributes } of within(page)) {
      for (const [name, value] of attributes) {
        expect(name).not.toMatch(/^on|^src$/);
        if (name.endsWith('href')) expect(value).toMatch(/^#/);
      }
    }
    expect(text).not.toMatch(/@import|url\(|https?:/);
    const policies = all(page, 'meta').map(({ attributes }) => attributes.get('content') ?? '');
    expect(policies.filter((policy) => policy.startsWith("default-src 'none'; "))).toHaveLength(1);
  });

  it('states each figure with its interval, how many it was counted over, and how', () => {
    const rows = rowsOf(byId(page, 'suite-1-1'));
    expect(rows).toContain(
      `Best single voter higher is better 96.8${NBSP}% 95.8–97.6${NBSP}% n${NBSP}1,561 Wilson`.replaceAll(
        NBSP,
        ' ',
      ),
    );
    expect(rows).toContain('Effective votes 2.64 2.51–2.79 n 51 bootstrap');
    expect(rows).toContain('Seats of the largest developer 9 n 33 counted');
    expect(rows).toContain('Cost of a case $0.4120 $0.3800–$0.4500 n 200 simulated');
    expect(all(byId(page, 'suite-1-1'), 'svg', 'whisker')).toHaveLength(4);
  });

  it('says what it does not show before any figure, and only once', () => {
    const limit = 'The voters were chosen by nobody.';
    for (const results of [[anEvalResult()], [anEvalResult(), anEvalResult({ limits: [] })]]) {
      const told = textIn(readHtml(evalPage(results)));
      expect(told.split(limit)).toHaveLength(2);
      expect(told.indexOf('How often are they wrong?')).toBeLessThan(told.indexOf(limit));
      expect(told.indexOf(limit)).toBeLessThan(told.indexOf('Best single voter'));
    }
  });

  it('says what made it, and from which bytes', () => {
    expect(textIn(all(page, 'pre')[0] ?? page)).toBe('conclave eval run baseline --seed 7');
    expect(text).toContain('0123'.repeat(16));
    expect(text).toContain('cdef'.repeat(16));
  });

  it('has for every chart words for whoever does not see it, and its numbers in a table', () => {
    for (const svg of all(page, 'svg')) {
      const hidden = svg.attributes.get('aria-hidden') === 'true';
      expect(
        hidden || (svg.attributes.get('role') === 'img' && svg.attributes.get('aria-label') !== ''),
      ).toBe(true);
    }
    expect(rowsOf(byId(page, 'suite-1-2'))).toContain('22 of 33 0 1.0 % 0.5–6.0 % 1,561');
    for (const table of all(page, 'table')) {
      expect(all(table, 'caption')).toHaveLength(1);
      for (const cell of all(table, 'th'))
        expect(cell.attributes.get('scope')).toMatch(/^(?:col|row|rowgroup)$/);
    }
  });

  it('draws every line in a colour, a dash and a mark of its own', () => {
    const [drawing] = all(byId(page, 'suite-1-2'), 'div', 'broad');
    const lines =
      drawing === undefined
        ? []
        : all(drawing, 'g').filter(({ attributes }) => attributes.get('aria-label') === 'line');
    const styles = lines.map(
      ({ attributes }) => `${attributes.get('stroke')} ${attributes.get('stroke-dasharray')}`,
    );
    expect(styles).toEqual(['var(--s1) undefined', 'var(--s2) 8 4']);
    expect(all(drawing ?? page, 'title').map(textIn)).toContain(
      'plain majority: seats owned 10, wrong approvals 46.5 % (23.2–51.5 %)',
    );
  });

  it('shows calibration against the line where both axes say the same, and no such line where they cannot', () => {
    const share = { label: 'confidence', unit: 'share' } as const;
    const calibration: Section = { ...CURVES, diagonal: true, x: share, y: share };
    const drawn = (section: Section): string => evalPage([anEvalResult({ sections: [section] })]);
    const dashed = /stroke-dasharray="5 4"[^>]*stroke="var\(--quiet\)"/;
    expect(drawn(calibration)).toMatch(dashed);
    expect(drawn({ ...calibration, y: { ...share, unit: 'count' } })).not.toMatch(dashed);
  });

  it('tells links to sections of the same title apart by what stands before them', () => {
    const pairs = { ...TABLE, title: 'By pair' };
    const sections = [FIGURES, pairs, { ...CURVES, title: 'Curves' }, pairs];
    const links = all(readHtml(evalPage([anEvalResult({ sections })])), 'a').map(textIn);
    expect(links).toEqual(['The figures', 'By pair (The figures)', 'Curves', 'By pair (Curves)']);
  });

  it('is the same byte for byte', () => {
    expect(evalPage([anEvalResult()])).toBe(text);
  });

  it('of several suites has contents that lead to each', () => {
    const other = anEvalResult({
      suite: { name: 'outage', title: 'Vendor outage', question: 'And without one?' },
    });
    const both = readHtml(evalPage([anEvalResult(), other]));
    const links = all(both, 'a').map((link) => link.attributes.get('href')?.slice(1) ?? '');
    expect(links).toContain('suite-2');
    for (const id of links) byId(both, id);
    expect(textIn(byId(both, 'suite-2-heading'))).toBe('2 Vendor outage');
  });

  it('of nothing, or of sections without anything in them, is a page all the same', () => {
    expect(textIn(readHtml(evalPage([])))).toContain('Evals: 0 suites');
    const empty = anEvalResult({
      sections: [
        { ...FIGURES, rows: [] },
        {
          ...CURVES,
          kind: 'curves',
          x: { label: 'x', unit: 'number' },
          y: { label: 'y', unit: 'number' },
          series: [],
          marks: [],
        },
        matrixOf([]),
        { ...TABLE, columns: [], rows: [] },
        { ...OUTCOMES, items: [], clusters: [], labels: '', outcomes: '', right: [] },
      ],
    });
    expect(all(readHtml(evalPage([empty])), 'p', 'note').length).toBeGreaterThan(5);
  });
});

describe('a table', () => {
  const drawn = (rows: Extract<Section, { kind: 'table' }>['rows']): Element =>
    readHtml(evalPage([anEvalResult({ sections: [{ ...TABLE, rows }] })]));

  it('of more rows than fit says how many there are; of fewer it shows all', () => {
    const rows = Array.from({ length: 61 }, (_, i) => [`voter ${i}`, 0.5, i]);
    expect(all(drawn(rows.slice(1)), 'div', 'tall')).toEqual([]);
    expect(all(drawn(rows), 'div', 'tall')).toHaveLength(1);
    expect(textIn(drawn(rows))).toContain('61 rows: scroll within the frame.');
  });

  it('says once what rows that stand together begin with', () => {
    const [one, other] = [
      ['a', 0.5, 1],
      ['b', 0.25, 2],
    ];
    const [head, ...rows] = rowsOf(all(drawn([one, one, other, other]), 'div', 'wide')[0] ?? drawn([]));
    expect(head).toBe('Accuracy Abstentions');
    expect(rows).toEqual(['Voter : a', '50.00 % 1', '50.00 % 1', 'Voter : b', '25.00 % 2', '25.00 % 2']);
    // apart, or each by itself, they are as they were
    expect(rowsOf(drawn([one, other, one, other]))).toContain('a 50.00 % 1');
    expect(rowsOf(drawn([one, other]))).toContain('a 50.00 % 1');
  });
});

describe('a matrix', () => {
  const drawn = (groups: readonly string[]): Element =>
    readHtml(evalPage([anEvalResult({ sections: [matrixOf(groups)] })]));
  const texts = (page: Element): string[] => all(page, 'text').map(textIn);

  it('keeps the order it is given, and brackets neighbours of one group', () => {
    const page = drawn(['a', 'a', 'b', 'c']);
    const shown = texts(page);
    expect(shown.slice(shown.indexOf('a-0')).filter((word) => /^[abc]-\d$/.test(word))).toEqual([
      'a-0',
      'a-1',
      'b-2',
      'c-3',
    ]);
    expect(shown.filter((word) => /^[abc]$/.test(word))).toEqual(['a', 'b', 'c']);
    const titles = all(page, 'rect')
      .flatMap((rect) => all(rect, 'title'))
      .map(textIn);
    expect(titles).toContain('a-1 × c-3: −0.792');
    expect(titles).not.toContain('a-1 × b-2: −0.333');
    expect(rowsOf(all(page, 'details')[0] ?? page)).toContain('a 2 0.800 0.004');
  });

  it('puts each value into the step of its tenth, and leaves out what is not defined and each with itself', () => {
    const page = drawn(['a', 'a', 'b', 'c']);
    const fills = all(page, 'g').flatMap((group) =>
      group.attributes.get('aria-label') === 'rect'
        ? [[group.attributes.get('fill'), all(group, 'rect').length] as const]
        : [],
    );
    // cos(i·j)·0.8 by hand: 0.8 (i or j = 0, save 0·3), −0.333 for 1·2, which is not defined as 1 + 2 = 3; −0.792 for 1·3; 0.768 for 2·3
    expect(Object.fromEntries(fills)).toEqual({ 'var(--line)': 4, 'var(--p8)': 6, 'var(--m8)': 2 });
  });

  it.each([
    [51, 8],
    [130, 5],
  ])('of %i fits the width of the page, with cells of at least %i pixels', (count, least) => {
    const page = drawn(Array.from({ length: count }, (_, i) => `maker ${Math.floor(i / 6)}`));
    const [rect] = all(page, 'rect');
    expect(Number(rect?.attributes.get('width'))).toBeGreaterThanOrEqual(least - 0.5);
    const [svg] = all(page, 'svg');
    expect(Number(svg?.attributes.get('width'))).toBeLessThanOrEqual(940);
    expect(all(page, 'rect')).toHaveLength(count * count - (count > 3 ? 4 : 0));
  });
});

describe('outcomes', () => {
  const page = readHtml(evalPage([anEvalResult({ sections: [OUTCOMES] })]));

  it('are held against the truth, with wrong approvals and wrong rejections apart', () => {
    const [confusion] = all(page, 'table', 'confusion');
    const rows = rowsOf(confusion ?? page);
    expect(rows).toContain('should be approved 15 cases 11 73.3 % 1 6.7 % 3 20.0 % wrong rejections');
    expect(rows).toContain('should be rejected 15 cases 2 13.3 % wrong approvals 0 0.0 % 13 86.7 %');
    const wrong = all(confusion ?? page, 'td').filter((cell) => classOf(cell).includes('wrong'));
    expect(wrong).toHaveLength(2);
    const told = textIn(byId(page, 'suite-1-1'));
    expect(told).toMatch(
      /Wrong approvals, of what should be rejected lower is better 13\.3 % [\d.–]+ % n 15/,
    );
    expect(told).toMatch(
      /Wrong rejections, of what should be approved lower is better 20\.0 % [\d.–]+ % n 15/,
    );
  });

  it('list the cases that at least nine tenths of the seats get wrong, the hardest first', () => {
    // 33 seats: 30 wrong are 0.909 and count, 29 are 0.879 and do not
    expect(textIn(page)).toContain('2 of 30 cases are judged wrongly by at least 90 % of the 33 seats');
    const listed = rowsOf(page).filter((row) => row.endsWith('of 33'));
    expect(listed).toEqual(['case 2 approve rejected 0 of 33', 'case 0 approve rejected 3 of 33']);
  });
});

describe('names of strangers', () => {
  const HOSTILE = [
    '</title></svg><script>alert(1)</script>',
    `"onload="alert(1)' \``,
    'שלום עולם',
    'gpj.\u202eexe\u2066',
    '&lt;b&gt;&amp;',
    'x'.repeat(3000),
    '東京都'.repeat(200),
  ];

  const pageOf = (name: string): string => {
    const heading = { id: name, title: name, about: name };
    const axis = { label: name, unit: 'number' } as const;
    const groups = [name, name, 'b'];
    const result = anEvalResult({
      suite: { name, title: name, question: name },
      command: name,
      sources: [{ what: 'data', name, digest: '0123'.repeat(16) }],
      limits: [name],
      sections: [
        {
          ...FIGURES,
          ...heading,
          rows: [
            {
              id: name,
              label: name,
              unit: 'share',
              figure: { value: 0.5, low: 0.4, high: 0.6, n: 9, method: 'wilson' },
            },
          ],
          kind: 'figures',
        },
        {
          ...heading,
          kind: 'curves',
          x: axis,
          y: axis,
          series: [
            {
              name,
              points: [
                { x: 0, y: 1 },
                { x: 1, y: 2 },
              ],
            },
          ],
          marks: [{ x: 0.5, label: name }],
        },
        { ...matrixOf(groups), ...heading, names: [name, `${name}2`, 'b'] },
        {
          ...heading,
          kind: 'table',
          columns: [{ label: name }, { label: name, unit: 'share' }],
          rows: [[name, 0.2]],
        },
        { ...OUTCOMES, ...heading, items: OUTCOMES.items.map((item, i) => (i < 3 ? name : item)) },
      ],
    });
    return evalPage([result]);
  };
  const tagsOf = (page: Element): string[] => [...within(page)].map(({ tag }) => tag);
  const attributesOf = (page: Element): Set<string> =>
    new Set([...within(page)].flatMap(({ attributes }) => [...attributes.keys()]));
  const plain = readHtml(pageOf('plain'));

  it.each(HOSTILE.map((name) => [name.slice(0, 24), name]))(
    'add no element and no attribute: %s',
    (_, name) => {
      const text = pageOf(name);
      const page = readHtml(text);
      expect(tagsOf(page)).toEqual(tagsOf(plain));
      expect([...attributesOf(page)].filter((attribute) => !attributesOf(plain).has(attribute))).toEqual([]);
      // Line ends are ours; nothing else may hide.
      expect(text.replace(/\n/g, '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    },
  );

  it('that are very long are cut in charts, so that nothing is drawn beyond them', () => {
    const names = [`${'x'.repeat(3000)}-last`, 'y'];
    const page = readHtml(evalPage([anEvalResult({ sections: [{ ...matrixOf(['g', 'h']), names }] })]));
    expect(Math.max(...all(page, 'text').map((one) => textIn(one).length))).toBeLessThan(40);
    expect(Number(all(page, 'svg')[0]?.attributes.get('width'))).toBeLessThan(500);
    // Names of one family differ at their ends.
    expect(all(page, 'text').map(textIn)).toContain(`${'x'.repeat(12)}…${'x'.repeat(8)}-last`);
  });
});
