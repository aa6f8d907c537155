// What stands behind the sections: the case as it was put, who sat, and the reasons of those who carried the outcome.

import { type Html, html, quoted } from '../../evals/report/html.ts';
import { STATE_WORDS, seatName } from './chamber-picture.ts';
import { reasonsOf } from './reasons.ts';
import type { ReportedCase, ReportedSeat } from './reported-case.ts';

/** Longer fields are texts of the case, and stay in the dossier with the evidence. */
const MAX_FACT_CHARS = 200;

export function caseAnnex({ texts, document }: ReportedCase): Html {
  if (texts.kind !== 'kept') {
    return html`<p>${
      texts.kind === 'erased'
        ? 'The dossier of this case (title, facts, evidence) is not kept here: it was erased, or has never been in this directory. The ledger holds only salted commitments to it, so it stays valid and can no longer be read.'
        : 'What lies in the place of the dossier is not what the case commits to, so nothing of it is shown.'
    } The case has ${document.evidence.length} items of evidence.</p>`;
  }
  const facts = Object.entries(texts.fields).filter(([, text]) => text.length <= MAX_FACT_CHARS);
  return html`<dl>${facts.map(([name, text]) => html`<dt>${name}</dt><dd>${quoted(text)}</dd>`)}</dl>
<div class="wide" tabindex="0" role="region" aria-label="Evidence"><table><caption>Evidence before the seats</caption>
<thead><tr><th scope="col">Id</th><th scope="col">Title</th></tr></thead>
<tbody>${texts.evidence.map(({ id, title }) => html`<tr><th scope="row">${quoted(id)}</th><td class="loose">${quoted(title)}</td></tr>`)}</tbody></table></div>
<p class="note">The texts of the evidence are confidential and not part of this report; longer fields of the case are with them.</p>`;
}

export function seatsAnnex({ seats }: ReportedCase): Html {
  const served = seats.some((seat) => servedBy(seat) !== '');
  const lenses = seats.some(({ lens }) => lens !== undefined);
  const rows = seats.map((seat) => {
    const { developer, family, host, node, lens, state, ballot } = seat;
    return html`<tr><th scope="row">${seatName(seat)}</th>${lenses ? html`<td>${lens ?? ''}</td>` : undefined}<td>${quoted(developer)}</td><td>${quoted(family)}</td><td>${quoted(host)}</td><td class="short">${quoted(node)}</td>${served ? html`<td>${quoted(servedBy(seat))}</td>` : undefined}<td>${ballot?.provenance ?? '–'}</td><td>${STATE_WORDS[state]}</td></tr>`;
  });
  return html`<div class="wide" tabindex="0" role="region" aria-label="The seats"><table>
<thead><tr><th scope="col">Seat</th>${lenses ? html`<th scope="col">Lens</th>` : undefined}<th scope="col">Developer</th><th scope="col">Family</th><th scope="col">Host</th><th scope="col">Node</th>${served ? html`<th scope="col">Served by</th>` : undefined}<th scope="col">Answer</th><th scope="col">Verdict</th></tr></thead>
<tbody>${rows}</tbody></table></div>${
    lenses
      ? html`<p class="note">Lenses are those of the seat files at hand when this report was written.</p>`
      : undefined
  }`;
}

/** No seat that is not live is shown under a maker's name (protocol 6.4), nor under the name of a maker's model. */
function servedBy({ ballot, testimony }: ReportedSeat): string {
  return ballot?.provenance === 'live' ? (testimony?.servedBy ?? '') : '';
}

export function reasonsAnnex({ seats, decision }: ReportedCase): Html {
  const side = decision.outcome === 'approved' ? 'approve' : 'reject';
  const carrying = seats.filter(({ state }) => state === side);
  return carrying.length === 0
    ? html`<p>No seat ${side}s.</p>`
    : html`<div class="said">${reasonsOf(carrying)}</div>`;
}
