// What the case cost, as far as the dossier says. What was not recorded is not guessed, and not taken for nothing.

import { type Html, html, quoted } from '../../evals/report/html.ts';
import { counted } from '../layout.ts';
import type { ReportedCase, ReportedSeat } from './reported-case.ts';

const dollars = (usd: number): string => `$${usd.toFixed(4)}`;

export function spendSection({ seats, decision }: ReportedCase): Html {
  const told = seats.filter(
    ({ testimony }) => testimony?.usage !== undefined || testimony?.costUsd !== undefined,
  );
  if (told.length === 0) {
    const asked = decision.provenance.live > 0;
    return html`<p>${asked ? 'What the models cost was not recorded, or went with the dossier.' : 'No live model was asked, so nothing was spent on one.'}</p>`;
  }
  const names = [...new Set(told.map(({ developer }) => developer))];
  const rows = names
    .map((name) => ({ name, sum: sumOf(told.filter(({ developer }) => developer === name)) }))
    .sort((a, b) => b.sum.costUsd - a.sum.costUsd)
    .map(({ name, sum }) => row(quoted(name), sum));
  const silent = decision.ballots.length - told.length;
  return html`<div class="wide keep" tabindex="0" role="region" aria-label="Spend by vendor"><table><caption>Spend by vendor</caption>
<thead><tr><th scope="col">Developer</th><th scope="col" class="n">seats</th><th scope="col" class="n">tokens in</th><th scope="col" class="n">tokens out</th><th scope="col" class="n">USD</th></tr></thead>
<tbody>${rows}</tbody><tfoot>${row('all', sumOf(told))}</tfoot></table></div>
${silent > 0 ? html`<p class="note">Of ${silent} more ballots no spend is recorded.</p>` : undefined}`;
}

interface Sum {
  readonly seats: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
}

function sumOf(seats: readonly ReportedSeat[]): Sum {
  const sum = (of: (seat: ReportedSeat) => number | undefined): number =>
    seats.reduce((total, seat) => total + (of(seat) ?? 0), 0);
  return {
    seats: seats.length,
    inputTokens: sum(({ testimony }) => testimony?.usage?.inputTokens),
    outputTokens: sum(({ testimony }) => testimony?.usage?.outputTokens),
    costUsd: sum(({ testimony }) => testimony?.costUsd),
  };
}

function row(name: Html | string, { seats, inputTokens, outputTokens, costUsd }: Sum): Html {
  return html`<tr><th scope="row">${name}</th><td class="n">${seats}</td><td class="n">${counted(inputTokens)}</td><td class="n">${counted(outputTokens)}</td><td class="n">${dollars(costUsd)}</td></tr>`;
}
