// Many councils, each on items of its own, counted and let go of: how wrong councils of a kind are, and how much that differs from
// one to the next. A verdict costs a few dozen nanoseconds and no memory.
import type { Quorum } from '../../consensus/quorum.ts';
import { invariant } from '../../errors.ts';
import type { Random } from '../../simulation/random.ts';
import { middle95 } from '../measures/bootstrap.ts';
import { type CouncilFigures, type CouncilOutcome, councilOutcome } from '../measures/council-outcomes.ts';
import type { Figure } from '../measures/figure.ts';
import { LatentDraws } from './latent-draws.ts';
import type { LatentModel, LatentVoter } from './latent-model.ts';

export interface CouncilsOptions {
  readonly councils: number;
  /** for each council, so many to be approved and so many to be rejected */
  readonly items: { readonly approve: number; readonly reject: number };
  readonly quorum: Quorum;
  /** who sits in a council, counted from 0; the same list again costs nothing */
  readonly seats: (council: number) => readonly LatentVoter[];
  readonly random: Random;
}

export interface CouncilRuns {
  readonly items: CouncilsOptions['items'];
  // by council, over its items
  /** approved, and to be rejected */
  readonly wrongApprovals: Uint32Array;
  /** opposed on the merits, and to be approved */
  readonly wrongRejections: Uint32Array;
  /** not approved, and to be approved */
  readonly blocked: Uint32Array;
  /** neither approved nor opposed */
  readonly undecided: Uint32Array;
  /** over all councils, by how many seats are wrong at once, abstentions included, from none to all: items to be approved … */
  readonly wrongRejecting: Float64Array;
  /** … and to be rejected */
  readonly wrongApproving: Float64Array;
}

const OUTCOMES: readonly CouncilOutcome[] = ['approved', 'rejected', 'undecided'];
const [APPROVED, REJECTED] = [OUTCOMES.indexOf('approved'), OUTCOMES.indexOf('rejected')];

export function drawCouncils(model: LatentModel, options: CouncilsOptions): CouncilRuns {
  const { councils, items, quorum, seats, random } = options;
  const { n } = quorum;
  const byCouncil = (): Uint32Array => new Uint32Array(councils);
  const bySeats = (): Float64Array => new Float64Array(n + 1);
  const runs: CouncilRuns = {
    items,
    wrongApprovals: byCouncil(),
    wrongRejections: byCouncil(),
    blocked: byCouncil(),
    undecided: byCouncil(),
    wrongRejecting: bySeats(),
    wrongApproving: bySeats(),
  };
  const outcomes = outcomesBy(quorum);
  let last: readonly LatentVoter[] | undefined;
  let draws: LatentDraws | undefined;
  for (let council = 0; council < councils; council++) {
    const roster = seats(council);
    if (draws === undefined || roster !== last) {
      invariant(roster.length === n, `${n} seats for a quorum of ${n}, not ${roster.length}`);
      draws = new LatentDraws(model, roster, random);
      last = roster;
    }
    let [wrongApprovals, wrongRejections, blocked, undecided] = [0, 0, 0, 0];
    for (let item = 0; item < items.approve; item++) {
      draws.draw(0, random.fraction());
      const { right, wrong } = draws;
      const outcome = outcomes[right * (n + 1) + wrong];
      if (outcome === REJECTED) wrongRejections++;
      else if (outcome !== APPROVED) undecided++;
      if (outcome !== APPROVED) blocked++;
      runs.wrongRejecting[n - right] = (runs.wrongRejecting[n - right] ?? 0) + 1;
    }
    for (let item = 0; item < items.reject; item++) {
      draws.draw(1, random.fraction());
      const { right, wrong } = draws;
      const outcome = outcomes[wrong * (n + 1) + right];
      if (outcome === APPROVED) wrongApprovals++;
      else if (outcome !== REJECTED) undecided++;
      runs.wrongApproving[n - right] = (runs.wrongApproving[n - right] ?? 0) + 1;
    }
    runs.wrongApprovals[council] = wrongApprovals;
    runs.wrongRejections[council] = wrongRejections;
    runs.blocked[council] = blocked;
    runs.undecided[council] = undecided;
  }
  return runs;
}

/** By approvals and rejections, the council's outcome, so that the rule is asked once and not ten million times. */
function outcomesBy(quorum: Quorum): Uint8Array {
  const size = quorum.n + 1;
  const outcomes = new Uint8Array(size * size);
  for (let approvals = 0; approvals < size; approvals++) {
    for (let rejections = 0; approvals + rejections < size; rejections++) {
      outcomes[approvals * size + rejections] = OUTCOMES.indexOf(
        councilOutcome(approvals, rejections, quorum),
      );
    }
  }
  return outcomes;
}

/** Means over councils; the intervals hold 95 % of councils, each on its own items. */
export function councilRunFigures(runs: CouncilRuns): CouncilFigures {
  const { approve, reject } = runs.items;
  const share = (counts: Uint32Array, of: number): Figure => {
    const shares = Array.from(counts, (count) => count / of);
    const value = shares.reduce((sum, each) => sum + each, 0) / shares.length;
    return { value, ...middle95(shares), n: shares.length, method: 'simulation' };
  };
  return {
    wrongApprovals: share(runs.wrongApprovals, reject),
    wrongRejections: share(runs.wrongRejections, approve),
    blocked: share(runs.blocked, approve),
    undecided: share(runs.undecided, approve + reject),
  };
}
