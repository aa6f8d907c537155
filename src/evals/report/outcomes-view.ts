// What the council made of the cases: against the truth, with wrong approvals and wrong rejections apart; how many seats were right
// on how many cases; and the cases that nearly every seat gets wrong, which no count can mend.

import { DEED_BETTER, DEED_LABELS, deedFigures } from '../results/council-deeds.ts';
import type { OutcomesSection } from '../results/eval-result.ts';
import { tableFrame } from './data-table.ts';
import { figureRows } from './figure-cell.ts';
import { type Html, html, quoted } from './html.ts';
import type { Pen } from './pen.ts';
import { niceTicks, written } from './written-numbers.ts';

/** A case that at least this share of the seats gets wrong is listed. */
export const NEARLY_ALL = 0.9;
/** More are in the result itself; a page with all of them would not open. */
const MOST_LISTED = 500;

const TRUTHS = [
  { label: 'A', words: 'should be approved', verdict: 'approve' },
  { label: 'R', words: 'should be rejected', verdict: 'reject' },
  { label: '-', words: 'nothing can be said of', verdict: 'neither' },
] as const;
const OUTCOMES = [
  { letter: 'A', words: 'approved' },
  { letter: 'U', words: 'undecided' },
  { letter: 'R', words: 'rejected' },
] as const;

export function outcomesView(section: OutcomesSection, pen: Pen): Html {
  if (section.items.length === 0) return html`<p class="note">There are no cases in this section.</p>`;
  return html`${confusion(section)}
${figureRows(
  `${section.title}: shares`,
  deedFigures(section).map(({ deed, figure }) => {
    const better = DEED_BETTER[deed];
    return {
      id: deed,
      label: DEED_LABELS[deed],
      unit: 'share',
      figure,
      ...(better === undefined ? {} : { better }),
    };
  }),
)}
${rightSeats(section, pen)}
${hardest(section)}`;
}

