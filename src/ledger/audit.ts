// `ledger audit`: a stranger replays a published ledger from its genesis (protocol 4.10). Every block is executed
// again from its entries; records, roots, tiles and checkpoint must come out byte for byte as they were
// published, and a quorum must have committed every block, each epoch's blocks a quorum of its own roster's seats
// (protocol 6.3).
import { type Entry, GENESIS_HEIGHT } from '../consensus/block.ts';
import { digestOfHeader, payloadRoot } from '../consensus/digests.ts';
import type { StatementVerifier } from '../consensus/statements.ts';
import { Council } from '../council/council.ts';
import type { Founding } from '../council/genesis.ts';
import type { Decision } from '../council/records.ts';
import type { Roster } from '../council/roster.ts';
import { rosterInForce } from '../council/state.ts';
import { badInput, ConclaveError } from '../errors.ts';
import { type Bls, nobleBls } from '../signing/bls.ts';
import { equalBytes, fromBase64, toHex } from '../signing/bytes.ts';
import { asDigest, type Digest, digestOfBytes } from '../signing/digest.ts';
import type { Ed25519 } from '../signing/ed25519.ts';
import { CHECKPOINT_PATH, LOG_KEY_PATH, originOf } from './checkpoint.ts';
import { isDecision } from './decision-statement.ts';
import { LedgerApplication, type LedgerState } from './executor.ts';
import { parseNote, parseNoteKey, signersOf } from './note.ts';
import { openPublished } from './prove.ts';
import { type PublishedBlock, publishedBlocks } from './published-blocks.ts';
import { TiledLogWriter } from './tiled-log.ts';
import type { LogFile, LogRead } from './tiles.ts';
import {
  MAX_LINKED_HEADERS,
  requireCommitted,
  requireLinked,
  requireSuffix,
  rosterVerifier,
} from './tree-head.ts';

export interface AuditDependencies {
  readonly ed25519: Pick<Ed25519, 'verify'>;
  /** of keys that come in with later rosters; the portable backend unless given */
  readonly bls?: Pick<Bls, 'verifyPossession'>;
}

export interface Audit {
  readonly clean: boolean;
  readonly blocks: number;
  readonly size: number;
  readonly root: Digest;
  /** as far as the replay came */
  readonly decisions: readonly Decision[];
  /** what is wrong, and at which height it was found */
  readonly problem: { readonly height: number; readonly detail: string } | undefined;
}

/** Bounded by the size of the ledger; throws only when there is no ledger to read at all. */
export function auditLedger(founding: Founding, read: LogRead, dependencies: AuditDependencies): Audit {
  const { ed25519 } = dependencies;
  if (read(CHECKPOINT_PATH) === undefined) {
    throw badInput('expected a published ledger, found no checkpoint', { file: CHECKPOINT_PATH });
  }
  const replay = new Replay(founding, dependencies);
  try {
    const published = openPublished(read);
    requireCheckpointOf(founding, published, ed25519);
    const leaves = published.log.entries();
    for (const block of publishedBlocks(read)) {
      // A crash between blocks and checkpoint leaves blocks that the checkpoint does not cover yet.
      if (block.header.ledgerSize > published.checkpoint.size) break;
      const count = block.header.ledgerSize - replay.size;
      const added = take(leaves, count);
      requirePublished(replay.block(block, added), read);
    }
    replay.requireAllCommitted();
    if (replay.size !== published.checkpoint.size) {
      throw badInput(
        `the blocks end at entry ${replay.size}, the checkpoint at ${published.checkpoint.size}`,
      );
    }
    if (replay.root !== toHex(published.checkpoint.root)) throw badInput('the checkpoint has another root');
    requirePublished(replay.lastTiles(), read);
  } catch (error) {
    if (!(error instanceof ConclaveError) || error.code !== 'bad-input') throw error;
    return replay.result({ height: replay.height + 1, detail: error.message });
  }
  return replay.result(undefined);
}

/** The ledger as it grows again, block by block. */
class Replay {
  readonly #councilId: Digest;
  readonly #ed25519: Pick<Ed25519, 'verify'>;
  readonly #application: LedgerApplication;
  readonly #tiles = TiledLogWriter.empty();
  readonly #decisions: Decision[] = [];
  #state: LedgerState;
  #height: number = GENESIS_HEIGHT;
  #parent: Digest;
  #view = 0;
  #uncommitted = 0;
  /** of the roster in force */
  #verifier: StatementVerifier;

  constructor(founding: Founding, { ed25519, bls = nobleBls }: AuditDependencies) {
    this.#councilId = founding.councilId;
    this.#ed25519 = ed25519;
    this.#verifier = rosterVerifier(founding.councilId, founding.roster, ed25519);
    const council = new Council(founding, {
      verifySignature: (publicKey, message, signature) =>
        ed25519.verify(fromBase64(publicKey), message, fromBase64(signature)),
      verifyPossession: bls.verifyPossession,
    });
    this.#application = new LedgerApplication(council);
    this.#state = this.#application.genesis();
    this.#parent = founding.councilId;
  }

