// The envelope of everything that is ordered: canonical JSON `{"entry":{…},"sig":"…"}`. What is signed is the
// exact slice of the received bytes that holds the inner object; nothing is re-serialised to verify it
// (protocol 2.1). Strictness costs one comparison: an entry is accepted only if the fields we know, spelled
// canonically, are the bytes that came, so another spelling, an unknown field and a doubled key all fail alike.
import type { Entry } from '../consensus/block.ts';
import { MAX_ENTRY_BYTES } from '../consensus/limits.ts';
import { badInput } from '../errors.ts';
import { concat, equalBytes, textOf, utf8 } from '../signing/bytes.ts';
import { canonicalBytes, canonicalText, parseCanonical } from '../signing/canonical.ts';
import { type Digest, digestOfBytes, isDigest } from '../signing/digest.ts';
import { type Epoch, type SigningContext, signedBytes } from '../signing/purpose.ts';
import { asSeatId, MAX_SEATS, type SeatId } from '../signing/seat-id.ts';
import { type Ballot, ballotOf, ballotText } from './ballot.ts';
import { type CaseDocument, type CaseId, readCase } from './case.ts';
import { MAX_OPERATORS } from './charter.ts';
import { base64Pattern, isNonce, isRecord, isSlug } from './field-rules.ts';
import { type RosterChange, readRosterChange } from './roster-change.ts';

/** A seat's word that it holds the whole dossier of a case and can serve it (protocol 4.1). */
export interface Receipt {
  readonly seat: SeatId;
  readonly sig: string;
}

export interface CaseOpened {
  readonly kind: 'case.opened';
  readonly by: `submitter/${string}`;
  readonly epoch: Epoch;
  readonly case: CaseDocument;
  /** by ascending seat */
  readonly receipts: readonly Receipt[];
}

export interface BallotCommitted {
  readonly kind: 'ballot.committed';
  readonly by: `seat/${number}`;
  readonly epoch: Epoch;
  readonly caseId: CaseId;
  readonly seat: SeatId;
  readonly commitment: Digest;
}

export interface BallotRevealed {
  readonly kind: 'ballot.revealed';
  readonly by: `seat/${number}`;
  readonly epoch: Epoch;
  readonly caseId: CaseId;
  readonly seat: SeatId;
  /** 32 bytes in hex */
  readonly salt: string;
  readonly ballot: Ballot;
}

export interface EvidenceFound {
  readonly kind: 'evidence.found';
  readonly by: `seat/${number}`;
  readonly epoch: Epoch;
  /** read by misbehaviour.ts */
  readonly evidence: unknown;
}

/** An operator's word for a change of the roster (protocol 6.1). */
export interface Approval {
  readonly operator: string;
  readonly sig: string;
}

export interface RosterChanged {
  readonly kind: 'roster.changed';
  /** who submits it; its own approval, if it gives one, stands among the others */
  readonly by: `operator/${string}`;
  readonly epoch: Epoch;
  readonly change: RosterChange;
  /** by ascending operator */
  readonly approvals: readonly Approval[];
}

/** Whom a seat calls silent from now on, instead of what it said before (protocol 5.3). */
export interface SeatsSuspected {
  readonly kind: 'seats.suspected';
  readonly by: `seat/${number}`;
  readonly epoch: Epoch;
  /** ascending */
  readonly silent: readonly SeatId[];
}

export type EntryFields =
  | CaseOpened
  | BallotCommitted
  | BallotRevealed
  | EvidenceFound
  | RosterChanged
  | SeatsSuspected;

export interface OpenEntry {
  readonly fields: EntryFields;
  /** the exact slice of the received bytes that was signed */
  readonly payload: Uint8Array;
  readonly signature: string;
}

/** Makes an Ed25519 signature in padded base64. */
export type SignBytes = (message: Uint8Array) => string;

const HEAD = utf8('{"entry":');
const BEFORE_SIGNATURE = utf8(',"sig":"');
const TAIL = utf8('"}');
const SIGNATURE_CHARS = 88;
const AFTER_PAYLOAD = BEFORE_SIGNATURE.length + SIGNATURE_CHARS + TAIL.length;
const SIGNATURE = base64Pattern(64);

