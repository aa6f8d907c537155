// The grounds that seats share, criterion by criterion, and what a person should look at. Advisory, and said to be: it was
// not counted and changes nothing.
import type { Criterion } from '../../council/charter.ts';
import { type Html, html, quoted } from '../../evals/report/html.ts';
import type {
  CriterionGrounds,
  Ground,
  GroundsFlag,
  GroundsReport,
  Incompatibility,
  Quote,
  Side,
} from '../../seats/grounds/grounds-report.ts';
import { plural } from '../layout.ts';
import type { ReportedCase } from './reported-case.ts';

const GROUNDS_SHOWN = 4;
const CLASHES_SHOWN = 3;

const FLAG_WORDS: Readonly<Record<GroundsFlag, string>> = {
  'approvals-rest-on-incompatible-reasons': 'Seats that found it met rely on reasons that deny each other',
  'refusals-rest-on-incompatible-reasons':
    'Seats that did not find it met rely on reasons that deny each other',
  'majority-rests-on-one-vendor': 'The leading finding rests on one vendor',
  'majority-shares-no-ground': 'Those who lead have hardly a reason in common',
  'dissent-shared-across-vendors': 'Seats of several vendors dissent for the same reason',
  'no-finding-has-a-quorum': 'No finding is held by a quorum',
  'reasons-missing': 'Most of those who lead gave no reason',
};

const SIDE_WORDS = { met: 'met', 'not-met': 'not met', insufficient: 'insufficient evidence' } as const;

export function sharedGrounds({ grounds, criteria }: ReportedCase): Html | undefined {
  if (grounds === undefined) return undefined;
  const titles = new Map(criteria.map(({ id, title }: Criterion) => [id, title]));
  const titleOf = (id: string): string => titles.get(id) ?? id;
  return html`<h3>Grounds, by meaning</h3>
<p>Reasons put together by what they say, for each finding apart. <strong>Advisory</strong>: findings were counted, reasons were not.</p>
${flagsIn(grounds, titleOf)}
${grounds.criteria.map((criterion) => criterionIn(criterion, titleOf))}
<ul class="note">${grounds.caveats.map((caveat) => html`<li>${caveat}</li>`)}<li>Compared by ${grounds.embedder.name}, on this machine. No digest in a ballot covers the reasons by criterion; it covers the seat’s whole statement below.</li></ul>`;
}

function flagsIn({ flags }: GroundsReport, titleOf: (id: string) => string): Html {
  if (flags.length === 0) return html`<p>Nothing in the reasons calls for a person to look at it.</p>`;
  return html`<div class="look keep"><p><strong>For a person to look at</strong></p><ul>${flags.map(
    ({ flag, criterion, detail }) =>
      html`<li>${quoted(titleOf(criterion))}: ${FLAG_WORDS[flag]} (${quoted(detail)}).</li>`,
  )}</ul></div>`;
}

function criterionIn(
  { criterion, sides, leading, incompatible }: CriterionGrounds,
  titleOf: (id: string) => string,
) {
  return html`<div class="grounds"><h4>${quoted(titleOf(criterion))}</h4>${sides.map((side) => sideIn(side, side.finding === leading))}${incompatible
    .slice(0, CLASHES_SHOWN)
    .map(
      clashIn,
    )}${more(incompatible.length - CLASHES_SHOWN, 'pair of reasons that deny each other', 'pairs of reasons that deny each other')}</div>`;
}

function sideIn({ finding, seats, developers, grounds, unreasoned }: Side, leads: boolean): Html {
  const makers = developers.map(({ developer, seats: held }) => `${developer} ${held}`).join(', ');
  return html`<p class="side ${finding}"><strong>${SIDE_WORDS[finding]}</strong>, ${plural(seats.length, 'seat')}${leads ? '' : ', against the leading finding'} <span class="note">(${quoted(makers)})</span></p>
<ul class="held">${grounds.slice(0, GROUNDS_SHOWN).map(groundIn)}</ul>${more(grounds.length - GROUNDS_SHOWN, 'ground of fewer seats', 'grounds of fewer seats')}${
    unreasoned.length === 0
      ? undefined
      : html`<p class="note">${plural(unreasoned.length, 'seat')} gave no reason.</p>`
  }`;
}

function groundIn({ id, seats, developers, quote }: Ground): Html {
  const held =
    seats.length === 1
      ? `seat ${seats[0]} alone`
      : `${seats.length} seats of ${plural(developers.length, 'developer')}: ${ranges(seats)}`;
  return html`<li><span class="note">${id}</span> ${words(quote)} <span class="note">${held}</span></li>`;
}

/** "1–12, 14": a council is read by its numbers. */
export function ranges(seats: readonly number[]): string {
  const runs: { from: number; to: number }[] = [];
  for (const seat of [...seats].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && seat === last.to + 1) last.to = seat;
    else runs.push({ from: seat, to: seat });
  }
  return runs.map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}

function clashIn({ quotes: [one, other], opposition, finding }: Incompatibility): Html {
  return html`<p class="clash">Both “${SIDE_WORDS[finding]}”, and they deny each other (${quoted(opposition.words.join(' / '))}): ${words(one)} <span class="note">seat ${one.seat}</span> and ${words(other)} <span class="note">seat ${other.seat}</span></p>`;
}

function words({ text }: Quote): Html {
  return html`<q>${quoted(text)}</q>`;
}

function more(left: number, one: string, many: string): Html | undefined {
  return left > 0 ? html`<p class="note">and ${plural(left, one, many)}</p>` : undefined;
}
