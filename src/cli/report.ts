// `conclave report`: a decided case as one self-contained page, for whoever has to live with the decision. It reads what
// is published and what the dossier keeps, opens no store, needs no key and holds no lock: it may run beside a council.
// All it leaves there is which grounds seats share, in the dossier.
import { resolve } from 'node:path';
import type { CaseId } from '../council/case.ts';
import { type Founding, foundingBytes } from '../council/genesis.ts';
import { rosterDigest } from '../council/roster.ts';
import { ConclaveError } from '../errors.ts';
import { measurementFor } from '../evals/results/measurement.ts';
import { GENESIS_FILE, pathsOf } from '../node/council-directory.ts';
import { DossierShelf } from '../node/dossiers/dossier-shelf.ts';
import { loadAgents } from '../seats/agents.ts';
import type { GroundsReport } from '../seats/grounds/grounds-report.ts';
import { utf8 } from '../signing/bytes.ts';
import { digestOfBytes } from '../signing/digest.ts';
import type { SeatId } from '../signing/seat-id.ts';
import { DiskFolder } from '../storage/folder.ts';
import { openPublishedLedger } from './council-folder.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { agentsFolder, asTyped } from './folders.ts';
import { visible } from './layout.ts';
import { requireOwn, writeOwn } from './own-file.ts';
import { attachment, certificateFor } from './report/certified-decision.ts';
import { courseOf, type DocketCase, docketOf } from './report/docket.ts';
import { embedderNamed } from './report/embedder-choice.ts';
import { REPORT_HEAD, reportPage } from './report/page.ts';
import { type ReportedCase, reportedCase } from './report/reported-case.ts';
import { whichCase } from './report/which-case.ts';
import type { Terminal } from './terminal.ts';

export interface ReportOptions {
  readonly data: string;
  readonly out?: string;
  readonly embedder?: string;
}

export async function report(asked: string, options: ReportOptions, terminal: Terminal): Promise<ExitCode> {
  const embedder = embedderNamed(options.embedder, process.env);
  const dataDir = resolve(options.data);
  const paths = pathsOf(dataDir);
  const ledger = openPublishedLedger(dataDir);
  const { founding } = ledger;
  const shelf = new DossierShelf(new DiskFolder(paths.dossiers, { secret: true }));
  const { found, bySubject } = await whichCase(asked, docketOf(ledger).values(), { shelf, dataDir });
  const { decision } = found;
  if (decision === undefined) return undecided(found, terminal);

  // A later panel is another one than the founders' was.
  const measured =
    decision.panel === rosterDigest(founding.roster) ? measurementFor(dataDir, founding.roster) : undefined;
  const certificate = await certificateFor(decision, founding, paths.certificates);
  const reported = await reportedCase({
    found: { ...found, decision },
    course: courseOf(ledger, decision),
    founding,
    shelf,
    embedder,
    measured,
    certificate,
    genesis: attachment(GENESIS_FILE, foundingBytes(founding)),
    lensOf: lensesOf(founding),
  });
  // Beside the reasons it was worked out from, for whoever goes on with it; gone with them when they are erased.
  if (reported.grounds !== undefined) await keepGrounds(shelf, found.caseId, reported.grounds);
  const page = utf8(reportPage(reported));
  const file = resolve(options.out ?? `conclave-report-${found.caseId.slice(0, 12)}.html`);
  requireOwn(file, REPORT_HEAD);
  // Reasons quote from confidential evidence, so nobody but the owner may read it until the owner says otherwise.
  await writeOwn(file, page, { secret: true });
  terminal.say(...told(reported, { file, bySubject }, terminal));
  terminal.result(resultOf(reported, { file, page, bySubject }));
  if (certificate.kind === 'missing') return EXIT.undecided;
  return certificate.trouble === undefined ? EXIT.yes : EXIT.no;
}

/** A copy of a council that nobody may write into can be reported on all the same. */
async function keepGrounds(shelf: DossierShelf, caseId: CaseId, grounds: GroundsReport): Promise<void> {
  try {
    await shelf.keepGrounds(caseId, utf8(JSON.stringify(grounds)));
  } catch (error) {
    if (!(error instanceof ConclaveError) || error.code !== 'storage') throw error;
  }
}

function undecided({ caseId, document }: DocketCase, terminal: Terminal): ExitCode {
  const { type, subject, attempt } = document;
  terminal.say(
    `case ${caseId} is not decided yet: ${type} of ${visible(subject)}, attempt ${attempt}`,
    'conclave review on its case file goes on where it was; there is nothing to report before',
  );
  terminal.result({ caseId, type, subject, attempt, decided: false, report: null });
  return EXIT.undecided;
}

/** The lens of each seat, where the seat files at hand are of this very council. */
function lensesOf({ roster }: Founding): (seat: SeatId) => string | undefined {
  try {
    const { seats } = loadAgents(agentsFolder(undefined));
    const same =
      seats.length === roster.seats.length && roster.seats.every(({ name }, i) => seats[i]?.name === name);
    return same ? (seat) => seats[seat - 1]?.lens : () => undefined;
  } catch (error) {
    // A report does not hang on files that are not the council's.
    if (error instanceof ConclaveError) return () => undefined;
    throw error;
  }
}

function told(
  { decision, certificate, texts, seats }: ReportedCase,
  { file, bySubject }: { readonly file: string; readonly bySubject: boolean },
  { colors }: Terminal,
): string[] {
  const { outcome, tally, threshold, flags } = decision;
  const reasons = seats.filter(({ testimony }) => testimony !== undefined).length;
  const vouched =
    certificate.kind === 'missing'
      ? colors.yellow('there is none; conclave review on the case writes it anew')
      : certificate.trouble === undefined
        ? `holds, ${certificate.checks.length} checks`
        : colors.red(`does not hold: ${visible(certificate.trouble)}`);
  const dossier = {
    kept: `kept, with the reasons of ${reasons} seats`,
    erased: 'erased, or never here: the report does without titles and reasons',
    foreign: colors.red('not the one the case commits to: nothing of it is shown'),
  }[texts.kind];
  return [
    `  ${outcome}: ${tally.approve} approve, ${tally.reject} reject, ${threshold} must approve`,
    ...(flags.length === 0 ? [] : [colors.dim(`  flags        ${flags.join(', ')}`)]),
    `  certificate  ${vouched}`,
    `  dossier      ${dossier}`,
    ...(bySubject ? ['  matched by type and subject only: the texts to compare with were erased'] : []),
    `  report       ${asTyped(file)}`,
  ];
}

function resultOf(
  { decision, caseId, founding, certificate, texts, seats }: ReportedCase,
  {
    file,
    page,
    bySubject,
  }: { readonly file: string; readonly page: Uint8Array; readonly bySubject: boolean },
): object {
  const { outcome, basis, tally, threshold, flags } = decision;
  const reasons = seats.flatMap(({ testimony }) => testimony ?? []);
  return {
    caseId,
    decided: true,
    outcome,
    basis,
    tally,
    threshold,
    seats: decision.seats,
    flags,
    report: file,
    bytes: page.length,
    sha256: digestOfBytes(page),
    genesis: founding.councilId,
    certificate:
      certificate.kind === 'missing'
        ? null
        : {
            name: certificate.certificate.name,
            sha256: certificate.certificate.digest,
            holds: certificate.trouble === undefined,
            trouble: certificate.trouble ?? null,
          },
    dossier: texts.kind,
    matchedBySubjectOnly: bySubject,
    reasons: { kept: reasons.length, genuine: reasons.filter(({ genuine }) => genuine).length },
  };
}
