// What seats said, in their own words, as the dossier keeps them. Seats that said the very same are told together.

import { type Html, html, prose, quoted } from '../../evals/report/html.ts';
import { plural } from '../layout.ts';
import { seatName } from './chamber-picture.ts';
import type { ReportedSeat } from './reported-case.ts';

/** So many are named with their makers when they said the same. */
const FEW = 6;

/** Reasons of the given seats, by seat; each with what is known of how they came about. */
export function reasonsOf(seats: readonly ReportedSeat[]): Html {
  const alike = new Map<string, ReportedSeat[]>();
  for (const seat of seats) {
    const { testimony } = seat;
    const key = testimony === undefined ? 'none' : `${testimony.genuine} ${testimony.rationale}`;
    alike.set(key, [...(alike.get(key) ?? []), seat]);
  }
  return html`${[...alike.values()].map(reason)}`;
}

function reason(said: readonly ReportedSeat[]): Html {
  const [first] = said;
  if (first === undefined) return html``;
  const { testimony, state } = first;
  const who = said.map(
    (seat, i) =>
      html`${i === 0 ? '' : ', '}<b>${seatName(seat)}</b>${seat.group === seat.lens || said.length <= FEW ? html` (${quoted(seat.group)})` : undefined}`,
  );
  const words =
    testimony === undefined
      ? html`<p class="note">No reasons of ${said.length === 1 ? 'this seat' : 'these seats'} are kept here.</p>`
      : testimony.rationale.trim() === ''
        ? html`<p class="note">No reasons were given.</p>`
        : prose(testimony.rationale);
  const doubt =
    testimony === undefined || testimony.genuine
      ? undefined
      : html`<p class="note reject">These are not the words whose digest stands in the ballot: the dossier was altered.</p>`;
  return html`<article class="say of-${state}"><header>${said.length > FEW ? `${said.length} seats: ` : undefined}${who}${besides(said)}</header>${doubt}${words}</article>`;
}

/** What is known of how they came about, for all of them together. */
function besides(said: readonly ReportedSeat[]): Html | undefined {
  const judged = said.flatMap(({ ballot }) =>
    ballot === undefined || ballot.reason !== null ? [] : [ballot.confidence],
  );
  const [least, most] = [Math.min(...judged), Math.max(...judged)];
  const sure = least === most ? `${least} %` : `${least} to ${most} %`;
  const who = said.length === 1 ? 'it is' : 'they are';
  const told = [
    ...new Set(said.flatMap(({ ballot }) => (ballot?.reason == null ? [] : [`abstains: ${ballot.reason}`]))),
    ...(judged.length === 0 ? [] : [`says ${who} ${sure} sure`.replace('says they', 'say they')]),
    ...new Set(said.flatMap(({ testimony }) => testimony?.flags ?? [])),
  ];
  return told.length === 0 ? undefined : html`<br>${quoted(told.join(' · '))}`;
}

/** Whether the words shown are those the seats committed to, told once for all. */
export function genuineness(seats: readonly ReportedSeat[]): Html {
  const voted = seats.filter(({ ballot }) => ballot !== undefined).length;
  const kept = seats.flatMap(({ testimony }) => testimony ?? []);
  const genuine = kept.filter((testimony) => testimony.genuine).length;
  if (voted === 0) return html`<p>No seat opened a ballot, so there are no reasons.</p>`;
  if (kept.length === 0) {
    return html`<p>The reasons of the seats are not kept here: the dossier was erased, or has never been in this directory. Findings and verdicts stand on the ledger and are complete above; each ballot still names its reasons by their digest.</p>`;
  }
  return html`<p class="note">Reasons are kept for ${kept.length} of ${plural(voted, 'ballot')}; ${genuine} ${genuine === 1 ? 'is' : 'are'}, to the letter, what the ballot names by digest. How sure a seat says it is was recorded and never weighed.</p>`;
}
