// Everything a report says, gathered before a line of it is written: what the ledger has of the case, what the dossier
// still keeps, and what the certificate vouches for. The sections only lay it out.
import type { Ballot, Verdict } from '../../council/ballot.ts';
import type { CaseDocument, CaseId } from '../../council/case.ts';
import type { Criterion } from '../../council/charter.ts';
import { isDossierOf } from '../../council/dossier.ts';
import type { Founding } from '../../council/genesis.ts';
import type { CaseClosed, Decision } from '../../council/records.ts';
import type { RosterSeat } from '../../council/roster.ts';
import type { Measurement } from '../../evals/results/measurement.ts';
import type { DossierShelf } from '../../node/dossiers/dossier-shelf.ts';
import type { Embedder } from '../../seats/grounds/embedder.ts';
import type { GroundsReport } from '../../seats/grounds/grounds-report.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import type { AttachedFile, CertificateFound } from './certified-decision.ts';
import type { Course, DocketCase } from './docket.ts';
import { semanticGrounds } from './semantic-grounds.ts';
import { type Testimony, testimonyIn } from './testimony.ts';

/** `withheld`: it sealed a ballot that was never opened, or opened falsely. */
export type SeatState = Verdict | 'withheld' | 'absent';

export interface ReportedSeat
  extends Pick<RosterSeat, 'seat' | 'name' | 'developer' | 'family' | 'host' | 'node'> {
  readonly state: SeatState;
  /** the angle it judges from, where the seat files tell */
  readonly lens: string | undefined;
  /** what it is drawn with: its maker, or its lens where one maker stands behind all (protocol 6.4) */
  readonly group: string;
  readonly ballot: Ballot | undefined;
  readonly testimony: Testimony | undefined;
}

export type CaseTexts =
  | {
      readonly kind: 'kept';
      readonly title: string;
      readonly fields: Readonly<Record<string, string>>;
      readonly evidence: readonly { readonly id: string; readonly title: string }[];
    }
  /** `foreign`: what lies there is not what the case commits to */
  | { readonly kind: 'erased' | 'foreign' };

export interface ReportedCase {
  readonly caseId: CaseId;
  readonly document: CaseDocument;
  readonly openedMs: number;
  readonly closed: CaseClosed | undefined;
  readonly decision: Decision;
  readonly founding: Founding;
  /** those the case was judged by, in the order of the charter */
  readonly criteria: readonly Criterion[];
  readonly seats: readonly ReportedSeat[];
  readonly texts: CaseTexts;
  /** advisory; undefined where no reason is kept */
  readonly grounds: GroundsReport | undefined;
  /** how independent the panel is, where a suite has measured it */
  readonly measured: Measurement | undefined;
  readonly certificate: CertificateFound;
  readonly genesis: AttachedFile;
}

export interface Gathered {
  readonly found: DocketCase & { readonly decision: Decision };
  readonly course: Course;
  readonly founding: Founding;
  readonly shelf: DossierShelf;
  /** what compares reasons by meaning */
  readonly embedder: () => Promise<Embedder>;
  readonly measured: Measurement | undefined;
  readonly certificate: CertificateFound;
  readonly genesis: AttachedFile;
  readonly lensOf: (seat: SeatId) => string | undefined;
}

export async function reportedCase(gathered: Gathered): Promise<ReportedCase> {
  const { found, course, founding, shelf, embedder, measured, certificate, genesis, lensOf } = gathered;
  const { caseId, document, openedMs, decision } = found;
  const judgements = shelf.judgements(caseId);
  const chairs = founding.roster.seats;
  const oneMaker = new Set(chairs.map(({ developer }) => developer)).size === 1;
  const withheld = new Set(decision.withheld);
  const seats = chairs.map(({ seat, name, developer, family, host, node }): ReportedSeat => {
    const ballot = course.ballots.get(seat);
    const record = judgements.get(seat);
    const lens = lensOf(seat);
    return {
      seat,
      name,
      developer,
      family,
      host,
      node,
      lens,
      group: oneMaker ? (lens ?? developer) : developer,
      state: ballot?.verdict ?? (withheld.has(seat) ? 'withheld' : 'absent'),
      ballot,
      testimony: ballot && record && testimonyIn(record, ballot),
    };
  });
  const criteria = founding.charter.policies[document.type]?.criteria ?? [];
  return {
    caseId,
    document,
    openedMs,
    closed: course.closed,
    decision,
    founding,
    criteria,
    grounds: await semanticGrounds({ seats, criteria }, embedder),
    seats,
    texts: textsOf(found, shelf),
    measured,
    certificate,
    genesis,
  };
}

/** Without the texts of the evidence: they stay where they can be erased. */
function textsOf({ caseId, document }: DocketCase, shelf: DossierShelf): CaseTexts {
  const dossier = shelf.dossier(caseId);
  if (dossier === undefined) return { kind: 'erased' };
  if (!isDossierOf(document, dossier)) return { kind: 'foreign' };
  const { title, ...fields } = Object.fromEntries(
    Object.entries(dossier.fields).map(([name, { text }]) => [name, text] as const),
  );
  const evidence = dossier.evidence.map(({ id, title }) => ({ id, title }));
  return { kind: 'kept', title: title ?? document.subject, fields, evidence };
}
