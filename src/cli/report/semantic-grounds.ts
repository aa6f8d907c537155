// Which grounds the seats share, worked out anew for the report from the reasons that the dossier keeps.
import type { Embedder } from '../../seats/grounds/embedder.ts';
import { groundsOf } from '../../seats/grounds/grounds.ts';
import type { GroundsReport } from '../../seats/grounds/grounds-report.ts';
import { lexicalEmbedder } from '../../seats/grounds/lexical-embedder.ts';
import { type AnsweredSeat, statementsOf } from '../../seats/grounds/statements.ts';
import type { ReportedCase, ReportedSeat } from './reported-case.ts';

/** At some 40 ms each; more would keep a person waiting for minutes. */
const MAX_EMBEDDED = 1_000;

/** Undefined where no seat gave a reason that is kept. */
export async function semanticGrounds(
  { seats, criteria }: Pick<ReportedCase, 'seats' | 'criteria'>,
  embedderHere: () => Promise<Embedder>,
): Promise<GroundsReport | undefined> {
  const statements = statementsOf(seats.map(answeredSeat), { criteria });
  const wordings = new Set(statements.map(({ text }) => text).filter((text) => text !== ''));
  if (wordings.size === 0) return undefined;
  const embedder = wordings.size > MAX_EMBEDDED ? lexicalEmbedder() : await embedderHere();
  return groundsOf(statements, { panel: seats.length }, { embedder });
}

/** A seat whose record was altered gives no reason. */
function answeredSeat({ seat, developer, ballot, testimony }: ReportedSeat): AnsweredSeat {
  const reasons = testimony?.genuine === true ? testimony.reasons : new Map<string, string>();
  return { seat, developer, findings: ballot?.findings ?? {}, reasons };
}
