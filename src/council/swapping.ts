// When a change of the roster is admitted (protocol 6.1): signed by k of m operators, for the epoch in force and the
// roster in force, so that none can be kept and used again later. What the change may do is roster-change.ts's affair;
// the signatures are authenticity.ts's.
import type { Admission } from '../consensus/application.ts';
import type { Digest } from '../signing/digest.ts';
import { Recent } from '../signing/recent.ts';
import type { Charter, Operators } from './charter.ts';
import type { Draft } from './draft.ts';
import type { Approval, RosterChanged } from './entry.ts';
import { type Roster, rosterDigest } from './roster.ts';
import { rosterAfter } from './roster-change.ts';
import { carryOpinions } from './suspicion.ts';

/** Rosters that a block somewhere admits; one is worked out at each execution of it and is the same each time. */
const ROSTERS_REMEMBERED = 256;

export class RosterChanges {
  readonly #operators: Operators | undefined;
  readonly #rosters = new Recent<Roster>(ROSTERS_REMEMBERED);

  constructor({ operators }: Pick<Charter, 'operators'>) {
    this.#operators = operators;
  }

  /** Ends the epoch in the draft when it answers 'now'. */
  apply(draft: Draft, { epoch, change, approvals }: RosterChanged): Admission {
    const { roster, marked, rosters } = draft;
    if (epoch !== draft.epoch || change.from !== rosterDigest(roster)) return 'never';
    if (!isEnough(approvals, this.#operators)) return 'never';
    const step = rosterAfter(roster, change, marked, rosters.values());
    if (step === undefined) return 'never';
    const next = this.#same(step.roster);
    draft.admit({ ...step, roster: next });
    carryOpinions(draft, next);
    return 'now';
  }

  /** The same object for the same roster: much is worked out once for each. */
  #same(roster: Roster): Roster {
    const digest: Digest = rosterDigest(roster);
    return this.#rosters.of(digest, () => roster);
  }
}

/** Approvals stand by ascending operator, so nobody is counted twice. */
function isEnough(approvals: readonly Approval[], operators: Operators | undefined): boolean {
  if (operators === undefined || approvals.length < operators.threshold) return false;
  return approvals.every(({ operator }) => operators.keys.some(({ id }) => id === operator));
}
