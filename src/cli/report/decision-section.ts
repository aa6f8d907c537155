// The head of a report: what was asked, what came out, why, and everything that should be known before it is believed:
// that it is a trial, that one machine hosts every seat, that the certificate does not hold.

import type { CaseClosed, Decision, Flag } from '../../council/records.ts';
import type { Basis } from '../../council/tally.ts';
import { type Html, html, quoted } from '../../evals/report/html.ts';
import { plural } from '../layout.ts';
import { dayOf, moment } from './moment.ts';
import type { ReportedCase } from './reported-case.ts';

const FLAG_WORDS: Readonly<Record<Flag, string>> = {
  trial: 'A trial: answers that are not live, or seats that one machine could speak for.',
  embedded:
    'One machine hosts more seats than the council survives losing; who controls it can forge everything.',
  'human-review': 'A person should look at this case.',
  'discursive-dilemma':
    'Every mandatory criterion has its quorum, and yet no quorum approves: the seats fail the case on different grounds.',
  'pivotal-withholding':
    'Seats that sealed a ballot did not open it, and their ballots could have changed the outcome.',
};

const CLOSED_BY: Readonly<Record<CaseClosed['by'], string>> = {
  all: 'all had voted',
  'all-but-suspected': 'all had voted but those the council calls silent',
  deadline: 'deadline',
};

const PROVENANCE_WORDS: Readonly<Record<keyof Decision['provenance'], string>> = {
  live: 'live models',
  recorded: 'recordings of models',
  replay: 'a file of prepared answers',
  offline: 'an offline checklist',
};

export function titleOf({ texts, document }: ReportedCase): string {
  return texts.kind === 'kept' ? texts.title : document.subject;
}

export function masthead(reported: ReportedCase): Html {
  const { document, founding } = reported;
  return html`<header>
<p class="kicker">Decision report · ${quoted(founding.charter.name)}</p>
<h1>${quoted(titleOf(reported))}</h1>
<p class="sub">${document.type} of ${quoted(document.subject)}, attempt ${document.attempt}</p>
${warnings(reported)}
${verdict(reported.decision)}</header>`;
}

function verdict(decision: Decision): Html {
  const approved = decision.outcome === 'approved';
  return html`<div class="verdict"><p class="word ${approved ? 'approve' : 'reject'}">${approved ? 'Approved' : 'Not approved'}</p>
<p class="why">${WHY[decision.basis](decision)}</p></div>`;
}

/** Loud, and before anything else. */
function warnings({ decision, founding, certificate }: ReportedCase): readonly Html[] {
  const banners: Html[] = [];
  if (certificate.kind === 'kept' && certificate.trouble !== undefined) {
    banners.push(
      banner(
        'THE CERTIFICATE DOES NOT HOLD',
        `It was checked when this report was written, and ${certificate.trouble}. Nothing below is vouched for.`,
        'broken',
      ),
    );
  }
  if (certificate.kind === 'missing') {
    banners.push(
      banner(
        'NO CERTIFICATE',
        'There was none beside the ledger when this report was written. Nothing below is vouched for.',
        'broken',
      ),
    );
  }
  if (decision.flags.includes('trial')) {
    const why = founding.roster.trial && decision.provenance.live > 0 ? ` ${FLAG_WORDS.embedded}` : '';
    banners.push(
      banner(
        'THIS IS A TRIAL',
        `${answersFrom(decision)}${why} It certifies nothing about the system judged.`,
      ),
    );
  }
  return banners;
}

function banner(head: string, words: string, kind = ''): Html {
  return html`<div class="trial ${kind}" role="note"><strong>${head}</strong><p>${words}</p></div>`;
}

/** "No live model judged this case: all 33 counted ballots come from an offline checklist." */
export function answersFrom({ provenance, ballots }: Decision): string {
  const kinds = (['live', 'recorded', 'replay', 'offline'] as const).filter((kind) => provenance[kind] > 0);
  const [only] = kinds;
  if (only === undefined) return 'No ballot was counted.';
  const told =
    kinds.length === 1
      ? `all ${plural(ballots.length, 'counted ballot')} come from ${PROVENANCE_WORDS[only]}.`
      : `of ${plural(ballots.length, 'counted ballot')}, ${kinds.map((kind) => `${provenance[kind]} come from ${PROVENANCE_WORDS[kind]}`).join(', ')}.`;
  return provenance.live === 0
    ? `No live model judged this case: ${told}`
    : `${told.charAt(0).toUpperCase()}${told.slice(1)}`;
}

export function decisionSection(reported: ReportedCase): Html {
  const { decision, document, openedMs, closed, founding, caseId } = reported;
  const { basis, tally, threshold, seats, flags, timeMs, validUntilMs, height } = decision;
  return html`<dl>
<dt>Tally</dt><dd>${tally.approve} approve, ${tally.reject} reject, ${tally.abstain} abstain, ${tally.missing} missing: ${threshold} of ${seats} must approve</dd>
<dt>Basis</dt><dd>${basis}: ${BASIS_WORDS[basis]}</dd>
<dt>Flags</dt><dd>${flags.length === 0 ? 'none' : flags.map((flag) => html`<p><strong>${flag}</strong>. ${FLAG_WORDS[flag]}</p>`)}</dd>
<dt>Decided</dt><dd>${moment(timeMs)}, in block ${height}</dd>
<dt>Opened</dt><dd>${moment(openedMs)}${closed === undefined ? '' : html`; ballots sealed until ${moment(closed.timeMs)} (${CLOSED_BY[closed.by]})`}</dd>
<dt>Valid until</dt><dd>${validUntilMs === null ? 'a decision not to approve has no term' : dayOf(validUntilMs)}</dd>
<dt>Submitted by</dt><dd>${quoted(document.submitter)}</dd>
<dt>Attempts before</dt><dd>${document.earlier.length === 0 ? 'none' : document.earlier.map((id) => html`<span class="digest">${id}</span> `)}</dd>
<dt>Case</dt><dd class="digest">${caseId}</dd>
<dt>Council (genesis digest)</dt><dd class="digest">${founding.councilId}</dd>
</dl>
<p class="note">All moments are block time, agreed by the council and in UTC.</p>`;
}

const WHY: Readonly<Record<Basis, (decision: Decision) => string>> = {
  quorum: ({ tally, seats, threshold }) => `${tally.approve} of ${seats} seats approve; ${threshold} must.`,
  opposed: ({ tally, seats, threshold }) =>
    `${tally.reject} of ${seats} seats reject: the ${threshold} approvals it takes were out of reach.`,
  'no-quorum': ({ tally, threshold }) =>
    `${tally.approve} approve and ${tally.reject} reject: neither the ${threshold} approvals it takes, nor enough rejections to settle it.`,
};

const BASIS_WORDS: Readonly<Record<Basis, string>> = {
  quorum: 'enough seats approve',
  opposed: 'it fails on the merits',
  'no-quorum': 'absence and abstention decided it; it may be submitted again',
};
