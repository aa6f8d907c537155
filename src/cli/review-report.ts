// What `conclave review` says: the chamber while it sits, the decision with its grounds and dissents, and the same
// for programs.
import { join } from 'node:path';
import type { CaseSource } from '../council/case-file.ts';
import type { Criterion } from '../council/charter.ts';
import type { Decision } from '../council/records.ts';
import type { Roster } from '../council/roster.ts';
import type { Measurement } from '../evals/results/measurement.ts';
import type { CaseHistory } from '../node/case-history.ts';
import { pathsOf } from '../node/council-directory.ts';
import type { CaseFiles } from '../node/embedded.ts';
import { type Spend, spendRows } from './asking.ts';
import { type Dissent, dissentRows, groundsRows, legend, phaseLine, seatRows, tallyBar } from './chamber.ts';
import { effectiveVotesIn, effectiveVotesWords } from './effective-votes.ts';
import { asTyped } from './folders.ts';
import { counted, plural, visible, wrap } from './layout.ts';
import type { Proceedings } from './proceedings.ts';
import type { Terminal } from './terminal.ts';

export interface Reviewed {
  readonly source: CaseSource;
  readonly proceedings: Proceedings;
  readonly decision: Decision;
  readonly history: CaseHistory;
  readonly lensOf: (seat: number) => string;
  readonly criteria: readonly Criterion[];
  readonly resumed: boolean;
  readonly councilId: string;
  readonly dataDir: string;
  readonly files: CaseFiles;
  readonly ledger: { readonly size: number; readonly root: string | null };
  readonly roster: Roster;
  /** how independent its seats are, where a suite has measured it */
  readonly measured: Measurement | undefined;
  /** what live models were asked in this run, and for how much */
  readonly spend: readonly Spend[];
  readonly totalMs: number;
  /** from the decision to the certificate on disk; null when it was there already */
  readonly certifyMs: number | null;
}

/** The chamber as it stands, to be drawn over. */
export function chamberPicture(source: CaseSource, proceedings: Proceedings, terminal: Terminal): string[] {
  const { colors, columns } = terminal;
  const seats = proceedings.seats();
  return [
    ...heading(source, terminal),
    '',
    phaseLine(proceedings.phase, proceedings.progress, colors),
    '',
    ...seatRows(seats, columns, colors),
    '',
    `  ${legend(seats, colors)}`,
  ];
}

function heading({ title, type, subject }: CaseSource, { colors, columns }: Terminal): string[] {
  return [
    '',
    ...wrap(visible(title), columns - 4).map((line) => `  ${colors.bold(line)}`),
    colors.dim(`  ${type} of ${visible(subject)}`),
  ];
}

export function decisionReport(reviewed: Reviewed, terminal: Terminal): string[] {
  const { source, proceedings, decision, criteria, dataDir, files, ledger, councilId, resumed } = reviewed;
  const { colors, columns } = terminal;
  const { byCriterion, tally, seats, threshold, attempt, caseId } = decision;
  const grounds = criteria.map(({ id, title, mandatory }) => {
    const { met, notMet, insufficient } = byCriterion[id] ?? { met: 0, notMet: 0, insufficient: 0 };
    return { title, mandatory, met, notMet, insufficient };
  });
  const { genesis, ledger: ledgerFolder } = pathsOf(dataDir);
  return [
    ...heading(source, terminal),
    colors.dim(`  case ${caseId}${attempt === 1 ? '' : `, attempt ${attempt}`}`),
    '',
    ...seatRows(proceedings.seats(), columns, colors),
    '',
    `  ${legend(proceedings.seats(), colors)}`,
    '',
    ...verdictRows(decision, proceedings, terminal),
    '',
    ...tallyBar(tally, seats, threshold, colors),
    '',
    ...groundsRows(grounds, columns, colors),
    '',
    ...dissentRows(dissentsOf(reviewed), columns, colors),
    ...measuredRows(reviewed, terminal),
    ...spendRows(reviewed.spend, terminal),
    ...(resumed && reviewed.certifyMs === null
      ? ['  this was decided before; --again opens a new attempt']
      : []),
    `  certificate  ${asTyped(files.certificate)}`,
    `  ledger       ${asTyped(ledgerFolder)}, ${counted(ledger.size)} entries, root ${ledger.root?.slice(0, 16)}…`,
    `  genesis      ${asTyped(genesis)}`,
    '',
    colors.dim('  Anyone can check it, anywhere, with the certificate, the proof beside it and:'),
    `  conclave verify ${asTyped(files.certificate)} \\`,
    `    --genesis ${councilId}`,
    '',
  ];
}

