// The loop around one engine: what came in is handed to the engine, everything it asks to be kept becomes ONE
// durable write, and only then does anything leave (protocol 3.8). If that write fails nothing is sent and the
// loop stops for good: what a node may have said is no longer what it knows.
import type { Entry } from '../consensus/block.ts';
import type { CommittedBlock, Effect, Input, TimerName } from '../consensus/effects.ts';
import type { Engine } from '../consensus/engine.ts';
import type { Evidence } from '../consensus/evidence.ts';
import type { Message, PeerId } from '../consensus/messages.ts';
import { unreachable } from '../errors.ts';
import type { CouncilBatch } from '../storage/council-batch.ts';
import type { CouncilStore } from '../storage/council-store.ts';

/** Inputs that wait; what is beyond is dropped and counted, as a network would (protocol 3.10). */
export const MAX_WAITING_INPUTS = 50_000;

/** Entries whose signatures are checked together before any of them is ordered. */
const ENTRIES_A_CHECK = 1_000;

/** Handed to the engine between two writes: enough to spread a sync's cost, few enough to answer soon. */
export const MAX_INPUTS_A_WRITE = 4_000;

export interface Surroundings<State> {
  readonly engine: Engine<State>;
  readonly store: CouncilStore;
  readonly nowMs: () => number;
  readonly send: (to: PeerId | 'all', message: Message) => void;
  /** How long entries may wait for company: a block for many costs no more votes and syncs than one for one. */
  readonly patience?: () => Patience;
  /** checks signatures of what comes next, off this thread */
  readonly checkAhead: (inputs: readonly Input[]) => Promise<void>;
  /** adds to the durable write that commits these blocks */
  readonly onCommitting: (blocks: readonly CommittedBlock[], batch: CouncilBatch) => void;
  /** after the write, when these blocks can no longer be lost */
  readonly onCommitted: (blocks: readonly CommittedBlock[]) => void;
  readonly onEvidence: (evidence: Evidence) => void;
  readonly onStopped: (error: unknown) => void;
}

export interface Patience {
  /** for the block that is on its way */
  readonly forBlockMs: number;
  /** at most, for others that are to be expected, when no block is on its way: half as long as a block takes here */
  readonly forOthersMs: number;
}

/** Where other nodes could be ordering them meanwhile, entries wait for nothing. */
const IMPATIENT: Patience = { forBlockMs: 0, forOthersMs: 0 };

type Outgoing = Exclude<Effect, { kind: 'persist' | 'forget' | 'commit' }>;

export class EngineLoop<State> {
  readonly #self: PeerId;
  readonly #world: Surroundings<State>;
  readonly #timers = new Map<TimerName, NodeJS.Timeout>();
  #waiting: Input[] = [];
  /** checked entries that wait for the block before them */
  #held: Entry[] = [];
  #holding: NodeJS.Timeout | undefined;
  #checking: Promise<void> = Promise.resolve();
  #unchecked = 0;
  #releasedAtMs: number | undefined;
  /** how long the last block took, from its entries to its commit */
  #blockMs = 0;
  #running = false;
  #stopped = false;
  #idle: (() => void)[] = [];
  dropped = 0;

  constructor(self: PeerId, world: Surroundings<State>) {
    this.#self = self;
    this.#world = world;
  }

  /** What waits for the engine. */
  get waiting(): number {
    return this.#waiting.length + this.#held.length + this.#unchecked;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  start(): void {
    this.#guarded(() => this.#carryOut(this.#world.engine.start(this.#world.nowMs())));
  }

