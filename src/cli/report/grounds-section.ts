// Grounds and dissents: on what the outcome rests, and what those say who saw it otherwise.

import { type Html, html, quoted } from '../../evals/report/html.ts';
import { plural } from '../layout.ts';
import { genuineness, reasonsOf } from './reasons.ts';
import type { ReportedCase, ReportedSeat } from './reported-case.ts';
import { sharedGrounds } from './shared-grounds.ts';

export function groundsSection(reported: ReportedCase): Html {
  const { seats, decision } = reported;
  const against = decision.outcome === 'approved' ? 'reject' : 'approve';
  const dissents = seats.filter(({ state }) => state === against);
  const silent = seats.filter(
    ({ state }) => state === 'abstain' || state === 'withheld' || state === 'absent',
  );
  return html`${genuineness(seats)}${onWhat(reported)}${sharedGrounds(reported)}
<h3>Dissents</h3>
${
  dissents.length === 0
    ? html`<p>No seat ${against}s.</p>`
    : html`<p>${plural(dissents.length, 'seat')} ${dissents.length === 1 ? `${against}s` : against}.</p>${criteriaOf(dissents, reported)}${reasonsOf(dissents)}`
}
${silent.length === 0 ? undefined : html`<h3>Seats that gave no verdict</h3>${reasonsOf(silent)}`}`;
}

/** The mandatory criteria that decide it, in words. */
function onWhat({ decision, criteria }: ReportedCase): Html {
  const { byCriterion, threshold, outcome } = decision;
  const short = criteria.filter(({ id, mandatory }) => mandatory && (byCriterion[id]?.met ?? 0) < threshold);
  if (outcome === 'approved') {
    return html`<p>Every mandatory criterion is met in the eyes of at least ${threshold} seats, and the same ${threshold} or more find all of them met.</p>`;
  }
  if (short.length === 0) {
    return html`<p>Each mandatory criterion by itself is met in the eyes of at least ${threshold} seats, and yet fewer than ${threshold} find all of them met at once.</p>`;
  }
  return html`<p>Fewer than ${threshold} seats find these mandatory criteria met:</p><ul>${short.map(
    ({ id, title }) => {
      const { met = 0, notMet = 0, insufficient = 0 } = byCriterion[id] ?? {};
      const none = decision.seats - met - notMet - insufficient;
      return html`<li>${quoted(title)}: ${met} met, ${notMet} not met, ${insufficient} insufficient evidence${none > 0 ? `, ${none} without a finding` : ''}</li>`;
    },
  )}</ul>`;
}

/** Which mandatory criteria the rejecting seats stumble over. */
function criteriaOf(
  dissents: readonly ReportedSeat[],
  { criteria, decision }: ReportedCase,
): Html | undefined {
  if (decision.outcome !== 'approved') return undefined;
  const stumbles = criteria
    .map(({ id, title, mandatory }) => ({
      title,
      seats: mandatory ? dissents.filter(({ ballot }) => ballot?.findings[id] !== 'met').length : 0,
    }))
    .filter(({ seats }) => seats > 0);
  return html`<ul>${stumbles.map(({ title, seats }) => html`<li>${quoted(title)}: ${plural(seats, 'dissenting seat')}</li>`)}</ul>`;
}
