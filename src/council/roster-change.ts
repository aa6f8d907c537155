// How a roster follows from the one before it (protocol 6.1): chairs that operators give to others, and chairs that
// fall vacant because whoever sits there was marked for a fault (protocol 5.2). The number of chairs never changes, and
// with it neither do f and q: a vacant chair counts as missing.
//
// What must hold of every step, whoever signs it: at most f chairs change hands, so that those who stay hold the new
// epoch to the old one's promises; no domain holds more than its cap; a quorum of chairs is occupied; and a key that once
// left its chair never sits again, so that a key that leaked or lied cannot be smuggled back.
import * as z from 'zod';
import { quorumOf } from '../consensus/quorum.ts';
import { ConclaveError } from '../errors.ts';
import { canonicalBytes } from '../signing/canonical.ts';
import { digestOf } from '../signing/digest.ts';
import { type Epoch, type SigningContext, signedBytes } from '../signing/purpose.ts';
import { MAX_SEATS, type SeatId } from '../signing/seat-id.ts';
import { digest, readDocument } from './field-rules.ts';
import {
  type Roster,
  type RosterSeat,
  readRoster,
  rosterDigest,
  rosterNode,
  rosterSeat,
  seatOf,
} from './roster.ts';

/**
 * The last epoch a council can come to. Every certificate shows the rosters from the genesis on, and every state holds
 * them; beyond this a council is founded anew. A change a week lasts two years and a half.
 */
export const MAX_EPOCHS = 128;

export const rosterChangeSchema = z
  .strictObject({
    /** digest of the roster in force */
    from: digest,
    /** absent: the nodes stay as they are */
    nodes: z.exactOptional(z.array(rosterNode).max(MAX_SEATS).readonly()),
    /** by ascending seat: who sits there instead. None: only what is marked falls vacant */
    seats: z.array(rosterSeat).max(MAX_SEATS).readonly(),
  })
  .readonly();

export type RosterChange = z.infer<typeof rosterChangeSchema>;

export interface RosterStep {
  readonly roster: Roster;
  /** chairs that the operators gave away, by ascending seat */
  readonly changed: readonly SeatId[];
  /** chairs that were occupied and are vacant now, by ascending seat */
  readonly vacated: readonly SeatId[];
}

export function readRosterChange(value: unknown): RosterChange {
  return readDocument('roster change', rosterChangeSchema, value);
}

/** The bytes that each operator who approves a change signs (protocol 6.1). */
export function approvalMessage(change: RosterChange, context: Omit<SigningContext, 'purpose'>): Uint8Array {
  return signedBytes({ ...context, purpose: 'roster.approved' }, canonicalBytes(change));
}

/** Whoever sits in a chair is whose key it is. */
export function isSameHolder(one: RosterSeat | undefined, other: RosterSeat | undefined): boolean {
  return one !== undefined && one.ed25519 === other?.ed25519;
}

/**
 * The roster after a change, or undefined when it is not to be. `marked` are chairs of `current` whose holders are marked
 * for a fault; `earlier` are all rosters so far. Whether operators signed it, and that new BLS keys are proven, is checked
 * elsewhere: it takes signatures.
 */
export function rosterAfter(
  current: Roster,
  change: RosterChange,
  marked: ReadonlySet<SeatId>,
  earlier: Iterable<Roster>,
): RosterStep | undefined {
  const changed = change.seats.map(({ seat }) => seat);
  const seats = current.seats.map((chair) => {
    const given = change.seats.find(({ seat }) => seat === chair.seat) ?? chair;
    return marked.has(chair.seat) && isSameHolder(chair, given) ? vacated(given) : given; // protocol 5.2
  });
  const roster = readOrNothing({
    ...current,
    epoch: (current.epoch + 1) as Epoch,
    ...(change.nodes === undefined ? {} : { nodes: change.nodes }),
    seats,
  });
  if (roster === undefined) return undefined;
  const step = { roster, changed, vacated: vacatedIn(current, roster) };
  if (problemWithStep(current, step, earlier) !== undefined) return undefined;
  if (digestOf({ ...roster, epoch: current.epoch }) === rosterDigest(current)) return undefined;
  // whoever takes a marked seat's chair brings both keys, not only the one that was caught
  const shared = roster.seats.some((chair) => {
    const before = seatOf(current, chair.seat);
    return marked.has(chair.seat) && chair.vacant !== true && chair.bls === before?.bls;
  });
  return shared ? undefined : step;
}