function confusion({ title, items, labels, outcomes }: OutcomesSection): Html {
  const count = (label: string, letter: string): number =>
    [...items.keys()].filter((i) => labels.charAt(i) === label && outcomes.charAt(i) === letter).length;
  const rows = TRUTHS.filter(({ label }) => labels.includes(label)).map(({ label, words }) => {
    const counts = OUTCOMES.map(({ letter }) => ({ letter, cases: count(label, letter) }));
    const all = counts.reduce((sum, { cases }) => sum + cases, 0);
    return html`<tr><th scope="row">${words} <span class="ci">${written(all, 'count')} cases</span></th>${counts.map(
      ({ letter, cases }) => {
        const error = wrongness(label, letter);
        return html`<td class="n${error === undefined || cases === 0 ? '' : ' wrong'}"><b>${written(cases, 'count')}</b><span class="ci">${written(cases / Math.max(1, all), 'share', 0.05)}</span>${error === undefined ? undefined : html`<span class="ci">${error}</span>`}</td>`;
      },
    )}</tr>
`;
  });
  return html`<div class="wide" tabindex="0" role="region" aria-label="${title}: decided against the truth"><table class="confusion"><caption>Decided, against the truth</caption>
<thead><tr><th scope="col">A case that</th>${OUTCOMES.map(({ words }) => html`<th scope="col" class="n">${words}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function wrongness(label: string, letter: string): string | undefined {
  if (label !== 'A' && letter === 'A') return 'wrong approvals';
  return label === 'A' && letter === 'R' ? 'wrong rejections' : undefined;
}

interface Bar {
  readonly right: number;
  readonly cases: number;
}

/** Upwards the cases that should be approved, downwards all others. */
function rightSeats({ items, labels, right, seats }: OutcomesSection, pen: Pen): Html {
  const { plot } = pen;
  const bars = (wanted: (label: string) => boolean): readonly Bar[] => {
    const counts = Array.from({ length: seats + 1 }, (_, i) => ({ right: i, cases: 0 }));
    for (const i of items.keys()) {
      const bar = counts[right[i] ?? 0];
      if (bar !== undefined && wanted(labels.charAt(i))) bar.cases++;
    }
    return counts.filter(({ cases }) => cases > 0);
  };
  const up = bars((label) => label === 'A');
  const down = bars((label) => label !== 'A');
  const most = Math.max(1, ...[...up, ...down].map(({ cases }) => cases));
  const ticks = niceTicks(0, most, 3, 1);
  const both = [
    ...ticks
      .slice(1)
      .map((tick) => -tick)
      .reverse(),
    ...ticks,
  ];
  const edge = ticks.at(-1) ?? most;
  const bounds = { x1: ({ right: at }: Bar) => at - 0.42, x2: ({ right: at }: Bar) => at + 0.42 };
  const told = (words: string) => (bar: Bar) =>
    `${written(bar.cases, 'count')} cases that ${words}: ${bar.right} of ${seats} seats right`;
  const label = `How many of ${seats} seats were right, on how many cases. Above the line cases that should be approved, below it all others.`;
  const drawing = (width: number): Html =>
    pen.drawn(label, {
      width,
      height: 250,
      marginLeft: 50,
      marginRight: 16,
      marginTop: 30,
      marginBottom: 44,
      x: {
        domain: [-0.5, seats + 0.5],
        ticks: niceTicks(0, seats, width / 80, 1).filter((tick) => tick <= seats),
        tickFormat: (tick: number) => String(tick),
        label: `seats that were right, of ${seats}`,
        labelAnchor: 'center',
        labelArrow: 'none',
      },
      y: {
        domain: [-edge, edge],
        ticks: both,
        tickFormat: (tick: number) => written(Math.abs(tick), 'count'),
        label: 'cases',
        labelArrow: 'none',
        grid: true,
      },
      marks: [
        plot.rect(up, {
          ...bounds,
          y1: 0,
          y2: ({ cases }: Bar) => cases,
          fill: 'var(--s1)',
          title: told('should be approved'),
        }),
        plot.rect(down, {
          ...bounds,
          y1: 0,
          y2: ({ cases }: Bar) => -cases,
          fill: 'var(--s2)',
          title: told('should not'),
        }),
        plot.ruleY([0], { stroke: 'var(--ink)' }),
        plot.text(['should be approved'], {
          frameAnchor: 'top-left',
          dx: 6,
          dy: 4,
          text: (word: string) => word,
          fill: 'var(--s1)',
          stroke: 'var(--paper)',
          strokeWidth: 4,
        }),
        plot.text(['should not be approved'], {
          frameAnchor: 'bottom-left',
          dx: 6,
          dy: -4,
          text: (word: string) => word,
          fill: 'var(--s2)',
          stroke: 'var(--paper)',
          strokeWidth: 4,
        }),
      ],
    });
  return html`<h4>How many seats were right, on how many cases</h4>
<figure><div class="broad">${drawing(940)}</div><div class="slim">${drawing(356)}</div></figure>`;
}

function hardest({ title, items, labels, outcomes, right, seats }: OutcomesSection): Html {
  const found = [...items.keys()]
    .map((i) => ({
      item: items[i] ?? '',
      label: labels.charAt(i),
      outcome: outcomes.charAt(i),
      right: right[i] ?? 0,
    }))
    .filter((one) => seats - one.right >= NEARLY_ALL * seats)
    .sort((a, b) => a.right - b.right || (a.item < b.item ? -1 : a.item > b.item ? 1 : 0));
  const words = `at least 90${'\u00a0'}% of the ${seats} seats`;
  if (found.length === 0)
    return html`<h4>Cases that nearly everyone gets wrong</h4>
<p>None: no case is judged wrongly by ${words}.</p>`;
  const shown = found.slice(0, MOST_LISTED);
  const left = found.length - shown.length;
  return html`<h4>Cases that nearly everyone gets wrong</h4>
<p>${written(found.length, 'count')} of ${written(items.length, 'count')} cases are judged wrongly by ${words}, an abstention counting as wrong. The hardest come first${left > 0 ? html`; the first ${shown.length} are listed, ${left} more are in the result` : undefined}.</p>
${tableFrame(
  `${title}: cases that nearly everyone gets wrong`,
  shown.length,
  html`<table><caption class="hidden">Cases that nearly everyone gets wrong</caption>
<thead><tr><th scope="col">Case</th><th scope="col">Truth</th><th scope="col">The council</th><th scope="col" class="n">Seats right</th></tr></thead>
<tbody>${shown.map(
    (one) =>
      html`<tr><th scope="row" class="loose">${quoted(one.item)}</th><td>${TRUTHS.find(({ label }) => label === one.label)?.verdict}</td><td>${OUTCOMES.find(({ letter }) => letter === one.outcome)?.words}</td><td class="n">${one.right} of ${seats}</td></tr>
`,
  )}</tbody></table>`,
)}`;
}
