// Messages as the bytes that cross a transport: canonical JSON, entries as JSON strings (protocol 2.1, 8.1).
// What is received is read into a message, spelled again and compared: whatever is not exactly what we would
// have sent is refused. That is both the strictest test there is and, for votes, a few microseconds.
import { badInput, unreachable } from '../errors.ts';
import { textOf, utf8 } from '../signing/bytes.ts';
import { MAX_SEATS } from '../signing/seat-id.ts';
import { MAX_BLOCK_ENTRIES, MAX_BLOCKS_SENT, MAX_STATUS_ENTRIES } from './limits.ts';
import type { Message, Proposal, Timeout, Vote } from './messages.ts';
import {
  blockData,
  certificateData,
  digest,
  entryText,
  epoch,
  type Fields,
  fieldsOf,
  height,
  listOf,
  orNull,
  phase,
  readBlock,
  readCertificate,
  readEntry,
  readTimeoutCertificate,
  seat,
  signature,
  timeoutCertificateData,
  truth,
  view,
} from './wire-fields.ts';

/** An answer of blocks may hold two full ones, whose entries grow where quotes are escaped. */
export const MAX_WIRE_BYTES = 24 * 1024 * 1024;

/** In a status each seat may repeat a proposal, two votes and a timeout. */
const MAX_PARTS = 4 * MAX_SEATS;

export function encodeMessage(message: Message): Uint8Array {
  return utf8(messageText(message));
}

/** Throws on bytes that are not exactly those of a message. */
export function decodeMessage(bytes: Uint8Array): Message {
  if (bytes.length > MAX_WIRE_BYTES) {
    throw badInput(`expected a message of at most ${MAX_WIRE_BYTES} bytes, found ${bytes.length}`);
  }
  const text = textOf(bytes);
  const message = readMessage(fieldsOf(parsed(text)));
  if (messageText(message) !== text) throw badInput('expected a message in its canonical spelling');
  return message;
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badInput('expected JSON');
  }
}

function messageText(message: Message): string {
  switch (message.kind) {
    case 'proposal':
      return JSON.stringify(proposalData(message));
    case 'vote':
      return JSON.stringify(voteData(message));
    case 'timeout':
      return JSON.stringify(timeoutData(message));
    case 'status': {
      const { ask, commit, entries, kind, parts, prepare, timeoutCertificate, view } = message;
      return JSON.stringify({
        ask,
        commit: certificateData(commit),
        entries: entries.map(entryText),
        kind,
        parts: parts.map(partData),
        prepare: certificateData(prepare),
        timeoutCertificate: timeoutCertificate && timeoutCertificateData(timeoutCertificate),
        view,
      });
    }
    case 'blocks-wanted': {
      const { aboveHeight, block, kind } = message;
      return JSON.stringify({ aboveHeight, block, kind });
    }
    case 'blocks': {
      const { blocks, commit, kind } = message;
      return JSON.stringify({
        blocks: blocks.map(blockData),
        commit: commit && certificateData(commit),
        kind,
      });
    }
    case 'entries':
      return JSON.stringify({ entries: message.entries.map(entryText), kind: message.kind });
    default:
      return unreachable(message);
  }
}

function readMessage(found: Fields): Message {
  switch (found.kind) {
    case 'proposal':
    case 'vote':
    case 'timeout':
      return readPart(found);
    case 'status':
      return {
        kind: 'status',
        ask: truth(found.ask),
        commit: readCertificate(found.commit),
        entries: listOf(found.entries, MAX_STATUS_ENTRIES, readEntry),
        parts: listOf(found.parts, MAX_PARTS, (part) => readPart(fieldsOf(part))),
        prepare: readCertificate(found.prepare),
        timeoutCertificate: orNull(found.timeoutCertificate, readTimeoutCertificate),
        view: view(found.view),
      };
    case 'blocks-wanted':
      return { kind: 'blocks-wanted', aboveHeight: height(found.aboveHeight), block: digest(found.block) };
    case 'blocks':
      return {
        kind: 'blocks',
        blocks: listOf(found.blocks, MAX_BLOCKS_SENT, readBlock),
        commit: orNull(found.commit, readCertificate),
      };
    case 'entries':
      return { kind: 'entries', entries: listOf(found.entries, MAX_BLOCK_ENTRIES, readEntry) };
    default:
      throw badInput('expected a kind of message');
  }
}

function partData(part: Proposal | Vote | Timeout): object {
  if (part.kind === 'vote') return voteData(part);
  return part.kind === 'timeout' ? timeoutData(part) : proposalData(part);
}

function readPart(found: Fields): Proposal | Vote | Timeout {
  if (found.kind === 'vote') return readVote(found);
  if (found.kind === 'timeout') return readTimeout(found);
  if (found.kind !== 'proposal') throw badInput('expected a proposal, a vote or a timeout');
  return {
    kind: 'proposal',
    block: readBlock(found.block),
    justify: readCertificate(found.justify),
    seat: seat(found.seat),
    signature: signature(found.signature),
    timeoutCertificate: orNull(found.timeoutCertificate, readTimeoutCertificate),
  };
}

function proposalData({ block, justify, kind, seat, signature, timeoutCertificate }: Proposal): object {
  return {
    block: blockData(block),
    justify: certificateData(justify),
    kind,
    seat,
    signature,
    timeoutCertificate: timeoutCertificate && timeoutCertificateData(timeoutCertificate),
  };
}

export function voteData({ block, epoch, height, kind, phase, seat, signature, view }: Vote): Vote {
  return { block, epoch, height, kind, phase, seat, signature, view };
}

export function readVote(value: unknown): Vote {
  const found = fieldsOf(value);
  return {
    kind: 'vote',
    block: digest(found.block),
    epoch: epoch(found.epoch),
    height: height(found.height),
    phase: phase(found.phase),
    seat: seat(found.seat),
    signature: signature(found.signature),
    view: view(found.view),
  };
}

export function timeoutData({ epoch, kind, prepare, prepareView, seat, signature, view }: Timeout): Timeout {
  return { epoch, kind, prepare: certificateData(prepare), prepareView, seat, signature, view };
}

export function readTimeout(value: unknown): Timeout {
  const found = fieldsOf(value);
  return {
    kind: 'timeout',
    epoch: epoch(found.epoch),
    prepare: readCertificate(found.prepare),
    prepareView: view(found.prepareView),
    seat: seat(found.seat),
    signature: signature(found.signature),
    view: view(found.view),
  };
}
