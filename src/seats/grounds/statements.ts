// What seats said for each criterion, ready to be compared: the finding as the ballot has it (that is what was
// counted), and the reason as the model gave it. Reasons are hostile text; they are cut, cleaned and never obeyed.
import type { Criterion } from '../../council/charter.ts';
import type { Finding, Findings } from '../../council/quantise.ts';
import { badInput } from '../../errors.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import { shown } from '../answer.ts';

export interface Statement {
  readonly seat: SeatId;
  /** who trained the seat's model; of a stand-in, who made it (protocol 6.4) */
  readonly developer: string;
  readonly criterion: string;
  readonly finding: Finding;
  /** empty where the seat gave no reason */
  readonly text: string;
}

/** What is known of a seat after the reveal. An abstention has no findings and so makes no statement. */
export interface AnsweredSeat {
  readonly seat: SeatId;
  readonly developer: string;
  /** as they stand in the ballot that was counted */
  readonly findings: Findings;
  /** by criterion, from the judgement kept in the dossier; none where it was erased or altered */
  readonly reasons: ReadonlyMap<string, string>;
}

/** A council of 200 seats and 40 criteria stays below it. */
export const MAX_STATEMENTS = 10_000;
/** A reason is a few sentences; the whole text stays in the dossier. */
export const MAX_STATEMENT_CHARS = 2_000;

/** One statement for each seat and criterion that the ballot speaks of, in the order of the policy. */
export function statementsOf(
  seats: readonly AnsweredSeat[],
  { criteria }: { readonly criteria: readonly Pick<Criterion, 'id'>[] },
): readonly Statement[] {
  const statements = seats.flatMap(({ seat, developer, findings, reasons }) =>
    criteria.flatMap(({ id }): Statement[] => {
      const finding = Object.hasOwn(findings, id) ? findings[id] : undefined;
      if (finding === undefined) return [];
      return [{ seat, developer, criterion: id, finding, text: plainReason(reasons.get(id) ?? '') }];
    }),
  );
  if (statements.length > MAX_STATEMENTS) {
    throw badInput(`grounds: expected at most ${MAX_STATEMENTS} reasons, found ${statements.length}`);
  }
  return statements;
}

/** One line without what a reader could not see. */
export function plainReason(text: string): string {
  const line = shown(text.slice(0, 2 * MAX_STATEMENT_CHARS))
    .replace(/\s+/g, ' ')
    .trim();
  return line.length <= MAX_STATEMENT_CHARS ? line : `${line.slice(0, MAX_STATEMENT_CHARS - 1)}…`;
}
