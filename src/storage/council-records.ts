// What a node keeps, as bytes: JSON for what is small, frames (a length, then that many bytes) where entries
// and leaves stand, which are never spelled anew. Reading is strict: a record that is not exactly what this
// file writes was damaged, and a damaged store stops the node (protocol 8.2).
import type { Block } from '../consensus/block.ts';
import { digestOfHeader, payloadRoot } from '../consensus/digests.ts';
import type { CommittedBlock, DurableRecord } from '../consensus/effects.ts';
import { MAX_TREE_BLOCKS } from '../consensus/limits.ts';
import type { OwnProposal, SeatVotes } from '../consensus/voting-rules.ts';
import { parsed, readTimeout, readVote, timeoutData, voteData } from '../consensus/wire.ts';
import {
  certificateData,
  digest,
  epoch,
  fieldsOf,
  headerData,
  listOf,
  orNull,
  readCertificate,
  readHeader,
  readTimeoutCertificate,
  seat,
  signature,
  timeoutCertificateData,
  view,
} from '../consensus/wire-fields.ts';
import { type Ballot, ballotOf, ballotText } from '../council/ballot.ts';
import { badInput, invariant } from '../errors.ts';
import { concat, textOf, utf8 } from '../signing/bytes.ts';
import { type Digest, digestOfBytes, isDigest } from '../signing/digest.ts';

export type Certificates = Extract<DurableRecord, { kind: 'certificates' }>;

/** A ballot and what will open its commitment (protocol 4.4). */
export interface SealedBallot {
  readonly ballot: Ballot;
  /** 32 bytes in hex */
  readonly salt: string;
}

/** A place in the committed chain; the block itself is kept once, under its digest. */
export interface ChainLink {
  readonly block: Digest;
  readonly commit: CommittedBlock['commit'];
  /** the leaves that executing the block derived, after its entries */
  readonly derived: readonly Uint8Array[];
  /** empty blocks that prove the last block of an epoch; nowhere else any */
  readonly suffix: CommittedBlock['suffix'];
}

export function encodeVotes(votes: SeatVotes): Uint8Array {
  return utf8(votesText(votes));
}

export function decodeVotes(bytes: Uint8Array): SeatVotes {
  const found = fieldsOf(parsed(textOf(bytes)));
  const votes: SeatVotes = {
    epoch: epoch(found.epoch),
    lastProposal: view(found.lastProposal),
    lastTimeout: view(found.lastTimeout),
    lock: view(found.lock),
    proposal: orNull(found.proposal, readOwnProposal),
    seat: seat(found.seat),
    timeout: orNull(found.timeout, readTimeout),
    vote1: orNull(found.vote1, readVote),
    vote2: orNull(found.vote2, readVote),
  };
  return unaltered(votes, bytes, votesText);
}

function votesText(votes: SeatVotes): string {
  const { epoch, lastProposal, lastTimeout, lock, proposal, seat, timeout, vote1, vote2 } = votes;
  return JSON.stringify({
    epoch,
    lastProposal,
    lastTimeout,
    lock,
    proposal: proposal && ownProposalData(proposal),
    seat,
    timeout: timeout && timeoutData(timeout),
    vote1: vote1 && voteData(vote1),
    vote2: vote2 && voteData(vote2),
  });
}

function ownProposalData({ block, justify, kind, seat, signature, timeoutCertificate, view }: OwnProposal) {
  return {
    block,
    justify: certificateData(justify),
    kind,
    seat,
    signature,
    timeoutCertificate: timeoutCertificate && timeoutCertificateData(timeoutCertificate),
    view,
  };
}

function readOwnProposal(value: unknown): OwnProposal {
  const found = fieldsOf(value);
  return {
    block: digest(found.block),
    justify: readCertificate(found.justify),
    kind: 'proposal',
    seat: seat(found.seat),
    signature: signature(found.signature),
    timeoutCertificate: orNull(found.timeoutCertificate, readTimeoutCertificate),
    view: view(found.view),
  };
}

export function encodeCertificates(certificates: Certificates): Uint8Array {
  return utf8(certificatesText(certificates));
}

