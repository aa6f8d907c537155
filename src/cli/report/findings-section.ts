// What was found: by criterion, and seat by seat. A case can fail on grounds that no single criterion shows (protocol
// 4.8), so both are here. Signs carry the meaning; colour only helps the eye.
import type { Criterion } from '../../council/charter.ts';
import { FINDINGS, type Finding } from '../../council/quantise.ts';
import { type Html, html, quoted } from '../../evals/report/html.ts';
import { groupsOf, STATE_WORDS, seatName } from './chamber-picture.ts';
import type { ReportedCase, ReportedSeat } from './reported-case.ts';
import { unitBar } from './tally-bar.ts';

const SIGN: Readonly<Record<Finding, string>> = { met: '✓', 'not-met': '✗', insufficient: '?' };
const WORD: Readonly<Record<Finding, string>> = {
  met: 'met',
  'not-met': 'not met',
  insufficient: 'insufficient evidence',
};

export function findingsSection(reported: ReportedCase): Html {
  return html`${byCriterion(reported)}${matrix(reported)}`;
}

function byCriterion({ decision, criteria }: ReportedCase): Html {
  const { threshold, seats } = decision;
  const rows = criteria.map(({ id, title, mandatory }, i) => {
    const { met, notMet, insufficient } = decision.byCriterion[id] ?? { met: 0, notMet: 0, insufficient: 0 };
    const none = Math.max(0, seats - met - notMet - insufficient);
    const counts = { yes: met, no: notMet, unsure: insufficient, none };
    return html`<tr><th scope="row"><span class="number">${i + 1}</span> ${quoted(title)}${mandatory ? '' : html` <span class="quiet">(not mandatory)</span>`}</th>
${[met, notMet, insufficient, none].map((count) => html`<td class="n${count === 0 ? ' zero' : ''}">${count}</td>`)}<td>${unitBar(counts, threshold)}</td></tr>`;
  });
  return html`<div class="wide" tabindex="0" role="region" aria-label="Tally by criterion"><table>
<caption>By criterion</caption>
<thead><tr><th scope="col">Criterion</th><th scope="col" class="n">met</th><th scope="col" class="n">not met</th><th scope="col" class="n">insufficient</th><th scope="col" class="n">no finding</th><th scope="col" class="short">${seats} seats, line at ${threshold}</th></tr></thead>
<tbody>${rows}</tbody></table></div>
<p class="note">A seat approves when it finds every mandatory criterion met; code draws that conclusion, not the model.</p>`;
}

function matrix({ seats, criteria }: ReportedCase): Html {
  const groups = groupsOf(seats);
  const columns = criteria.length + 2;
  const bodies = [...groups].map(
    ([group, members]) =>
      html`<tbody>${
        groups.size > 1
          ? html`<tr class="group"><th scope="rowgroup" colspan="${columns}">${quoted(group)}</th></tr>`
          : undefined
      }${members.map((seat) => seatRow(seat, criteria))}</tbody>`,
  );
  return html`<h3 id="matrix">Seat by seat</h3>
<p class="note">${FINDINGS.map((finding) => html`${SIGN[finding]} ${WORD[finding]} · `)}– no finding. Columns are numbered as above.</p>
<div class="wide" tabindex="0" role="region" aria-labelledby="matrix"><table class="matrix">
<thead><tr><th scope="col">Seat</th>${criteria.map(
    ({ title }, i) => html`<th scope="col" class="tall f"><span>${i + 1} ${quoted(title)}</span></th>`,
  )}<th scope="col">Verdict</th></tr></thead>
${bodies}</table></div>`;
}

function seatRow(seat: ReportedSeat, criteria: readonly Criterion[]): Html {
  return html`<tr><th scope="row">${seatName(seat)}</th>${criteria.map(({ id }) => cell(seat.ballot?.findings[id]))}<td>${verdict(seat)}</td></tr>`;
}

function cell(finding: Finding | undefined): Html {
  if (finding === undefined)
    return html`<td class="f none"><span aria-hidden="true">–</span><span class="hidden">no finding</span></td>`;
  return html`<td class="f ${finding}"><span aria-hidden="true">${SIGN[finding]}</span><span class="hidden">${WORD[finding]}</span></td>`;
}

function verdict({ state, ballot }: ReportedSeat): Html {
  const tone = state === 'approve' ? 'approve' : state === 'reject' ? 'reject' : 'unsure';
  const reason = ballot?.reason ?? null;
  return html`<span class="${tone}">${STATE_WORDS[state]}</span>${reason === null ? undefined : html`: ${quoted(reason)}`}`;
}
