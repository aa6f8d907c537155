// Every bound of the engine, named (protocol 3.10). What is beyond one is dropped and counted, never stored.

/** A leader puts at most this into one block; a voter refuses more. */
export const MAX_BLOCK_ENTRIES = 2_000;
export const MAX_BLOCK_BYTES = 4 * 1024 * 1024;
/** A log's entry bundles hold entries of 16-bit length; anything longer can never be published. */
export const MAX_ENTRY_BYTES = 65_535;
export const MAX_MEMPOOL_ENTRIES = 100_000;
export const MAX_MEMPOOL_BYTES = 128 * 1024 * 1024;
/** One author's share of the mempool, so that f flooding seats leave room for everybody else. */
export const MAX_ENTRIES_AN_AUTHOR = 1_024;
export const MAX_BYTES_AN_AUTHOR = 1024 * 1024;
/** After a commit, at most this many waiting entries are looked at again at once; a tick looks at all. */
export const MAX_RECHECKED_ENTRIES = 256;
/** Entries repeated in one status; a council that is slow already must not drown in what it repeats. */
export const MAX_STATUS_ENTRIES = 64;
export const MAX_STATUS_ENTRY_BYTES = 16 * 1024;
/** Different proposals of one seat kept for one view: room to see it lie, none to crowd out the leader. */
export const MAX_PROPOSALS_A_SEAT = 2;
/** Views ahead for which proposals are kept. */
export const MAX_VIEWS_AHEAD = 4;
/** Uncommitted blocks kept; the oldest views go first. */
export const MAX_TREE_BLOCKS = 512;
/** Committed blocks kept in memory to answer peers a little behind. */
export const RECENT_BLOCKS = 64;
/** Blocks in one answer. */
export const MAX_BLOCKS_SENT = 64;
/** Bodies asked for at the same time. */
export const MAX_WANTED = 64;
/** Certificates remembered as already checked. */
export const MAX_KNOWN_CERTIFICATES = 256;
/** Offending entries a leader leaves out of one block before it proposes what is left. */
export const MAX_LEFT_OUT = 8;
/** Views of a gap for which leaders are held responsible (older ones would have expired anyway). */
export const GAP_VIEWS_PER_SEAT = 4;
/** A leader that failed its view is passed over for this many views, times n (protocol 3.1). */
export const EXCLUDED_VIEWS_PER_SEAT = 2;
/** Peers whose last answer is remembered. */
export const MAX_PEERS = 256;
