// That a decision stands in the log: its leaf leads to a tree head, a block names that tree head, and a quorum
// committed the block (protocol 7.1, 7.3). The checkpoint's own signature shows only that the file is whole:
// its key is the publishing node's, and nobody has to trust that node.
import type { Header } from '../consensus/block.ts';
import type { Certificate } from '../consensus/certificates.ts';
import type { Decision } from '../council/records.ts';
import type { Roster } from '../council/roster.ts';
import { badInput } from '../errors.ts';
import { toHex } from '../signing/bytes.ts';
import type { Digest } from '../signing/digest.ts';
import type { Ed25519 } from '../signing/ed25519.ts';
import { type Checkpoint, originOf, parseCheckpoint } from './checkpoint.ts';
import { decisionLeaf } from './decision-statement.ts';
import { leafHash, verifyInclusion } from './merkle.ts';
import { type Note, type NoteKey, parseNote, parseNoteKey, signersOf } from './note.ts';
import { parseTlogProof } from './tlog-proof.ts';
import { parseTreeHead, requireLinked, type TreeHeadProof } from './tree-head.ts';

/** A proof that was read and not yet believed. */
export interface LoggedProof {
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
  readonly note: Note;
  readonly checkpoint: Checkpoint;
  readonly head: TreeHeadProof;
  readonly logKey: NoteKey;
}

export function openProof(bytes: Uint8Array | undefined): LoggedProof {
  if (bytes === undefined) throw badInput('expected the .tlog-proof that stands beside the certificate');
  const { extra, index, hashes, checkpoint } = parseTlogProof(bytes);
  if (extra === undefined)
    throw badInput('expected an "extra" line with the headers that vouch for the tree head');
  const head = parseTreeHead(extra);
  const note = parseNote(checkpoint);
  return {
    index,
    hashes,
    note,
    checkpoint: parseCheckpoint(note.text),
    head,
    logKey: parseNoteKey(head.logKey),
  };
}

export function requireInclusion(decision: Decision, { index, hashes, checkpoint }: LoggedProof): void {
  const leaf = leafHash(decisionLeaf(decision));
  if (!verifyInclusion(leaf, index, checkpoint.size, hashes, checkpoint.root)) {
    throw badInput(`the decision is not entry ${index} of a log of ${checkpoint.size} with this root`);
  }
}

/** The certificate that commits the tree head, its signatures yet unchecked. */
export function requireTreeHead(
  decision: Decision,
  { checkpoint, head }: LoggedProof,
  roster: Roster,
): Certificate {
  const commit = requireLinked(head, roster);
  const [first] = head.headers;
  if (first?.ledgerSize !== checkpoint.size || first.ledgerRoot !== toHex(checkpoint.root)) {
    throw badInput('the first header names another tree head than the checkpoint');
  }
  if (first.height < decision.height || !head.headers.every((header) => agrees(header, decision))) {
    throw badInput('the headers are not those of the block that decided, or of a later one');
  }
  return commit;
}

export function requireCheckpoint(
  { note, checkpoint, logKey }: LoggedProof,
  councilId: Digest,
  ed25519: Pick<Ed25519, 'verify'>,
): void {
  if (checkpoint.origin !== originOf(councilId)) {
    throw badInput(`expected a checkpoint of ${originOf(councilId)}, found ${checkpoint.origin}`);
  }
  if (logKey.name !== checkpoint.origin) throw badInput("expected a log key under the log's own name");
  // There are no witnesses yet. A signature nobody can check would be one nobody notices the loss of.
  if (note.signatures.length !== 1 || signersOf(note, [logKey], ed25519).length !== 1) {
    throw badInput('expected the checkpoint to be signed by its log key and by no other');
  }
}

function agrees(header: Header, { height, timeMs }: Decision): boolean {
  return header.height === height
    ? header.timeMs === timeMs
    : header.height > height && header.timeMs > timeMs;
}