export function isSignature(value: unknown): value is string {
  return typeof value === 'string' && SIGNATURE.test(value);
}

/** Looked at when it comes, is proposed, is executed and is told of; taken apart once. Nobody writes into an entry. */
const opened = new WeakMap<Uint8Array, OpenEntry>();

/** Throws bad input on anything but the one spelling of a well-formed entry. Checks no signature. */
export function openEntry(bytes: Uint8Array): OpenEntry {
  const known = opened.get(bytes) ?? takeApart(bytes);
  opened.set(bytes, known);
  return known;
}

function takeApart(bytes: Uint8Array): OpenEntry {
  const payloadEnd = bytes.length - AFTER_PAYLOAD;
  if (bytes.length > MAX_ENTRY_BYTES) throw badInput(`entry: expected at most ${MAX_ENTRY_BYTES} bytes`);
  if (
    payloadEnd <= HEAD.length ||
    !equalBytes(bytes.subarray(0, HEAD.length), HEAD) ||
    !equalBytes(bytes.subarray(payloadEnd, payloadEnd + BEFORE_SIGNATURE.length), BEFORE_SIGNATURE) ||
    !equalBytes(bytes.subarray(bytes.length - TAIL.length), TAIL)
  ) {
    throw badInput('entry: expected {"entry":{…},"sig":"…"}');
  }
  const signature = textOf(bytes.subarray(payloadEnd + BEFORE_SIGNATURE.length, bytes.length - TAIL.length));
  if (!isSignature(signature)) throw badInput('entry: expected a signature of 64 bytes in padded base64');
  const payload = bytes.subarray(HEAD.length, payloadEnd);
  return { fields: readPayload(payload), payload, signature };
}

export function sealEntry(fields: EntryFields, councilId: Digest, sign: SignBytes): Entry {
  const payload = utf8(payloadText(fields));
  const signature = sign(entryMessage({ fields, payload }, councilId));
  const bytes = concat(HEAD, payload, BEFORE_SIGNATURE, utf8(signature), TAIL);
  if (bytes.length > MAX_ENTRY_BYTES)
    throw badInput(`entry: ${bytes.length} bytes, at most ${MAX_ENTRY_BYTES} fit`);
  return { digest: digestOfBytes(bytes), bytes };
}

/** The bytes that the signature of an entry is over. */
export function entryMessage(
  { fields, payload }: Omit<OpenEntry, 'signature'>,
  councilId: Digest,
): Uint8Array {
  return signedBytes({ purpose: fields.kind, councilId, epoch: fields.epoch }, payload);
}

/** The bytes that a receipt for a case is over. */
export function receiptMessage(caseId: CaseId, context: Omit<SigningContext, 'purpose'>): Uint8Array {
  return signedBytes({ ...context, purpose: 'dossier.held' }, canonicalBytes({ caseId }));
}

/** Spelled by hand for the two kinds that every seat sends for every case. */
function payloadText(fields: EntryFields): string {
  const { by, epoch } = fields;
  switch (fields.kind) {
    case 'ballot.committed':
      return (
        `{"by":"${by}","caseId":"${fields.caseId}","commitment":"${fields.commitment}","epoch":${epoch},` +
        `"kind":"ballot.committed","seat":${fields.seat}}`
      );
    case 'ballot.revealed':
      return (
        `{"ballot":${ballotText(fields.ballot)},"by":"${by}","caseId":"${fields.caseId}","epoch":${epoch},` +
        `"kind":"ballot.revealed","salt":"${fields.salt}","seat":${fields.seat}}`
      );
    case 'case.opened':
    case 'evidence.found':
    case 'roster.changed':
    case 'seats.suspected':
      return canonicalText(fields);
    default:
      return fields satisfies never;
  }
}

function readPayload(payload: Uint8Array): EntryFields {
  const text = textOf(payload);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badInput('entry: expected JSON');
  }
  const fields = isRecord(value) ? fieldsOf(value, payload) : undefined;
  if (fields === undefined) throw badInput('entry: expected the fields of a known kind of entry');
  if (payloadText(fields) !== text) throw badInput('entry: expected canonical JSON without unknown fields');
  return fields;
}

