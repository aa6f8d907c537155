// A report as one page that needs nothing else. The same case gives the same page, byte for byte.

import { type Html, html, quoted } from '../../evals/report/html.ts';
import { framed } from '../../evals/report/page-frame.ts';
import { caseAnnex, reasonsAnnex, seatsAnnex } from './annex-section.ts';
import { certificateSection } from './certificate-section.ts';
import { chamberSection } from './chamber-section.ts';
import { decisionSection, masthead, titleOf } from './decision-section.ts';
import { findingsSection } from './findings-section.ts';
import { groundsSection } from './grounds-section.ts';
import { independenceSection } from './independence-section.ts';
import type { ReportedCase } from './reported-case.ts';
import { spendSection } from './spend-section.ts';
import { STYLESHEET } from './stylesheet.ts';

/** By this a report is known again, so that nothing else is ever overwritten by one. */
export const REPORT_HEAD = '<!doctype html>\n<html lang="en" data-conclave-report="1">\n';

interface Section {
  readonly id: string;
  readonly heading: string;
  readonly body: (reported: ReportedCase) => Html;
}

const SECTIONS: readonly Section[] = [
  { id: 'decision', heading: 'The decision', body: decisionSection },
  { id: 'chamber', heading: 'The chamber', body: chamberSection },
  { id: 'findings', heading: 'Findings', body: findingsSection },
  { id: 'grounds', heading: 'Grounds and dissents', body: groundsSection },
  { id: 'independence', heading: 'How independent this council is known to be', body: independenceSection },
  { id: 'certificate', heading: 'The certificate, and how to check it', body: certificateSection },
  { id: 'spend', heading: 'Spend', body: spendSection },
];

const ANNEXES: readonly Section[] = [
  { id: 'case', heading: 'The case', body: caseAnnex },
  { id: 'seats', heading: 'The seats', body: seatsAnnex },
  { id: 'reasons', heading: 'Reasons of the seats that carried the outcome', body: reasonsAnnex },
];

export function reportPage(reported: ReportedCase): string {
  const { outcome } = reported.decision;
  const numbered = [
    ...SECTIONS.map((section, i) => ({ section, label: String(i + 1) })),
    ...ANNEXES.map((section, i) => ({ section, label: String.fromCharCode(65 + i) })),
  ];
  const body = html`${masthead(reported)}
<nav aria-label="Contents"><ol>${numbered.map(({ section, label }) => html`<li><a href="#${section.id}">${label} ${section.heading}</a></li>`)}</ol></nav>
<main>
${numbered.map(
  ({ section: { id, heading, body }, label }) => html`<section id="${id}" aria-labelledby="${id}-heading">
<h2 id="${id}-heading"><span class="no">${label}</span>${heading}</h2>
${body(reported)}
</section>
`,
)}</main>
<footer><p class="note">Made by conclave from the published ledger, the dossier and the certificate of ${quoted(reported.founding.charter.name)}. It contains reasons that seats gave from confidential evidence; the applicant decides who may read it. Nothing in this page was fetched from anywhere.</p></footer>`;
  const title = html`${outcome === 'approved' ? 'Approved' : 'Not approved'}: ${titleOf(reported)}`;
  return REPORT_HEAD + framed({ title, stylesheet: STYLESHEET, body });
}