  push(input: Input): void {
    if (this.#stopped) return;
    if (input.kind !== 'entries') return this.#enqueue(input);
    // Checked in portions, one after the other, while this thread orders what was checked before.
    for (let start = 0; start < input.entries.length; start += ENTRIES_A_CHECK) {
      const entries = input.entries.slice(start, start + ENTRIES_A_CHECK);
      if (this.#unchecked + entries.length > MAX_WAITING_INPUTS) {
        this.dropped += entries.length;
        continue;
      }
      this.#unchecked += entries.length;
      this.#checking = this.#checking
        .then(() => this.#world.checkAhead([{ kind: 'entries', entries }]))
        .then(
          () => this.#hold(entries),
          (error: unknown) => this.#fail(error),
        );
    }
  }

  #hold(entries: readonly Entry[]): void {
    this.#unchecked -= entries.length;
    if (this.#stopped) return;
    for (const entry of entries) {
      if (this.#held.length < MAX_WAITING_INPUTS) this.#held.push(entry);
      else this.dropped++;
    }
    this.#wait();
  }

  /** Sets when the held entries go to the engine, if nothing comes before. */
  #wait(): void {
    const { engine, patience } = this.#world;
    const { forBlockMs, forOthersMs } = patience?.() ?? IMPATIENT;
    const isBusy = forBlockMs > 0 && engine.status().pending === 'uncommitted-block';
    const waitMs = isBusy ? forBlockMs : Math.min(forOthersMs, Math.round(this.#blockMs / 2));
    if (waitMs === 0) this.#release();
    else this.#holding ??= setTimeout(() => this.#release(), waitMs);
  }

  #release(): void {
    clearTimeout(this.#holding);
    this.#holding = undefined;
    if (this.#held.length === 0) return;
    this.#enqueue({ kind: 'entries', entries: this.#held });
    this.#held = [];
    this.#releasedAtMs ??= this.#world.nowMs();
  }

  #enqueue(input: Input): void {
    if (this.#stopped) return;
    if (this.#waiting.length >= MAX_WAITING_INPUTS) {
      this.dropped++;
      return;
    }
    this.#waiting.push(input);
    if (this.#running) return;
    this.#running = true;
    // In a later turn, so that everything that arrives in this one shares a write.
    setImmediate(() => void this.#run());
  }

  /** Resolves when nothing waits; timers may still bring more. */
  async settled(): Promise<void> {
    if (this.#running) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async stop(): Promise<void> {
    this.#halt();
    await this.settled();
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#stopped) {
      const inputs = this.#waiting.splice(0, MAX_INPUTS_A_WRITE);
      try {
        await this.#world.checkAhead(inputs);
      } catch (error) {
        this.#fail(error);
      }
      if (this.#stopped) break;
      this.#guarded(() => this.#handle(inputs));
    }
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #handle(inputs: readonly Input[]): void {
    const { engine, nowMs } = this.#world;
    const now = nowMs();
    const effects: Effect[] = [];
    for (const input of inputs) for (const effect of engine.handle(input, now)) effects.push(effect);
    this.#carryOut(effects);
  }

  #carryOut(effects: readonly Effect[]): void {
    const batch = this.#world.store.batch();
    const committed: CommittedBlock[] = [];
    const outgoing: Outgoing[] = [];
    for (const effect of effects) {
      if (effect.kind === 'persist') batch.persist(effect.record);
      else if (effect.kind === 'forget') batch.forget(effect.key);
      else if (effect.kind === 'commit') {
        for (const block of effect.blocks) batch.commit(block);
        committed.push(...effect.blocks);
      } else outgoing.push(effect);
    }
    if (committed.length > 0) this.#world.onCommitting(committed, batch);

    // Crash before the write: the engine's step never happened, and nobody has heard of it.
    this.#world.store.write(batch);
    // Crash after it: votes and proposals are on disk and unsent. At the next start the same ones are sent.

    for (const effect of outgoing) this.#carryOutOne(effect);
    // Crash among these: some peers have heard, others have not, as if the network had lost it.
    if (committed.length === 0) return;
    this.#world.onCommitted(committed);
    if (this.#releasedAtMs !== undefined) this.#blockMs = this.#world.nowMs() - this.#releasedAtMs;
    this.#releasedAtMs = undefined;
    clearTimeout(this.#holding);
    this.#holding = undefined;
    if (this.#held.length > 0) this.#wait();
  }

  #carryOutOne(effect: Outgoing): void {
    switch (effect.kind) {
      case 'send':
        return this.#send(effect.to, effect.message);
      case 'set-timer':
        return this.#setTimer(effect.timer, effect.delayMs);
      case 'cancel-timer':
        clearTimeout(this.#timers.get(effect.timer));
        this.#timers.delete(effect.timer);
        return;
      case 'serve-blocks': {
        const blocks = this.#world.store.blocksAbove(effect.aboveHeight);
        if (blocks !== undefined) this.#world.send(effect.to, blocks);
        return;
      }
      case 'evidence':
        return this.#world.onEvidence(effect.evidence);
      default:
        return unreachable(effect);
    }
  }

  /** What is for all is also for this node's own seats; they hear it after the write, like everybody else. */
  #send(to: PeerId | 'all', message: Message): void {
    if (to !== this.#self) this.#world.send(to, message);
    if (to !== 'all' && to !== this.#self) return;
    // A status repeats what was said before, perhaps before a crash and never heard: its parts are for all as well.
    for (const said of message.kind === 'status' ? message.parts : [message]) {
      this.push({ kind: 'message', from: this.#self, message: said });
    }
  }

  #setTimer(timer: TimerName, delayMs: number): void {
    clearTimeout(this.#timers.get(timer));
    const running = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.push({ kind: 'timer', timer });
      },
      Math.min(delayMs, MAX_TIMER_MS),
    );
    this.#timers.set(timer, running);
  }

  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#halt();
    this.#world.onStopped(error);
  }

  #halt(): void {
    this.#stopped = true;
    this.#waiting = [];
    this.#held = [];
    clearTimeout(this.#holding);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}

/** Node's timers overflow beyond it; waking early is harmless, the engine sets the timer again. */
const MAX_TIMER_MS = 2 ** 31 - 1;
