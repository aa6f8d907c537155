// Collectors: one slot a seat for each kind of message. The highest view wins, within a view the first; a
// second, different one never displaces the counted first, it is evidence (protocol 3.10).
import type { SeatId } from '../signing/seat-id.ts';
import { GENESIS_VIEW, type View } from './block.ts';
import type { Certificate, TimeoutCertificate } from './certificates.ts';
import type { Timeout, Vote } from './messages.ts';
import type { HighCertificates } from './outbox.ts';
import type { Quorum } from './quorum.ts';

export type Collected<T> =
  | { readonly kind: 'new' }
  | { readonly kind: 'old' }
  | { readonly kind: 'contradicts'; readonly first: T };

/** Is what the vote is for certified already? Then nobody looks at it. */
export function isMoot({ phase, view }: Vote, { prepare, commit }: HighCertificates): boolean {
  return view <= (phase === 1 ? prepare.view : commit.view);
}

/** What a node holds of what all seats have signed. */
export class Collectors {
  readonly votes: { readonly 1: VoteCollector; readonly 2: VoteCollector };
  readonly timeouts: TimeoutCollector;

  constructor(quorum: Quorum) {
    this.votes = { 1: new VoteCollector(quorum), 2: new VoteCollector(quorum) };
    this.timeouts = new TimeoutCollector(quorum);
  }
}

/** The votes of one phase. */
export class VoteCollector {
  readonly #q: number;
  readonly #slots = new Map<SeatId, Vote>();

  constructor({ q }: Quorum) {
    this.#q = q;
  }

  /** What adding the vote would mean, without adding it: signatures are checked only for what is new. */
  weigh(vote: Vote): Collected<Vote> {
    const held = this.#slots.get(vote.seat);
    if (held === undefined || vote.view > held.view) return { kind: 'new' };
    if (vote.view < held.view || sameVote(vote, held)) return { kind: 'old' };
    return { kind: 'contradicts', first: held };
  }

  latest(seat: SeatId): Vote | undefined {
    return this.#slots.get(seat);
  }

  /** Adds a checked vote; gives the certificate when this vote completes one. */
  add(vote: Vote): Certificate | undefined {
    this.#slots.set(vote.seat, vote);
    const same = [...this.#slots.values()].filter((held) => sameVote(held, vote));
    if (same.length < this.#q) return undefined;
    const { phase, epoch, view, height, block } = vote;
    const signatures = same
      .map(({ seat, signature }) => ({ seat, signature }))
      .sort((a, b) => a.seat - b.seat)
      .slice(0, this.#q);
    return { kind: phase === 1 ? 'prepare' : 'commit', epoch, view, height, block, signatures };
  }
}

function sameVote(a: Vote, b: Vote): boolean {
  return a.view === b.view && a.block === b.block && a.height === b.height;
}

export class TimeoutCollector {
  readonly #quorum: Quorum;
  readonly #slots = new Map<SeatId, Timeout>();

  constructor(quorum: Quorum) {
    this.#quorum = quorum;
  }

  weigh(timeout: Timeout): Collected<Timeout> {
    const held = this.#slots.get(timeout.seat);
    if (held === undefined || timeout.view > held.view) return { kind: 'new' };
    if (timeout.view < held.view || timeout.prepareView === held.prepareView) return { kind: 'old' };
    return { kind: 'contradicts', first: held };
  }

  latest(seat: SeatId): Timeout | undefined {
    return this.#slots.get(seat);
  }

  /** Adds a checked timeout; gives the certificate of its view when this timeout completes one. */
  add(timeout: Timeout): TimeoutCertificate | undefined {
    this.#slots.set(timeout.seat, timeout);
    const same = this.of(timeout.view);
    if (same.length < this.#quorum.q) return undefined;
    const chosen = same.sort((a, b) => a.seat - b.seat).slice(0, this.#quorum.q);
    const reports = chosen.map(({ seat, prepareView, signature }) => ({ seat, prepareView, signature }));
    // protocol 3.6: each attached certificate was checked against its signed view when it came
    const high = chosen.reduce((max, t) => (t.prepare.view > max.prepare.view ? t : max), timeout).prepare;
    return { epoch: timeout.epoch, view: timeout.view, reports, high };
  }

  /** The timeouts held for a view. */
  of(view: View): Timeout[] {
    return [...this.#slots.values()].filter((held) => held.view === view);
  }

  /** The (f+1)-th highest view: at least one honest seat has given up on it (protocol 3.7). */
  joinable(): View {
    const views = [...this.#slots.values()].map(({ view }) => view).sort((a, b) => b - a);
    return views[this.#quorum.f] ?? GENESIS_VIEW;
  }
}