/** What is wrong with a step from one roster to the next; a stranger can tell as well (protocol 6.3). */
export function problemWithStep(
  current: Roster,
  { roster, changed, vacated }: RosterStep,
  earlier: Iterable<Roster>,
): string | undefined {
  const { n, f, q } = quorumOf(current.seats.length);
  if (roster.epoch !== current.epoch + 1) return `epoch ${roster.epoch} does not follow ${current.epoch}`;
  if (roster.epoch > MAX_EPOCHS) return `expected at most ${MAX_EPOCHS} epochs`;
  if (roster.seats.length !== n) return `expected ${n} chairs, found ${roster.seats.length}`;
  if (roster.trial !== current.trial) return 'a council does not begin or cease to be a trial';
  if (changed.some((seat, i) => seat <= (changed[i - 1] ?? 0) || seat > n)) {
    return `expected changed chairs of ${n}, ascending, each once`;
  }
  if (changed.length > f) return `${changed.length} chairs change hands, at most ${f} may`;
  if (vacated.join() !== vacatedIn(current, roster).join()) return 'other chairs fall vacant than it says';
  for (const chair of current.seats) {
    const problem = problemWithChair(chair, seatOf(roster, chair.seat), changed);
    if (problem !== undefined) return problem;
  }
  const returned = returningKey(current, roster, earlier);
  if (returned !== undefined) return `seat ${returned} has a key that sat in the council before`;
  const occupied = roster.seats.filter(({ vacant }) => vacant === undefined).length;
  return occupied < q ? `only ${occupied} chairs are occupied, and it takes ${q}` : undefined;
}

function problemWithChair(
  before: RosterSeat,
  after: RosterSeat | undefined,
  changed: readonly SeatId[],
): string | undefined {
  const { seat } = before;
  if (after === undefined) return `chair ${seat} is gone`;
  if (before.vacant === true && after.vacant !== true) {
    const isAnother = after.ed25519 !== before.ed25519 && after.bls !== before.bls;
    if (!isAnother) return `seat ${seat} was left out and comes back with the same key`;
  }
  if (changed.includes(seat)) return undefined;
  const { vacant: _, ...was } = before;
  const { vacant, ...is } = after;
  if (digestOf(was) !== digestOf(is) || (before.vacant === true && vacant !== true)) {
    return `chair ${seat} is another's, and nobody says so`;
  }
  return undefined;
}

/** Chairs that were occupied and are vacant now. */
function vacatedIn(current: Roster, next: Roster): readonly SeatId[] {
  const left = current.seats.filter(
    (chair) => chair.vacant !== true && seatOf(next, chair.seat)?.vacant === true,
  );
  return left.map(({ seat }) => seat);
}

function vacated(chair: RosterSeat): RosterSeat {
  return chair.vacant === true ? chair : { ...chair, vacant: true };
}

function readOrNothing(value: unknown): Roster | undefined {
  try {
    return readRoster(value);
  } catch (error) {
    if (error instanceof ConclaveError && error.code === 'bad-input') return undefined;
    throw error;
  }
}

/** A key that is new to its chair has never been anywhere; the seat that has one that was. */
function returningKey(current: Roster, next: Roster, earlier: Iterable<Roster>): SeatId | undefined {
  const fresh = new Map<string, SeatId>();
  for (const { seat, ed25519, bls } of next.seats) {
    const before = seatOf(current, seat);
    if (ed25519 !== before?.ed25519) fresh.set(ed25519, seat);
    if (bls !== before?.bls) fresh.set(bls, seat);
  }
  if (fresh.size === 0) return undefined;
  for (const { seats } of [...earlier, current]) {
    for (const { ed25519, bls } of seats) {
      const seat = fresh.get(ed25519) ?? fresh.get(bls);
      if (seat !== undefined) return seat;
    }
  }
  return undefined;
}
