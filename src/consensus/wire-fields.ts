// The parts that messages are made of, as JSON: each part has a function that spells it, with its keys in
// canonical order, and one that reads it. A reader builds what it returns from the fields it knows, so that
// whoever spells the result again and compares has refused every unknown field and every other spelling
// (protocol 2.1). Signatures are not checked here.
import { badInput } from '../errors.ts';
import { textOf, utf8 } from '../signing/bytes.ts';
import { asDigest, type Digest, digestOfBytes } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import { asSeatId, MAX_SEATS, type SeatId } from '../signing/seat-id.ts';
import type { Block, Entry, Header, Height, View } from './block.ts';
import type { Certificate, SeatSignature, TimeoutCertificate } from './certificates.ts';
import { digestOfHeader } from './digests.ts';
import { MAX_BLOCK_ENTRIES, MAX_ENTRY_BYTES } from './limits.ts';
import type { Phase, Signature } from './statements.ts';

export type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fieldsOf(value: unknown): Fields {
  if (!isFields(value)) throw badInput(`expected an object, found ${value === null ? 'null' : typeof value}`);
  return value;
}

export function listOf<T>(value: unknown, most: number, read: (item: unknown) => T): T[] {
  if (!Array.isArray(value)) throw badInput(`expected a list, found ${typeof value}`);
  if (value.length > most) throw badInput(`expected at most ${most} items, found ${value.length}`);
  return value.map((item) => read(item));
}

export function orNull<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === null ? null : read(value);
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw badInput(`expected text, found ${typeof value}`);
  return value;
}

/** Non-negative, and exact in a double. */
function count(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw badInput(`expected a whole number, found ${typeof value === 'number' ? value : typeof value}`);
  }
  return value;
}

export function truth(value: unknown): boolean {
  if (typeof value !== 'boolean') throw badInput(`expected true or false, found ${typeof value}`);
  return value;
}

export const digest = (value: unknown): Digest => asDigest(text(value));
export const seat = (value: unknown): SeatId => asSeatId(count(value));
export const epoch = (value: unknown): Epoch => count(value) as Epoch;
export const view = (value: unknown): View => count(value) as View;
export const height = (value: unknown): Height => count(value) as Height;

export function phase(value: unknown): Phase {
  if (value !== 1 && value !== 2) throw badInput('expected phase 1 or 2');
  return value;
}

/** 64 bytes in base64, of which there is one spelling. */
const SIGNATURE = /^[A-Za-z0-9+/]{85}[AQgw]==$/;

export function signature(value: unknown): Signature {
  const found = text(value);
  if (!SIGNATURE.test(found)) throw badInput('expected a signature: 64 bytes in base64');
  return found as Signature;
}

export function entryText(entry: Entry): string {
  return textOf(entry.bytes);
}

export function readEntry(value: unknown): Entry {
  const found = text(value);
  if (found.length > MAX_ENTRY_BYTES) throw badInput(`expected an entry of at most ${MAX_ENTRY_BYTES} bytes`);
  const bytes = utf8(found);
  if (bytes.length > MAX_ENTRY_BYTES) throw badInput(`expected an entry of at most ${MAX_ENTRY_BYTES} bytes`);
  return { digest: digestOfBytes(bytes), bytes };
}

export function headerData(header: Header): Header {
  const { epoch, height, ledgerRoot, ledgerSize, parent, payloadRoot, proposer, timeMs, view } = header;
  return { epoch, height, ledgerRoot, ledgerSize, parent, payloadRoot, proposer, timeMs, view };
}

export function readHeader(value: unknown): Header {
  const found = fieldsOf(value);
  return {
    epoch: epoch(found.epoch),
    height: height(found.height),
    ledgerRoot: digest(found.ledgerRoot),
    ledgerSize: count(found.ledgerSize),
    parent: digest(found.parent),
    payloadRoot: digest(found.payloadRoot),
    proposer: seat(found.proposer),
    timeMs: count(found.timeMs),
    view: view(found.view),
  };
}

/** A block crosses without its digest, which only its header can give. */
export function blockData({ entries, header }: Block) {
  return { entries: entries.map(entryText), header: headerData(header) };
}

export function readBlock(value: unknown): Block {
  const found = fieldsOf(value);
  const header = readHeader(found.header);
  const entries = listOf(found.entries, MAX_BLOCK_ENTRIES, readEntry);
  return { digest: digestOfHeader(header), header, entries };
}

export function certificateData(certificate: Certificate): Certificate {
  const { block, epoch, height, kind, view } = certificate;
  const signatures = certificate.signatures.map(({ seat, signature }) => ({ seat, signature }));
  return { block, epoch, height, kind, signatures, view };
}

function readSeatSignature(value: unknown): SeatSignature {
  const found = fieldsOf(value);
  return { seat: seat(found.seat), signature: signature(found.signature) };
}

export function readCertificate(value: unknown): Certificate {
  const found = fieldsOf(value);
  const { kind } = found;
  if (kind !== 'prepare' && kind !== 'commit') throw badInput('expected a prepare or commit certificate');
  return {
    block: digest(found.block),
    epoch: epoch(found.epoch),
    height: height(found.height),
    kind,
    signatures: listOf(found.signatures, MAX_SEATS, readSeatSignature),
    view: view(found.view),
  };
}

export function timeoutCertificateData(certificate: TimeoutCertificate): TimeoutCertificate {
  const { epoch, high, view } = certificate;
  const reports = certificate.reports.map(({ prepareView, seat, signature }) => ({
    prepareView,
    seat,
    signature,
  }));
  return { epoch, high: certificateData(high), reports, view };
}

export function readTimeoutCertificate(value: unknown): TimeoutCertificate {
  const found = fieldsOf(value);
  return {
    epoch: epoch(found.epoch),
    high: readCertificate(found.high),
    reports: listOf(found.reports, MAX_SEATS, (report) => {
      const fields = fieldsOf(report);
      return {
        prepareView: view(fields.prepareView),
        seat: seat(fields.seat),
        signature: signature(fields.signature),
      };
    }),
    view: view(found.view),
  };
}
