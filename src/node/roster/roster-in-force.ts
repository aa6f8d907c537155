// Which roster is meant: that of the epoch in force, or of an epoch that a case or a message names (protocol 6.1).
import type { Founding } from '../../council/genesis.ts';
import type { Roster } from '../../council/roster.ts';
import type { CouncilState, OpenCase } from '../../council/state.ts';
import type { Epoch } from '../../signing/purpose.ts';

export function epochInForce({ epoch }: Pick<CouncilState, 'epoch'>): Epoch {
  return epoch;
}

/** Of the roster whose seats judge the case. */
export function panelEpoch({ panel }: Pick<OpenCase, 'panel'>): Epoch {
  return panel;
}

export function rosterOf(
  _founding: Founding,
  { rosters }: Pick<CouncilState, 'rosters'>,
  epoch: Epoch,
): Roster | undefined {
  return rosters.get(epoch);
}
