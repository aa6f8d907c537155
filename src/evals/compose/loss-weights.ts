// What a wrong decision costs. A wrong approval and a wrong rejection are not alike (protocol 1.4), so each has a weight of its
// own, and they are counted apart before anything is added up.
import { badInput } from '../../errors.ts';

export interface LossWeights {
  readonly wrongApproval: number;
  readonly wrongRejection: number;
  /** of an item that should be approved and is neither approved nor opposed */
  readonly undecided: number;
}

/** To the applicant a case left undecided is a case not approved, so unless it is said otherwise it costs the same. */
export function lossWeights(
  wrongApproval: number,
  wrongRejection = 1,
  undecided = wrongRejection,
): LossWeights {
  const weights = { wrongApproval, wrongRejection, undecided };
  for (const [name, weight] of Object.entries(weights)) {
    if (!(weight >= 0 && Number.isFinite(weight))) {
      throw badInput(`expected a weight of 0 or more for ${name}, found ${weight}`);
    }
  }
  return weights;
}
