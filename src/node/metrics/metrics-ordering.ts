// What is counted of ordering, from committed blocks: how many, who led them, whose views were lost, and whose votes
// sealed them.
import { NOBODY } from '../../consensus/bench.ts';
import { GENESIS_VIEW, type Header, type View } from '../../consensus/block.ts';
import type { CommittedBlock } from '../../consensus/effects.ts';
import { type Exclusions, NO_EXCLUSIONS, RoundRobin } from '../../consensus/leaders.ts';
import { GAP_VIEWS_PER_SEAT } from '../../consensus/limits.ts';
import type { Quorum } from '../../consensus/quorum.ts';
import { openEntry } from '../../council/entry.ts';
import type { Epoch } from '../../signing/purpose.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import { allSeats } from '../../signing/seat-id.ts';
import type { Instruments } from './instruments.ts';
import { seatLabel } from './metric-labels.ts';

/** Certificates over which seats count as live: every seat that is there votes within these, however slow. */
export const CERTIFICATES_LOOKED_AT = 16;

export interface OrderingMetricsOptions {
  readonly quorum: Quorum;
}

export interface OrderingMetricsDependencies {
  readonly instruments: Instruments;
  /** chairs that nobody sits in, in an epoch that has begun: they lead nothing and vote for nothing */
  readonly vacantIn: (epoch: Epoch) => ReadonlySet<SeatId>;
}

export class OrderingMetrics {
  readonly #quorum: Quorum;
  readonly #vacantIn: OrderingMetricsDependencies['vacantIn'];
  readonly #count: ReturnType<typeof countersOf>;
  #epoch: Epoch | undefined;
  #vacant: ReadonlySet<SeatId> = NOBODY;
  #leaders: RoundRobin;
  #exclusions: Exclusions = NO_EXCLUSIONS;
  #tip: { readonly height: number; readonly view: View } | undefined;
  /** who signed the latest commit certificates, the oldest first */
  #signed: (readonly SeatId[])[] = [];

  constructor({ quorum }: OrderingMetricsOptions, { instruments, vacantIn }: OrderingMetricsDependencies) {
    this.#quorum = quorum;
    this.#vacantIn = vacantIn;
    this.#leaders = new RoundRobin(quorum);
    this.#count = countersOf(instruments);
    for (const seat of allSeats(quorum.n)) this.#count.lost.inc({ seat: seatLabel(seat) }, 0);
  }

  /** In the order of the chain; blocks from before this process began may be left out. */
  hear({ block: { header, entries }, commit }: CommittedBlock): void {
    if (header.epoch !== this.#epoch) this.#begin(header.epoch);
    this.#count.blocks.inc();
    this.#count.led.inc({ seat: seatLabel(header.proposer) });
    const kinds = new Map<string, number>();
    for (const { bytes } of entries) {
      const { kind } = openEntry(bytes).fields;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    for (const [kind, count] of kinds) this.#count.entries.inc({ kind }, count);
    this.#count.bytes.inc(entries.reduce((sum, { bytes }) => sum + bytes.length, 0));
    this.#follow(header);
    if (commit !== null) this.#sealed(commit.signatures.map(({ seat }) => seat));
  }

  /** Exclusions end with their epoch (protocol 6.1). */
  #begin(epoch: Epoch): void {
    this.#epoch = epoch;
    this.#vacant = this.#vacantIn(epoch);
    this.#leaders = new RoundRobin(this.#quorum, this.#vacant);
    this.#exclusions = NO_EXCLUSIONS;
  }

  /** A view between two blocks was lost by whoever should have led it (protocol 3.1). */
  #follow(header: Header): void {
    const parent = this.#tip?.height === header.height - 1 ? this.#tip.view : undefined;
    if (parent !== undefined || header.height === 1) {
      const from = parent ?? GENESIS_VIEW;
      const first = Math.max(from + 1, header.view - GAP_VIEWS_PER_SEAT * this.#quorum.n);
      for (let view = first; view < header.view; view++) {
        const leader = this.#leaders.leader(view as View, this.#exclusions);
        if (leader !== undefined) this.#count.lost.inc({ seat: seatLabel(leader) });
      }
      this.#exclusions = this.#leaders.after(this.#exclusions, from, header);
    }
    this.#tip = header;
    const passedOver = [...this.#exclusions.values()].filter((until) => until > header.view);
    this.#count.passedOver.set(Math.min(passedOver.length, this.#quorum.f));
  }

  #sealed(seats: readonly SeatId[]): void {
    const present = new Set(seats);
    for (const seat of allSeats(this.#quorum.n)) {
      if (this.#vacant.has(seat)) continue;
      const label = { seat: seatLabel(seat) };
      if (present.has(seat)) this.#count.votes.inc(label);
      else this.#count.missing.inc(label);
    }
    this.#signed = [...this.#signed, seats].slice(-CERTIFICATES_LOOKED_AT);
    this.#count.freeVotes.set(new Set(this.#signed.flat()).size - this.#quorum.q);
  }
}

function countersOf(instruments: Instruments) {
  return {
    blocks: instruments.counter('conclave_blocks_committed_total', 'Blocks committed.'),
    entries: instruments.counter('conclave_entries_committed_total', 'Entries committed, by kind.', ['kind']),
    bytes: instruments.counter('conclave_entry_bytes_total', 'Bytes of the entries committed.'),
    led: instruments.counter('conclave_blocks_led_total', 'Committed blocks, by the seat that led them.', [
      'seat',
    ]),
    lost: instruments.counter(
      'conclave_views_lost_total',
      'Views that brought no block and ran out, by the seat that should have led them.',
      ['seat'],
    ),
    passedOver: instruments.gauge(
      'conclave_leaders_passed_over',
      'Seats that are passed over as leaders now, because they let a view run out lately.',
    ),
    votes: instruments.counter(
      'conclave_commit_votes_total',
      'Commit certificates that carry the vote of a seat.',
      ['seat'],
    ),
    missing: instruments.counter(
      'conclave_commit_votes_missing_total',
      'Commit certificates without the vote of a seat: a quorum is enough for one, so every seat misses some.',
      ['seat'],
    ),
    freeVotes: instruments.gauge(
      'conclave_block_free_votes',
      `Seats whose votes are in any of the last ${CERTIFICATES_LOOKED_AT} commit certificates, above the quorum.`,
    ),
  };
}
