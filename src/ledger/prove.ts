// Proofs from a published ledger (`ledger prove`): that an entry stands in it, and that it only grew since. What
// a reader hands in is believed no further than the proof leads: each is verified before it is given out.
import { badInput, invariant } from '../errors.ts';
import { textOf, toHex } from '../signing/bytes.ts';
import { asDigest, type Digest, digestOfBytes } from '../signing/digest.ts';
import { CHECKPOINT_PATH, type Checkpoint, LOG_KEY_PATH, parseCheckpoint } from './checkpoint.ts';
import { Frontier, leafHash, verifyConsistency, verifyInclusion } from './merkle.ts';
import { parseNote } from './note.ts';
import { type PublishedBlock, publishedBlocks } from './published-blocks.ts';
import { TiledLog } from './tiled-log.ts';
import type { LogRead } from './tiles.ts';
import { formatTlogProof } from './tlog-proof.ts';
import { linkedHeaders, type TreeHeadProof, treeHeadBytes } from './tree-head.ts';

export interface EntryProof {
  readonly index: number;
  readonly size: number;
  readonly root: Digest;
  readonly leaf: Uint8Array;
  /** from the leaf's sibling up */
  readonly hashes: readonly Uint8Array[];
  /** the same as a `.tlog-proof` file */
  readonly proof: Uint8Array;
}

export interface GrowthProof {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
  readonly hashes: readonly Uint8Array[];
}

/**
 * A `.tlog-proof` of one leaf, up to the tree head that the first header names; the checkpoint must be of that
 * tree head too. The log may have grown since.
 */
export function logProof(
  index: number,
  log: TiledLog,
  checkpoint: Uint8Array,
  head: TreeHeadProof,
): Uint8Array {
  const size = head.headers[0]?.ledgerSize ?? 0;
  invariant(size <= log.size, 'a proof leads to a tree head of the log');
  return formatTlogProof({
    extra: treeHeadBytes(head),
    index,
    hashes: log.inclusion(index, size),
    checkpoint,
  });
}

/** The head of blocks by ascending height, of which the first names the tree head. */
export function treeHeadOf(blocks: Iterable<PublishedBlock>, logKey: string): TreeHeadProof {
  const linked = linkedHeaders(blocks);
  if (linked === undefined) throw badInput('no commit certificate vouches for the tree head yet');
  return { ...linked, logKey };
}

export function proveEntry(entry: number | Digest, read: LogRead): EntryProof {
  const published = openPublished(read);
  const { log, checkpoint, note } = published;
  const index = typeof entry === 'number' ? entry : indexOf(entry, log);
  if (!Number.isSafeInteger(index) || index < 0 || index >= log.size) {
    throw badInput(`expected an entry from 0 to ${log.size - 1}, found ${index}`);
  }
  const leaf = log.entry(index);
  const hashes = log.inclusion(index);
  if (!verifyInclusion(leafHash(leaf), index, log.size, hashes, checkpoint.root)) {
    throw badInput(`entry ${index} does not lead to the root of the checkpoint: run the audit`);
  }
  const naming = fromTreeHead(checkpoint, publishedBlocks(read));
  const head = treeHeadOf(naming, published.logKey);
  const proof = logProof(index, log, note, head);
  return { index, size: log.size, root: asDigest(toHex(checkpoint.root)), leaf, hashes, proof };
}

/** That the ledger of `oldSize` entries is the beginning of the present one. */
export function proveGrowth(oldSize: number, read: LogRead): GrowthProof {
  const { log, checkpoint } = openPublished(read);
  if (!Number.isSafeInteger(oldSize) || oldSize < 1 || oldSize > log.size) {
    throw badInput(`expected an earlier size from 1 to ${log.size}, found ${oldSize}`);
  }
  const oldRoot = Frontier.of(oldSize, log.node).root();
  const hashes = log.consistency(oldSize);
  if (!verifyConsistency(oldSize, log.size, hashes, oldRoot, checkpoint.root)) {
    throw badInput(
      `the ledger of ${oldSize} entries does not lead to the root of the checkpoint: run the audit`,
    );
  }
  return { oldSize, oldRoot, size: log.size, root: checkpoint.root, hashes };
}

interface Published {
  /** the checkpoint as it was signed */
  readonly note: Uint8Array;
  readonly checkpoint: Checkpoint;
  readonly logKey: string;
  readonly log: TiledLog;
}

/** A published ledger as its checkpoint describes it; nothing of it is verified yet. */
export function openPublished(read: LogRead): Published {
  const note = read(CHECKPOINT_PATH);
  const logKey = read(LOG_KEY_PATH);
  if (note === undefined)
    throw badInput('expected a published ledger, found no checkpoint', { file: CHECKPOINT_PATH });
  if (logKey === undefined)
    throw badInput('expected a published ledger, found no log key', { file: LOG_KEY_PATH });
  const checkpoint = parseCheckpoint(parseNote(note).text);
  return { note, checkpoint, logKey: textOf(logKey).trimEnd(), log: new TiledLog(checkpoint.size, read) };
}

function* fromTreeHead({ size }: Checkpoint, blocks: Iterable<PublishedBlock>): Generator<PublishedBlock> {
  for (const block of blocks) if (block.header.ledgerSize >= size) yield block;
}

function indexOf(digest: Digest, log: TiledLog): number {
  let index = 0;
  for (const entry of log.entries()) {
    if (digestOfBytes(entry) === digest) return index;
    index += 1;
  }
  throw badInput(`no entry of the ledger has the digest ${digest}`);
}
