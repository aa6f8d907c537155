// Before a node speaks it looks whether its store still holds everything that was ever promised by it (protocol
// 8.2). A seat that forgot a vote could cast a second one; a node that forgot a block could fork its ledger. So
// what is missing here is not repaired on the way but named, with the command that may be able to help.
import type { Block, View } from '../consensus/block.ts';
import { certificateHolds } from '../consensus/certificates.ts';
import type { DurableState } from '../consensus/effects.ts';
import type { Quorum } from '../consensus/quorum.ts';
import type { StatementVerifier } from '../consensus/statements.ts';
import type { SeatVotes } from '../consensus/voting-rules.ts';
import type { Roster } from '../council/roster.ts';
import { ConclaveError } from '../errors.ts';
import { CHECKPOINT_PATH, parseCheckpoint } from '../ledger/checkpoint.ts';
import { parseNote } from '../ledger/note.ts';
import { fromHex, toHex } from '../signing/bytes.ts';
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';
import { type CouncilStore, lost, type StoredBlock } from '../storage/council-store.ts';
import type { Folder } from '../storage/folder.ts';
import { blocksOfSize } from './ledger-publisher.ts';
import { type OwnSeats, vacantIn } from './own-seats.ts';

export interface Inspected {
  readonly councilId: Digest;
  readonly quorum: Quorum;
  /** of every epoch that the committed chain has come to */
  readonly rosters: ReadonlyMap<Epoch, Roster>;
  readonly own: Pick<OwnSeats, 'in'>;
  readonly store: CouncilStore;
  readonly ledger: Folder;
  /** checks signatures for real, by the roster of their epoch */
  readonly verifier: StatementVerifier;
}

/** Throws a `storage` error unless the store is this council's. */
export function requireBegun(councilId: Digest, store: CouncilStore): void {
  const found = store.councilId();
  if (found === undefined) throw lost('it is empty, and this council has had a store before');
  if (found !== councilId) {
    throw new ConclaveError('storage', `the store is of another council: ${found}, expected ${councilId}`);
  }
}

/** Throws a `storage` error that says what is missing of what the engine is to start from. */
export function inspectStore(inspected: Inspected, durable: DurableState): void {
  requireChain(inspected, durable);
  requirePublished(inspected);
}

/** Every seat remembers at least what the committed chain shows that it has said. */
function requireChain(
  { councilId, quorum, rosters, own, store, verifier }: Inspected,
  durable: DurableState,
): void {
  const votes = new Map(durable.votes.map((held) => [held.seat, held]));
  let last: StoredBlock | undefined;
  for (const stored of store.chain(councilId)) {
    const { block, commit } = stored;
    const { epoch, proposer, view, height } = block.header;
    const seats = ownIn(epoch, rosters, own);
    if (seats.has(proposer)) requireProposal(votes.get(proposer), proposer, epoch, view);
    for (const { seat } of commit?.signatures ?? []) {
      if (seats.has(seat)) requireVote(votes.get(seat), seat, epoch, commit?.view ?? view);
    }
    if (commit !== null && commit.block !== certifiedBy(stored).digest) {
      throw lost(`the commit certificate of height ${height} is of another block`);
    }
    last = stored;
  }
  if (last === undefined) return;
  const { height, epoch } = last.block.header;
  const tip = last.commit;
  if (tip === null) throw lost(`no commit certificate for the last block, of height ${height}`);
  const vacant = vacantIn(rosters.get(epoch));
  if (!certificateHolds(tip, { epoch, quorum, genesis: councilId, vacant }, verifier))
    throw lost(`the commit certificate of height ${height} is false`);
  // Of an epoch that has ended nothing is built on but its last block, and that is here.
  if (rosters.has((epoch + 1) as Epoch)) return;
  const known = durable.certificates?.commit;
  if (known === undefined || known.epoch < epoch || (known.epoch === epoch && known.view < tip.view)) {
    throw lost(`its highest certificates are older than the committed chain, which is of view ${tip.view}`);
  }
}

/** The block that the commit certificate beside it is of: itself, or the last of those that prove it. */
function certifiedBy({ block, suffix }: StoredBlock): Block {
  return suffix.at(-1) ?? block;
}

function ownIn(
  epoch: Epoch,
  rosters: ReadonlyMap<Epoch, Roster>,
  own: Pick<OwnSeats, 'in'>,
): ReadonlyMap<SeatId, unknown> {
  const roster = rosters.get(epoch);
  return roster === undefined ? new Map() : own.in(roster);
}

/** What a seat remembers of a later epoch is as good: it has come there by the end of all before it. */
function requireProposal(held: SeatVotes | undefined, seat: SeatId, epoch: Epoch, view: View): void {
  if (held === undefined) throw lost(`what seat ${seat} has voted is missing`);
  if (held.epoch < epoch || (held.epoch === epoch && held.lastProposal < view)) {
    throw lost(`seat ${seat} proposed in view ${view}, of which the store knows nothing`);
  }
}

/** After a later timeout a seat votes in no view up to it, whether or not it knows what it had voted there. */
function requireVote(held: SeatVotes | undefined, seat: SeatId, epoch: Epoch, view: View): void {
  if (held === undefined) throw lost(`what seat ${seat} has voted is missing`);
  if (held.epoch > epoch) return;
  const last = Math.max(held.vote2?.view ?? 0, held.lastTimeout);
  if (held.epoch < epoch || last < view || held.lock < view) {
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
