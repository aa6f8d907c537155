// Results of evals as one page that works offline, for people who would rather look than read. It knows no suite, only the kinds of
// section. The same results give the same page, byte for byte.
import { unreachable } from '../../errors.ts';
import type { EvalResult, Section } from '../results/eval-result.ts';
import { curvesChart } from './curves-chart.ts';
import { dataTable } from './data-table.ts';
import { EVAL_STYLESHEET } from './eval-stylesheet.ts';
import { figureRows } from './figure-cell.ts';
import { type Html, html, prose, quoted } from './html.ts';
import { matrixChart } from './matrix-chart.ts';
import { outcomesView } from './outcomes-view.ts';
import { framed } from './page-frame.ts';
import { EVAL_PAGE_HEAD } from './page-head.ts';
import { newPen, type Pen } from './pen.ts';

export function evalPage(results: readonly EvalResult[]): string {
  const pen = newPen();
  const [only] = results;
  const single = results.length === 1 && only !== undefined;
  const heading = `Evals: ${results.length} suites`;
  const suites = results.map((result, i) => suiteBody(result, { number: i + 1, numbered: !single }, pen));
  const body = html`${
    single
      ? onlyHead(only)
      : html`<header><p class="kicker">Conclave</p>
<h1>${heading}</h1></header>
${contents(results)}`
  }
<main>
${suites}
</main>
${reading()}`;
  return (
    EVAL_PAGE_HEAD + framed({ title: single ? only.suite.title : heading, stylesheet: EVAL_STYLESHEET, body })
  );
}

function onlyHead({ suite, limits }: EvalResult): Html {
  return html`<header><p class="kicker">Conclave evals</p>
<h1>${quoted(suite.title)}</h1>
<p class="lead">${quoted(suite.question)}</p>
${limitBox(limits, html`<h2>${FIRST}</h2>`)}</header>`;
}

function contents(results: readonly EvalResult[]): Html {
  return html`<nav aria-label="Contents"><ol>${results.map(
    ({ suite }, i) => html`<li><a href="#suite-${i + 1}">${i + 1} ${quoted(suite.title)}</a></li>`,
  )}</ol></nav>`;
}

interface Place {
  readonly number: number;
  /** where there are several */
  readonly numbered: boolean;
}

function suiteBody(result: EvalResult, { number, numbered }: Place, pen: Pen): Html {
  const { suite, sections, limits } = result;
  const id = `suite-${number}`;
  return html`<section id="${id}" aria-labelledby="${id}-heading">
${
  numbered
    ? html`<h2 id="${id}-heading"><span class="no">${number}</span>${quoted(suite.title)}</h2>
<p class="lead">${quoted(suite.question)}</p>
${limitBox(limits, html`<h3>${FIRST}</h3>`)}`
    : html`<h2 id="${id}-heading">What was found</h2>`
}
<nav aria-label="In this suite"><ol>${sections.map((_, i) => html`<li><a href="#${id}-${i + 1}">${quoted(linkWords(sections, i))}</a></li>`)}</ol></nav>
${sections.map(
  (section, i) => html`<div class="part" id="${id}-${i + 1}"><h3>${quoted(section.title)}</h3>
${prose(section.about)}
${view(section, pen)}
</div>
`,
)}
${madeFrom(result)}
</section>
`;
}

/** Where several have the same title, what stands before each tells them apart. */
function linkWords(sections: readonly Section[], at: number): string {
  const title = sections[at]?.title ?? '';
  const before = sections[at - 1];
  const alike = sections.filter((section) => section.title === title).length > 1;
  return alike && before !== undefined ? `${title} (${before.title})` : title;
}

function view(section: Section, pen: Pen): Html {
  switch (section.kind) {
    case 'figures':
      return figureRows(section.title, section.rows);
    case 'curves':
      return curvesChart(section, pen);
    case 'matrix':
      return matrixChart(section, pen);
    case 'table':
      return dataTable(section);
    case 'outcomes':
      return outcomesView(section, pen);
    default:
      return unreachable(section);
  }
}

const FIRST = 'Read this first';

/** Before any figure, since whoever quotes one may read no further. */
function limitBox(limits: readonly string[], heading: Html): Html | undefined {
  if (limits.length === 0) return undefined;
  return html`<aside class="first">${heading}
<ul>${limits.map((limit) => html`<li>${quoted(limit)}</li>`)}</ul></aside>`;
}

function madeFrom({ command, seed, sources }: EvalResult): Html {
  const rows = sources.map(
    ({ what, name, digest, count }) =>
      html`<tr><th scope="row">${what}</th><td class="loose">${quoted(name)}</td><td class="n">${count === undefined ? '' : count.toLocaleString('en-US')}</td><td class="loose digest">${digest}</td></tr>
`,
  );
  return html`<div class="made"><h3>How it was made</h3>
<pre>${command}</pre>
<p class="note">Seed ${seed}. The same command on the same bytes gives the same figures.</p>
${
  sources.length === 0
    ? undefined
    : html`<div class="wide" tabindex="0" role="region" aria-label="Made from"><table><caption>Made from</caption>
<thead><tr><th scope="col">What</th><th scope="col">Name</th><th scope="col" class="n">Count</th><th scope="col">SHA-256</th></tr></thead>
<tbody>${rows}</tbody></table></div>`
}</div>`;
}

function reading(): Html {
  return html`<footer><p class="note">Under each value stands its 95${'\u00a0'}% interval: by Wilson’s method for shares, with as many trials as the clusters are worth; by bootstrap over clusters; or over simulated runs. What is counted, not estimated, has none and is drawn as a square. n is over how many it was counted. docs/evaluating.md defines every measure. Nothing in this page was fetched from anywhere.</p></footer>`;
}