function verdictRows(
  { outcome, basis, flags, tally, threshold, seats }: Decision,
  proceedings: Proceedings,
  { colors }: Terminal,
): string[] {
  const approved = outcome === 'approved';
  const word = approved ? colors.bold(colors.green('APPROVED')) : colors.bold(colors.red('NOT APPROVED'));
  const why = {
    quorum: `${tally.approve} of ${seats} seats approve`,
    opposed: `${plural(tally.reject, 'seat')} reject: ${threshold} approvals were out of reach`,
    'no-quorum': `${tally.approve} approve, ${tally.reject} reject: neither side has its quorum`,
  }[basis];
  const marks: Partial<Record<Decision['flags'][number], string>> = {
    trial: trialWords(proceedings),
    embedded: 'one machine hosts every seat',
    'human-review': 'a person should look at it',
    'discursive-dilemma': 'every criterion has its quorum, and yet no quorum approves',
    'pivotal-withholding': 'seats that did not open their ballots could have changed the outcome',
  };
  const told = flags.map((flag) => marks[flag] ?? flag);
  return [
    `  ${word}   ${why}`,
    ...(told.length === 0 ? [] : wrap(told.join(' · '), 74).map((line) => colors.dim(`  ${line}`))),
  ];
}

function trialWords(proceedings: Proceedings): string {
  const sources = new Set(proceedings.votes().flatMap(({ provenance }) => provenance ?? []));
  if (!sources.has('live')) return 'a trial: no live model was asked';
  return sources.size === 1 ? 'a trial' : 'a trial: not every answer is a live model’s';
}

function measuredRows({ measured, roster }: Reviewed, { columns }: Terminal): string[] {
  if (measured === undefined) return [];
  const words = `effective votes: ${effectiveVotesWords(measured, roster)}`;
  return [...wrap(words, Math.min(columns, 100) - 4).map((line) => `  ${line}`), ''];
}

/** Those who voted against the outcome, with the criteria on which they did. */
function dissentsOf({ proceedings, decision, history, criteria, lensOf }: Reviewed): Dissent[] {
  const against = decision.outcome === 'approved' ? 'reject' : 'approve';
  return proceedings
    .votes()
    .filter(({ verdict }) => verdict === against)
    .map(({ seat, name }) => {
      const findings = history.seats.get(seat)?.ballot?.findings ?? {};
      const failed = criteria.filter(({ id, mandatory }) => mandatory && findings[id] !== 'met');
      const why = failed.map(
        ({ id, title }) => `${title}: ${findings[id] === 'not-met' ? 'not met' : 'unclear'}`,
      );
      return { seat, name, lens: lensOf(seat), verdict: against, why: why.join(' · ') };
    });
}

export function resultOf(reviewed: Reviewed): object {
  const { source, proceedings, decision, history, councilId, dataDir, files, ledger, resumed } = reviewed;
  const { caseId, attempt, outcome, basis, tally, threshold, seats, byCriterion, flags, withheld } = decision;
  const { genesis, ledger: ledgerFolder } = pathsOf(dataDir);
  const closedMs = history.closed?.timeMs ?? decision.timeMs;
  return {
    caseId,
    type: source.type,
    subject: source.subject,
    title: source.title,
    attempt,
    resumed,
    outcome,
    basis,
    tally,
    threshold,
    seats,
    byCriterion,
    votes: proceedings.votes(),
    withheld,
    flags,
    effectiveVotes: effectiveVotesIn(reviewed.measured),
    spend: spendOf(reviewed.spend),
    validUntilMs: decision.validUntilMs,
    genesis: councilId,
    genesisFile: genesis,
    certificate: files.certificate,
    proof: files.proof,
    ledger: { size: ledger.size, root: ledger.root, folder: join(ledgerFolder) },
    timings: {
      commitMs: closedMs - history.openedMs,
      revealMs: decision.timeMs - closedMs,
      certifyMs: reviewed.certifyMs === null ? null : Math.round(reviewed.certifyMs),
      totalMs: Math.round(reviewed.totalMs),
    },
  };
}

function spendOf(spend: readonly Spend[]): object {
  return { totalUsd: spend.reduce((sum, { costUsd }) => sum + costUsd, 0), byDeveloper: spend };
}
