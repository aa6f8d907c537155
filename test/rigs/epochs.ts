// Epochs for tests: a chamber whose roster three operators may change, two at a time, chairs for newcomers, and the
// entries that change rosters and call seats silent (protocol 5.3, 6.1).
import type { Entry } from '../../src/consensus/block.ts';
import type { Approval } from '../../src/council/entry.ts';
import type { Founding } from '../../src/council/genesis.ts';
import { type Roster, type RosterSeat, rosterDigest, seatOf } from '../../src/council/roster.ts';
import { approvalMessage, type RosterChange } from '../../src/council/roster-change.ts';
import { rosterInForce } from '../../src/council/state.ts';
import { digestOf } from '../../src/signing/digest.ts';
import type { Epoch } from '../../src/signing/purpose.ts';
import { asSeatId, type SeatId } from '../../src/signing/seat-id.ts';
import {
  bytesFor,
  Chamber,
  OPERATORS,
  possessionOf,
  standInSignature,
  testCharter,
  testFounding,
  testRoster,
} from './chamber.ts';

export function changeable(n: number, roster: Roster = testRoster(n)): Founding {
  return testFounding(n, testCharter({ operators: OPERATORS }), roster);
}

export const chamberOf = (n: number): Chamber => new Chamber(n, changeable(n));

/** Who sits in a chair next: other keys, another model, another place; shares nothing with anybody. */
export function newcomer(seat: number, generation = 1, changes: Partial<RosterSeat> = {}): RosterSeat {
  const who = `seat ${seat} of generation ${generation}`;
  const bls = bytesFor(`bls of ${who}`, 48);
  return {
    seat: asSeatId(seat),
    name: `Seat ${seat}.${generation}`,
    node: `node-${seat}`,
    developer: `developer-${seat}.${generation}`,
    family: `family-${seat}.${generation}`,
    host: `host-${seat}.${generation}`,
    model: digestOf({ model: who }),
    ed25519: bytesFor(`ed25519 of ${who}`, 32),
    bls,
    possession: possessionOf(bls),
    ...changes,
  };
}

export function chairOf(chamber: Chamber, seat: number): RosterSeat {
  const chair = seatOf(rosterInForce(chamber.state), seat);
  if (chair === undefined) throw new Error(`no chair ${seat}`);
  return chair;
}

export interface Change {
  readonly by?: string;
  readonly approvers?: readonly string[];
  readonly epoch?: Epoch;
  readonly from?: RosterChange['from'];
  readonly nodes?: RosterChange['nodes'];
  /** instead of what the approvers sign */
  readonly approvals?: readonly Approval[];
}

export function changeEntry(chamber: Chamber, seats: readonly RosterSeat[], options: Change = {}): Entry {
  const { by = 'ann', approvers = ['ann', 'ben'], epoch = chamber.state.epoch, nodes } = options;
  const from = options.from ?? rosterDigest(rosterInForce(chamber.state));
  const change: RosterChange = { from, seats, ...(nodes === undefined ? {} : { nodes }) };
  const { councilId } = chamber.founding;
  const message = approvalMessage(change, { councilId, epoch });
  const approvals =
    options.approvals ??
    approvers.map((operator) => ({
      operator,
      sig: standInSignature(bytesFor(`operator ${operator}`, 32), message),
    }));
  return chamber.seal({ kind: 'roster.changed', by: `operator/${by}`, epoch, change, approvals });
}

/** Ends the epoch in a block of its own. */
export function endEpoch(chamber: Chamber, seats: readonly RosterSeat[], options: Change = {}) {
  const records = chamber.block([changeEntry(chamber, seats, options)]);
  if (records === undefined) throw new Error('the roster does not change');
  return records;
}

export function suspicion(
  chamber: Chamber,
  seat: number,
  silent: readonly number[],
  epoch = chamber.state.epoch,
): Entry {
  const seats: SeatId[] = silent.map(asSeatId);
  return chamber.seal({ kind: 'seats.suspected', by: `seat/${seat}`, epoch, silent: seats });
}

/** Fault evidence that is its own proof: the seat commits twice to a case that is opened for it. */
export function marked(chamber: Chamber, seat: number): void {
  const caseId = chamber.open({ subject: `urn:test:trap-${chamber.height}` });
  const first = chamber.block([chamber.commit(caseId, seat, 'approve')]);
  const second = chamber.block([chamber.commit(caseId, seat, 'reject')]);
  if (first === undefined || second?.[0]?.kind !== 'seat.marked') throw new Error('the seat is not marked');
}
