// Honest seats judging: each makes up its mind once, keeps ballot and salt where no power cut reaches them, commits
// before it is asked twice, and opens when the phase says so (protocol 4.4, 4.6). What the network loses it sends
// again, the same.
import type { Entry } from '../../consensus/block.ts';
import type { CaseId } from '../../council/case.ts';
import type { OpenCase } from '../../council/state.ts';
import type { LedgerState } from '../../ledger/executor.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import { Random } from '../random.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { World } from '../world.ts';
import type { BallotBox, Vote } from './ballot-box.ts';

/** How long after the last look a seat looks again at what it has to do. */
const LOOKS_EVERY_MS = 40;
/** A seat that was not heard says it again. */
const REPEATS_AFTER_MS = 160;

/** How a seat will judge a case, and how long it will think; undefined when its model never answers. */
export type Mind = (
  caseId: CaseId,
  seat: SeatId,
) => { readonly vote: Vote; readonly thinksMs: number } | undefined;

interface Drawer {
  readonly commit: Entry;
  readonly reveal: Entry;
  readonly readyAtMs: number;
  saidAtMs: number;
}

export class Jury {
  readonly #world: World<LedgerState>;
  readonly #box: BallotBox;
  readonly #mind: Mind;
  readonly #random: Random;
  readonly #drawers = new Map<string, Drawer | undefined>();

  constructor(world: World<LedgerState>, box: BallotBox, mind: Mind) {
    this.#world = world;
    this.#box = box;
    this.#mind = mind;
    this.#random = new Random(world.options.seed, 8);
  }

  sit(): void {
    const look = (): void => {
      for (const node of this.#world.honest) this.#look(node);
      this.#world.after(LOOKS_EVERY_MS, look);
    };
    this.#world.after(LOOKS_EVERY_MS, look);
  }

  #look(node: SimulatedNode<LedgerState>): void {
    const open = node.engine?.state.council.open;
    if (open === undefined || open.size === 0) return;
    const entries = node.seats.flatMap((seat) => [...open.values()].flatMap((of) => this.#say(of, seat)));
    if (entries.length > 0) this.#world.submit(node, entries);
  }

  #say(of: OpenCase, seat: SeatId): Entry[] {
    const drawer = this.#drawer(of.caseId, seat);
    const { nowMs } = this.#world;
    if (drawer === undefined || nowMs < drawer.readyAtMs || nowMs < drawer.saidAtMs + REPEATS_AFTER_MS)
      return [];
    const standing = of.seats[seat - 1]?.kind;
    if (standing === 'waiting' && of.phase === 'commit') {
      drawer.saidAtMs = nowMs;
      return [drawer.commit];
    }
    if (standing === 'committed' && of.phase === 'reveal') {
      drawer.saidAtMs = nowMs;
      return [drawer.reveal];
    }
    return [];
  }

  #drawer(caseId: CaseId, seat: SeatId): Drawer | undefined {
    const key = `${caseId}/${seat}`;
    if (!this.#drawers.has(key)) this.#drawers.set(key, this.#fill(caseId, seat));
    return this.#drawers.get(key);
  }

  #fill(caseId: CaseId, seat: SeatId): Drawer | undefined {
    const mind = this.#mind(caseId, seat);
    if (mind === undefined) return undefined;
    const sealed = this.#box.seal(mind.vote, this.#random);
    return {
      commit: this.#box.commit(caseId, seat, sealed),
      reveal: this.#box.reveal(caseId, seat, sealed),
      readyAtMs: this.#world.nowMs + mind.thinksMs,
      saidAtMs: Number.NEGATIVE_INFINITY,
    };
  }
}
