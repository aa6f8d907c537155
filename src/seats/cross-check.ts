// Cross-checks: a seat is asked an earlier case again, and what it finds now is held against the ballot it cast then.
// A model that is swapped behind an unchanged name, or that answers by the throw of a die, shows here and nowhere
// else. The new answer is sealed before the old ballot is looked at, as ballots are sealed from each other: whoever
// runs the check cannot choose, after seeing both, which answers to keep. Nothing here changes a decision.
import type { Ballot } from '../council/ballot.ts';
import type { Finding } from '../council/quantise.ts';
import type { Digest } from '../signing/digest.ts';
import type { SeatId } from '../signing/seat-id.ts';

export interface Change {
  readonly criterion: string;
  readonly before: Finding;
  readonly after: Finding;
}

export interface CrossCheck {
  readonly caseId: Digest;
  readonly seat: SeatId;
  /** as the seat's file names it now */
  readonly model: string;
  readonly before: Ballot;
  readonly after: Ballot;
}

/** Undefined where there is nothing to compare: one of the two is an abstention, or the criteria are others. */
export function changesIn({
  before,
  after,
}: Pick<CrossCheck, 'before' | 'after'>): readonly Change[] | undefined {
  if (before.verdict === 'abstain' || after.verdict === 'abstain') return undefined;
  const criteria = Object.keys(before.findings);
  if (criteria.length !== Object.keys(after.findings).length) return undefined;
  const changes: Change[] = [];
  for (const criterion of criteria) {
    const [then, now] = [before.findings[criterion], after.findings[criterion]];
    if (then === undefined || now === undefined) return undefined;
    if (then !== now) changes.push({ criterion, before: then, after: now });
  }
  return changes;
}

export interface Drift {
  readonly model: string;
  /** asked again */
  readonly checks: number;
  /** of these, with findings then and now */
  readonly compared: number;
  readonly verdictsChanged: number;
  readonly findings: number;
  readonly findingsChanged: number;
  /** changed from met to something else, and the other way: noise goes both ways, a drift mostly one */
  readonly stricter: number;
  readonly milder: number;
  /** seats whose configuration is no longer the one of the earlier ballot: what changed there was changed on purpose */
  readonly reconfigured: number;
}

/** By model, the one that changed most first. */
export function driftOf(checks: readonly CrossCheck[]): readonly Drift[] {
  const models = [...new Set(checks.map(({ model }) => model))];
  return models
    .map((model) =>
      driftOfModel(
        model,
        checks.filter((check) => check.model === model),
      ),
    )
    .sort((a, b) => shareChanged(b) - shareChanged(a) || a.model.localeCompare(b.model));
}

function driftOfModel(model: string, checks: readonly CrossCheck[]): Drift {
  const compared = checks.flatMap((check) => {
    const changes = changesIn(check);
    return changes === undefined ? [] : [{ ...check, changes }];
  });
  const changes = compared.flatMap((check) => check.changes);
  return {
    model,
    checks: checks.length,
    compared: compared.length,
    verdictsChanged: compared.filter(({ before, after }) => before.verdict !== after.verdict).length,
    findings: compared.reduce((sum, { before }) => sum + Object.keys(before.findings).length, 0),
    findingsChanged: changes.length,
    stricter: changes.filter(({ before }) => before === 'met').length,
    milder: changes.filter(({ after }) => after === 'met').length,
    reconfigured: checks.filter(({ before, after }) => before.model !== after.model).length,
  };
}

function shareChanged({ findings, findingsChanged }: Drift): number {
  return findings === 0 ? 0 : findingsChanged / findings;
}
