// What executing a block derives: records. They are leaves of the ledger like the entries, unsigned, because
// whoever replays the entries must come to the same ones (protocol 4.10, 7.1).
import * as z from 'zod';
import type { Height } from '../consensus/block.ts';
import { canonicalBytes } from '../signing/canonical.ts';
import { VERDICTS } from './ballot.ts';
import { MAX_SUBJECT_CHARS } from './case.ts';
import { CASE_TYPES } from './case-kind.ts';
import { MAX_ATTEMPTS } from './charter.ts';
import { digest, line, readCanonical, slug, timeMs } from './field-rules.ts';
import { FAULTS } from './misbehaviour.ts';
import { epoch, seatId } from './roster.ts';
import { BASES, OUTCOMES } from './tally.ts';

export const FLAGS = [
  /** the council breaks the node cap: one machine hosts more than f seats (protocol 6.2) */
  'embedded',
  /** every mandatory criterion has its quorum and the case has not (protocol 4.8) */
  'discursive-dilemma',
  /** somebody should look at it: no quorum either way, or the dilemma above */
  'human-review',
  /** those who committed and did not open could have changed the outcome (protocol 4.6) */
  'pivotal-withholding',
  /** answers that are not live (protocol 6.4) */
  'trial',
] as const;
export type Flag = (typeof FLAGS)[number];

const count = z.int().min(0);
const height = z.custom<Height>(
  (value) => Number.isSafeInteger(value) && Number(value) >= 1,
  'expected a height',
);
const seats = z.array(seatId).readonly();

const caseClosed = z
  .strictObject({
    kind: z.literal('case.closed'),
    caseId: digest,
    /** why the commit phase closed (protocol 4.5) */
    by: z.enum(['all', 'all-but-suspected', 'deadline']),
    committed: count,
    /** seats that never committed, vacant chairs among them */
    absent: seats,
    height,
    timeMs,
  })
  .readonly();

const countedBallot = z.strictObject({ seat: seatId, verdict: z.enum(VERDICTS), ballot: digest }).readonly();
const criterionTally = z.strictObject({ met: count, notMet: count, insufficient: count }).readonly();

const caseDecided = z
  .strictObject({
    kind: z.literal('case.decided'),
    caseId: digest,
    type: z.enum(CASE_TYPES),
    subject: line(MAX_SUBJECT_CHARS),
    attempt: z.int().min(1).max(MAX_ATTEMPTS),
    outcome: z.enum(OUTCOMES),
    basis: z.enum(BASES),
    tally: z.strictObject({ approve: count, reject: count, abstain: count, missing: count }).readonly(),
    /** approvals needed, of how many chairs */
    threshold: count,
    seats: count,
    byCriterion: z.record(slug, criterionTally).readonly(),
    /** in alphabetical order */
    flags: z.array(z.enum(FLAGS)).readonly(),
    /** of the counted ballots */
    provenance: z.strictObject({ live: count, recorded: count, replay: count, offline: count }).readonly(),
    /** every counted ballot, by ascending seat */
    ballots: z.array(countedBallot).readonly(),
    /** seats that committed and whose ballot does not count: never opened, or opened falsely */
    withheld: seats,
    /** digest of the roster whose seats judged, and of the one in force now, whose seats sign (protocol 6.1) */
    panel: digest,
    roster: digest,
    policy: digest,
    epoch,
    height,
    timeMs,
    /** how long an approval is good for; null for a rejection */
    validUntilMs: timeMs.nullable(),
  })
  .readonly();

const seatMarked = z
  .strictObject({
    kind: z.literal('seat.marked'),
    seat: seatId,
    fault: z.enum(FAULTS),
    /** null for faults of ordering */
    caseId: digest.nullable(),
    height,
    timeMs,
  })
  .readonly();

/** The block with this record is the last of its epoch (protocol 6.1). */
export const rosterAdmittedSchema = z
  .strictObject({
    kind: z.literal('roster.admitted'),
    /** the one that begins after this block */
    epoch,
    /** digest of its roster */
    roster: digest,
    /** chairs that the operators gave away */
    changed: seats,
    /** chairs that fell vacant */
    vacated: seats,
    height,
    timeMs,
  })
  .readonly();

/** That a quorum of seats began, or ceased, to call a seat silent (protocol 5.3). */
const seatSuspected = z
  .strictObject({ kind: z.literal('seat.suspected'), seat: seatId, suspected: z.boolean(), height, timeMs })
  .readonly();

const recordSchema = z.discriminatedUnion('kind', [
  caseClosed,
  caseDecided,
  seatMarked,
  rosterAdmittedSchema,
  seatSuspected,
]);

export type CaseClosed = z.infer<typeof caseClosed>;
export type Decision = z.infer<typeof caseDecided>;
export type SeatMarked = z.infer<typeof seatMarked>;
export type RosterAdmitted = z.infer<typeof rosterAdmittedSchema>;
export type SeatSuspected = z.infer<typeof seatSuspected>;
export type CouncilRecord = z.infer<typeof recordSchema>;

/** The leaf of a record. */
export function recordBytes(record: CouncilRecord): Uint8Array {
  return canonicalBytes({ record });
}

const envelope = z.strictObject({ record: recordSchema });

export function openRecord(bytes: Uint8Array): CouncilRecord {
  return readCanonical('record', envelope, bytes).record;
}

/** Is a leaf a record (else it is an entry)? */
export function isRecordLeaf(bytes: Uint8Array): boolean {
  return bytes[2] === 0x72; // {"r…
}