function fieldsOf(value: Readonly<Record<string, unknown>>, payload: Uint8Array): EntryFields | undefined {
  const { kind, by, epoch, caseId, seat, commitment, salt, ballot, evidence, receipts, silent } = value;
  if (!isEpoch(epoch)) return undefined;
  switch (kind) {
    case 'ballot.committed':
      if (!isSeat(seat) || by !== `seat/${seat}` || !isDigest(caseId) || !isDigest(commitment))
        return undefined;
      return { kind, by: `seat/${seat}`, epoch, caseId, seat, commitment };
    case 'ballot.revealed': {
      const read = ballotOf(ballot);
      if (!isSeat(seat) || by !== `seat/${seat}` || !isDigest(caseId)) return undefined;
      if (!isNonce(salt) || read === undefined) return undefined;
      return { kind, by: `seat/${seat}`, epoch, caseId, seat, salt, ballot: read };
    }
    case 'case.opened': {
      parseCanonical(payload); // bounds the nesting of what is walked below
      const document = readCase(value.case);
      const submitter = `submitter/${document.submitter}` as const;
      if (by !== submitter || !areReceipts(receipts)) return undefined;
      return { kind, by: submitter, epoch, case: document, receipts };
    }
    case 'evidence.found': {
      parseCanonical(payload);
      const finder = typeof by === 'string' ? seatOfAuthor(by) : undefined;
      if (finder === undefined || evidence === undefined) return undefined;
      return { kind, by: `seat/${finder}`, epoch, evidence };
    }
    case 'roster.changed': {
      parseCanonical(payload);
      const operator = operatorOfAuthor(by);
      const { approvals } = value;
      if (operator === undefined || !areApprovals(approvals)) return undefined;
      return { kind, by: operator, epoch, change: readRosterChange(value.change), approvals };
    }
    case 'seats.suspected': {
      const author = typeof by === 'string' ? seatOfAuthor(by) : undefined;
      if (author === undefined || !areSeats(silent)) return undefined;
      return { kind, by: `seat/${author}`, epoch, silent };
    }
    default:
      return undefined;
  }
}

function operatorOfAuthor(by: unknown): `operator/${string}` | undefined {
  const [role, id, ...rest] = typeof by === 'string' ? by.split('/') : [];
  return role === 'operator' && isSlug(id) && rest.length === 0 ? `operator/${id}` : undefined;
}

function areApprovals(value: unknown): value is readonly Approval[] {
  if (!Array.isArray(value) || value.length > MAX_OPERATORS) return false;
  let last = '';
  return value.every((approval: unknown) => {
    if (!isRecord(approval) || Object.keys(approval).length !== 2) return false;
    if (!isSlug(approval.operator) || !isSignature(approval.sig)) return false;
    const ascending = approval.operator > last;
    last = approval.operator;
    return ascending;
  });
}

function areSeats(value: unknown): value is readonly SeatId[] {
  if (!Array.isArray(value) || value.length > MAX_SEATS) return false;
  return value.every((seat: unknown, i) => isSeat(seat) && seat > Number(value[i - 1] ?? 0));
}

function areReceipts(value: unknown): value is readonly Receipt[] {
  if (!Array.isArray(value) || value.length > MAX_SEATS) return false;
  let last = 0;
  return value.every((receipt: unknown) => {
    if (!isRecord(receipt) || Object.keys(receipt).length !== 2) return false;
    if (!isSeat(receipt.seat) || !isSignature(receipt.sig)) return false;
    const ascending = receipt.seat > last;
    last = receipt.seat;
    return ascending;
  });
}

function isSeat(value: unknown): value is SeatId {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_SEATS;
}

function isEpoch(value: unknown): value is Epoch {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

/** The seat that an author such as "seat/7" names. */
export function seatOfAuthor(by: string): SeatId | undefined {
  const digits = /^seat\/([1-9][0-9]{0,2})$/.exec(by)?.[1];
  return digits !== undefined && Number(digits) <= MAX_SEATS ? asSeatId(Number(digits)) : undefined;
}