export function decodeCertificates(bytes: Uint8Array): Certificates {
  const found = fieldsOf(parsed(textOf(bytes)));
  const certificates: Certificates = {
    kind: 'certificates',
    key: 'certificates',
    commit: readCertificate(found.commit),
    prepare: readCertificate(found.prepare),
    timeout: orNull(found.timeout, readTimeoutCertificate),
  };
  return unaltered(certificates, bytes, certificatesText);
}

function certificatesText({ commit, prepare, timeout }: Certificates): string {
  return JSON.stringify({
    commit: certificateData(commit),
    prepare: certificateData(prepare),
    timeout: timeout && timeoutCertificateData(timeout),
  });
}

export function encodeBlock({ header, entries }: Block): Uint8Array {
  return framed([utf8(JSON.stringify(headerData(header))), ...entries.map(({ bytes }) => bytes)]);
}

/** Recomputes every digest on the way: what a disk gives back is a claim like any other. */
export function decodeBlock(bytes: Uint8Array): Block {
  const [head, ...rest] = framesOf(bytes);
  if (head === undefined) throw badInput('expected a header');
  const header = unaltered(readHeader(parsed(textOf(head))), head, (read) =>
    JSON.stringify(headerData(read)),
  );
  const entries = rest.map((entry) => ({ digest: digestOfBytes(entry), bytes: entry }));
  if (payloadRoot(entries) !== header.payloadRoot) throw badInput('its entries are not those of its header');
  return { digest: digestOfHeader(header), header, entries };
}

export function encodeLink({ block, commit, derived, suffix }: ChainLink): Uint8Array {
  invariant(
    suffix.every(({ entries }) => entries.length === 0),
    'what is built on the last block of an epoch is empty',
  );
  return framed([utf8(linkText({ block, commit, suffix })), ...derived]);
}

export function decodeLink(bytes: Uint8Array): ChainLink {
  const [head, ...derived] = framesOf(bytes);
  if (head === undefined) throw badInput('expected a link of the chain');
  const found = fieldsOf(parsed(textOf(head)));
  const suffix = found.suffix === undefined ? [] : listOf(found.suffix, MAX_TREE_BLOCKS, readEmptyBlock);
  const link = { block: digest(found.block), commit: orNull(found.commit, readCertificate), suffix };
  return { ...unaltered(link, head, linkText), derived };
}

function linkText({ block, commit, suffix }: Omit<ChainLink, 'derived'>): string {
  const link = { block, commit: commit && certificateData(commit) };
  if (suffix.length === 0) return JSON.stringify(link);
  return JSON.stringify({ ...link, suffix: suffix.map(({ header }) => headerData(header)) });
}

function readEmptyBlock(value: unknown): Block {
  const header = readHeader(value);
  if (payloadRoot([]) !== header.payloadRoot) throw badInput('expected a block without entries');
  return { digest: digestOfHeader(header), header, entries: [] };
}

export function encodeSealed({ ballot, salt }: SealedBallot): Uint8Array {
  return utf8(sealedText({ ballot, salt }));
}

export function decodeSealed(bytes: Uint8Array): SealedBallot {
  const found = fieldsOf(parsed(textOf(bytes)));
  const ballot = ballotOf(found.ballot);
  if (ballot === undefined || !isDigest(found.salt)) throw badInput('expected a ballot and its salt');
  return unaltered({ ballot, salt: found.salt }, bytes, sealedText);
}

function sealedText({ ballot, salt }: SealedBallot): string {
  return `{"ballot":${ballotText(ballot)},"salt":"${salt}"}`;
}

/** What was read, spelled again, must be what was there. */
function unaltered<T>(read: T, bytes: Uint8Array, spell: (read: T) => string): T {
  if (spell(read) !== textOf(bytes)) throw badInput('expected the spelling in which it was written');
  return read;
}

const LENGTH_BYTES = 4;

function framed(parts: readonly Uint8Array[]): Uint8Array {
  return concat(
    ...parts.flatMap((part) => {
      const length = new Uint8Array(LENGTH_BYTES);
      new DataView(length.buffer).setUint32(0, part.length);
      return [length, part];
    }),
  );
}

function framesOf(bytes: Uint8Array): Uint8Array[] {
  const lengths = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = at + LENGTH_BYTES;
    const end = start > bytes.length ? start : start + lengths.getUint32(at);
    if (end > bytes.length) throw badInput('it is cut short');
    parts.push(bytes.subarray(start, end));
    at = end;
  }
  return parts;
}
