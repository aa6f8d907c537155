// How the engine and its shell talk: inputs come in, effects go out, in order. A `persist` must be on disk
// before any later effect of the list is carried out (protocol 3.8); a shell may gather the effects of many
// inputs into one write, as long as every persist among them is durable before any send among them.
import type { Block, Entry, Height } from './block.ts';
import type { Certificate, TimeoutCertificate } from './certificates.ts';
import type { Evidence } from './evidence.ts';
import type { Message, PeerId } from './messages.ts';
import type { SeatVotes } from './voting-rules.ts';

/**
 * `view`: the current view ran out. `resend`: say again what still matters. `heartbeat`: fixed and slow.
 * `later`: something held (a block a little ahead of time) or a deadline is due.
 */
export type TimerName = 'view' | 'resend' | 'heartbeat' | 'later';

export type Input =
  | { readonly kind: 'message'; readonly from: PeerId; readonly message: Message }
  /** from this node's own seats and clients */
  | { readonly kind: 'entries'; readonly entries: readonly Entry[] }
  | { readonly kind: 'timer'; readonly timer: TimerName };

/** What must survive a crash. Each kind has one key; a later record of a key replaces the earlier. */
export type DurableRecord =
  /** `votes/<seat>` */
  | { readonly kind: 'votes'; readonly key: string; readonly votes: SeatVotes }
  | {
      readonly kind: 'certificates';
      readonly key: 'certificates';
      readonly prepare: Certificate;
      readonly commit: Certificate;
      readonly timeout: TimeoutCertificate | null;
    }
  /** `block/<digest>` */
  | { readonly kind: 'block'; readonly key: string; readonly block: Block };

export interface CommittedBlock {
  readonly block: Block;
  /** its own commit certificate, or null when a descendant's commits it (protocol 3) */
  readonly commit: Certificate | null;
  readonly leaves: readonly Uint8Array[];
  /**
   * Of a block that ended its epoch, the empty blocks between it and the one that `commit` certifies: they prove it
   * and are no part of the chain. Empty everywhere else (protocol 6.1).
   */
  readonly suffix: readonly Block[];
}

export const NO_SUFFIX: readonly Block[] = [];

export type Effect =
  | { readonly kind: 'persist'; readonly record: DurableRecord }
  | { readonly kind: 'forget'; readonly key: string }
  | { readonly kind: 'send'; readonly to: PeerId | 'all'; readonly message: Message }
  | { readonly kind: 'set-timer'; readonly timer: TimerName; readonly delayMs: number }
  | { readonly kind: 'cancel-timer'; readonly timer: TimerName }
  /** By ascending height. The shell appends them durably to the committed chain before later effects. */
  | { readonly kind: 'commit'; readonly blocks: readonly CommittedBlock[] }
  /**
   * A peer wants committed blocks: the shell answers from its store with a `blocks` message of at most
   * MAX_BLOCKS_SENT blocks from aboveHeight + 1 on, the last of which has its own commit certificate, attached.
   */
  | { readonly kind: 'serve-blocks'; readonly to: PeerId; readonly aboveHeight: Height }
  | { readonly kind: 'evidence'; readonly evidence: Evidence };

/** What a store gives back at start; `undefined` parts were never written. */
export interface DurableState {
  readonly votes: readonly SeatVotes[];
  readonly certificates: Extract<DurableRecord, { kind: 'certificates' }> | undefined;
  /** blocks that were persisted and not yet forgotten, in any order */
  readonly blocks: readonly Block[];
  /** the committed chain by ascending height, from the first block */
  readonly committed: Iterable<Pick<CommittedBlock, 'block' | 'commit'>>;
}

export const NOTHING_DURABLE: DurableState = {
  votes: [],
  certificates: undefined,
  blocks: [],
  committed: [],
};
