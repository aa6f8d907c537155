// Who sits: seats, their keys and what they share. Faults shared by a developer, a family, a host or a node are
// one fault, so no such domain may hold more than f seats (protocol 1.5, 6.2).
import * as z from 'zod';
import { quorumOf } from '../consensus/quorum.ts';
import { badInput } from '../errors.ts';
import { type Digest, digestOf } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import { MAX_SEATS, type SeatId } from '../signing/seat-id.ts';
import { capsBroken } from './fault-domains.ts';
import { base64Of, digest, line, readDocument } from './field-rules.ts';

export const FIRST_EPOCH = 1 as Epoch;

/** What the answers of a seat are when they do not come from a model that is asked now (protocol 6.4). */
export const TRIAL_PROVENANCES = ['recorded', 'replay', 'offline'] as const;

export const seatId = z.custom<SeatId>(
  (value) => typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_SEATS,
  `expected a seat from 1 to ${MAX_SEATS}`,
);
export const epoch = z.custom<Epoch>(
  (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= FIRST_EPOCH,
  'expected an epoch from 1',
);

export const rosterSeat = z
  .strictObject({
    seat: seatId,
    name: line(40),
    node: line(40),
    developer: line(40),
    family: line(40),
    host: line(40),
    /** digest of the model configuration */
    model: digest,
    /** absent for a seat whose answers are live */
    provenance: z.exactOptional(z.enum(TRIAL_PROVENANCES)),
    ed25519: base64Of(32),
    bls: base64Of(48),
    /** proof that the seat holds its BLS key (protocol 2.3) */
    possession: base64Of(96),
    /** an excluded chair: whose keys these were counts for nothing, and the chair as missing (protocol 5.2) */
    vacant: z.exactOptional(z.literal(true)),
  })
  .readonly();

/** Where dossiers are encrypted to (protocol 8.4). */
export const rosterNode = z.strictObject({ name: line(40), x25519: base64Of(32) }).readonly();

export const rosterSchema = z
  .strictObject({
    epoch,
    trial: z.boolean(),
    /** absent where one node hosts every seat */
    nodes: z.exactOptional(z.array(rosterNode).max(MAX_SEATS).readonly()),
    seats: z.array(rosterSeat).min(1).max(MAX_SEATS).readonly(),
  })
  .readonly();

export type RosterSeat = z.infer<typeof rosterSeat>;
export type Roster = z.infer<typeof rosterSchema>;

/** Proofs of possession are not checked here: that takes a BLS backend (signing/bls.ts). */
export function readRoster(value: unknown): Roster {
  const roster = readDocument('roster', rosterSchema, value);
  roster.seats.forEach(({ seat }, i) => {
    if (seat !== i + 1)
      throw badInput(`roster: expected seat ${i + 1} in place ${i + 1}, found seat ${seat}`);
  });
  requireNodes(roster);
  for (const field of ['name', 'ed25519', 'bls'] as const) {
    if (new Set(roster.seats.map((seat) => seat[field])).size !== roster.seats.length) {
      throw badInput(`roster: two seats have the same ${field}`);
    }
  }
  const borrowed = roster.seats.find(({ provenance }) => provenance !== undefined);
  if (borrowed !== undefined && !roster.trial) {
    // protocol 6.4
    throw badInput(
      `roster: seat ${borrowed.seat} is ${borrowed.provenance}, so the roster must be marked trial`,
    );
  }
  const { f } = quorumOf(roster.seats.length);
  for (const { kind, name, seats } of capsBroken(roster)) {
    // protocol 6.2: one machine cannot keep the node cap, and says so in every certificate
    if (kind === 'node' && roster.trial) continue;
    throw badInput(
      `roster: ${kind} "${name}" holds ${seats.length} of ${roster.seats.length} seats, the cap is ${f}`,
    );
  }
  return roster;
}

/** Each seat sits at a node that can be written to, and no two nodes share a key. A vacant chair needs no node. */
function requireNodes({ nodes, seats }: Roster): void {
  if (nodes === undefined) return;
  for (const field of ['name', 'x25519'] as const) {
    if (new Set(nodes.map((node) => node[field])).size !== nodes.length) {
      throw badInput(`roster: two nodes have the same ${field}`);
    }
  }
  const homeless = seats.find(
    (seat) => seat.vacant !== true && nodes.every(({ name }) => name !== seat.node),
  );
  if (homeless !== undefined) {
    throw badInput(
      `roster: seat ${homeless.seat} is at node "${homeless.node}", which is not among its nodes`,
    );
  }
}

const digests = new WeakMap<Roster, Digest>();

/** Worked out once for each: a digest is asked for at every decision, and nobody writes into a roster. */
export function rosterDigest(roster: Roster): Digest {
  const known = digests.get(roster) ?? digestOf(roster);
  digests.set(roster, known);
  return known;
}

/** The nodes that seats of these rosters sit at, in the order of their first seats. */
export function nodeNames(...rosters: readonly Pick<Roster, 'seats'>[]): readonly string[] {
  return [...new Set(rosters.flatMap(({ seats }) => seats.map(({ node }) => node)))];
}

export function seatOf(roster: Roster, seat: number): RosterSeat | undefined {
  return roster.seats[seat - 1];
}

/** Who sits in a chair; nobody in a vacant one, whatever keys it still names (protocol 5.2). */
export function sitterOf(roster: Roster, seat: number): RosterSeat | undefined {
  const chair = seatOf(roster, seat);
  return chair?.vacant === true ? undefined : chair;
}
