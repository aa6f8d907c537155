// What a node keeps of each epoch's end, to show in certificates how the roster after it came to be (protocol 6.3): the
// record, where it stands in the ledger, and who committed the block it stands in.
import { openRecord } from '../council/records.ts';
import { type Roster, rosterDigest } from '../council/roster.ts';
import { invariant } from '../errors.ts';
import type { Admission } from './certificate.ts';
import type { PublishedBlock } from './published-blocks.ts';
import type { TiledLog } from './tiled-log.ts';
import { linkedHeaders } from './tree-head.ts';

/** A roster after the first, with what admitted it. */
export interface RosterLink {
  readonly admittedBy: Admission;
  readonly roster: Roster;
}

/** The block that ended an epoch, as it is published, and the leaves that executing it derived. */
export interface EpochEnd {
  readonly block: PublishedBlock;
  readonly derived: readonly Uint8Array[];
  /** of the epoch that follows */
  readonly roster: Roster;
}

/** `log` holds the ledger at least up to that block. */
export function rosterLink(
  { block, derived, roster }: EpochEnd,
  log: Pick<TiledLog, 'inclusion'>,
): RosterLink {
  const linked = linkedHeaders([block]);
  invariant(linked !== undefined, 'an epoch ends with a block that is committed');
  const size = block.header.ledgerSize;
  for (const [i, leaf] of derived.entries()) {
    const record = openRecord(leaf);
    if (record.kind !== 'roster.admitted') continue;
    invariant(record.roster === rosterDigest(roster), 'an epoch begins with the roster that was admitted');
    const index = size - derived.length + i;
    return { admittedBy: { ...linked, hashes: log.inclusion(index, size), index, record }, roster };
  }
  invariant(false, 'the block that ends an epoch says which roster follows');
}