  get height(): number {
    return this.#height;
  }

  get size(): number {
    return this.#state.log.size;
  }

  get root(): string {
    return toHex(this.#state.log.root());
  }

  /** The tiles that this block completes. */
  block(block: PublishedBlock, added: readonly Uint8Array[]): readonly LogFile[] {
    const { header, entries } = block;
    const roster = rosterInForce(this.#state.council);
    if (header.height !== this.#height + 1 || header.parent !== this.#parent || header.view <= this.#view) {
      throw badInput('the block does not follow the one before it');
    }
    if (header.epoch !== roster.epoch) throw badInput(`the block is of epoch ${header.epoch}`);
    const ordered = added.slice(0, entries).map((bytes): Entry => ({ bytes, digest: digestOfBytes(bytes) }));
    if (payloadRoot(ordered) !== header.payloadRoot)
      throw badInput('the block has other entries than the log');
    const executed = this.#application.execute(this.#state, header, ordered);
    if (executed === undefined) throw badInput('the entries of the block do not execute');
    const { leaves, leafHashes, ledgerRoot, ledgerSize, records, state } = executed;
    const derived = leaves.length === added.length && leaves.every((leaf, i) => sameBytes(leaf, added[i]));
    if (!derived) throw badInput('executing the block derives other records than the log has');
    if (ledgerSize !== header.ledgerSize || ledgerRoot !== header.ledgerRoot) {
      throw badInput('executing the block gives another tree head than it names');
    }
    const endsEpoch = this.#application.epochOf(state) !== header.epoch;
    this.#requireCommit(block, roster, endsEpoch);
    this.#state = state;
    if (endsEpoch) {
      this.#verifier = rosterVerifier(this.#councilId, rosterInForce(state.council), this.#ed25519);
    }
    this.#height = header.height;
    this.#parent = digestOfHeader(header);
    this.#view = header.view;
    this.#decisions.push(...records.filter(isDecision));
    this.#tiles.append(added, leafHashes);
    return this.#tiles.completed();
  }

  lastTiles(): readonly LogFile[] {
    return this.#tiles.publish().files;
  }

  requireAllCommitted(): void {
    if (this.#uncommitted > 0) throw badInput('no commit certificate vouches for the last block');
  }

  result(problem: Audit['problem']): Audit {
    const { size } = this;
    const root = asDigest(this.root);
    return {
      clean: problem === undefined,
      blocks: this.#height,
      size,
      root,
      decisions: this.#decisions,
      problem,
    };
  }

  #deferCommit(): void {
    this.#uncommitted += 1;
    if (this.#uncommitted === MAX_LINKED_HEADERS)
      throw badInput('too many blocks without a commit certificate');
  }

  #requireCommit({ header, commit, suffix }: PublishedBlock, roster: Roster, endsEpoch: boolean): void {
    if (suffix !== undefined && !endsEpoch)
      throw badInput('only the last block of an epoch has others to prove it');
    if (commit === null) {
      // The next epoch's seats answer for their own blocks, not for those before them (protocol 6.1).
      if (endsEpoch) throw badInput('no commit certificate vouches for the last block of its epoch');
      return this.#deferCommit();
    }
    const headers = [header, ...(suffix ?? [])];
    requireSuffix(headers);
    requireCommitted(requireLinked({ commit, headers }, roster), this.#verifier, roster);
    this.#uncommitted = 0;
  }
}

function requireCheckpointOf(
  { councilId }: Founding,
  { note, checkpoint, logKey }: ReturnType<typeof openPublished>,
  ed25519: Pick<Ed25519, 'verify'>,
): void {
  const origin = originOf(councilId);
  if (checkpoint.origin !== origin)
    throw badInput(`expected a checkpoint of ${origin}, found ${checkpoint.origin}`);
  const key = parseNoteKey(logKey);
  if (key.name !== origin || signersOf(parseNote(note), [key], ed25519).length !== 1) {
    throw badInput(`the checkpoint is not signed by the key in ${LOG_KEY_PATH}`);
  }
}

function requirePublished(files: readonly LogFile[], read: LogRead): void {
  for (const { path, bytes } of files) {
    if (!sameBytes(bytes, read(path))) throw badInput(`${path} is missing or holds something else`);
  }
}

const sameBytes = (bytes: Uint8Array, other: Uint8Array | undefined): boolean =>
  other !== undefined && equalBytes(bytes, other);

function take<T>(source: Iterator<T>, count: number): readonly T[] {
  const taken: T[] = [];
  while (taken.length < count) {
    const next = source.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}
