// What a simulation can find, by name.

export type ViolationKind =
  | 'agreement'
  | 'order'
  | 'entry-twice'
  | 'ledger-prefix'
  | 'double-proposal'
  | 'double-vote'
  | 'two-timeouts'
  | 'vote-after-timeout'
  | 'timeout-regress'
  | 'framed'
  | 'block-not-durable'
  | 'not-leader'
  | 'ahead-of-time'
  | 'lost-commit'
  | 'node-stopped'
  // epochs (protocol 6.1)
  | 'epoch-regress'
  | 'suffix-not-empty'
  | 'after-the-end'
  | 'vacant-counts'
  // liveness, once the world is calm
  | 'stall'
  | 'no-quiescence'
  | 'idle-views'
  | 'laggard'
  // judging (protocol 4)
  | 'two-decisions'
  | 'vote-counted-twice'
  | 'wrong-decision'
  | 'wrong-opening'
  | 'early-close'
  | 'bad-certificate'
  // what had to be found and was not
  | 'missed';

export interface Violation {
  readonly kind: ViolationKind;
  readonly text: string;
  readonly atMs: number;
}
