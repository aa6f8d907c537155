// Which roster is meant: that of the epoch in force, or of an epoch that a case or a message names (protocol 6.1).
import type { Founding } from '../council/genesis.ts';
import { FIRST_EPOCH, type Roster } from '../council/roster.ts';
import type { CouncilState, OpenCase } from '../council/state.ts';
import type { Epoch } from '../signing/purpose.ts';

export function epochInForce(_state: CouncilState): Epoch {
  return FIRST_EPOCH;
}

/** Of the roster whose seats judge the case. */
export function panelEpoch(_open: OpenCase): Epoch {
  return FIRST_EPOCH;
}

export function rosterOf(founding: Founding, _state: CouncilState, epoch: Epoch): Roster | undefined {
  return epoch === FIRST_EPOCH ? founding.roster : undefined;
}
