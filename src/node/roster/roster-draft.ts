// What an operator wishes, as a change of the roster (protocol 6.1), or the reason why it cannot be: said before anybody
// signs, in the words of whoever wished it. The council checks the same things again when the entry comes.
import { quorumOf } from '../../consensus/quorum.ts';
import { type Roster, type RosterSeat, readRoster, rosterDigest, seatOf } from '../../council/roster.ts';
import { problemWithStep, type RosterChange } from '../../council/roster-change.ts';
import { badInput, ConclaveError } from '../../errors.ts';
import type { SeatPresentation } from '../../seats/seat-file.ts';
import { canonicalText } from '../../signing/canonical.ts';
import type { Epoch } from '../../signing/purpose.ts';
import type { SeatId } from '../../signing/seat-id.ts';

/** What is to become of one chair; what is not said stays. */
export interface ChairWish {
  readonly seat: SeatId;
  /** who judges from it, by another model or otherwise */
  readonly presentation?: SeatPresentation;
  readonly keys?: Pick<RosterSeat, 'ed25519' | 'bls' | 'possession'>;
  /** nobody sits there any more: the chair counts as missing (protocol 5.2) */
  readonly vacate?: boolean;
}

export interface RosterDraft {
  readonly change: RosterChange;
  /** the roster after it, if nobody is marked meanwhile */
  readonly next: Roster;
}

/** `earlier` are the rosters before the one in force. */
export function draftChange(
  roster: Roster,
  wishes: readonly ChairWish[],
  earlier: readonly Roster[] = [],
): RosterDraft {
  const { n, f } = quorumOf(roster.seats.length);
  if (wishes.length === 0) throw new ConclaveError('usage', 'expected at least one seat to change');
  if (wishes.length > f) {
    throw new ConclaveError(
      'usage',
      `expected at most ${f} of ${n} seats to change at a time, found ${wishes.length}: more might be a council of its own. Change the rest in the next epoch`,
    );
  }
  const sorted = [...wishes].sort((a, b) => a.seat - b.seat);
  const seats = sorted.map((wish, i) => {
    if (sorted[i - 1]?.seat === wish.seat)
      throw new ConclaveError('usage', `seat ${wish.seat} is named twice`);
    return chairAfter(roster, wish);
  });
  const next = readRoster({
    ...roster,
    epoch: (roster.epoch + 1) as Epoch,
    seats: roster.seats.map((chair) => seats.find(({ seat }) => seat === chair.seat) ?? chair),
  });
  const changed = seats.map(({ seat }) => seat);
  const vacated = seats
    .filter(({ seat, vacant }) => vacant === true && seatOf(roster, seat)?.vacant !== true)
    .map(({ seat }) => seat);
  const problem = problemWithStep(roster, { roster: next, changed, vacated }, [...earlier, roster]);
  if (problem !== undefined) throw badInput(`the roster cannot be changed so: ${problem}`);
  return { change: { from: rosterDigest(roster), seats }, next };
}

function chairAfter(roster: Roster, { seat, presentation, keys, vacate = false }: ChairWish): RosterSeat {
  const chair = seatOf(roster, seat);
  if (chair === undefined) {
    throw new ConclaveError('usage', `expected a seat from 1 to ${roster.seats.length}, found ${seat}`);
  }
  if (vacate) {
    if (chair.vacant === true) throw new ConclaveError('usage', `seat ${seat} is vacant already`);
    if (presentation !== undefined || keys !== undefined)
      throw new ConclaveError('usage', `seat ${seat} cannot be vacated and given to somebody at once`);
    return { ...chair, vacant: true };
  }
  if (chair.vacant === true && keys === undefined) {
    throw new ConclaveError(
      'usage',
      `seat ${seat} is vacant, and whoever takes it brings keys of its own: add --rotate-keys`,
    );
  }
  const { vacant: _left, provenance, ...place } = chair;
  const shown =
    presentation ?? (provenance === undefined ? { seat: chair.seat } : { seat: chair.seat, provenance });
  const after: RosterSeat = { ...place, ...shown, ...keys };
  if (canonicalText(after) === canonicalText(chair)) {
    throw new ConclaveError(
      'usage',
      chair.provenance === undefined
        ? `seat ${seat} is already as it is wished: ${chair.developer}, ${chair.family}, by ${chair.host}`
        : `nothing of seat ${seat} would change: in a trial whose answers are ${chair.provenance} no model is asked (protocol 6.4)`,
    );
  }
  return after;
}
