// Before a node speaks it looks whether its store still holds everything that was ever promised by it (protocol
// 8.2). A seat that forgot a vote could cast a second one; a node that forgot a block could fork its ledger. So
// what is missing here is not repaired on the way but named, with the command that may be able to help.
import type { View } from '../consensus/block.ts';
import { type Certificate, certificateHolds } from '../consensus/certificates.ts';
import type { DurableState } from '../consensus/effects.ts';
import type { Quorum } from '../consensus/quorum.ts';
import type { StatementVerifier } from '../consensus/statements.ts';
import type { SeatVotes } from '../consensus/voting-rules.ts';
import { FIRST_EPOCH } from '../council/roster.ts';
import { ConclaveError } from '../errors.ts';
import { CHECKPOINT_PATH, parseCheckpoint } from '../ledger/checkpoint.ts';
import { parseNote } from '../ledger/note.ts';
import { fromHex, toHex } from '../signing/bytes.ts';
import type { Digest } from '../signing/digest.ts';
import type { SeatId } from '../signing/seat-id.ts';
import { type CouncilStore, lost } from '../storage/council-store.ts';
import type { Folder } from '../storage/folder.ts';
import { blocksOfSize } from './ledger-publisher.ts';

export interface Inspected {
  readonly councilId: Digest;
  readonly quorum: Quorum;
  readonly seats: readonly SeatId[];
  readonly store: CouncilStore;
  readonly ledger: Folder;
  /** checks signatures for real */
  readonly verifier: StatementVerifier;
}

/** Throws a `storage` error that says what is missing; otherwise what the engine may start from. */
export function inspectStore(inspected: Inspected): DurableState {
  const { councilId, store } = inspected;
  const found = store.councilId();
  if (found === undefined) throw lost('it is empty, and this council has had a store before');
  if (found !== councilId) {
    throw new ConclaveError('storage', `the store is of another council: ${found}, expected ${councilId}`);
  }
  const durable = store.durable(councilId);
  requireChain(inspected, durable);
  requirePublished(inspected);
  return durable;
}

/** Every seat remembers at least what the committed chain shows that it has said. */
function requireChain({ councilId, quorum, seats, store, verifier }: Inspected, durable: DurableState): void {
  const votes = new Map(durable.votes.map((held) => [held.seat, held]));
  const rules = { epoch: FIRST_EPOCH, quorum, genesis: councilId };
  let height = 0;
  let tip: Certificate | null = null;
  for (const { block, commit } of store.chain(councilId)) {
    height += 1;
    const { proposer, view } = block.header;
    if (seats.includes(proposer)) requireProposal(votes.get(proposer), proposer, view);
    for (const { seat } of commit?.signatures ?? []) {
      if (seats.includes(seat)) requireVote(votes.get(seat), seat, view);
    }
    if (commit !== null && commit.block !== block.digest) {
      throw lost(`the commit certificate of height ${height} is of another block`);
    }
    tip = commit;
  }
  if (height === 0) return;
  if (tip === null) throw lost(`no commit certificate for the last block, of height ${height}`);
  if (!certificateHolds(tip, rules, verifier))
    throw lost(`the commit certificate of height ${height} is false`);
  const { certificates } = durable;
  if (certificates === undefined || certificates.commit.view < tip.view) {
    throw lost(`its highest certificates are older than the committed chain, which is of view ${tip.view}`);
  }
}

function requireProposal(held: SeatVotes | undefined, seat: SeatId, view: View): void {
  if (held === undefined) throw lost(`what seat ${seat} has voted is missing`);
  if (held.lastProposal < view) {
    throw lost(`seat ${seat} proposed in view ${view}, of which the store knows nothing`);
  }
}

/** After a later timeout a seat votes in no view up to it, whether or not it knows what it had voted there. */
function requireVote(held: SeatVotes | undefined, seat: SeatId, view: View): void {
  if (held === undefined) throw lost(`what seat ${seat} has voted is missing`);
  const last = Math.max(held.vote2?.view ?? 0, held.lastTimeout);
  if (last < view || held.lock < view) {
    throw lost(`seat ${seat} voted in view ${view}, of which the store knows nothing`);
  }
}

/** The published ledger is made from the store, so it can never be ahead of it. */
function requirePublished({ ledger, store }: Inspected): void {
  const note = ledger.read(CHECKPOINT_PATH);
  if (note === undefined) return;
  const { size, root } = readCheckpoint(note);
  if (size === undefined || size === 0) return;
  const [block] = blocksOfSize(store, size);
  if (block === undefined) {
    throw lost(`the published ledger has ${size} entries, and the store no block that ends there`);
  }
  if (toHex(fromHex(block.block.header.ledgerRoot)) !== root) {
    throw lost(`the published ledger of ${size} entries has another root than the committed chain`);
  }
}

/** A damaged checkpoint says nothing about the store; it is published again. */
function readCheckpoint(note: Uint8Array): { readonly size?: number; readonly root?: string } {
  try {
    const { size, root } = parseCheckpoint(parseNote(note).text);
    return { size, root: toHex(root) };
  } catch (error) {
    if (error instanceof ConclaveError && error.code === 'bad-input') return {};
    throw error;
  }
}
