// What a transport over Redis counts, for metrics and for people who look for what is wrong with a server.

/** Why a message was not sent, or what was read was not delivered. */
export type DropReason =
  | 'garbled' // not in our form, or in a stream where its sender does not write
  | 'oversized' // larger than a message or an entry may be
  | 'stranger' // says it is from nobody we know
  | 'too-many' // beyond what a sender may send on a server in a second
  | 'queue-full' // the server takes less than we have for it: the oldest is dropped
  | 'stale' // waited too long for a server that was away
  | 'refused'; // the server answered with an error

/** What is wrong with a server; none of it stops the node. */
export type TroubleKind =
  | 'unreachable'
  | 'timeout'
  | 'access' // NOAUTH, WRONGPASS, NOPERM
  | 'loading'
  | 'read-only'
  | 'out-of-memory'
  | 'wrong-type' // a key of ours holds something else; removed
  | 'exhausted' // a stream whose ids were used up by a hostile hand; removed
  | 'rewound' // a stream that begins again below where we were; read from its start
  | 'flooded' // an answer larger than any honest one; skipped
  | 'cursors' // our own file of cursors could not be read or written
  | 'other';

export interface RedisTrouble {
  /** host, port and database, never a password */
  readonly server: string;
  readonly kind: TroubleKind;
  /** the server's words, or the system's, shortened */
  readonly message: string;
}

export interface ServerStats {
  /** host, port and database, never a password */
  readonly server: string;
  readonly connected: boolean;
  /** messages this server has taken from us */
  readonly published: number;
  /** messages whose first copy came by this server */
  readonly delivered: number;
  /** messages that had come already, by another server or by a replay */
  readonly duplicate: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  readonly troubles: Readonly<Partial<Record<TroubleKind, number>>>;
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly commands: number;
  /** messages waiting to be sent, and entries waiting to be delivered */
  readonly queuedOut: number;
  readonly queuedIn: number;
  /** how old the latest entry was when it was read, by the server's clock */
  readonly lagMs: number;
}
