// Attackers on a count: seats that know the truth, speak with one another, and vote against it. Colluders always vote wrong.
// Pivotal attackers vote wrong only where that turns a right outcome into a wrong one, and right everywhere else, so that under
// the same rule they do the same harm, and no filter on accuracy finds them. Copycats mean no harm: they repeat one popular model.
import type { CouncilOutcome } from '../measures/council-outcomes.ts';
import { APPROVE, MISSING, REJECT, type VerdictTable } from '../verdicts/verdict-table.ts';
import { isWrong } from './attack-sums.ts';

export const ATTACKS = ['colluders', 'pivotal', 'copycats'] as const;
export type Attack = (typeof ATTACKS)[number];

/** All attackers give the same verdict, so what they can bring about is told by asking what each verdict would. */
export interface Strike {
  readonly outcome: CouncilOutcome;
  readonly votedRight: boolean;
}

/** `ifRight` and `ifWrong` are what comes of it when all attackers vote right, or wrong. */
export function strike(
  attack: Exclude<Attack, 'copycats'>,
  label: number,
  ifRight: CouncilOutcome,
  ifWrong: CouncilOutcome,
): Strike {
  const turns = isWrong(label, ifWrong) && !isWrong(label, ifRight);
  return attack === 'colluders' || turns
    ? { outcome: ifWrong, votedRight: false }
    : { outcome: ifRight, votedRight: true };
}

/** The seat that the others agree with most often: what a popular model looks like from outside. */
export function mostTypical({ verdicts }: VerdictTable): number {
  let best = 0;
  let most = -1;
  verdicts.forEach((row, seat) => {
    let agreed = 0;
    verdicts.forEach((other, i) => {
      if (i === seat) return;
      for (let item = 0; item < row.length; item++) {
        if (row[item] === other[item] && row[item] !== MISSING) agreed++;
      }
    });
    if (agreed > most) {
      most = agreed;
      best = seat;
    }
  });
  return best;
}

/** By item: whether anything can be said of what is right. */
export function hasTruth(label: number | undefined): label is number {
  return label === APPROVE || label === REJECT;
}

export function wrongOf(label: number): number {
  return label === APPROVE ? REJECT : APPROVE;
}
