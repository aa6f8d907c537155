// The chamber as it voted: the picture, the count, and the same by the makers whose models judged.

import { type Html, html, quoted } from '../../evals/report/html.ts';
import { chamberPicture, legend } from './chamber-picture.ts';
import type { ReportedCase, ReportedSeat, SeatState } from './reported-case.ts';
import { tallyBar } from './tally-bar.ts';

export function chamberSection(reported: ReportedCase): Html {
  const { seats, decision } = reported;
  const { tally, threshold } = decision;
  const counts = { yes: tally.approve, no: tally.reject, unsure: tally.abstain, none: tally.missing };
  return html`<figure>${chamberPicture({ seats, approvals: tally.approve, threshold })}
${legend(seats)}${tallyBar(counts, threshold)}</figure>
${byMaker(seats)}`;
}

const COLUMNS: readonly (readonly [string, readonly SeatState[]])[] = [
  ['approve', ['approve']],
  ['reject', ['reject']],
  ['abstain', ['abstain']],
  ['missing', ['withheld', 'absent']],
];

function byMaker(seats: readonly ReportedSeat[]): readonly Html[] {
  const makers = tallied(
    'Tally by vendor (who trained the model)',
    'Developer',
    seats,
    ({ developer }) => developer,
  );
  const grouped = seats.every(({ group, lens }) => lens !== undefined && group === lens);
  return grouped ? [makers, tallied('Tally by lens', 'Lens', seats, ({ group }) => group)] : [makers];
}

function tallied(
  caption: string,
  heading: string,
  seats: readonly ReportedSeat[],
  groupOf: (seat: ReportedSeat) => string,
): Html {
  const names = [...new Set(seats.map(groupOf))];
  const of = (name: string): readonly ReportedSeat[] => seats.filter((seat) => groupOf(seat) === name);
  const rows = names
    .map((name) => ({ name, members: of(name) }))
    .sort((a, b) => b.members.length - a.members.length)
    .map(
      ({ name, members }) =>
        html`<tr><th scope="row">${quoted(name)}</th><td class="n">${members.length}</td>${COLUMNS.map(
          ([, states]) => countCell(members.filter(({ state }) => states.includes(state)).length),
        )}</tr>`,
    );
  return html`<div class="wide keep" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr><th scope="col">${heading}</th><th scope="col" class="n">seats</th>${COLUMNS.map(([word]) => html`<th scope="col" class="n">${word}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function countCell(count: number): Html {
  return html`<td class="n${count === 0 ? ' zero' : ''}">${count}</td>`;
}
