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
import { type Roster, type RosterSeat, readRoster, rosterNode, rosterSeat, seatOf } from './roster.ts';

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
 * for a fault. Whether operators signed it and new BLS keys are proven is checked elsewhere: it takes signatures.
 */
export function rosterAfter(
  current: Roster,
  change: RosterChange,
  marked: ReadonlySet<SeatId>,
  earlier: Iterable<Roster>,
): RosterStep | undefined {
  const { n, f, q } = quorumOf(current.seats.length);
  const changed = change.seats.map(({ seat }) => seat);
  const ascending = changed.every((seat, i) => seat > (changed[i - 1] ?? 0) && seat <= n);
  if (!ascending || changed.length > f || current.epoch >= MAX_EPOCHS) return undefined;

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
  if (roster === undefined || roster.seats.filter(({ vacant }) => vacant === undefined).length < q) {
    return undefined;
  }
  if (!keepsKeys(current, roster, marked) || bringsBackKeys(current, roster, earlier)) return undefined;
  if (digestOf({ ...roster, epoch: current.epoch }) === digestOf(current)) return undefined;
  const empties = current.seats.filter((chair) => !chair.vacant && seatOf(roster, chair.seat)?.vacant);
  return { roster, changed, vacated: empties.map(({ seat }) => seat) };
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

/** A chair that was vacant or marked, and is occupied, is another's: both its keys are new. */
function keepsKeys(current: Roster, next: Roster, marked: ReadonlySet<SeatId>): boolean {
  return current.seats.every((chair) => {
    const after = seatOf(next, chair.seat);
    if (after === undefined) return false;
    if (after.vacant === true || !(chair.vacant === true || marked.has(chair.seat))) return true;
    return after.ed25519 !== chair.ed25519 && after.bls !== chair.bls;
  });
}

/** A key that is new to its chair has never been anywhere. */
function bringsBackKeys(current: Roster, next: Roster, earlier: Iterable<Roster>): boolean {
  const fresh = new Set<string>();
  for (const chair of next.seats) {
    const before = seatOf(current, chair.seat);
    if (chair.ed25519 !== before?.ed25519) fresh.add(chair.ed25519);
    if (chair.bls !== before?.bls) fresh.add(chair.bls);
  }
  if (fresh.size === 0) return false;
  for (const { seats } of [...earlier, current]) {
    if (seats.some(({ ed25519, bls }) => fresh.has(ed25519) || fresh.has(bls))) return true;
  }
  return false;
}
